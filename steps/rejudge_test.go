package steps_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/compare"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

// packWith is the built-in pack with one file changed.
func packWith(t *testing.T, file, from, to string) *schemas.Pack {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "pack")
	if err := schemas.Export(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), from, to, 1)
	if changed == string(text) {
		t.Fatalf("%s has no %q", file, from)
	}
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	pack, err := schemas.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return pack
}

func find(changes []compare.Change, id string) compare.Change {
	for _, c := range changes {
		if c.ID == id {
			return c
		}
	}
	return compare.Change{}
}

// Another suite judges a recording anew: the same where it asks for the same, and says what fails where it asks for more.
func TestRejudge(t *testing.T) {
	t.Parallel()
	l := newLab(t, "sync", partner.Seam{}, 0)
	r := l.run(t, steps.Options{Only: []string{"PO-UC2"}})
	builtin := l.options(t, steps.Options{}).Pack
	for _, tc := range []struct {
		name    string
		pack    *schemas.Pack
		same    bool
		verdict string
	}{
		{"the same", builtin, true, r.Verdict},
		{"one that says it in other words", packWith(t, "schemas/order.answer.schema.json", "Answer to a valid order", "What answers an order"), false, r.Verdict},
		{"a stricter one", strictly(t), false, reports.VerdictFailed},
		{"one that sends something else", packWith(t, "payloads/order.json", `"id": "$order.externalReference"`, `"id": "$order.externalReference", "href": "urn:new"`), false, reports.VerdictBroken},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			j, err := steps.Rejudge(t.Context(), r, steps.Options{Pack: tc.pack})
			if err != nil {
				t.Fatal(err)
			}
			if j.SameSuite != tc.same || j.Results.Verdict != tc.verdict || len(j.Differences) > 0 {
				t.Errorf("same suite %t, verdict %s, differences %v\n%s", j.SameSuite, j.Results.Verdict, j.Differences, explain(t, j.Results))
			}
			if changed := len(j.Changes.Requirements) > 0; changed != (tc.verdict != r.Verdict) {
				t.Errorf("changes: %+v", j.Changes.Requirements)
			}
		})
	}
}

// strictly is a pack that asks for a state that no partner is in.
func strictly(t *testing.T) *schemas.Pack {
	return packWith(t, "schemas/order.answer.schema.json", `          "completed",
`, "")
}

// What changed between two runs has its cause: the partner, the suite, the profile or the selection.
func TestCompareTellsCausesApart(t *testing.T) {
	t.Parallel()
	only := []string{"PO-UC2", "US-UC4"}
	right := newLab(t, "sync", partner.Seam{}, 0)
	a := right.run(t, steps.Options{Only: only})
	builtin := steps.Options{Pack: right.options(t, steps.Options{}).Pack}
	t.Run("partner", func(t *testing.T) {
		t.Parallel()
		seam, requirement := sabotaged(t, "swap-drops-login")
		b := newLab(t, "sync", seam, 0).run(t, steps.Options{Only: only})
		got, err := steps.Compare(t.Context(), a, b, builtin)
		if err != nil {
			t.Fatal(err)
		}
		c := find(got.Requirements, requirement)
		if c.Kind != compare.Broken || !slices.Equal(c.Because, []string{compare.Partner}) || !c.Certain || !got.Broke() || got.Rejudged {
			t.Errorf("%+v, rejudged %t", c, got.Rejudged)
		}
		back, err := steps.Compare(t.Context(), b, a, builtin)
		if err != nil {
			t.Fatal(err)
		}
		if c := find(back.Requirements, requirement); c.Kind != compare.Fixed || back.Broke() {
			t.Errorf("the other way round: %+v", c)
		}
	})
	t.Run("suite", func(t *testing.T) {
		t.Parallel()
		pack := strictly(t)
		l := newLabWith(t, "sync", partner.Seam{}, 0, pack)
		b := l.run(t, steps.Options{Only: only, Pack: pack})
		got, err := steps.Compare(t.Context(), a, b, steps.Options{Pack: pack})
		if err != nil {
			t.Fatal(err)
		}
		if !got.Rejudged || !got.Broke() {
			t.Fatalf("rejudged %t (%s), broke %t", got.Rejudged, got.NotRejudged, got.Broke())
		}
		for _, c := range got.Requirements {
			if !slices.Equal(c.Because, []string{compare.Suite}) || !c.Certain {
				t.Errorf("%+v", c)
			}
		}
		// By a suite that did not judge B, A's recording says nothing of B's suite.
		if plain, err := steps.Compare(t.Context(), a, b, builtin); err != nil || plain.Rejudged || plain.NotRejudged == "" || find(plain.Requirements, got.Requirements[0].ID).Certain {
			t.Errorf("%v %+v", err, plain.Requirements)
		}
	})
	t.Run("profile", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, "sync", partner.Seam{}, 0)
		l.profile.Features.ChangeOffering = false
		b := l.run(t, steps.Options{Only: only})
		got, err := steps.Compare(t.Context(), a, b, builtin)
		if err != nil {
			t.Fatal(err)
		}
		c := find(got.Requirements, "US-UC4-01")
		if c.Kind != compare.NoMore || !slices.Equal(c.Because, []string{compare.Profile}) || !c.Certain || got.Broke() {
			t.Errorf("%+v", c)
		}
		if !slices.Contains(got.Profile, compare.Field{Path: "features.changeOffering", A: "true", B: "false"}) {
			t.Errorf("fields: %+v", got.Profile)
		}
	})
	t.Run("selection", func(t *testing.T) {
		t.Parallel()
		got, err := steps.Compare(t.Context(), a, right.run(t, steps.Options{Only: []string{"PO-UC2"}, Seed: 99}), builtin)
		if err != nil {
			t.Fatal(err)
		}
		if c := find(got.Requirements, "US-UC4-01"); c.Kind != compare.NoMore || !slices.Equal(c.Because, []string{compare.Selection}) {
			t.Errorf("%+v", c)
		}
	})
}

