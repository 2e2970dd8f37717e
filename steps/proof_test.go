package steps_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

func TestProofCounts(t *testing.T) {
	t.Parallel()
	fault := func(requirement, mode, verdict string, needs ...string) schemas.Fault {
		return schemas.Fault{Requirement: requirement, Name: requirement, Mode: mode, Verdict: verdict, Needs: needs}
	}
	onlyWhole := fault("PO-UC2-02", "sync", schemas.CaughtByNamed)
	onlyWhole.Whole = true
	known := schemas.Proof{Digest: "d", Faults: []schemas.Fault{
		fault("PO-UC2-02", "sync", schemas.CaughtByNamed),
		onlyWhole,
		fault("PO-UC2-02", "sync", schemas.CaughtByNamed, "endUser"),
		fault("PO-UC2-02", "sync", schemas.NotCaught),
		fault("PO-UC2-02", "sync", schemas.CaughtByAnother),
		fault("PO-UC2-02", "sync", schemas.NotApplicable),
		fault("PO-UC2-02", "async", schemas.CaughtByNamed),
		fault("GEN-01", "sync", schemas.CaughtByNamed),
		fault("GEN-15", "sync", schemas.CaughtByNamed),
		fault("GEN-04", "sync", schemas.CaughtByNamed),
		fault("US-UC4-01", "sync", schemas.CaughtByNamed, "changeOffering", "twoOfferings"),
	}}
	is := reports.Results{Mode: "sync", Suite: reports.Suite{Digest: "d"}, Requirements: []reports.Requirement{
		{ID: "PO-UC2-02", Verdict: reports.Passed}, {ID: "GEN-01", Verdict: reports.Failed}, {ID: "GEN-15", Verdict: reports.Warning},
		{ID: "GEN-04", Verdict: reports.Inconclusive}, {ID: "US-UC4-01", Verdict: reports.Skipped},
	}}
	bare := profile.Profile{Mode: profile.Sync, Offerings: []profile.Offering{{Code: "a"}}}
	user := bare
	user.Features.EndUser = true
	for _, tt := range []struct {
		name    string
		profile profile.Profile
		only    []string
		digest  string
		want    reports.Proof
	}{
		{"bare", bare, nil, "d", reports.Proof{Status: reports.Proven, Known: 9, Noticed: 4, Undeclared: 2, Unjudged: 1, Missed: 2}},
		{"a feature more", user, nil, "d", reports.Proof{Status: reports.Proven, Known: 9, Noticed: 5, Undeclared: 1, Unjudged: 1, Missed: 2}},
		{
			"a selection, by which others are judged in part", bare, []string{"po-uc2"}, "d",
			reports.Proof{Status: reports.Proven, Known: 5, Noticed: 1, Undeclared: 1, Unjudged: 1, Missed: 2},
		},
		{"another suite", bare, nil, "e", reports.Proof{Status: reports.NotProven, Reason: reports.ProofOtherSuite}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := is
			r.Suite.Digest = tt.digest
			got := steps.Weigh(steps.Options{Profile: &tt.profile, Only: tt.only}, r, known)
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Error(diff)
			}
			if sum := got.Noticed + got.Undeclared + got.Unjudged + got.Missed; sum != got.Known {
				t.Errorf("%d faults are counted, of %d", sum, got.Known)
			}
		})
	}
}

func TestRunsSayWhatTheyWouldHaveNoticed(t *testing.T) {
	t.Parallel()
	l := newLab(t, "sync", partner.Seam{}, 0)
	r, err := steps.Run(t.Context(), l.options(t, steps.Options{Only: []string{"PO-UC2-02"}}))
	if err != nil {
		t.Fatal(err)
	}
	if p := r.Proof; p == nil || p.Status != reports.Proven || p.Noticed == 0 || p.Known < p.Noticed || p.Undeclared != 0 {
		t.Errorf("%+v", p)
	}
}
