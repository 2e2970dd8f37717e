package reports_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/reports"
)

func textOf(t *testing.T, r reports.Results, o reports.TextOptions) string {
	t.Helper()
	return rendered(t, func(w io.Writer, r reports.Results) error { return reports.Text(w, r, o) }, r)
}

func lastLine(s string) string {
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	return lines[len(lines)-1]
}

func TestTextEndsWithTheVerdict(t *testing.T) {
	t.Parallel()
	run := func(verdict string, verdicts ...reports.Verdict) reports.Results {
		r := reports.Results{Version: 1, Verdict: verdict}
		for i, v := range verdicts {
			r.Requirements = append(r.Requirements, reports.Requirement{ID: fmt.Sprintf("R-%d", i+1), Level: "mandatory", Verdict: v, Reason: "why"})
		}
		return r
	}
	many := make([]reports.Verdict, 12)
	for i := range many {
		many[i] = reports.Failed
	}
	interrupted := run("failed", reports.Failed, reports.Passed)
	interrupted.Interrupted = true
	french := run("passed", reports.Passed, reports.Passed, reports.Skipped)
	french.Lang = "fr"
	for _, tt := range []struct {
		name string
		r    reports.Results
		want string
	}{
		{"passed", run("passed", reports.Passed, reports.Warning, reports.Skipped), "PASSED: 1 of 3 requirements passed; 1 warning; 1 skipped"},
		{"failed", run("failed", reports.Failed, reports.Inconclusive, reports.Skipped, reports.Passed), "FAILED: 1 of 4 requirements failed (R-1); 1 inconclusive; 1 skipped"},
		{"many", run("failed", many...), "FAILED: 12 of 12 requirements failed (R-1, R-2, R-3, R-4, R-5, R-6, R-7, R-8 and 4 more)"},
		{"broken", run("broken", reports.Broken, reports.Inconclusive, reports.Passed, reports.Skipped), "BROKEN: 2 of 4 requirements could not be judged (R-1, R-2); 1 skipped"},
		{"nothing", run("broken", reports.Skipped, reports.Skipped), "BROKEN: nothing could be judged; 2 skipped"},
		{"doubt", run("broken", reports.Passed), "BROKEN: the run could not be judged"},
		{"interrupted", interrupted, "INTERRUPTED, results so far: FAILED: 1 of 2 requirements failed (R-1)"},
		{"french", french, "CONFORME\u00a0: 2 sur 3 exigences conformes\u202f; 1 écartée"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := lastLine(textOf(t, tt.r, reports.TextOptions{})); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestTextShowsAFindingOnce(t *testing.T) {
	t.Parallel()
	r := sample()
	for i := range 14 {
		s := r.Scenarios[1]
		s.ID = fmt.Sprintf("again-%d", i)
		r.Scenarios = append(r.Scenarios, s)
	}
	got := textOf(t, r, reports.TextOptions{})
	if n := strings.Count(got, "3 licences in fleet F-1"); n != 1 {
		t.Errorf("the finding is shown %d times", n)
	}
	if !strings.Contains(got, "and in 15 more scenarios") {
		t.Errorf("the other scenarios are not counted:\n%s", got)
	}
}

func TestTextShowsFewOfManyFindings(t *testing.T) {
	t.Parallel()
	r := sample()
	for i := range 9 {
		f := r.Scenarios[1].Findings[0]
		f.Seen = fmt.Sprintf("%c licences", 'a'+i)
		r.Scenarios[1].Findings = append(r.Scenarios[1].Findings, f)
	}
	got := textOf(t, r, reports.TextOptions{})
	if !strings.Contains(got, "and 7 other findings") || strings.Contains(got, "i licences") {
		t.Errorf("not cut after three:\n%s", got)
	}
	if got := textOf(t, r, reports.TextOptions{Verbose: true}); !strings.Contains(got, "i licences") {
		t.Error("verbose does not show all")
	}
}

func TestTextLabels(t *testing.T) {
	t.Parallel()
	partial := sample()
	partial.Selection, partial.Interrupted = "PO-UC2", true
	for _, tt := range []struct {
		name string
		o    reports.TextOptions
		want []string
	}{
		{"english", reports.TextOptions{}, []string{"PARTIAL RUN (only PO-UC2): not a submission", "INTERRUPTED", "1 requirement waits for it: PO-UC3-01"}},
		{"french", reports.TextOptions{Lang: "fr"}, []string{"ESSAI PARTIEL (seulement PO-UC2)", "INTERROMPU", "1 exigence en dépend\u00a0: PO-UC3-01"}},
		{"colour", reports.TextOptions{Color: true}, []string{"\x1b[31m✗\x1b[0m"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := textOf(t, partial, tt.o)
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
			if !tt.o.Color && strings.Contains(got, "\x1b") {
				t.Error("colour without being asked")
			}
		})
	}
}

func TestTextBoundsALongField(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Scenarios[1].Findings[0].Seen = strings.Repeat("é", 100_000)
	r.Scenarios[2].Findings = nil
	got := textOf(t, r, reports.TextOptions{})
	if len(got) > 10_000 || !strings.Contains(got, "… (100000 characters)") {
		t.Errorf("%d bytes of text", len(got))
	}
}

func TestTextLeavesOutALongCurlLine(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Exchanges[1].Request.Body = text(strings.Repeat("z", 3000))
	got := textOf(t, r, reports.TextOptions{})
	if strings.Contains(got, "zzz") || !strings.Contains(got, "see #x1 in report.html") {
		t.Errorf("a long curl line:\n%s", got)
	}
}

func TestTextKeepsFollowOnsForVerbose(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Scenarios[1].Findings = append(r.Scenarios[1].Findings, reports.Finding{Requirement: "PO-UC2-02", Seen: "nothing at all",
		Exchange: reports.NoExchange, FollowOf: "GEN-01"})
	if got := textOf(t, r, reports.TextOptions{}); strings.Contains(got, "nothing at all") || !strings.Contains(got, "and 1 other finding") {
		t.Errorf("a follow-on is shown:\n%s", got)
	}
	if got := textOf(t, r, reports.TextOptions{Verbose: true}); !strings.Contains(got, "nothing at all") {
		t.Errorf("verbose hides a follow-on:\n%s", got)
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("disk full")

func TestRenderersReportAFailedWrite(t *testing.T) {
	t.Parallel()
	for _, tt := range renderers() {
		if err := tt.render(fullDisk{}, sample()); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
