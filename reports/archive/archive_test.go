package archive_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/archive"
)

var server databasetest.Server

func TestMain(m *testing.M) { os.Exit(databasetest.Run(m, &server)) }

func onEachEngine(t *testing.T, o archive.Options, test func(t *testing.T, a *archive.Archive)) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			a, err := archive.New(t.Context(), databasetest.Open(t, engine.Address(t), database.Options{}), o)
			if err != nil {
				t.Fatal(err)
			}
			test(t, a)
		})
	}
}

var began = time.Date(2026, 11, 28, 9, 30, 0, 0, time.UTC)

func results(partner string, verdict reports.Verdict) reports.Results {
	r := reports.Results{
		Version: reports.Version, Verdict: string(verdict), Mode: "sync", Lang: "en", Seed: 7, StartedAt: began, DurationMs: 1500,
		Suite:   reports.Suite{Name: "clementine", Version: "1", Contract: "mba-2.2", Digest: "sha256:00", Pack: "sha256:11"},
		Partner: reports.Partner{Name: partner, Contract: "MBA-1"}, Profile: map[string]any{"offer": "mba2"},
		Requirements: []reports.Requirement{{ID: "GEN-01", Level: "mandatory", Verdict: verdict, Text: "Ping.", Scenarios: []string{"ping/it-answers"}}},
		Scenarios:    []reports.Scenario{{ID: "ping/it-answers", Feature: "Ping", Name: "It answers", Requirements: []string{"GEN-01"}, Verdict: verdict, Steps: []reports.Step{}}},
	}
	if verdict == reports.Failed {
		r.Scenarios[0].Findings = []reports.Finding{{Requirement: "GEN-01", Expected: "200", Seen: "404", Exchange: -1}}
	}
	r.Counts = reports.Count(r.Requirements)
	return r
}

func put(t *testing.T, a *archive.Archive, owner, id string, r reports.Results) {
	t.Helper()
	if err := a.Put(t.Context(), archive.Run{ID: id, Owner: owner, StartedBy: "somebody", Offer: "mba2"}, r); err != nil {
		t.Fatal(err)
	}
}

func ids(runs []archive.Run) []string {
	var out []string
	for _, r := range runs {
		out = append(out, r.ID)
	}
	return out
}

func TestKeepsWhatItWasGiven(t *testing.T) {
	onEachEngine(t, archive.Options{}, func(t *testing.T, a *archive.Archive) {
		want := results("Acme é", reports.Failed)
		put(t, a, "partner:1", "run1", want)
		got, err := a.Get(t.Context(), "partner:1", "run1")
		if err != nil {
			t.Fatal(err)
		}
		if got.Partner != "Acme é" || got.Verdict != "failed" || got.Counts.Failed != 1 || !got.StartedAt.Equal(began) || got.Duration != 1500*time.Millisecond ||
			got.StartedBy != "somebody" || got.Digest != "sha256:00" || got.Review != reports.Open || got.Mode != "sync" || got.Contract != "MBA-1" {
			t.Errorf("the run reads %+v", got)
		}
		b, err := a.Bundle(t.Context(), "", "run1")
		if err != nil {
			t.Fatal(err)
		}
		read, err := b.Results()
		if err != nil {
			t.Fatal(err)
		}
		if read.Seed != 7 || len(read.Scenarios) != 1 || read.Scenarios[0].Findings[0].Seen != "404" {
			t.Errorf("the results read %+v", read)
		}
	})
}

