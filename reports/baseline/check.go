package baseline

import (
	"slices"
	"time"

	"github.com/clementine-ope/clementine/reports"
)

// Breach is a finding that fails a requirement.
type Breach struct {
	reports.Finding
	Scenario    string
	Fingerprint string
}

// Outcome is what a run comes to beside a baseline.
type Outcome struct {
	New    []Breach // that the baseline does not have
	Known  []Known  // that the run shows, and that may stay
	RunOut []Known  // that the run shows, and that may stay no longer
	Stale  []Known  // that the run would show, and does not
	// Doubtful are the requirements that could not be judged for another reason than a known finding.
	Doubtful    []string
	Interrupted bool
	nothing     bool // was judged
}

// The exit codes of a run beside a baseline.
const (
	exitPassed      = 0
	exitFailed      = 1
	exitBroken      = 3
	exitInterrupted = 130
)

// ExitCode is 130 for an interrupted run, 1 where something is new, stale or has run out, 3 where not everything could
// be judged, else 0.
func (o Outcome) ExitCode() int {
	switch {
	case o.Interrupted:
		return exitInterrupted
	case len(o.New)+len(o.RunOut)+len(o.Stale) > 0:
		return exitFailed
	case len(o.Doubtful) > 0 || o.nothing:
		return exitBroken
	}
	return exitPassed
}

// Check sets a run beside the baseline, on that day. An entry is stale where its scenario was judged and does not show
// it, or where a whole run has no such scenario.
func (f File) Check(r reports.Results, today time.Time) Outcome {
	o := Outcome{Interrupted: r.Interrupted}
	known := map[string]Known{}
	for _, k := range f.Findings {
		known[k.Fingerprint] = k
	}
	shown, open := map[string]bool{}, map[string]bool{}
	for _, b := range breaches(r) {
		k, there := known[b.Fingerprint]
		shown[b.Fingerprint] = true
		switch {
		case !there:
			o.New = append(o.New, b)
		case k.Until < reports.Day(today):
			o.RunOut = append(o.RunOut, k)
		default:
			o.Known = append(o.Known, k)
			continue
		}
		open[b.Requirement] = true
	}
	for _, k := range f.Findings {
		if !shown[k.Fingerprint] && wouldShow(r, k) {
			o.Stale = append(o.Stale, k)
		}
	}
	o.doubts(r, open)
	return o
}

// breaches lists what fails requirements, each kind of finding of a scenario once.
func breaches(r reports.Results) []Breach {
	var out []Breach
	seen := map[string]bool{}
	for _, s := range r.Scenarios {
		for _, f := range r.Breaches(s) {
			b := Breach{f, s.ID, reports.Fingerprint(s.ID, f)}
			if !seen[b.Fingerprint] {
				seen[b.Fingerprint] = true
				out = append(out, b)
			}
		}
	}
	return out
}

// wouldShow reports whether the run would have shown the finding.
func wouldShow(r reports.Results, k Known) bool {
	i := slices.IndexFunc(r.Scenarios, func(s reports.Scenario) bool { return s.ID == k.Scenario })
	if i < 0 {
		return r.Selection == "" && !r.Interrupted
	}
	v := r.Scenarios[i].Verdict
	return v != reports.Inconclusive && v != reports.Broken
}

// doubts collects what could not be judged, except what waits for a requirement all of whose findings are known.
func (o *Outcome) doubts(r reports.Results, open map[string]bool) {
	waits, shown, judged := map[string]bool{}, map[string]bool{}, false
	for _, b := range breaches(r) {
		shown[b.Requirement] = true
	}
	for _, q := range r.Requirements {
		judged = judged || q.Verdict == reports.Passed || q.Verdict == reports.Warning || q.Verdict == reports.Failed
		if q.Verdict == reports.Failed && !open[q.ID] {
			for _, id := range reports.WaitingFor(r, q.ID) {
				waits[id] = true
			}
		}
	}
	for _, q := range r.Requirements {
		if q.Verdict == reports.Failed && !shown[q.ID] || q.Verdict == reports.Broken || q.Verdict == reports.Inconclusive && !waits[q.ID] {
			o.Doubtful = append(o.Doubtful, q.ID)
		}
	}
	o.nothing = !judged
}
