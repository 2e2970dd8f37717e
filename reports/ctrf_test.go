package reports_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/reports"
)

func TestCTRFCountsItsTests(t *testing.T) {
	t.Parallel()
	for name, r := range variants() {
		var got struct {
			ReportFormat, SpecVersion string
			Results                   struct {
				Tool    struct{ Name string }
				Summary map[string]int64
				Tests   []struct {
					Name, Status string
					Duration     *int64
					Suite        []string
				}
			}
		}
		if err := json.Unmarshal([]byte(rendered(t, reports.CTRF, r)), &got); err != nil {
			t.Fatal(err)
		}
		if got.ReportFormat != "CTRF" || got.SpecVersion != "0.0.0" || got.Results.Tool.Name == "" {
			t.Errorf("%s: head %+v", name, got)
		}
		want := map[string]int64{"tests": 0, "passed": 0, "failed": 0, "pending": 0, "skipped": 0, "other": 0,
			"start": got.Results.Summary["start"], "stop": got.Results.Summary["start"] + r.DurationMs}
		for _, test := range got.Results.Tests {
			want["tests"]++
			want[test.Status]++
			if test.Name == "" || test.Duration == nil || test.Suite != nil && len(test.Suite) == 0 {
				t.Errorf("%s: test %+v", name, test)
			}
			if !slices.Contains([]string{"passed", "failed", "skipped", "pending", "other"}, test.Status) {
				t.Errorf("%s: status %s", name, test.Status)
			}
		}
		if diff := cmp.Diff(want, got.Results.Summary); diff != "" {
			t.Errorf("%s: summary (-tests +summary):\n%s", name, diff)
		}
		if passes := want["failed"]+want["other"] == 0; passes != (reports.ExitCode(r) == 0) {
			t.Errorf("%s: exit code %d, but %d failed and %d other", name, reports.ExitCode(r), want["failed"], want["other"])
		}
	}
}
