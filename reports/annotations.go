package reports

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// annotation is one cause as an annotation says it.
type annotation struct {
	requirement, title, text string
	level                    string // error or warning
}

// annotations are the failed requirements, one each, then the advice that was not followed.
func annotations(r Results) []annotation {
	r = r.In(r.Lang)
	l := labelsFor(r.Lang)
	var out []annotation
	for _, part := range []struct {
		verdict Verdict
		level   string
	}{{Failed, "error"}, {Broken, "error"}, {Warning, "warning"}} {
		for _, c := range causes(r, part.verdict) {
			a := annotation{requirement: c.Requirement.ID, level: part.level, text: c.Requirement.Reason,
				title: l.shortened(visible(c.Requirement.ID+l.T("colon")+c.Requirement.Text), textField)}
			if len(c.Findings) > 0 {
				f := c.Findings[0]
				a.text = l.f("found", f.Expected, f.Seen)
				if f.Path != "" {
					a.text = l.f("foundAt", f.Expected, f.Seen, f.Path)
				}
				if f.Hint != "" {
					a.text += ". " + f.Hint
				}
			}
			a.text = l.shortened(visible(a.text), textField)
			out = append(out, a)
		}
	}
	return out
}

// GitHubAnnotations writes a workflow command for each cause, which GitHub Actions shows beside the job.
func GitHubAnnotations(w io.Writer, r Results) error {
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, a := range annotations(r) {
		if _, err := fmt.Fprintf(w, "::%s title=%s::%s\n", a.level, property.Replace(a.title), data.Replace(a.text)); err != nil {
			return fmt.Errorf("write annotations: %w", err)
		}
	}
	return nil
}

// codeQuality is an entry of GitLab's code quality report. It needs a file and a line: the profile is what the partner
// has in the repository.
type codeQuality struct {
	Description string          `json:"description"`
	CheckName   string          `json:"check_name"`
	Fingerprint string          `json:"fingerprint"`
	Severity    string          `json:"severity"`
	Location    qualityLocation `json:"location"`
}

type qualityLocation struct {
	Path  string       `json:"path"`
	Lines qualityLines `json:"lines"`
}

type qualityLines struct {
	Begin int `json:"begin"`
}

// GitLabAnnotations writes a code quality report, which GitLab shows in the merge request. Path is the file in the
// repository that the entries are about.
func GitLabAnnotations(w io.Writer, r Results, path string) error {
	out := []codeQuality{}
	stored := r
	stored.Lang = "en"
	same := annotations(stored) // in the same order, in the words that do not depend on the reader
	for i, a := range annotations(r) {
		severity := "major"
		if a.level == "warning" {
			severity = "minor"
		}
		// The same cause has the same fingerprint in the next run: by it GitLab tells what is new.
		sum := sha256.Sum256([]byte(a.requirement + "\x00" + kindOf(same[i].text)))
		out = append(out, codeQuality{Description: a.title + labelsFor(r.Lang).T("colon") + a.text, CheckName: a.requirement,
			Fingerprint: hex.EncodeToString(sum[:16]), Severity: severity, Location: qualityLocation{path, qualityLines{1}}})
	}
	raw, err := json.MarshalIndent(out, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(w, "%s\n", raw)
	}
	if err != nil {
		return fmt.Errorf("write annotations: %w", err)
	}
	return nil
}
