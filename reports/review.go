package reports

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Review is what reviewers decided about a run. It is kept in the bundle, beside the results, and changes none of them.
type Review struct {
	// Day is the day on which waivers were looked at, YYYY-MM-DD: one that has run out by then holds no longer.
	Day       string     `json:"day"`
	Decisions []Decision `json:"decisions"` // oldest first
	// Signers are the ids of the keys that signed all of it, as the bundle shows by itself: whose they are it does not say.
	Signers []string `json:"-"`
}

// Decision is one act of a reviewer.
type Decision struct {
	Kind        string `json:"kind"`                  // accept | waive | refuse
	Requirement string `json:"requirement,omitempty"` // that is waived
	// Until is the last day of a waiver, YYYY-MM-DD, in UTC.
	Until  string    `json:"until,omitempty"`
	Reason string    `json:"reason"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// The kinds of a decision.
const (
	Accept = "accept"
	Waive  = "waive"
	Refuse = "refuse"
)

// The states of a run under review.
const (
	Open     = "open"     // nobody has accepted or refused it
	Accepted = "accepted" // and all that did not pass is waived
	Refused  = "refused"
	Lapsed   = "lapsed" // it was accepted, and something that did not pass is waived no longer
)

// Standing is what a review comes to on its day.
type Standing struct {
	State string    // open | accepted | refused | lapsed
	Last  *Decision // the last acceptance or refusal; nil where there is none
	// Waived are the requirements that did not pass and are waived, RunOut those whose waiver has run out: they count as
	// failed. Unwaived are the others that keep the run from an acceptance. Waiting could not be judged because of one that
	// failed, whose waiver is enough. Each in the catalogue's order.
	Waived, RunOut, Unwaived, Waiting []string
}

// Day is the day of t as waivers name it: YYYY-MM-DD, in UTC.
func Day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// Standing says what the review of r comes to. The last decision about a requirement counts.
func (r Results) Standing() Standing {
	s := Standing{State: Open}
	for _, q := range r.Requirements {
		if !NeedsWaiver(q) {
			continue
		}
		w, waived := r.Waiver(q.ID)
		switch {
		case waived && w.Until >= r.Review.Day:
			s.Waived = append(s.Waived, q.ID)
		case waived:
			s.RunOut = append(s.RunOut, q.ID)
		case r.waitsForCause(q):
			s.Waiting = append(s.Waiting, q.ID)
		default:
			s.Unwaived = append(s.Unwaived, q.ID)
		}
	}
	if r.Review == nil {
		return s
	}
	for i := range r.Review.Decisions {
		if d := &r.Review.Decisions[i]; d.Kind != Waive {
			s.Last = d
		}
	}
	switch {
	case s.Last == nil:
	case s.Last.Kind == Refuse:
		s.State = Refused
	case len(s.RunOut)+len(s.Unwaived) > 0:
		s.State = Lapsed
	default:
		s.State = Accepted
	}
	return s
}

// Waiver is the last waiver of a requirement, run out or not, and whether there is one.
func (r Results) Waiver(requirement string) (Decision, bool) {
	if r.Review == nil {
		return Decision{}, false
	}
	for _, d := range slices.Backward(r.Review.Decisions) {
		if d.Kind == Waive && d.Requirement == requirement {
			return d, true
		}
	}
	return Decision{}, false
}

// NeedsWaiver reports whether a requirement has to be waived before a run can be accepted.
func NeedsWaiver(q Requirement) bool {
	return q.Level != Advice && (q.Verdict == Failed || q.Verdict == Broken || q.Verdict == Inconclusive)
}

// waitsForCause reports whether q could not be judged only because of a requirement that failed: the cause is what is
// waived or not.
func (r Results) waitsForCause(q Requirement) bool {
	return q.Verdict == Inconclusive && slices.ContainsFunc(r.Requirements, func(cause Requirement) bool {
		return cause.Verdict == Failed && slices.Contains(WaitingFor(r, cause.ID), q.ID)
	})
}

// WaitingFor lists the requirements that could not be judged because of one that failed.
func WaitingFor(r Results, requirement string) []string {
	return waiting(r, requirement, grouped(r, kindOf))
}

// CheckDecision says in one sentence why d can't be taken for r as it is reviewed so far; empty where it can.
func CheckDecision(r Results, d Decision) string {
	switch {
	case !slices.Contains([]string{Accept, Waive, Refuse}, d.Kind):
		return fmt.Sprintf("a decision is accept, waive or refuse, not %q", d.Kind)
	case d.By == "":
		return "a decision needs a name"
	case d.Reason == "":
		return "a decision needs a reason"
	case d.Kind != Waive && (d.Requirement != "" || d.Until != ""):
		return "only a waiver has a requirement and a last day"
	case d.Kind == Waive:
		return checkWaiver(r, d)
	case d.Kind == Accept:
		return checkAcceptance(r)
	}
	return ""
}

func checkWaiver(r Results, d Decision) string {
	q, known := r.Requirement(d.Requirement)
	switch _, err := time.Parse(time.DateOnly, d.Until); {
	case !known:
		return fmt.Sprintf("there is no requirement %s in this run", cmp.Or(d.Requirement, "(none named)"))
	case !NeedsWaiver(q):
		return fmt.Sprintf("%s is %s: there is nothing to waive", q.ID, q.Verdict)
	case err != nil:
		return fmt.Sprintf("a waiver needs its last day as YYYY-MM-DD, not %q", d.Until)
	case d.Until < Day(d.At):
		return fmt.Sprintf("a waiver until %s has run out already", d.Until)
	}
	return ""
}

func checkAcceptance(r Results) string {
	s := r.Standing()
	switch {
	case r.Interrupted:
		return "an interrupted run can't be accepted"
	case r.Selection != "":
		return "a partial run (--only) is not a submission and can't be accepted"
	case len(s.RunOut) > 0:
		return fmt.Sprintf("the waiver of %s has run out: waive it again, or refuse", s.RunOut[0])
	case len(s.Unwaived) > 0:
		return fmt.Sprintf("%s did not pass and is not waived: waive it, or refuse", s.Unwaived[0])
	}
	return ""
}
