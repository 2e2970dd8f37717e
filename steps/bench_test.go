package steps_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/steps"
)

// BenchmarkSuite is the whole suite against the reference partner in process, the quiet window left out.
func BenchmarkSuite(b *testing.B) {
	for _, mode := range []string{"sync", "async"} {
		b.Run(mode, func(b *testing.B) {
			l := newLab(b, mode, partner.Seam{}, 0)
			l.profile.Delays.Quiet = 0
			for b.Loop() {
				if r := l.run(b, steps.Options{}); r.Verdict != "passed" {
					b.Fatal(explain(b, r))
				}
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Millisecond), "ms/suite")
		})
	}
}

// BenchmarkJournal is the suite without a journal and with one, by turns: what a run costs more for being one that can be
// resumed.
func BenchmarkJournal(b *testing.B) {
	for _, mode := range []string{"sync", "async"} {
		b.Run(mode, func(b *testing.B) {
			l := newLab(b, mode, partner.Seam{}, 0)
			l.profile.Delays.Quiet = 0
			path := filepath.Join(b.TempDir(), "journal.jsonl")
			var took [2]time.Duration
			for b.Loop() {
				for i := range took {
					o := l.options(b, steps.Options{})
					start := time.Now()
					if i == 1 {
						journal, err := steps.Keep(&o, path)
						if err != nil {
							b.Fatal(err)
						}
						defer journal.Close()
					}
					if r, err := steps.Run(b.Context(), o); err != nil || r.Verdict != "passed" {
						b.Fatal(err, explain(b, r))
					}
					took[i] += time.Since(start)
				}
			}
			b.ReportMetric(float64(took[1])/float64(took[0]), "ratio")
		})
	}
}
