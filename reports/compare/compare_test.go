package compare_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/compare"
)

// run is a run of one requirement R with one scenario.
func run(v reports.Verdict, reason, suite, offer string) reports.Results {
	return reports.Results{
		Partner: reports.Partner{Name: "Acme"}, Suite: reports.Suite{Digest: suite}, Profile: map[string]any{"offer": offer, "baseURL": suite + offer + string(v)},
		Requirements: []reports.Requirement{{ID: "R", Level: reports.Mandatory, Verdict: v, Reason: reason, Text: "text"}},
		Scenarios:    []reports.Scenario{{ID: "a/r", Name: "name", Requirements: []string{"R"}, Verdict: v, Reason: reason}},
	}
}

func TestKindsAndCauses(t *testing.T) {
	t.Parallel()
	p, f, k, b, w := reports.Passed, reports.Failed, reports.Skipped, reports.Broken, reports.Warning
	replay := func(v reports.Verdict, reason string) *reports.Results {
		r := run(v, reason, "s2", "x")
		return &r
	}
	for _, tc := range []struct {
		name    string
		a, b    reports.Results
		again   compare.Replays
		kind    string
		because string
		certain bool
		broke   bool
	}{
		{"the same", run(p, "", "s", "x"), run(p, "", "s", "x"), compare.Replays{}, "", "", false, false},
		{"fixed", run(f, "", "s", "x"), run(p, "", "s", "x"), compare.Replays{}, compare.Fixed, "partner", true, false},
		{"broken", run(p, "", "s", "x"), run(f, "", "s", "x"), compare.Replays{}, compare.Broken, "partner", true, true},
		{"a warning", run(p, "", "s", "x"), run(w, "", "s", "x"), compare.Replays{}, compare.Altered, "partner", true, false},
		{"judged, and failed", run(b, "lost", "s", "x"), run(f, "", "s", "x"), compare.Replays{}, compare.Newly, "partner", true, true},
		{"judged no more", run(p, "", "s", "x"), run(b, "lost", "s", "x"), compare.Replays{}, compare.NoMore, "partner", true, false},
		{"declared", run(k, "feature x is not declared", "s", "x"), run(p, "", "s", "y"), compare.Replays{}, compare.Newly, "profile", true, false},
		{"not observed", run(k, "not observable: no token", "s", "x"), run(p, "", "s", "y"), compare.Replays{}, compare.Newly, "profile+partner", false, false},
		{"not selected", run(k, "not selected", "s", "x"), run(p, "", "s2", "y"), compare.Replays{}, compare.Newly, "selection", true, false},
		{"suite, not replayed", run(p, "", "s", "x"), run(f, "", "s2", "x"), compare.Replays{}, compare.Broken, "suite+partner", false, true},
		{"suite", run(p, "", "s", "x"), run(f, "", "s2", "x"), compare.Replays{Suite: replay(f, "")}, compare.Broken, "suite", true, true},
		{"partner, with another suite", run(p, "", "s", "x"), run(f, "", "s2", "x"), compare.Replays{Suite: replay(p, "")}, compare.Broken, "partner", true, true},
		{"both", run(f, "", "s", "x"), run(p, "", "s2", "x"), compare.Replays{Suite: replay(w, "")}, compare.Fixed, "suite+partner", true, false},
		{"what was not recorded", run(p, "", "s", "x"), run(f, "", "s2", "x"), compare.Replays{Suite: replay(b, "left")}, compare.Broken, "suite+partner", false, true},
		{"profile", run(p, "", "s", "x"), run(f, "", "s", "y"), compare.Replays{Profile: replay(f, "")}, compare.Broken, "profile", true, true},
		{"partner, with another profile", run(p, "", "s", "x"), run(f, "", "s", "y"), compare.Replays{Profile: replay(p, "")}, compare.Broken, "partner", true, true},
		{"suite, then profile", run(p, "", "s", "x"), run(f, "", "s2", "y"), compare.Replays{Suite: replay(w, ""), Profile: replay(f, "")}, compare.Broken, "suite+profile", true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := compare.Runs(tc.a, tc.b, tc.again)
			if r.Broke() != tc.broke {
				t.Errorf("broke: %t", r.Broke())
			}
			for _, list := range [][]compare.Change{r.Requirements, r.Scenarios} {
				if tc.kind == "" {
					if len(list) > 0 {
						t.Errorf("changes: %+v", list)
					}
					continue
				}
				if len(list) != 1 || list[0].Kind != tc.kind || strings.Join(list[0].Because, "+") != tc.because || list[0].Certain != tc.certain {
					t.Errorf("%+v", list)
				}
			}
		})
	}
}

