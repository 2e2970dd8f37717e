package steps_test

import (
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
