package steps

import (
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

// Weigh counts the faults of a proof that a run would have noticed.
func Weigh(o Options, r reports.Results, known schemas.Proof) *reports.Proof {
	return weigh(o, r, known)
}

// Patterns lists the regular expressions of all step definitions.
func Patterns() []string {
	var out []string
	for _, d := range definitions() {
		out = append(out, d.pattern.String())
	}
	return out
}
