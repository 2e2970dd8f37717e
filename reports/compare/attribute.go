package compare

import (
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/reports"
)

// attribute says where a change comes from. What B's suite, and then B's profile, make of A's recording stand between
// the two verdicts; each step that changes the verdict is a cause. A step that the recording can't show is joined with
// the next one that it can.
func (w witness) attribute(c *Change, reasonA, reasonB string, suite, profile reports.Verdict) {
	switch {
	case (reasonA == notSelected) != (reasonB == notSelected):
		c.Because, c.Certain = []string{Selection}, true
		return
	case w.a.Interrupted && unreached(c.A, reasonA) || w.b.Interrupted && unreached(c.B, reasonB):
		c.Because, c.Certain = []string{Interruption}, true
		return
	case (c.A == "" || c.B == "") && !w.sameSuite:
		c.Because, c.Certain = []string{Suite}, true
		return
	case w.declared(c, reasonA, reasonB, suite):
		c.Because, c.Certain = []string{Profile}, true
		return
	}
	c.Because, c.Certain = []string{}, true
	at := c.A
	var open []string // causes whose step can't be seen
	step := func(cause string, to reports.Verdict, seen bool) {
		open = append(open, cause)
		if !seen {
			return
		}
		if to != at {
			c.Because, c.Certain = append(c.Because, open...), c.Certain && len(open) == 1
		}
		open, at = nil, to
	}
	if !w.sameSuite {
		step(Suite, suite, shows(suite, c.A))
	}
	if !w.sameProfile {
		step(Profile, profile, shows(profile, at))
	}
	step(Partner, c.B, true)
	if len(c.Because) == 0 {
		// The verdict is the same; what was found is not.
		c.Because, c.Certain = w.suspects(), w.sameSuite && w.sameProfile
	}
}

// declared reports whether the profile alone decides that one run skips what the other judges.
func (w witness) declared(c *Change, reasonA, reasonB string, suite reports.Verdict) bool {
	if w.sameProfile || (c.A == reports.Skipped) == (c.B == reports.Skipped) || !w.sameSuite && suite != c.A {
		return false
	}
	reason := reasonB
	if c.A == reports.Skipped {
		reason = reasonA
	}
	return !strings.HasPrefix(reason, notObservable) && !strings.HasPrefix(reason, noEvent)
}

// unreached reports whether a run that was stopped came to no verdict because it was. What waits for a requirement that
// failed would have waited in a whole run too.
func unreached(v reports.Verdict, reason string) bool {
	declared := v == reports.Skipped && !strings.HasPrefix(reason, notObservable)
	return v != "" && !judged(v) && !declared && !strings.HasSuffix(reason, isFailed)
}

// leftOpen reports whether a run that was stopped judged a requirement by a part of its scenarios only.
func leftOpen(r reports.Results, requirement string, v reports.Verdict) bool {
	return judged(v) && v != reports.Failed && slices.ContainsFunc(r.Scenarios, func(s reports.Scenario) bool {
		return slices.Contains(s.Requirements, requirement) && unreached(s.Verdict, s.Reason)
	})
}

// doubt adds what may be the cause as well.
func (c *Change) doubt(cause string) {
	if !slices.Contains(c.Because, cause) {
		c.Because, c.Certain = append(c.Because, cause), false
	}
}

// suspects are all that differs between the runs.
func (w witness) suspects() []string {
	all := []string{Partner}
	if !w.sameSuite {
		all = append(all, Suite)
	}
	if !w.sameProfile {
		all = append(all, Profile)
	}
	slices.Sort(all)
	return all
}

// shows reports whether a replay tells a verdict: one that asks for what was not recorded is broken.
func shows(replayed, before reports.Verdict) bool {
	return replayed != "" && (replayed != reports.Broken || before == reports.Broken)
}

// isFailed ends the reason of what waits for a requirement that failed.
const isFailed = " failed"

// The beginnings of reasons that are not the profile's.
const (
	notSelected   = "not selected"
	notObservable = "not observable"
	noEvent       = "no event was refused"
)
