package reports_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/reports"
)

// moments is a section of which so many of n hold.
func moments(held, n int) []reports.Resilience {
	var out []reports.Resilience
	for i := range n {
		out = append(out, reports.Resilience{Name: fmt.Sprintf("moment %d", i+1), Held: i < held, Seen: "something"})
	}
	return out
}

// Resilience is apart: whatever it says, verdict, exit code and the formats that a build reads stay as they are.
func TestResilienceChangesNoVerdict(t *testing.T) {
	t.Parallel()
	for _, render := range []func(io.Writer, reports.Results) error{reports.JUnit, reports.CTRF} {
		var first string
		for i, list := range [][]reports.Resilience{nil, moments(7, 7), moments(0, 7)} {
			r := sample()
			r.Requirements, r.Scenarios, r.Verdict, r.Resilience = r.Requirements[:1], r.Scenarios[:1], "passed", list
			if code := reports.ExitCode(r); code != 0 || reports.Conclude(r.Requirements) != "passed" {
				t.Errorf("%d held: exit %d", i, code)
			}
			got := rendered(t, render, r)
			if i == 0 {
				first = got
			}
			if d := cmp.Diff(first, got); d != "" {
				t.Errorf("another report (-without +with):\n%s", d)
			}
		}
	}
}

func TestResilienceIsShort(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		held, of int
		want     []string
	}{
		{0, 0, nil},
		{7, 7, []string{"Resilience: 7 of 7 held (apart from conformance)"}},
		{5, 7, []string{"Resilience: 5 of 7 held (apart from conformance)", "  - moment 6: something", "  - moment 7: something"}},
		{4, 7, []string{"Resilience: 4 of 7 held (apart from conformance)", "  - moment 5: something", "  and 2 more: see report.html"}},
	} {
		r := sample()
		r.Resilience = moments(tt.held, tt.of)
		text := rendered(t, func(w io.Writer, r reports.Results) error { return reports.Text(w, r, reports.TextOptions{}) }, r)
		var got []string
		if _, after, found := strings.Cut(text, "Resilience: "); found {
			section, _, _ := strings.Cut("Resilience: "+after, "\n\n")
			got = strings.Split(section, "\n")
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%d of %d (-want +got):\n%s", tt.held, tt.of, d)
		}
	}
}
