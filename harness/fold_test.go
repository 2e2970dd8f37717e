package harness_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/reports"
)

// script is what happens in one scenario of a folding test.
type script struct {
	tags    []string
	judged  []string
	fails   []string
	block   bool
	skip    string
	breaks  string
	series  string // whole-sequence requirement
	skipped map[string]string
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name      string
		scenarios []script
		want      map[string]reports.Verdict
	}{
		{"judged without a finding passes", []script{{tags: []string{"GEN-01"}, judged: []string{"GEN-01"}}}, map[string]reports.Verdict{"GEN-01": reports.Passed}},
		{"nothing passes by absence", []script{{tags: []string{"GEN-01"}}}, map[string]reports.Verdict{"GEN-01": reports.Broken}},
		{"a finding fails", []script{{tags: []string{"GEN-01"}, fails: []string{"GEN-01"}}}, map[string]reports.Verdict{"GEN-01": reports.Failed}},
		{"an advice warns", []script{{tags: []string{"GEN-15"}, fails: []string{"GEN-15"}}}, map[string]reports.Verdict{"GEN-15": reports.Warning}},
		{"the worst scenario counts", []script{{tags: []string{"GEN-12"}, judged: []string{"GEN-12"}}, {tags: []string{"GEN-12"}, fails: []string{"GEN-12"}}}, map[string]reports.Verdict{"GEN-12": reports.Failed}},
		{"a finding fails a requirement that is no tag", []script{{tags: []string{"GEN-01"}, judged: []string{"GEN-01"}, fails: []string{"GEN-02"}}}, map[string]reports.Verdict{"GEN-01": reports.Passed, "GEN-02": reports.Failed}},
		{"what was not reached is inconclusive", []script{{tags: []string{"PO-UC2-02", "PO-UC2-03"}, fails: []string{"PO-UC2-02"}, block: true}}, map[string]reports.Verdict{"PO-UC2-02": reports.Failed, "PO-UC2-03": reports.Inconclusive}},
		{"what was judged before the stop stands", []script{{tags: []string{"GEN-01", "PO-UC2-02"}, judged: []string{"GEN-01"}, fails: []string{"PO-UC2-02"}, block: true}}, map[string]reports.Verdict{"GEN-01": reports.Passed}},
		{"what needs a failed one follows", []script{{tags: []string{"PO-UC2-02"}, fails: []string{"PO-UC2-02"}}, {tags: []string{"PO-UC3-01"}, fails: []string{"PO-UC3-01"}}}, map[string]reports.Verdict{"PO-UC2-02": reports.Failed, "PO-UC3-01": reports.Inconclusive}},
		{"and follows also where it held", []script{{tags: []string{"PO-UC2-02"}, fails: []string{"PO-UC2-02"}}, {tags: []string{"PO-UC2-10"}, judged: []string{"PO-UC2-10"}}}, map[string]reports.Verdict{"PO-UC2-10": reports.Inconclusive}},
		{"without the cause it fails itself", []script{{tags: []string{"PO-UC2-02"}, judged: []string{"PO-UC2-02"}}, {tags: []string{"PO-UC3-01"}, fails: []string{"PO-UC3-01"}}}, map[string]reports.Verdict{"PO-UC2-02": reports.Passed, "PO-UC3-01": reports.Failed}},
		{"an advice is nobody's cause", []script{{tags: []string{"GEN-15"}, fails: []string{"GEN-15"}}, {tags: []string{"GEN-12"}, judged: []string{"GEN-12"}}}, map[string]reports.Verdict{"GEN-12": reports.Passed}},
		{"skipped with its reason", []script{{tags: []string{"GEN-15"}, skip: "not observable"}}, map[string]reports.Verdict{"GEN-15": reports.Skipped}},
		{"skipped in one, passed in another", []script{{tags: []string{"GEN-15"}, skip: "not observable"}, {tags: []string{"GEN-15"}, judged: []string{"GEN-15"}}}, map[string]reports.Verdict{"GEN-15": reports.Passed}},
		{"broken is ours", []script{{tags: []string{"GEN-01"}, breaks: "our own message"}}, map[string]reports.Verdict{"GEN-01": reports.Broken}},
		{"a sequence follows its use case", []script{{tags: []string{"INT-01"}, series: "INT-01", fails: []string{"US-UC2-06"}, block: true}, {tags: []string{"US-UC2-06"}, fails: []string{"US-UC2-06"}}}, map[string]reports.Verdict{"INT-01": reports.Inconclusive, "US-UC2-06": reports.Failed}},
		{"a sequence fails by what no use case shows", []script{{tags: []string{"INT-01"}, series: "INT-01", fails: []string{"US-UC2-06"}, block: true}, {tags: []string{"US-UC2-06"}, judged: []string{"US-UC2-06"}}}, map[string]reports.Verdict{"INT-01": reports.Failed, "US-UC2-06": reports.Passed}},
		{"a sequence keeps the form's findings apart", []script{{tags: []string{"INT-01"}, series: "INT-01", judged: []string{"INT-01"}, fails: []string{"GEN-02"}}}, map[string]reports.Verdict{"INT-01": reports.Passed, "GEN-02": reports.Failed}},
		{"not run at all", nil, map[string]reports.Verdict{"GEN-01": reports.Skipped}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			run := harness.NewTestRun(t)
			var all []harness.Scenario
			for i, s := range tc.scenarios {
				all = append(all, harness.Scenario{Scenario: reports.Scenario{ID: string(rune('a' + i)), Requirements: s.tags}, World: s.world(run), Skipped: s.skipped})
			}
			rows, _ := run.Fold(all, "en")
			if len(rows) != 85 {
				t.Errorf("%d rows, want each requirement once", len(rows))
			}
			got := map[string]reports.Verdict{}
			for _, row := range rows {
				if _, asked := tc.want[row.ID]; asked {
					got[row.ID] = row.Verdict
				}
				if (row.Verdict == reports.Skipped || row.Verdict == reports.Inconclusive || row.Verdict == reports.Broken) && row.Reason == "" {
					t.Errorf("%s is %s without a reason", row.ID, row.Verdict)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
		})
	}
}

func (s script) world(run *harness.Run) *harness.World {
	w := run.NewWorld()
	w.Begin("x", s.tags)
	w.TestJudged(s.judged...)
	if s.series != "" {
		_ = w.Sequence(s.series)
	}
	for _, id := range s.fails {
		w.TestFail(id)
	}
	if s.block {
		w.TestBlock()
	}
	if s.skip != "" {
		w.TestSkip(s.skip)
	}
	if s.breaks != "" {
		w.Break(s.breaks)
	}
	return w
}
