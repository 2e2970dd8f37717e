package reports

import "strings"

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

// In is a requirement's verdict in words: passed, or conforme. Words are the same wherever a verdict is shown.
func (v Verdict) In(lang string) string { return labelsFor(lang).T(string(v)) }

// OfRun is the verdict of a run in words: passed, failed, inconclusive or broken. In French a run has another gender than a
// requirement.
func (v Verdict) OfRun(lang string) string {
	return strings.ToLower(labelsFor(lang).T(strings.ToUpper(string(v))))
}