func TestShowsOwnersTheirRunsOnly(t *testing.T) {
	onEachEngine(t, archive.Options{}, func(t *testing.T, a *archive.Archive) {
		put(t, a, "partner:1", "run1", results("Acme", reports.Passed))
		put(t, a, "partner:2", "run2", results("Other", reports.Passed))
		if _, err := a.Get(t.Context(), "partner:2", "run1"); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("somebody else's run: %v", err)
		}
		if _, err := a.Bundle(t.Context(), "partner:2", "run1"); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("somebody else's bundle: %v", err)
		}
		if err := a.Delete(t.Context(), "partner:2", "run1"); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("removing somebody else's run: %v", err)
		}
		if names, err := a.Partners(t.Context(), "partner:2"); err != nil || cmp.Diff([]string{"Other"}, names) != "" {
			t.Errorf("partners: %v %v", names, err)
		}
		if names, err := a.Partners(t.Context(), ""); err != nil || cmp.Diff([]string{"Acme", "Other"}, names) != "" {
			t.Errorf("all partners: %v %v", names, err)
		}
		if err := a.Delete(t.Context(), "partner:1", "run1"); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Get(t.Context(), "", "run1"); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("a removed run: %v", err)
		}
	})
}

func TestListsByPageAndFilter(t *testing.T) {
	onEachEngine(t, archive.Options{}, func(t *testing.T, a *archive.Archive) {
		for i := range 7 {
			verdict := reports.Passed
			if i%2 == 1 {
				verdict = reports.Failed
			}
			put(t, a, "o", fmt.Sprintf("run%d", i), results("Acme", verdict))
		}
		if err := a.PutProblem(t.Context(), archive.Run{ID: "none", Owner: "o", Partner: "Acme", StartedAt: began}, "refused"); err != nil {
			t.Fatal(err)
		}
		first, next, err := a.List(t.Context(), archive.Query{Limit: 5})
		if err != nil || cmp.Diff([]string{"none", "run6", "run5", "run4", "run3"}, ids(first)) != "" {
			t.Fatalf("first page: %v %v", ids(first), err)
		}
		if first[0].Verdict != archive.Unjudged || first[0].Problem != "refused" {
			t.Errorf("the run without a verdict reads %+v", first[0])
		}
		put(t, a, "o", "later", results("Acme", reports.Passed))
		rest, end, err := a.List(t.Context(), archive.Query{Limit: 5, After: next})
		if err != nil || end != "" || cmp.Diff([]string{"run2", "run1", "run0"}, ids(rest)) != "" {
			t.Errorf("second page: %v, next %q, %v", ids(rest), end, err)
		}
		failed, _, err := a.List(t.Context(), archive.Query{Verdict: "failed"})
		if err != nil || cmp.Diff([]string{"run5", "run3", "run1"}, ids(failed)) != "" {
			t.Errorf("failed: %v %v", ids(failed), err)
		}
		if odd, _, err := a.List(t.Context(), archive.Query{After: "x' OR 1=1"}); err != nil || len(odd) != 0 {
			t.Errorf("an odd place: %v %v", odd, err)
		}
		trend, err := a.Trend(t.Context(), "o", "Acme", 3)
		if err != nil || cmp.Diff([]string{"run6", "none", "later"}, ids(trend)) != "" {
			t.Errorf("trend: %v %v", ids(trend), err)
		}
		if _, err := a.Bundle(t.Context(), "", "none"); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("the bundle of a run that judged nothing: %v", err)
		}
	})
}

func decision(kind, requirement, until string) reports.Decision {
	return reports.Decision{Kind: kind, Requirement: requirement, Until: until, Reason: "because", By: "Reviewer", At: began}
}

