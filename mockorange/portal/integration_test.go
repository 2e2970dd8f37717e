package portal_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/reports"
)

// catalogue is a small contract with a requirement of each kind.
func catalogue() []portal.Requirement {
	return []portal.Requirement{
		{ID: "GEN-01", Level: "mandatory", Mode: "both", Text: "Ping answers.", TextFR: "Ping répond."},
		{ID: "GEN-15", Level: "advice", Mode: "both", Text: "Twice is once."},
		{ID: "PO-UC4-01", Level: "mandatory", Mode: "async", Text: "The event comes."},
		{ID: "US-UC4-01", Level: "optional", Mode: "both", Feature: "changeOffering", Text: "Swap."},
		{ID: "US-UC5-01", Level: "optional", Mode: "both", Feature: "endUser", Text: "Add a user."},
		{ID: "US-UC5-05", Level: "optional", Mode: "both", Feature: "realizingResource", Text: "Change the resource."},
		{ID: "US-UC5-08", Level: "optional", Mode: "both", Feature: "uc5", Text: "The event's path."},
		{ID: "INT-01", Level: "mandatory", Mode: "both", Text: "The whole sequence."},
		{ID: "INT-02", Level: "mandatory", Mode: "both", Feature: "production", Text: "The short pass."},
	}
}

// results are a run that passes, changed.
func results(t *testing.T, offer string, change func(r *reports.Results)) *bytes.Buffer {
	t.Helper()
	r := reports.Results{
		Version: reports.Version, Verdict: "passed", Mode: "async", Suite: reports.Suite{Contract: "mba-2.2", Version: "1"},
		Partner: reports.Partner{Name: "Acme", Contract: "MBA-2026-042"},
		Profile: map[string]any{
			"offer": offer, "mode": "async", "triggers": map[string]any{"endUser.add": map[string]any{"ask": "…"}},
			"features": map[string]any{"endUser": true, "realizingResource": map[string]any{"type": "URL", "changeable": false}},
		},
	}
	for _, q := range catalogue() {
		v := reports.Passed
		if q.Feature == "changeOffering" || q.Feature == "realizingResource" || (q.Feature == "production" && offer != "mba2") {
			v = reports.Skipped
		}
		r.Requirements = append(r.Requirements, reports.Requirement{ID: q.ID, Level: q.Level, Verdict: v, Text: q.Text})
	}
	if change != nil {
		change(&r)
	}
	var b bytes.Buffer
	if err := reports.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return &b
}

func set(id string, v reports.Verdict, reason string) func(r *reports.Results) {
	return func(r *reports.Results) {
		for i := range r.Requirements {
			if r.Requirements[i].ID == id {
				r.Requirements[i].Verdict, r.Requirements[i].Reason = v, reason
			}
		}
	}
}

// partner is an account with all that both steps need but the runs.
func (b *bench) partner() portal.Account {
	b.t.Helper()
	a := b.account("dev@acme.test")
	app, _ := b.application(a, "Notes")
	b.invited(a, portal.OfferBeta)
	for _, offer := range []string{portal.OfferBeta, portal.OfferProduction} {
		sub := b.subscribe(a, app.ID, offer)
		if sub.State == portal.Pending {
			b.decide(sub.ID, portal.Approve)
		}
		_, err := b.Configure(b.t.Context(), a.ID, app.ID, offer, configuration())
		b.ok(err)
		b.terms(a, app.ID, offer)
	}
	return a
}

// open are the keys of what is open in a step, and its use cases.
func open(s portal.Step) string {
	var out []string
	for _, c := range append(append([]portal.Check{}, s.Access...), s.Checks...) {
		if !c.Done {
			out = append(out, c.Key)
		}
	}
	for _, u := range s.UseCases {
		if u.State == portal.UseCaseOpen {
			for _, o := range u.Open {
				out = append(out, fmt.Sprintf("%s:%s", o.ID, o.Verdict))
			}
		}
	}
	return strings.Join(out, " ")
}

