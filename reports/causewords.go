package reports

import "strings"

// causesLine is the one sentence about what stands in the way: "1 cause, 14 scenarios wait for it".
func (l labels) causesLine(list []Cause) string {
	if len(list) == 0 {
		return ""
	}
	line, waiting := l.n("causes", len(list)), waiters(list)
	switch {
	case waiting == 0:
	case len(list) == 1:
		line += ", " + l.n("waitForIt", waiting)
	default:
		line += ", " + l.n("waitForThem", waiting)
	}
	return line
}

// keepsLine says how many scenarios one cause keeps from passing.
func (l labels) keepsLine(c Cause) string {
	if c.keeps() == 0 {
		return ""
	}
	line := l.n("showIt", len(c.Scenarios))
	if len(c.Waiting) > 0 {
		line += ", " + l.n("waitForIt", len(c.Waiting))
	}
	return line
}

// checkLine says what comes of the hint, as far as the recording tells, of the cause that stands at a place of the list.
func (l labels) checkLine(c *Check, place int) string {
	if c == nil {
		return ""
	}
	key := "checkPass"
	if place == 0 {
		key = "checkFirst"
	}
	if c.Pass <= 1 {
		key += "1"
	} else {
		key += "N"
	}
	parts := []string{l.f(key, c.Pass, c.Pass+c.Other+c.Still+c.Unknown)}
	if c.Other > 0 {
		parts = append(parts, l.n("checkOther", c.Other))
	}
	if c.Still > 0 {
		parts = append(parts, l.n("checkStill", c.Still))
	}
	if c.Unknown > 0 {
		parts = append(parts, l.n("checkUnknown", c.Unknown))
	}
	return strings.Join(parts, l.T("semicolon")) + "."
}

// breachClip is how many runes of one part of a breach stand in one line.
const breachClip = 160

// breach is what a finding without a hint says in one line.
func (l labels) breach(f Finding) string {
	at := ""
	if f.Path != "" {
		at = " (" + l.T("path") + " " + l.shortened(f.Path, breachClip) + ")"
	}
	return l.T("expected") + l.T("colon") + l.shortened(f.Expected, breachClip) + at + l.T("semicolon") + l.T("seen") + l.T("colon") + l.shortened(f.Seen, breachClip)
}
