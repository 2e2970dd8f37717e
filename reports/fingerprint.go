package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"
)

// Fingerprint is a short name of a finding that stays the same from run to run: it is made of the requirement, the
// scenario, and what was expected and seen where, without the values that each run has of its own.
func Fingerprint(scenario string, f Finding) string {
	general := func(text string) string { return ofOneRun.ReplaceAllString(text, "#") }
	text := strings.Join([]string{f.Requirement, scenario, general(f.Expected), general(f.Seen), general(f.Path)}, "\x00")
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

// ofOneRun is what another run has otherwise: quoted values, ids of ours, and words with a digit in them.
var ofOneRun = regexp.MustCompile(`"[^"]*"|CLM-\S+|\S*[0-9]\S*`)

// Breaches lists the findings of a scenario that failed a requirement: those that follow from no other one, and no advice.
func (r Results) Breaches(s Scenario) []Finding {
	var out []Finding
	for _, f := range s.Findings {
		if q, known := r.Requirement(f.Requirement); known && q.Verdict == Failed && f.FollowOf == "" {
			out = append(out, f)
		}
	}
	return out
}
