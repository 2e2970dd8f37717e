package steps_test

import (
	"testing"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/defect"
	"github.com/clementine-ope/clementine/steps"
)

// What the hint says is tried on the recording: mended, the scenarios pass that nothing else stands in the way of.
func TestFixesAreTried(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, mode, want string
		seam             partner.Seam
	}{
		{"a member is null", "sync", "GEN-02", answers(func(b string) string { return set(b, "note", nil) })},
		{"a member is null", "async", "GEN-02", answers(func(b string) string { return set(b, "note", nil) })},
		{"ping answers 500", "sync", "GEN-01", partner.Seam{WrapHandler: pingDown}},
	} {
		t.Run(tc.name+" "+tc.mode, func(t *testing.T) {
			t.Parallel()
			r := newLab(t, tc.mode, tc.seam, 0).run(t, steps.Options{TryFixes: true})
			if len(r.Causes) != 1 || r.Causes[0].Requirement != tc.want || r.Causes[0].Check == nil {
				t.Fatalf("causes %+v", r.Causes)
			}
			c := r.Causes[0]
			if c.Check.Pass != len(c.Scenarios)+len(c.Waiting) || c.Check.Still != 0 || c.Check.Messages == 0 {
				t.Errorf("%d scenarios show it, %d wait, and the check says %+v", len(c.Scenarios), len(c.Waiting), *c.Check)
			}
		})
	}
}

// A fix that does not mend what it should is no proof: where there is none, nothing is claimed.
func TestNothingIsClaimedWithoutAFix(t *testing.T) {
	t.Parallel()
	r := newLab(t, "sync", rules(func(r *partner.Rules) { r.Licences = func(n int) int { return max(n-1, 0) } }), 0).run(t, steps.Options{TryFixes: true})
	if len(r.Causes) != 1 || r.Causes[0].Check != nil {
		t.Errorf("causes %+v", r.Causes)
	}
}

// Whatever is wrong, a check counts each scenario of its cause once and never says that all is well where it can't know.
func TestChecksAddUp(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, name := range []string{"content-type-text", "null-end-user", "one-licence-short"} {
		d, err := defect.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		r := newLab(t, "sync", d.Seam(), 0).run(t, steps.Options{TryFixes: true})
		for _, c := range r.Causes {
			if c.Check == nil {
				continue
			}
			checked++
			if got, want := c.Check.Pass+c.Check.Other+c.Check.Still+c.Check.Unknown, len(c.Scenarios)+len(c.Waiting); got != want {
				t.Errorf("%s, %s: %d scenarios counted, %d concerned: %+v", d.Name, c.Requirement, got, want, *c.Check)
			}
			t.Logf("%s %s: %d show, %d wait, %+v", d.Name, c.Requirement, len(c.Scenarios), len(c.Waiting), *c.Check)
		}
		if r.Verdict == "failed" && len(r.Causes) == 0 {
			t.Errorf("%s: failed without a cause", d.Name)
		}
	}
	if checked == 0 {
		t.Error("no fix was tried at all")
	}
}
