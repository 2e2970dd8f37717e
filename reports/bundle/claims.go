package bundle

import (
	"bytes"
	"fmt"
)

// Claims says, in sentences, what a verification without problems proves, and what it does not. They hold once the
// replay has come to the same verdicts too. decisions is how many there are in the review.
func Claims(v Verification, x Expect, decisions int) []string {
	var out []string
	out = append(out, "Consistency: these verdicts follow from these exchanges, and nobody changed an exchange without writing the whole file anew.")
	if x.Challenge != "" {
		out = append(out, fmt.Sprintf("Freshness: every id that was sent derives from the challenge %q, so the run was made by somebody who knew it. That the partner's server answered is not proven by it.", x.Challenge))
	}
	known := 0
	for _, s := range v.Signed {
		expected := false
		for _, key := range x.Keys {
			expected = expected || bytes.Equal(key, s.PublicKey)
		}
		if !expected {
			out = append(out, fmt.Sprintf("Nothing more from the signature by key %s: give that key by --key if you have it from somebody you trust.", s.KeyID))
			continue
		}
		known++
		out = append(out, fmt.Sprintf("Origin: the holder of key %s signed exactly this run%s, and nothing of it has changed since. How they came by the run is their word.", s.KeyID, covering(s.Decisions, decisions)))
	}
	if known == 0 {
		out = append(out, "Origin unproven: no key that you gave has signed. Whoever can write a file can write another consistent one, its chain included.")
	}
	if known == 0 && decisions > 0 {
		out = append(out, "The review is unproven too: anybody can add a decision in anybody's name.")
	}
	return out
}

func covering(signed, decisions int) string {
	switch {
	case decisions == 0:
		return ""
	case signed == decisions:
		return fmt.Sprintf(" and its review (decisions: %d)", decisions)
	}
	return fmt.Sprintf(" and %d of the %d decisions of its review", signed, decisions)
}
