package main

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner/defect"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

// facts are what several pages are made from.
type facts struct {
	pack    *schemas.Pack
	proof   schemas.Proof
	plan    []steps.PlannedScenario
	how     map[string]string // defect -> how real partners come to it
	example string            // the profile that profile init writes
}

func collect() (facts, error) {
	f := facts{how: map[string]string{}}
	var err error
	if f.pack, err = schemas.Builtin(); err != nil {
		return f, fmt.Errorf("reading the built-in pack: %w", err)
	}
	if f.proof, err = schemas.BuiltinProof(); err != nil {
		return f, fmt.Errorf("reading the proof: %w", err)
	}
	var b bytes.Buffer
	if err := profile.Init(&b); err != nil {
		return f, fmt.Errorf("reading the example profile: %w", err)
	}
	f.example = b.String()
	p, err := profile.Parse("example.yaml", b.Bytes(), func(string) string { return "" })
	if err != nil {
		return f, fmt.Errorf("reading the example profile: %w", err)
	}
	p.Mode = profile.Async // the section on resilience is for these alone
	if f.plan, err = steps.Plan(steps.Options{Pack: f.pack, Profile: p, Resilience: true}); err != nil {
		return f, fmt.Errorf("planning the suite: %w", err)
	}
	for _, d := range defect.All() {
		f.how[d.Name] = d.How
	}
	return f, nil
}

// judgedBy lists the scenarios that can make a requirement fail.
func (f facts) judgedBy(id string) []steps.PlannedScenario {
	var out []steps.PlannedScenario
	for _, s := range f.plan {
		if slices.Contains(s.Requirements, id) {
			out = append(out, s)
		}
	}
	return out
}

// faults gives the known faults of a requirement: those that it catches, and those that nothing or another one does.
// A fault that is caught in one mode at least is caught.
func (f facts) faults(id string) (caught, others []string) {
	for _, known := range f.proof.Faults {
		if known.Requirement == id && known.Verdict == schemas.CaughtByNamed && !slices.Contains(caught, known.Name) {
			caught = append(caught, known.Name)
		}
	}
	for _, known := range f.proof.Faults {
		if known.Requirement == id && !slices.Contains(caught, known.Name) && !slices.Contains(others, known.Name) {
			others = append(others, known.Name)
		}
	}
	return caught, others
}
