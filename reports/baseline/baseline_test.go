package baseline_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/baseline"
)

var today = time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)

// failing is a run in which R fails as seen, in scenario a/r, and W waits for it.
func failing(seen ...string) reports.Results {
	r := reports.Results{
		Partner: reports.Partner{Name: "Acme: #1"}, Verdict: reports.VerdictFailed,
		Requirements: []reports.Requirement{
			{ID: "R", Level: reports.Mandatory, Verdict: reports.Failed},
			{ID: "W", Level: reports.Mandatory, Verdict: reports.Inconclusive, Reason: "waits for R"},
			{ID: "P", Level: reports.Mandatory, Verdict: reports.Passed},
		},
		Scenarios: []reports.Scenario{{ID: "a/r", Requirements: []string{"R"}, Verdict: reports.Failed}},
	}
	for _, s := range seen {
		r.Scenarios[0].Findings = append(r.Scenarios[0].Findings, reports.Finding{Requirement: "R", Expected: "x: y", Seen: s})
	}
	r.Scenarios[0].Findings = append(r.Scenarios[0].Findings, reports.Finding{Requirement: "W", Expected: "z", Seen: "q", FollowOf: "R"})
	return r
}

func TestWhatIsReadIsWhatWasWritten(t *testing.T) {
	t.Parallel()
	f := baseline.Of(failing("late", "- never: \"#\""), "ticket: 12", "2026-12-31")
	if len(f.Findings) != 2 {
		t.Fatalf("%+v", f)
	}
	var out bytes.Buffer
	if err := baseline.Write(&out, f); err != nil {
		t.Fatal(err)
	}
	got, err := baseline.Read(&out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(f, got); diff != "" {
		t.Error(diff)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	known := baseline.Of(failing("late"), "x", "2026-03-05")
	passed := failing()
	passed.Scenarios[0] = reports.Scenario{ID: "a/r", Verdict: reports.Passed}
	passed.Requirements[0].Verdict, passed.Requirements[1].Verdict = reports.Passed, reports.Passed
	unreached, partial, doubtful, interrupted, bare := failing(), failing(), failing("late"), failing("late"), failing()
	unreached.Scenarios[0] = reports.Scenario{ID: "a/r", Verdict: reports.Broken}
	unreached.Requirements[0].Verdict = reports.Broken
	partial.Selection, partial.Scenarios = "P", nil
	partial.Requirements = partial.Requirements[2:]
	doubtful.Requirements[1].Reason = "the gateway went away"
	doubtful.Scenarios[0].Findings = doubtful.Scenarios[0].Findings[:1]
	interrupted.Interrupted = true
	for _, tc := range []struct {
		name                     string
		run                      reports.Results
		on                       time.Time
		known, fresh, out, stale int
		code                     int
	}{
		{"known", failing("late"), today, 1, 0, 0, 0, 0},
		{"on the day after", failing("late"), today.AddDate(0, 0, 1), 0, 0, 1, 0, 1},
		{"another finding too", failing("late", "never"), today, 1, 1, 0, 0, 1},
		{"another finding", failing("never"), today, 0, 1, 0, 1, 1},
		{"fixed", passed, today, 0, 0, 0, 1, 1},
		{"not reached", unreached, today, 0, 0, 0, 0, 3},
		{"not selected", partial, today, 0, 0, 0, 0, 0},
		{"something else in doubt", doubtful, today, 1, 0, 0, 0, 3},
		{"interrupted", interrupted, today, 1, 0, 0, 0, 130},
		{"failed without a finding", bare, today, 0, 0, 0, 1, 1},
		{"nothing judged", reports.Results{Selection: "X"}, today, 0, 0, 0, 0, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			o := known.Check(tc.run, tc.on)
			got := []int{len(o.Known), len(o.New), len(o.RunOut), len(o.Stale), o.ExitCode()}
			if diff := cmp.Diff([]int{tc.known, tc.fresh, tc.out, tc.stale, tc.code}, got); diff != "" {
				t.Errorf("known, new, run out, stale, exit code:\n%s\n%+v", diff, o)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	entry := func(lines string) string { return "version: 1\npartner: x\nfindings:\n  - " + lines + "\n" }
	const whole = "{requirement: R, scenario: a/r, fingerprint: ab, reason: x, until: 2026-12-31}"
	for _, tc := range []struct{ name, text, want string }{
		{"no YAML", "version: [", "line 1, column 10: "},
		{"another version", "version: 2\n", "version is 2"},
		{"an unknown member", "version: 1\nfindngs: []\n", "findngs"},
		{"no fingerprint", entry("{requirement: R, scenario: a/r, reason: x, until: 2026-12-31}"), "findings[0] needs requirement"},
		{"no reason", entry("{requirement: R, scenario: a/r, fingerprint: ab, until: 2026-12-31}"), "findings[0] (R) has no reason"},
		{"no day", entry("{requirement: R, scenario: a/r, fingerprint: ab, reason: x, until: soon}"), `not "soon"`},
		{"twice", entry(whole + "\n  - " + whole), "is there twice"},
		{"too long", strings.Repeat("#", 5<<20), "longer than 4 MiB"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if _, err := baseline.Read(strings.NewReader(tc.text)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("read: %v, want %q", err, tc.want)
			}
		})
	}
	if _, err := baseline.Read(strings.NewReader(entry(whole))); err != nil {
		t.Errorf("the whole entry: %v", err)
	}
}
