package reports

import (
	"fmt"
	"strings"
)

// sentence is the verdict of the run in words, on one line.
func sentence(r Results, l labels) string {
	c := Count(r.Requirements)
	total := l.n("requirements", len(r.Requirements))
	var out string
	var rest []Verdict
	code := r
	code.Interrupted = false
	switch ExitCode(code) {
	case exitPassed:
		out = l.T("PASSED") + l.T("colon") + l.f("ofPassed", c.Passed, total)
		rest = []Verdict{Warning, Skipped}
	case exitFailed:
		out = l.T("FAILED") + l.T("colon") + l.f("ofFailed", c.Failed, total, listed(idsOf(r, Failed), textIDs, l))
		rest = []Verdict{Broken, Inconclusive, Warning, Skipped}
	default:
		open := append(idsOf(r, Broken), idsOf(r, Inconclusive)...)
		switch {
		case len(open) > 0:
			out = l.T("BROKEN") + l.T("colon") + l.f("ofBroken", len(open), total, listed(open, textIDs, l))
		case c.Passed+c.Warning == 0:
			out = l.T("BROKEN") + l.T("colon") + l.T("nothing")
		default:
			out = l.T("BROKEN") + l.T("colon") + l.T("doubt")
		}
		rest = []Verdict{Warning, Skipped}
	}
	for _, v := range rest {
		if n := countOf(c, v); n > 0 {
			out += "; " + l.n(string(v), n)
		}
	}
	if r.Interrupted {
		out = l.T("INTERRUPTED") + l.T("colon") + out
	}
	return visible(out)
}

func idsOf(r Results, v Verdict) []string {
	var ids []string
	for _, q := range r.Requirements {
		if q.Verdict == v {
			ids = append(ids, q.ID)
		}
	}
	return ids
}

func countOf(c Counts, v Verdict) int {
	switch v {
	case Passed:
		return c.Passed
	case Failed:
		return c.Failed
	case Warning:
		return c.Warning
	case Skipped:
		return c.Skipped
	case Inconclusive:
		return c.Inconclusive
	case Broken:
		return c.Broken
	}
	return 0
}

// worstFirst is the order in which counts and sections are shown.
func worstFirst() []Verdict { return []Verdict{Failed, Broken, Inconclusive, Warning, Passed, Skipped} }

func countLine(r Results, l labels) string {
	c := Count(r.Requirements)
	parts := make([]string, 0, 6)
	for _, v := range worstFirst() {
		parts = append(parts, l.n(string(v), countOf(c, v)))
	}
	return l.n("requirements", len(r.Requirements)) + l.T("colon") + strings.Join(parts, ", ")
}

// offer is the declared offer: mba2 or mba2-beta.
func offer(r Results) string {
	s, _ := r.Profile["offer"].(string)
	return s
}

func suiteLine(r Results, l labels) string {
	line := strings.TrimSpace(r.Suite.Name + " " + r.Suite.Version)
	if r.Suite.Contract != "" {
		line += ", " + l.T("pack") + " " + r.Suite.Contract
	}
	if r.Suite.Digest != "" {
		line += ", " + l.T("digest") + " " + r.Suite.Digest
	}
	return line
}

// exchangeLine is an exchange in one line: #12 POST http://… -> 200 in 3 ms.
func exchangeLine(e Exchange, l labels) string {
	answer := l.T("noAnswer")
	if e.Response.Status != 0 {
		answer = fmt.Sprint(e.Response.Status)
	}
	line := fmt.Sprintf("#%d %s %s -> %s, %s", e.ID, e.Request.Method, e.Request.URL, answer, milliseconds(e.DurationMs))
	if e.Error != "" {
		line += " (" + e.Error + ")"
	}
	return line
}

func milliseconds(ms float64) string {
	if ms > 0 && ms < 10 {
		return fmt.Sprintf("%.1f ms", ms)
	}
	return fmt.Sprintf("%.0f ms", ms)
}
