// Package baseline keeps findings that are known, so that a gate stops at new ones: each with a reason and a last day.
//
// It owns the file and what a run comes to beside it. It changes no verdict.
package baseline

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/clementine-ope/clementine/reports"
)

// Version is the version of the file.
const Version = 1

// maxBytes bounds the file on reading.
const maxBytes = 4 << 20

// File is the baseline of a partner.
type File struct {
	Version  int     `yaml:"version"`
	Partner  string  `yaml:"partner"`
	Findings []Known `yaml:"findings"`
}

// Known is a finding that may stay until a day.
type Known struct {
	Requirement string `yaml:"requirement"`
	Scenario    string `yaml:"scenario"`
	Fingerprint string `yaml:"fingerprint"` // see reports.Fingerprint
	Expected    string `yaml:"expected"`    // for the reader; the fingerprint counts
	Seen        string `yaml:"seen"`
	Reason      string `yaml:"reason"`
	Until       string `yaml:"until"` // the last day, YYYY-MM-DD, in UTC
}

func (k Known) String() string {
	return fmt.Sprintf("%s in %s (%s)", k.Requirement, k.Scenario, k.Fingerprint)
}

// Of is the baseline of all that failed in a run.
func Of(r reports.Results, why, until string) File {
	f := File{Version: Version, Partner: r.Partner.Name, Findings: []Known{}}
	for _, n := range breaches(r) {
		f.Findings = append(f.Findings, Known{
			Requirement: n.Requirement, Scenario: n.Scenario, Fingerprint: n.Fingerprint, Expected: n.Expected, Seen: n.Seen, Reason: why, Until: until,
		})
	}
	return f
}

// Write writes the file.
func Write(w io.Writer, f File) error {
	text, err := yaml.Marshal(f)
	if err != nil {
		return fmt.Errorf("write baseline: %w", err)
	}
	_, err = fmt.Fprintf(w, "# Findings that are known: clementine run --baseline stops at others, and at entries that no run shows any more.\n%s", text)
	return err
}

// placed says where a text is not YAML, or not a baseline.
func placed(err error) error {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil || at.GetToken().Position == nil {
		return err
	}
	where := at.GetToken().Position
	return fmt.Errorf("line %d, column %d: %s", where.Line, where.Column, at.GetMessage())
}

// Read reads a baseline and checks each entry. An error names the line, or the entry that is wrong.
func Read(rd io.Reader) (File, error) {
	raw, err := io.ReadAll(io.LimitReader(rd, maxBytes+1))
	if err != nil {
		return File{}, err
	}
	if len(raw) > maxBytes {
		return File{}, fmt.Errorf("longer than %d MiB", maxBytes>>20)
	}
	var f File
	if err := yaml.UnmarshalWithOptions(raw, &f, yaml.Strict()); err != nil {
		return File{}, placed(err)
	}
	if f.Version != Version {
		return File{}, fmt.Errorf("version is %d; only %d is known", f.Version, Version)
	}
	seen := map[string]bool{}
	for i, k := range f.Findings {
		at := fmt.Sprintf("findings[%d]", i)
		_, err := time.Parse(time.DateOnly, k.Until)
		switch {
		case k.Requirement == "" || k.Scenario == "" || k.Fingerprint == "":
			return File{}, fmt.Errorf("%s needs requirement, scenario and fingerprint", at)
		case seen[k.Fingerprint]:
			return File{}, fmt.Errorf("%s: fingerprint %s is there twice", at, k.Fingerprint)
		case k.Reason == "":
			return File{}, fmt.Errorf("%s (%s) has no reason", at, k.Requirement)
		case err != nil:
			return File{}, fmt.Errorf("%s (%s): until is a day such as 2026-12-31, not %q", at, k.Requirement, k.Until)
		}
		seen[k.Fingerprint] = true
	}
	return f, nil
}