func (b *bench) steps(a portal.Account) (first, second portal.Step, ready bool) {
	b.t.Helper()
	i, err := b.Integration(b.t.Context(), a.ID)
	b.ok(err)
	return i.Steps[0], i.Steps[1], i.Ready
}

// Both steps, from nothing to the operational phase: each thing that is open is named, and settled one after the other.
func TestTheWayThroughTheIntegrationPhase(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		ctx := b.t.Context()
		fresh := b.account("fresh@acme.test")
		if first, _, ready := b.steps(fresh); open(first) != "application subscribed approved configured terms" || first.Run != nil || ready {
			b.t.Errorf("a fresh account: %s", open(first))
		}
		a := b.partner()
		first, second, ready := b.steps(a)
		if open(first) != "" || first.Done || second.Done || ready {
			b.t.Errorf("before any run: %q, %q", open(first), open(second))
		}
		run, err := b.PostRun(ctx, a.ID, a.Email, results(b.t, "mba2", nil))
		b.ok(err)
		if run.Step != 2 || run.Facts.Challenge != "none" {
			b.t.Errorf("the run is %+v", run)
		}
		if _, second, _ = b.steps(a); open(second) != "step1" || second.Done {
			b.t.Errorf("step 2 before step 1: %q", open(second))
		}
		run, err = b.PostRun(ctx, a.ID, portal.Orange, results(b.t, "mba2-beta", func(r *reports.Results) { r.Challenge = "K7WQ-2026-11" }))
		b.ok(err)
		if run.Facts.Challenge != "K7WQ-2026-11" {
			b.t.Errorf("the run is %+v", run)
		}
		first, second, ready = b.steps(a)
		if !first.Done || !second.Done || !ready {
			b.t.Errorf("after both: %q, %q", open(first), open(second))
		}
		states := map[string]portal.UseCaseState{}
		for _, u := range first.UseCases {
			states[strings.TrimSpace(u.ID+" "+u.Feature)] = u.State
		}
		if d := cmp.Diff(map[string]portal.UseCaseState{
			"GEN": "done", "PO-UC4": "done", "US-UC4 changeOffering": "notDue", "US-UC5 endUser": "done", "US-UC5": "done",
			"US-UC5 realizingResource": "notDue", "INT": "done",
		}, states); d != "" {
			b.t.Error(d)
		}
		// A worse run does not undo what was settled, and is in the list.
		_, err = b.PostRun(ctx, a.ID, a.Email, results(b.t, "mba2-beta", func(r *reports.Results) { r.Verdict = "failed" }))
		b.ok(err)
		if first, _, ready := b.steps(a); !first.Done || !ready {
			b.t.Errorf("after a worse run: %q", open(first))
		}
		runs, err := b.Runs(ctx, a.ID)
		b.ok(err)
		if len(runs) != 3 || runs[0].Facts.Verdict != "failed" || runs[1].PostedBy != portal.Orange {
			b.t.Errorf("the runs are %+v", runs)
		}
		if runs, err := b.Runs(ctx, fresh.ID); err != nil || len(runs) != 0 {
			b.t.Errorf("the runs of somebody else: %d, %v", len(runs), err)
		}
	})
}

