package reports

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// TextOptions says how Text writes. Lang is en or fr, and that of the results where empty. Verbose adds what passed,
// the findings that follow from others, and the notes of scenarios.
type TextOptions struct {
	Color   bool
	Lang    string
	Verbose bool
}

const (
	textFindings = 3    // distinct findings shown under a requirement
	textField    = 400  // runes of one field
	textCurl     = 1200 // bytes of a curl line
	textIDs      = 8    // ids in the last line
)

// Written says in a language where a run's reports are; page is the one to open.
func Written(lang, page string) string { return labelsFor(lang).f("written", page) }

// Text writes the summary for a terminal: who and what, then what failed with its evidence, then the rest by name, and
// the verdict in words as the last line. Nothing in r can steer the terminal.
func Text(w io.Writer, r Results, o TextOptions) error {
	if o.Lang == "" {
		o.Lang = r.Lang
	}
	t := &textWriter{r: r.In(o.Lang), o: o, l: labelsFor(o.Lang)}
	t.header()
	t.failed()
	t.claims()
	t.uncompared()
	t.reasoned(Broken, "BrokenTitle")
	t.reasoned(Inconclusive, "InconclusiveTitle")
	t.warnings()
	t.reasoned(Skipped, "SkippedTitle")
	t.passed()
	t.resilience()
	t.notes()
	t.review()
	t.line(0, "%s", t.paint(sentenceColour(r), sentence(r, t.l)))
	if _, err := w.Write(t.buf.Bytes()); err != nil {
		return fmt.Errorf("write text report: %w", err)
	}
	return nil
}

type textWriter struct {
	r   Results
	o   TextOptions
	l   labels
	buf bytes.Buffer
}

// line writes one line; the arguments must have passed show or be ours.
func (t *textWriter) line(indent int, format string, args ...any) {
	t.buf.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(&t.buf, format, args...)
	t.buf.WriteByte('\n')
}

func (t *textWriter) show(s string) string { return t.l.shortened(visible(s), textField) }

// field writes a named value, and nothing where the value is empty.
func (t *textWriter) field(indent int, key, value string) {
	if value != "" {
		label := t.l.T(key)
		t.line(indent, "%s%s %s", t.paint(dim, label), strings.Repeat(" ", max(0, 10-len([]rune(label)))), value)
	}
}

// who is the partner with its contract.
func (t *textWriter) who() string {
	who := t.show(t.r.Partner.Name)
	if t.r.Partner.Contract != "" {
		who += " (" + t.l.T("contract") + " " + t.show(t.r.Partner.Contract) + ")"
	}
	return who
}

func (t *textWriter) header() {
	r, l := t.r, t.l
	t.field(0, "partner", t.paint(bold, t.who()))
	t.field(0, "baseURL", t.show(r.Partner.BaseURL))
	t.field(0, "mode", l.T(t.show(r.Mode)))
	t.field(0, "offer", t.show(offer(r)))
	t.field(0, "suite", t.show(suiteLine(r, l)))
	t.field(0, "seed", fmt.Sprint(r.Seed))
	t.field(0, "challenge", t.show(r.Challenge))
	t.field(0, "started", fmt.Sprintf("%s, %s", l.instant(r.StartedAt), l.duration(r.DurationMs)))
	if len(r.Resumed) > 0 {
		t.field(0, "resumed", resumedLine(r, l))
	}
	t.field(0, "counts", countLine(r, l))
	t.field(0, "proof", proofLine(r, l))
	if r.Altered {
		t.line(0, "%s", t.paint(yellow, l.T("altered")))
	}
	if r.Selection != "" {
		t.line(0, "%s", t.paint(yellow, l.f("partial", t.show(r.Selection))))
	}
	if r.Interrupted {
		t.line(0, "%s", t.paint(yellow, l.T("interrupted")))
	}
	t.line(0, "")
}

func (t *textWriter) title(key string) { t.line(0, "%s", t.paint(bold, t.l.T(key))) }

func (t *textWriter) failed() {
	alike := kindOf
	if t.o.Verbose {
		alike = itself
	}
	list := causesBy(t.r, Failed, alike)
	if len(list) == 0 {
		return
	}
	t.title("FailedTitle")
	t.line(1, "%s", t.l.causesLine(ranked(t.r)))
	t.line(0, "")
	for i, c := range list {
		t.requirement(c.Requirement, red)
		t.field(2, "waiver", t.show(waiverLine(t.r, c.Requirement.ID, t.l)))
		t.field(2, "keeps", t.l.keepsLine(c.Cause))
		if len(c.Findings) == 0 {
			t.field(2, "reason", t.show(c.Requirement.Reason))
		}
		t.findings(c.Findings)
		t.field(2, "checked", t.l.checkLine(c.Cause.Check, i))
		if len(c.Waiting) > 0 {
			t.line(2, "%s", t.show(t.l.wait(c.Waiting)))
		}
		t.line(0, "")
	}
}