func TestKeepsDecisions(t *testing.T) {
	onEachEngine(t, archive.Options{Kept: 2}, func(t *testing.T, a *archive.Archive) {
		ctx := t.Context()
		put(t, a, "o", "bad", results("Acme", reports.Failed))
		var refused *archive.DecisionError
		if err := a.Decide(ctx, "bad", decision(reports.Accept, "", "")); !errors.As(err, &refused) {
			t.Fatalf("accepting what failed: %v", err)
		}
		if err := a.Decide(ctx, "bad", decision(reports.Waive, "GEN-01", "2026-12-31")); err != nil {
			t.Fatal(err)
		}
		if err := a.Decide(ctx, "bad", decision(reports.Accept, "", "")); err != nil {
			t.Fatal(err)
		}
		if got, err := a.Get(ctx, "", "bad"); err != nil || got.Review != reports.Accepted {
			t.Errorf("the review reads %q, %v", got.Review, err)
		}
		for i := range 4 {
			put(t, a, "o", fmt.Sprintf("later%d", i), results("Acme", reports.Passed))
		}
		runs, _, err := a.List(ctx, archive.Query{})
		if err != nil || cmp.Diff([]string{"later3", "later2", "bad"}, ids(runs)) != "" {
			t.Errorf("kept: %v %v", ids(runs), err)
		}
		if err := a.Decide(ctx, "none", decision(reports.Refuse, "", "")); !errors.Is(err, archive.ErrNotFound) {
			t.Errorf("deciding on nothing: %v", err)
		}
	})
}

// No decision is lost where several are made at once.
func TestDecisionsMadeAtOnce(t *testing.T) {
	onEachEngine(t, archive.Options{}, func(t *testing.T, a *archive.Archive) {
		put(t, a, "o", "bad", results("Acme", reports.Failed))
		const reviewers = 4
		var all sync.WaitGroup
		errs := make([]error, reviewers)
		for i := range reviewers {
			all.Go(func() { errs[i] = a.Decide(context.Background(), "bad", decision(reports.Refuse, "", "")) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		b, err := a.Bundle(t.Context(), "", "bad")
		if err != nil || len(b.Decisions()) != reviewers {
			t.Errorf("%d decisions are kept, %v", len(b.Decisions()), err)
		}
	})
}

// What an interrupted run had judged gives way to what it comes to once it has gone on, and to nothing else.
func TestAnInterruptedRunIsReplaced(t *testing.T) {
	onEachEngine(t, archive.Options{}, func(t *testing.T, a *archive.Archive) {
		ctx := t.Context()
		stopped := results("Acme", reports.Passed)
		stopped.Interrupted = true
		put(t, a, "o", "run1", stopped)
		put(t, a, "o", "run2", results("Acme", reports.Passed))
		run, err := a.Get(ctx, "o", "run1")
		if err != nil || !run.Interrupted {
			t.Fatalf("interrupted %v, %v", run.Interrupted, err)
		}
		rolledBack := errors.New("not now")
		if err := a.Put(ctx, run, results("Acme", reports.Failed), func(context.Context, *database.Tx) error { return rolledBack }); !errors.Is(err, rolledBack) {
			t.Fatalf("what is written with a run: %v", err)
		}
		if err := a.Decide(ctx, "run1", decision(reports.Waive, "GEN-01", "2026-12-31")); err == nil {
			t.Error("there is something to waive in what passed")
		}
		if err := a.Put(ctx, run, results("Acme", reports.Failed)); err != nil {
			t.Fatal(err)
		}
		got, err := a.Get(ctx, "o", "run1")
		if err != nil || got.Interrupted || got.Verdict != "failed" {
			t.Errorf("the run that went on reads %+v, %v", got, err)
		}
		if all, _, err := a.List(ctx, archive.Query{}); err != nil || cmp.Diff([]string{"run2", "run1"}, ids(all)) != "" {
			t.Errorf("listed: %v %v", ids(all), err)
		}
		if err := a.Put(ctx, got, results("Acme", reports.Passed)); !errors.Is(err, archive.ErrKept) {
			t.Errorf("a run that is over was replaced: %v", err)
		}
		put(t, a, "o", "run3", stopped)
		before, err := a.Get(ctx, "o", "run3")
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Decide(ctx, "run3", decision(reports.Refuse, "", "")); err != nil {
			t.Fatal(err)
		}
		if err := a.PutProblem(ctx, before, "broke down"); !errors.Is(err, archive.ErrKept) {
			t.Errorf("a run that was decided on was replaced: %v", err)
		}
	})
}