// Nothing settles step 1 that is partial, failed, of another contract, or leaves a declared use case without a verdict.
func TestWhatKeepsAStepOpen(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		a := b.partner()
		for _, tt := range []struct {
			name, offer, want string
			change            func(r *reports.Results)
		}{
			{"partial", "mba2-beta", "whole", func(r *reports.Results) { r.Selection = "GEN" }},
			{"interrupted", "mba2-beta", "whole", func(r *reports.Results) { r.Interrupted = true }},
			{"failed", "mba2-beta", "verdict GEN-01:failed", func(r *reports.Results) { r.Verdict = "failed"; set("GEN-01", reports.Failed, "")(r) }},
			{"another contract", "mba2-beta", "contract", func(r *reports.Results) { r.Partner.Contract = "MBA-1" }},
			{"no trigger", "mba2-beta", "US-UC5-01:skipped", set("US-UC5-01", reports.Skipped, "no trigger endUser.add in the profile")},
			{"not judged", "mba2-beta", "PO-UC4-01:inconclusive", set("PO-UC4-01", reports.Inconclusive, "")},
			{"left out", "mba2-beta", "INT-01:inconclusive", func(r *reports.Results) {
				r.Requirements = append(r.Requirements[:7:7], r.Requirements[8:]...)
			}},
			{"advice breached", "mba2-beta", "", set("GEN-15", reports.Warning, "")},
			{"short pass", "mba2", "", func(r *reports.Results) { r.Selection = "INT-02"; set("INT-01", reports.Skipped, "not selected")(r) }},
			{"other mode", "mba2", "mode", func(r *reports.Results) { r.Mode = "sync" }},
			{"no pass", "mba2", "INT-02:failed", set("INT-02", reports.Failed, "")},
		} {
			a := a
			if tt.offer == "mba2" {
				_, err := b.PostRun(b.t.Context(), a.ID, a.Email, results(b.t, "mba2-beta", nil))
				b.ok(err)
			}
			if _, err := b.PostRun(b.t.Context(), a.ID, a.Email, results(b.t, tt.offer, tt.change)); err != nil {
				b.t.Errorf("%s: %v", tt.name, err)
				continue
			}
			first, second, _ := b.steps(a)
			step := first
			if tt.offer == "mba2" {
				step = second
			}
			if got := open(step); got != tt.want || step.Done != (tt.want == "") {
				b.t.Errorf("%s: open is %q, want %q", tt.name, got, tt.want)
			}
			b.forget()
		}
	})
}

// forget removes all runs, so that each case stands alone.
func (b *bench) forget() {
	b.t.Helper()
	_, err := b.db.Writer().ExecContext(b.t.Context(), "DELETE FROM portal_run")
	b.ok(err)
}

func TestResultsThatAreNone(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		a := b.partner()
		for name, text := range map[string]string{
			"no JSON": "<html>", "another file": "{}", "another offer": results(b.t, "mba3", nil).String(),
			"another pack":       results(b.t, "mba2", func(r *reports.Results) { r.Suite.Contract = "mba-9" }).String(),
			"a profile of words": results(b.t, "mba2", func(r *reports.Results) { r.Profile["features"] = "all" }).String(),
			"too long":           strings.Repeat(" ", portal.MaxResults+1),
		} {
			_, err := b.PostRun(b.t.Context(), a.ID, a.Email, strings.NewReader(text))
			if !isInvalid(err, "results", portal.CodeResults) {
				b.t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := b.PostRun(b.t.Context(), "nobody", "", results(b.t, "mba2", nil)); err == nil {
			b.t.Error("a run of nobody is taken")
		}
	})
}

// Every check has words in both languages, done and open.
func TestWords(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		a := b.partner()
		for _, offer := range []string{"mba2-beta", "mba2"} {
			_, err := b.PostRun(b.t.Context(), a.ID, a.Email, results(b.t, offer, nil))
			b.ok(err)
		}
		i, err := b.Integration(b.t.Context(), a.ID)
		b.ok(err)
		for _, step := range i.Steps {
			for _, c := range append(append([]portal.Check{}, step.Access...), step.Checks...) {
				seen := map[string]bool{}
				for _, done := range []bool{true, false} {
					for _, lang := range []string{"en", "fr"} {
						c.Done = done
						text := b.Say(lang, c)
						if text == c.Key || seen[text] || strings.Contains(text, "%!") || strings.Contains(text, "MISSING") {
							b.t.Errorf("%s, %t, %s: %q", c.Key, done, lang, text)
						}
						seen[text] = true
					}
				}
			}
		}
	})
}