// claims names what the profile claims too much, or too little.
func (t *textWriter) claims() {
	if line := claimsLine(t.r, t.l); line != "" {
		t.title("claimsTitle")
		t.line(1, "%s", t.show(line))
		t.line(0, "")
	}
}

// uncompared says why no finding has the reference beside it.
func (t *textWriter) uncompared() {
	if t.r.Reference != nil && t.r.Reference.Status != Compared {
		t.line(0, "%s", t.show(referenceLine(t.r, t.l)))
		t.line(0, "")
	}
}

func (t *textWriter) findings(list []group) {
	for i, g := range list {
		if (i == textFindings || g.FollowOf != "") && !t.o.Verbose {
			t.line(2, "%s", t.l.n("andFindings", len(list)-i))
			return
		}
		t.finding(g, i == 0 || t.o.Verbose)
	}
}

func (t *textWriter) requirement(q Requirement, colour string) {
	t.line(1, "%s %s (%s) %s", t.paint(colour, mark(q.Verdict)), t.paint(bold, t.show(q.ID)), t.l.T(t.show(q.Level)), t.show(q.Text))
	t.field(2, "source", t.show(q.Source))
}

// finding writes one finding; the curl line of the first is enough to ask the partner again.
func (t *textWriter) finding(g group, curl bool) {
	t.field(2, "expected", t.show(g.Expected))
	t.field(2, "seen", t.show(g.Seen))
	t.field(2, "path", t.show(g.Path))
	t.field(2, "hint", t.show(g.Hint))
	t.field(2, "reference", t.show(g.Reference.firstDifference(t.l)))
	t.field(2, "followOf", t.show(g.FollowOf))
	if e, ok := t.r.Exchange(g.Exchange); ok {
		t.field(2, "exchange", t.show(exchangeLine(e, t.l)))
		if curl {
			t.field(2, "curl", t.curl(e))
		}
	}
	where := t.show(g.Scenarios[0].Name)
	if n := len(g.Scenarios) - 1; n > 0 {
		where += ", " + t.l.n("andScenarios", n)
	}
	t.field(2, "inScenario", where)
}

func (t *textWriter) curl(e Exchange) string {
	line := visible(Curl(e))
	if len(line) > textCurl {
		line = t.l.f("longCurl", len(line), exchangeAnchor(e.ID))
	}
	return line
}

func (t *textWriter) warnings() {
	list := causes(t.r, Warning)
	if len(list) == 0 {
		return
	}
	t.title("WarningTitle")
	for _, c := range list {
		t.requirement(c.Requirement, yellow)
		for i, g := range c.Findings {
			if i == 1 && !t.o.Verbose {
				t.line(2, "%s", t.l.n("andFindings", len(c.Findings)-i))
				break
			}
			t.field(2, "seen", t.show(g.Seen))
			t.field(2, "hint", t.show(g.Hint))
		}
	}
	t.line(0, "")
}

// reasoned lists the requirements with a verdict by name, one line a reason.
func (t *textWriter) reasoned(v Verdict, title string) {
	list := reasons(t.r, v)
	if len(list) == 0 {
		return
	}
	t.title(title)
	for _, s := range list {
		text := s.Text
		if text == "" {
			text = t.l.T("noReason")
		}
		t.line(1, "%s %s%s%s", t.paint(dim, mark(v)), t.show(text), t.l.T("colon"), visible(strings.Join(s.IDs, ", ")))
	}
	if t.o.Verbose && v != Skipped {
		for _, c := range causes(t.r, v) {
			for _, g := range c.Findings {
				t.requirement(c.Requirement, dim)
				t.finding(g, true)
			}
		}
	}
	t.line(0, "")
}

func (t *textWriter) passed() {
	list := causes(t.r, Passed)
	if len(list) == 0 || !t.o.Verbose {
		return
	}
	t.title("PassedTitle")
	for _, c := range list {
		t.requirement(c.Requirement, green)
	}
	t.line(0, "")
}

func (t *textWriter) notes() {
	notes := append([]string{}, t.r.Notes...)
	if t.o.Verbose {
		for _, s := range t.r.Scenarios {
			for _, n := range s.Notes {
				notes = append(notes, s.Name+t.l.T("colon")+n)
			}
		}
	}
	if len(notes) == 0 {
		return
	}
	t.title("NotesTitle")
	for _, n := range notes {
		t.line(1, "- %s", t.show(n))
	}
	t.line(0, "")
}

// The colours of a terminal, as SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
)

func (t *textWriter) paint(colour, s string) string {
	if !t.o.Color || s == "" {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

func sentenceColour(r Results) string {
	switch ExitCode(r) {
	case exitPassed:
		return green
	case exitFailed:
		return red
	}
	return yellow
}

// mark is the shape that goes with a verdict, so that colour is never alone in telling it.
func mark(v Verdict) string {
	switch v {
	case Passed:
		return "✓"
	case Failed:
		return "✗"
	case Warning:
		return "!"
	case Inconclusive:
		return "?"
	case Broken:
		return "#"
	}
	return "–"
}
