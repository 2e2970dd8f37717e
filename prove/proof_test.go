package prove_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner/defect"
	"github.com/clementine-ope/clementine/prove"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

func builtin(t *testing.T) (*schemas.Pack, schemas.Proof) {
	t.Helper()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	proof, err := schemas.BuiltinProof()
	if err != nil {
		t.Fatal(err)
	}
	return pack, proof
}

// What runs tell partners of is true of this suite. That each verdict is what a run gives is shown by
// clementine prove --check-proof, which takes longer.
func TestProofIsOfThisSuite(t *testing.T) {
	t.Parallel()
	pack, proof := builtin(t)
	if now := steps.Digest(pack, nil); proof.Digest != now {
		t.Errorf("proof.json is of the suite %s, this is %s: make proof", proof.Digest, now)
	}
	want := map[string]bool{}
	for _, d := range defect.All() {
		for _, mode := range []string{defect.Sync, defect.Async} {
			if d.Mode == defect.Both || d.Mode == mode {
				want[strings.Join([]string{d.Requirement, d.Name, mode}, " ")] = true
			}
		}
	}
	got := map[string]bool{}
	for _, f := range proof.Faults {
		got[strings.Join([]string{f.Requirement, f.Name, f.Mode}, " ")] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("proof.json has other faults than there are (-defects +proof): make proof\n%s", diff)
	}
}

// Each requirement has been seen to fail, an advice to warn, in each mode that it is judged in.
func TestEveryRequirementHasBeenSeenToFail(t *testing.T) {
	t.Parallel()
	pack, proof := builtin(t)
	seen := map[string]bool{}
	for _, f := range proof.Faults {
		if f.Verdict == schemas.CaughtByNamed {
			seen[f.Requirement+" "+f.Mode] = true
		}
	}
	// An acknowledgement by a synchronous partner fails GEN-08 (customer-event-in-sync) and not this.
	seen["PO-UC1-05 sync"] = true
	for _, r := range pack.Requirements() {
		for _, mode := range []string{defect.Sync, defect.Async} {
			if (r.When == "both" || r.When == mode) && !seen[r.ID+" "+mode] {
				t.Errorf("%s has never been seen to fail, %s", r.ID, mode)
			}
		}
	}
}

func TestContradictions(t *testing.T) {
	t.Parallel()
	row := func(name string, outcome prove.Outcome, needs ...string) prove.DefectRow {
		return prove.DefectRow{Name: name, Mode: profile.Sync, Requirement: "GEN-01", Outcome: outcome, Needs: needs}
	}
	is := prove.Matrix{Suite: prove.Suite{Digest: "d"}, Defects: []prove.DefectRow{row("a", prove.Caught), row("b", prove.Caught, "endUser")}}
	for _, tt := range []struct {
		name    string
		change  func(m *prove.Matrix)
		partial bool
		want    string // in the only contradiction; empty if there is none
	}{
		{"the same", func(*prove.Matrix) {}, false, ""},
		{"another suite", func(m *prove.Matrix) { m.Suite.Digest = "e" }, false, "of the suite d, this is e"},
		{"no longer caught", func(m *prove.Matrix) { m.Defects[0].Outcome = prove.Missed }, false, "a, sync: the proof says caught-by-named, this run missed"},
		{"by another", func(m *prove.Matrix) { m.Defects[0].Outcome = prove.Elsewhere }, false, "this run caught-by-another"},
		{"other needs", func(m *prove.Matrix) { m.Defects[1].Needs = nil }, false, `needs ["endUser"], now`},
		{"new", func(m *prove.Matrix) { m.Defects = append(m.Defects, row("c", prove.NotApplicable)) }, false, "c, sync: the proof does not have it"},
		{"gone", func(m *prove.Matrix) { m.Defects = m.Defects[:1] }, false, "b, sync: the proof has it, and there is no such fault"},
		{"not run", func(m *prove.Matrix) { m.Defects = m.Defects[:1] }, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			now := is
			now.Defects = append([]prove.DefectRow{}, is.Defects...)
			tt.change(&now)
			now.Partial = tt.partial
			got := now.Contradictions(is.Proof())
			if tt.want == "" && len(got) == 0 {
				return
			}
			if len(got) != 1 || !strings.Contains(got[0], tt.want) || tt.want == "" {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// A thorough proof takes the word "caught" back where less declared hides the fault.
func TestThorough(t *testing.T) {
	t.Parallel()
	honest, err := defect.Find("suspension-unlinks-user")
	if err != nil {
		t.Fatal(err)
	}
	claims := honest
	claims.Name, claims.Needs = "claims-too-much", "endUser"
	m, err := prove.Run(t.Context(), prove.Options{
		Modes: []profile.Mode{profile.Sync}, Only: []string{honest.Name, claims.Name}, Defects: []defect.Defect{honest, claims}, Thorough: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]prove.Outcome{}
	for _, row := range m.Defects {
		got[row.Name] = row.Outcome
	}
	want := map[string]prove.Outcome{honest.Name: prove.Caught, claims.Name: prove.Missed}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

var errDisk = errors.New("disk full")

// ended is a context that has ended, and why.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errDisk)
	return ctx
}

func TestHostileRows(t *testing.T) {
	t.Parallel()
	broken := reports.Results{Verdict: reports.VerdictBroken}
	for _, tt := range []struct {
		name string
		row  prove.HostileRow
		want prove.HostileRow
	}{
		{"a verdict", prove.HostileEnd(t.Context(), broken, nil), prove.HostileRow{Outcome: prove.Ended, ExitCode: 3, Said: "broken"}},
		{
			"nothing to judge", prove.HostileEnd(t.Context(), reports.Results{}, &steps.CannotJudgeError{Blame: "partner", Sentence: "it is gone"}),
			prove.HostileRow{Outcome: prove.Ended, ExitCode: 3, Said: "could not judge (partner): it is gone"},
		},
		{
			"an error of ours", prove.HostileEnd(t.Context(), reports.Results{}, errDisk),
			prove.HostileRow{Outcome: prove.NotEnded, Said: "disk full"},
		},
		{
			"too late", prove.HostileEnd(ended(t), broken, nil),
			prove.HostileRow{Outcome: prove.NotEnded, Said: "disk full"},
		},
	} {
		if diff := cmp.Diff(tt.want, tt.row); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	if m := (prove.Matrix{Summary: prove.Summary{NotEnded: 1}}); m.ExitCode() != 1 {
		t.Error("a judge without a verdict is no failure of the proof")
	}
}