// A requirement that only one suite knows comes from the suite.
func TestWhatOnlyOneSuiteKnows(t *testing.T) {
	t.Parallel()
	a, b := run(reports.Passed, "", "s", "x"), run(reports.Passed, "", "s2", "x")
	b.Requirements = append(b.Requirements, reports.Requirement{ID: "NEW", Level: reports.Mandatory, Verdict: reports.Failed})
	a.Requirements = append(a.Requirements, reports.Requirement{ID: "OLD", Level: reports.Mandatory, Verdict: reports.Passed})
	r := compare.Runs(a, b, compare.Replays{})
	var got []string
	for _, c := range r.Requirements {
		got = append(got, c.ID+" "+c.Kind+" "+c.Cause())
	}
	if diff := cmp.Diff([]string{"NEW newly judged the suite", "OLD no longer judged the suite"}, got); diff != "" {
		t.Error(diff)
	}
}

// A scenario that one run did not select comes from the selection, and is no change where neither run judged it.
func TestWhatOnlyOneRunSelected(t *testing.T) {
	t.Parallel()
	for suite, want := range map[string]string{"s": "selection true", "s2": "selection+suite false"} {
		a, b := run(reports.Passed, "", "s", "x"), run(reports.Passed, "", suite, "x")
		b.Selection = "PO-UC1"
		a.Scenarios = append(a.Scenarios, reports.Scenario{ID: "judged", Verdict: reports.Failed}, reports.Scenario{ID: "skipped", Verdict: reports.Skipped})
		r := compare.Runs(a, b, compare.Replays{})
		var got []string
		for _, c := range r.Scenarios {
			got = append(got, fmt.Sprintf("%s %s %s %t", c.ID, c.Kind, strings.Join(c.Because, "+"), c.Certain))
		}
		if diff := cmp.Diff([]string{"judged no longer judged " + want}, got); diff != "" {
			t.Errorf("suite %s: %s", suite, diff)
		}
	}
}

// What fails before and after, in another way, is told by its findings; values of one run alone are no difference.
func TestOtherFindings(t *testing.T) {
	t.Parallel()
	with := func(seen string) reports.Results {
		r := run(reports.Failed, "", "s", "x")
		r.Scenarios[0].Findings = []reports.Finding{{Requirement: "R", Expected: `id "CLM-O-ABCDEFGHIJKLMN"`, Seen: seen, Path: "$.orderItem[0].id"}}
		return r
	}
	if r := compare.Runs(with(`state "x1", id 7f3a-9b`), with(`state "x2", id 81aa-7c`), compare.Replays{}); len(r.Scenarios) > 0 {
		t.Errorf("values of one run: %+v", r.Scenarios)
	}
	r := compare.Runs(with("nothing"), with("a list"), compare.Replays{})
	if len(r.Requirements) > 0 || len(r.Scenarios) != 1 || r.Scenarios[0].Kind != compare.Other || len(r.Scenarios[0].New) != 1 || len(r.Scenarios[0].Gone) != 1 || r.Broke() {
		t.Errorf("%+v", r)
	}
	var b strings.Builder
	if err := compare.Text(&b, r, inEnglish); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"new: R expected id", "seen a list", "gone: R", "Profile  the same", "1 scenarios did"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	a := map[string]any{"mode": "sync", "auth": map[string]any{"password": "***a"}, "offerings": []any{map[string]any{"code": "A"}}}
	b := map[string]any{"mode": "sync", "auth": map[string]any{"password": "***b"}, "offerings": []any{map[string]any{"code": "A"}, map[string]any{"code": "B"}}}
	got := compare.Fields(a, b)
	want := []compare.Field{{Path: "auth.password", A: `"***a"`, B: `"***b"`}, {Path: "offerings[1].code", B: `"B"`}}
	if !slices.Equal(got, want) || !compare.Redeclared(got) || compare.Redeclared(got[:1]) {
		t.Errorf("%+v", got)
	}
}