// The fingerprint of a finding stays the same from run to run, whatever ids the run makes.
func TestFingerprintsStay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"one-licence-short", "customer-reference-lost", "contact-ids-of-the-customer", "consultation-crashes", "swap-gives-new-id", "content-type-text"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seam, requirement := sabotaged(t, name)
			var first []string
			for _, seed := range []uint64{11, 12} {
				r := newLab(t, "sync", seam, 0).run(t, steps.Options{Only: []string{requirement}, Seed: seed})
				var prints []string
				for _, s := range r.Scenarios {
					for _, f := range r.Breaches(s) {
						prints = append(prints, reports.Fingerprint(s.ID, f))
					}
				}
				slices.Sort(prints)
				if prints = slices.Compact(prints); len(prints) == 0 {
					t.Fatal("nothing failed")
				}
				if first != nil && !slices.Equal(first, prints) {
					t.Errorf("another run shows %v, not %v", prints, first)
				}
				first = prints
			}
		})
	}
}

// A challenge is in every id that is sent, and nothing else of the run depends on it.
func TestChallenge(t *testing.T) {
	t.Parallel()
	l := newLab(t, "sync", partner.Seam{}, 0)
	o := steps.Options{Only: []string{"PO-UC2-02"}, Seed: 5}
	plain := l.run(t, o)
	o.Challenge = "K7WQ-2026-11"
	challenged := l.run(t, o)
	if challenged.Challenge != o.Challenge || challenged.Verdict != plain.Verdict {
		t.Errorf("challenge %q, verdict %s and %s", challenged.Challenge, challenged.Verdict, plain.Verdict)
	}
	if first := sent(plain); len(first) == 0 || slices.ContainsFunc(sent(challenged), func(id string) bool { return slices.Contains(first, id) }) {
		t.Error("an id does not depend on the challenge")
	}
	replayed(t, challenged, l.options(t, o))
	// A recording with another challenge written into it is not the recording of that challenge.
	challenged.Challenge = "another-challenge"
	again, err := steps.Replay(t.Context(), challenged, l.options(t, o))
	if err != nil || len(reports.Differences(challenged, again)) == 0 {
		t.Errorf("another challenge replays as well: %v", err)
	}
}

// sent are the ids of ours in the bodies of a run.
func sent(r reports.Results) []string {
	var out []string
	for _, e := range r.Exchanges {
		if b := e.Request.Body; b != nil && e.Kind == "call" {
			for _, word := range strings.FieldsFunc(b.Text, func(r rune) bool { return strings.ContainsRune(`",:{}[] `, r) }) {
				if strings.HasPrefix(word, "CLM-") {
					out = append(out, word)
				}
			}
		}
	}
	return out
}

func TestSelectionByScenario(t *testing.T) {
	t.Parallel()
	l := newLab(t, "sync", partner.Seam{}, 0)
	all := l.run(t, steps.Options{Only: []string{"PO-UC2"}})
	ids := steps.Draw(all, 3, 7)
	if len(ids) != 3 || !slices.Equal(ids, steps.Draw(all, 3, 7)) || len(steps.Draw(all, 1000, 7)) <= 3 {
		t.Fatalf("drawn: %v", ids)
	}
	whole := all
	whole.Scenarios = append(slices.Clone(all.Scenarios), reports.Scenario{ID: "whole_run/tokens-are-kept", Verdict: reports.Passed})
	if slices.Contains(steps.Draw(whole, 1000, 7), "whole_run/tokens-are-kept") {
		t.Error("what looks back at a whole run was drawn")
	}
	spots, live, err := steps.SpotCheck(t.Context(), all, 3, l.options(t, steps.Options{Seed: 7}))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range spots {
		if s.ID != ids[i] || s.Differs() || !s.Judged() {
			t.Errorf("%+v, want %s", s, ids[i])
		}
	}
	if live.Selection != strings.Join(ids, ",") {
		t.Errorf("selection %q", live.Selection)
	}
	replayed(t, live, l.options(t, steps.Options{}))
	_, err = steps.Run(t.Context(), l.options(t, steps.Options{Only: []string{"fleet/no-such-scenario"}}))
	if err == nil || !strings.Contains(err.Error(), "no scenario has this id") {
		t.Errorf("an id that there is not: %v", err)
	}
}

// An event that is sent again counts as a second one, but where the gateway took so long to answer that its sender may have given up.
func TestAnEventThatComesAgainAfterALateAnswer(t *testing.T) {
	t.Parallel()
	l := newLab(t, "async", partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next func(context.Context, *partner.Delivery) error) error {
		if err := next(ctx, d); err != nil {
			return err
		}
		return next(ctx, d)
	}}, 0)
	r := l.run(t, steps.Options{Only: []string{"PO-UC2", "GEN-10"}})
	builtin := l.options(t, steps.Options{}).Pack
	for took, want := range map[float64]reports.Verdict{10: reports.Failed, 4_999: reports.Failed, 5_000: reports.Passed} {
		recorded := r
		recorded.Exchanges = slices.Clone(r.Exchanges)
		for i := range recorded.Exchanges {
			if e := &recorded.Exchanges[i]; e.Kind == "event" {
				e.DurationMs = took
			}
		}
		j, err := steps.Rejudge(t.Context(), recorded, steps.Options{Pack: builtin})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range j.Results.Requirements {
			if q.ID == "GEN-10" && q.Verdict != want {
				t.Errorf("answers that took %.0f ms: GEN-10 is %s, want %s", took, q.Verdict, want)
			}
		}
	}
}
