package reports_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/reports"
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	one := func(level string, v reports.Verdict) []reports.Requirement {
		return []reports.Requirement{{ID: "GEN-01", Level: "mandatory", Verdict: reports.Passed}, {ID: "X-1", Level: level, Verdict: v}}
	}
	for _, tt := range []struct {
		name         string
		requirements []reports.Requirement
		verdict      string
		interrupted  bool
		want         int
		concluded    string
	}{
		{"all passed", one("mandatory", reports.Passed), "passed", false, 0, "passed"},
		{"a warning", one("advice", reports.Warning), "passed", false, 0, "passed"},
		{"one skipped", one("optional", reports.Skipped), "passed", false, 0, "passed"},
		{"mandatory failed", one("mandatory", reports.Failed), "failed", false, 1, "failed"},
		{"optional failed", one("optional", reports.Failed), "failed", false, 1, "failed"},
		{"own failed", one("own", reports.Failed), "failed", false, 1, "failed"},
		{"advice failed", one("advice", reports.Failed), "broken", false, 3, "broken"},
		{"broken", one("mandatory", reports.Broken), "broken", false, 3, "broken"},
		{"inconclusive", one("mandatory", reports.Inconclusive), "broken", false, 3, "broken"},
		{"failed and broken", append(one("mandatory", reports.Failed), reports.Requirement{ID: "Y-1", Verdict: reports.Broken}), "failed", false, 1, "failed"},
		{"all skipped", one("mandatory", reports.Skipped)[1:], "broken", false, 3, "broken"},
		{"no requirement", nil, "broken", false, 3, "broken"},
		{"interrupted", one("mandatory", reports.Passed), "passed", true, 130, "passed"},
		{"interrupted with a failure", one("mandatory", reports.Failed), "failed", true, 130, "failed"},
		{"the run says broken", one("mandatory", reports.Passed), "broken", false, 3, "passed"},
		{"the run says failed", one("mandatory", reports.Inconclusive), "failed", false, 1, "broken"},
		{"the run says nothing", one("mandatory", reports.Passed), "", false, 3, "passed"},
		{"the run hides a failure", one("mandatory", reports.Failed), "passed", false, 1, "failed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := reports.Results{Requirements: tt.requirements, Verdict: tt.verdict, Interrupted: tt.interrupted}
			if got := reports.ExitCode(r); got != tt.want {
				t.Errorf("exit code %d, want %d", got, tt.want)
			}
			if got := reports.Conclude(tt.requirements); got != tt.concluded {
				t.Errorf("concluded %s, want %s", got, tt.concluded)
			}
		})
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	want := reports.Counts{Passed: 2, Failed: 1, Warning: 1, Skipped: 2, Inconclusive: 1, Broken: 1}
	if diff := cmp.Diff(want, reports.Count(sample().Requirements)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWorst(t *testing.T) {
	t.Parallel()
	ladder := []reports.Verdict{"", reports.Skipped, reports.Passed, reports.Warning, reports.Inconclusive, reports.Broken, reports.Failed}
	for i, a := range ladder {
		for j, b := range ladder {
			if got := reports.Worst(a, b); got != ladder[max(i, j)] {
				t.Errorf("Worst(%q, %q) = %q", a, b, got)
			}
		}
	}
}

func TestLookUp(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Exchanges[4].ID = 40
	if q, ok := r.Requirement("GEN-10"); !ok || q.Verdict != reports.Broken {
		t.Errorf("GEN-10: %+v, %t", q, ok)
	}
	if _, ok := r.Requirement("GEN-99"); ok {
		t.Error("GEN-99 was found")
	}
	for id, want := range map[int]bool{0: true, 3: true, 40: true, 4: false, -1: false} {
		if e, ok := r.Exchange(id); ok != want || ok && e.ID != id {
			t.Errorf("exchange %d: %d, %t", id, e.ID, ok)
		}
	}
}
