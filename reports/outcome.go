package reports

import "slices"

// The verdicts of a whole run (Results.Verdict).
const (
	VerdictPassed = "passed"
	VerdictFailed = "failed"
	VerdictBroken = "broken" // nothing failed, but not everything could be judged
)

// The levels of a requirement. Own ones come from --features and count as mandatory.
const (
	Mandatory = "mandatory"
	Optional  = "optional"
	Advice    = "advice"
	Own       = "own"
)

// LevelIn is a level in words: mandatory, or obligatoire.
func LevelIn(level, lang string) string { return labelsFor(lang).T(level) }

// The directions of an exchange.
const (
	OrangeToPartner = "orange-to-partner"
	PartnerToOrange = "partner-to-orange"
)

// NoExchange is Finding.Exchange where no exchange shows the breach.
const NoExchange = -1

// The exit codes that results lead to; 2, usage and configuration, never gets as far as results.
const (
	exitPassed      = 0
	exitFailed      = 1
	exitBroken      = 3
	exitInterrupted = 130
)

// Count counts the requirements by verdict.
func Count(requirements []Requirement) Counts {
	var c Counts
	for _, q := range requirements {
		c.add(q.Verdict)
	}
	return c
}

func (c *Counts) add(v Verdict) {
	switch v {
	case Passed:
		c.Passed++
	case Failed:
		c.Failed++
	case Warning:
		c.Warning++
	case Skipped:
		c.Skipped++
	case Inconclusive:
		c.Inconclusive++
	case Broken:
		c.Broken++
	}
}

// Conclude gives the verdict of a run by its requirements: failed if one that is no advice failed; else broken if one
// is failed advice, broken or inconclusive, or if nothing was judged at all; else passed.
func Conclude(requirements []Requirement) string {
	judged, doubtful := false, false
	for _, q := range requirements {
		switch q.Verdict {
		case Failed:
			if q.Level != Advice {
				return VerdictFailed
			}
			doubtful = true
		case Broken, Inconclusive:
			doubtful = true
		case Passed, Warning:
			judged = true
		}
	}
	if doubtful || !judged {
		return VerdictBroken
	}
	return VerdictPassed
}

// ExitCode is the exit code that r leads to: 130 interrupted, 1 failed, 3 not everything could be judged, else 0.
// Where r.Verdict and the requirements disagree, the worse counts.
func ExitCode(r Results) int {
	verdict := Conclude(r.Requirements)
	switch {
	case r.Interrupted:
		return exitInterrupted
	case verdict == VerdictFailed || r.Verdict == VerdictFailed:
		return exitFailed
	case verdict == VerdictBroken || r.Verdict != VerdictPassed:
		return exitBroken
	}
	return exitPassed
}

// Requirement returns the requirement with that id, and whether there is one.
func (r Results) Requirement(id string) (Requirement, bool) {
	for _, q := range r.Requirements {
		if q.ID == id {
			return q, true
		}
	}
	return Requirement{}, false
}

// Exchange returns the exchange with that id, and whether there is one.
func (r Results) Exchange(id int) (Exchange, bool) {
	if id >= 0 && id < len(r.Exchanges) && r.Exchanges[id].ID == id {
		return r.Exchanges[id], true
	}
	for _, e := range r.Exchanges {
		if e.ID == id {
			return e, true
		}
	}
	return Exchange{}, false
}

// At returns the exchange at a place of the recording, as bundle.Verification names it, with the scenarios that hold it, and
// whether there is one.
func (r Results) At(place int) (e Exchange, scenarios []string, there bool) {
	if place < 0 || place >= len(r.Exchanges) {
		return Exchange{}, nil, false
	}
	e = r.Exchanges[place]
	for _, s := range r.Scenarios {
		if slices.Contains(s.Exchanges, e.ID) {
			scenarios = append(scenarios, s.ID)
		}
	}
	return e, scenarios, true
}