// Nothing in a run can steer the terminal.
func TestTextIsPlain(t *testing.T) {
	t.Parallel()
	evil := "\x1b[31mred\x07\u202e"
	a, b := run(reports.Passed, "", "s", "x"), run(reports.Failed, evil, "s2"+evil, evil)
	b.Partner.Name, b.Requirements[0].Text, b.Scenarios[0].Name = evil, evil, evil
	b.Scenarios[0].Findings = []reports.Finding{{Requirement: "R", Expected: evil, Seen: evil}}
	var out strings.Builder
	if err := compare.Text(&out, compare.Runs(a, b, compare.Replays{}), inEnglish); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\x07\u202e") {
		t.Errorf("%q", out.String())
	}
}

func inEnglish(line string) string { return line }

// A run that was stopped leaves things open: that is no change of the partner's, and what it judged by a part of the
// scenarios may have been wrong in the others as well.
func TestWhatAnInterruptionLeavesOpen(t *testing.T) {
	t.Parallel()
	p, f, i := reports.Passed, reports.Failed, reports.Inconclusive
	const stopped = "not reached: interrupted"
	whole := func(v reports.Verdict) reports.Results { return run(v, "", "s", "x") }
	cut := func(v reports.Verdict, reason string) reports.Results {
		r := run(v, reason, "s", "x")
		r.Interrupted = true
		return r
	}
	partly := cut(p, "")
	partly.Scenarios = append(partly.Scenarios, reports.Scenario{ID: "a/r2", Requirements: []string{"R"}, Verdict: i, Reason: "stopped: interrupted"})
	for name, tc := range map[string]struct {
		a, b reports.Results
		want string
	}{
		"stopped before":              {cut(i, stopped), whole(p), "newly judged: the interruption"},
		"stopped after":               {whole(p), cut(i, stopped), "no longer judged: the interruption"},
		"not seen before the stop":    {cut(reports.Skipped, "not observable: no event"), whole(p), "newly judged: the interruption"},
		"judged by a part, now fails": {partly, whole(f), "broken: the partner or the interruption (the recording can't tell)"},
		"failed, and by a part not":   {whole(f), partly, "fixed: the partner or the interruption (the recording can't tell)"},
		"it failed before the stop":   {cut(f, ""), whole(p), "fixed: the partner"},
		"it waited for a failure":     {cut(i, "not reached: OTHER failed"), whole(p), "newly judged: the partner"},
		"both were stopped":           {cut(i, stopped), cut(p, ""), "newly judged: the interruption"},
		"neither was stopped":         {whole(i), whole(p), "newly judged: the partner"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := compare.Runs(tc.a, tc.b, compare.Replays{})
			if len(r.Requirements) != 1 || r.Requirements[0].Kind+": "+r.Requirements[0].Cause() != tc.want {
				t.Errorf("want %s, got %+v", tc.want, r.Requirements)
			}
			if r.A.Interrupted != tc.a.Interrupted || r.B.Interrupted != tc.b.Interrupted {
				t.Errorf("which run was stopped is lost: %+v, %+v", r.A, r.B)
			}
		})
	}
}

// The text says which run was stopped, and that the later run was named first.
func TestTextOfRunsOutOfOrder(t *testing.T) {
	t.Parallel()
	a, b := run(reports.Inconclusive, "not reached: interrupted", "s", "x"), run(reports.Passed, "", "s", "x")
	a.Interrupted, a.StartedAt, b.StartedAt = true, time.Unix(2000, 0), time.Unix(1000, 0)
	text := func(a, b reports.Results) string {
		var out strings.Builder
		if err := compare.Text(&out, compare.Runs(a, b, compare.Replays{}), func(s string) string { return s }); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for _, want := range []string{"This run was stopped", "A began after B", "because of the interruption"} {
		if got := text(a, b); !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if got := text(b, b); strings.Contains(got, "began after") || strings.Contains(got, "stopped") {
		t.Error(got)
	}
}
