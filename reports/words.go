package reports

import (
	"fmt"
	"strings"
)

// sentence is the verdict of the run in words, on one line.
func sentence(r Results, l labels) string {
	word, claim, ids := verdictWords(r, l)
	out := word + l.T("colon") + claim
	if r.Interrupted {
		out = l.T("INTERRUPTED") + l.T("colon") + out
	}
	if len(ids) > 0 {
		out += " (" + listed(ids, textIDs, l) + ")"
	}
	c := Count(r.Requirements)
	for _, v := range worstFirst() {
		// The claim has told these already.
		if told := v == Passed || v == Failed || len(ids) > 0 && c.Failed == 0 && (v == Broken || v == Inconclusive); told {
			continue
		}
		if n := countOf(c, v); n > 0 {
			out += l.T("semicolon") + l.n(string(v), n)
		}
	}
	return visible(out)
}

// verdictWords is the verdict of the run as one word and one claim, with the ids that the claim counts.
func verdictWords(r Results, l labels) (word, claim string, ids []string) {
	c := Count(r.Requirements)
	total := l.n("requirements", len(r.Requirements))
	whole := r
	whole.Interrupted = false
	switch ExitCode(whole) {
	case exitPassed:
		word, claim = l.T("PASSED"), l.f("ofPassed", c.Passed, total)
	case exitFailed:
		word, claim, ids = l.T("FAILED"), l.f("ofFailed", c.Failed, total), idsOf(r, Failed)
	default:
		word, ids = l.T("BROKEN"), append(idsOf(r, Broken), idsOf(r, Inconclusive)...)
		if c.Broken == 0 && c.Inconclusive > 0 {
			word = l.T("INCONCLUSIVE")
		}
		switch {
		case len(ids) > 0:
			claim = l.f("ofBroken", len(ids), total)
		case c.Passed+c.Warning == 0:
			claim = l.T("nothing")
		default:
			claim = l.T("doubt")
		}
	}
	return word, claim, ids
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
	line := fmt.Sprintf("#%d %s %s -> %s, %s", e.ID, e.Request.Method, e.Request.URL, answer, l.milliseconds(e.DurationMs))
	if e.Error != "" {
		line += " (" + e.Error + ")"
	}
	return line
}

// resumedLine says how often the run went on after it had been cut off, and what came of it the last time; empty if never.
func resumedLine(r Results, l labels) string {
	n := len(r.Resumed)
	if n == 0 {
		return ""
	}
	last, key := r.Resumed[n-1], "resumedLineN"
	if n == 1 {
		key = "resumedLine1"
	}
	return l.f(key, n, l.instant(last.At), last.Judged, last.Again)
}
