package reports

// Verdict is a rung of the ladder. It only ever worsens.
type Verdict string

// The ladder, best first. Skipped stands below passed: a requirement is skipped only if all its scenarios are.
const (
	Skipped      Verdict = "skipped"      // not applicable, with a reason
	Passed       Verdict = "passed"       // judged, and held
	Warning      Verdict = "warning"      // an advice was breached
	Inconclusive Verdict = "inconclusive" // not reached, or it waits for a failed requirement
	Broken       Verdict = "broken"       // Clementine could not judge
	Failed       Verdict = "failed"       // the partner breached it
)

var rungs = map[Verdict]int{Skipped: 1, Passed: 2, Warning: 3, Inconclusive: 4, Broken: 5, Failed: 6}

// Worst returns the worse of two verdicts; the empty verdict is better than any.
func Worst(a, b Verdict) Verdict {
	if rungs[b] > rungs[a] {
		return b
	}
	return a
}
