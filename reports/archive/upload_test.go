package archive_test

import (
	"testing"
	"time"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/reports/bundle"
)

// A bundle from elsewhere is kept with its review, who brought it, and what was found out about it.
func TestPutBundle(t *testing.T) {
	onEachEngine(t, archive.Options{}, func(t *testing.T, a *archive.Archive) {
		b, err := bundle.New(results("Acme", reports.Passed))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Decide(decision(reports.Refuse, "", "")); err != nil {
			t.Fatal(err)
		}
		at := began.Add(time.Hour)
		if err := a.PutBundle(t.Context(), archive.Run{ID: "run1", Owner: "o", Offer: "mba2", UploadedBy: "Eve", UploadedAt: at, Proof: `{"claims":[]}`}, b); err != nil {
			t.Fatal(err)
		}
		put(t, a, "o", "run2", results("Acme", reports.Passed))
		got, err := a.Get(t.Context(), "o", "run1")
		if err != nil || got.Partner != "Acme" || got.Review != reports.Refused || got.UploadedBy != "Eve" || !got.UploadedAt.Equal(at) || got.Proof != `{"claims":[]}` {
			t.Errorf("the run reads %+v, %v", got, err)
		}
		if own, err := a.Get(t.Context(), "o", "run2"); err != nil || !own.UploadedAt.IsZero() {
			t.Errorf("a run that was made here reads %+v, %v", own, err)
		}
		kept, err := a.Bundle(t.Context(), "o", "run1")
		if err != nil || len(kept.Decisions()) != 1 {
			t.Errorf("the bundle has lost its review: %v", err)
		}
	})
}

// The copies of a run are found by what it recorded, whatever was decided on them; another run, even of the same partner
// with the same verdict, is none of them.
func TestCopiesOfARun(t *testing.T) {
	onEachEngine(t, archive.Options{}, func(t *testing.T, a *archive.Archive) {
		run := results("Acme", reports.Passed)
		put(t, a, "o", "made", run)
		another := run
		another.Seed++
		put(t, a, "o", "another", another)
		b, err := bundle.New(run)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Decide(decision(reports.Refuse, "", "")); err != nil {
			t.Fatal(err)
		}
		if err := a.PutBundle(t.Context(), archive.Run{ID: "back", Owner: "o", UploadedBy: "Eve", UploadedAt: began, Proof: "{}"}, b); err != nil {
			t.Fatal(err)
		}
		made, err := a.Get(t.Context(), "o", "made")
		if err != nil {
			t.Fatal(err)
		}
		if err := a.PutProblem(t.Context(), archive.Run{ID: "nothing", Owner: "o", Partner: "Acme", StartedAt: began}, "nobody answers"); err != nil {
			t.Fatal(err)
		}
		for owner, want := range map[string]int{"o": 2, "": 2, "somebody else": 0} {
			copies, _, err := a.List(t.Context(), archive.Query{Owner: owner, Content: made.Content})
			if err != nil || len(copies) != want || made.Content == "" {
				t.Errorf("%q has %d copies of %q: %v", owner, len(copies), made.Content, err)
			}
		}
	})
}
