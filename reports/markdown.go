package reports

import (
	"fmt"
	"io"
	"strings"
)

const (
	markdownCauses   = 20 // causes written out; CI servers cut a summary at a size of their own
	markdownFindings = 2  // distinct findings of one cause
)

// Markdown writes the summary that CI servers show beside a job: the verdict, the counts, and the causes with what was
// expected and seen, the one that blocks most first. Nothing in r can become markup.
func Markdown(w io.Writer, r Results) error {
	m := &markdownWriter{r: r.In(r.Lang), l: labelsFor(r.Lang)}
	m.head()
	m.causes()
	m.rest()
	if _, err := io.WriteString(w, m.b.String()); err != nil {
		return fmt.Errorf("write markdown report: %w", err)
	}
	return nil
}

type markdownWriter struct {
	r Results
	l labels
	b strings.Builder
}

// markup is what could end a text's being a text, in the Markdown of GitHub and of GitLab.
var markup = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;",
	"#", `\#`, "|", `\|`, "~", `\~`, "!", `\!`, "$", `\$`, "@", "&#64;")

func (m *markdownWriter) show(s string) string {
	return markup.Replace(m.l.shortened(visible(s), textField))
}

func (m *markdownWriter) line(format string, args ...any) { fmt.Fprintf(&m.b, format+"\n", args...) }

func (m *markdownWriter) head() {
	r, l := m.r, m.l
	m.line("## %s %s\n", mark(m.verdict()), markup.Replace(sentence(r, l)))
	if r.Altered {
		m.line("%s\n", m.show(l.T("altered")))
	}
	if r.Selection != "" {
		m.line("%s\n", m.show(l.f("partial", r.Selection)))
	}
	m.line("| | |\n|---|---|")
	for _, row := range [][2]string{
		{"partner", r.Partner.Name}, {"baseURL", r.Partner.BaseURL}, {"mode", l.T(r.Mode)}, {"offer", offer(r)},
		{"suite", suiteLine(r, l)}, {"seed", fmt.Sprint(r.Seed)}, {"duration", l.duration(r.DurationMs)},
		{"counts", countLine(r, l)}, {"proof", proofLine(r, l)},
	} {
		if row[1] != "" {
			m.line("| %s | %s |", m.show(l.T(row[0])), m.show(row[1]))
		}
	}
}

func (m *markdownWriter) verdict() Verdict {
	whole := m.r
	whole.Interrupted = false
	switch ExitCode(whole) {
	case exitPassed:
		return Passed
	case exitFailed:
		return Failed
	}
	return Broken
}

func (m *markdownWriter) causes() {
	list := causes(m.r, Failed)
	if len(list) == 0 {
		return
	}
	m.line("\n### %s\n\n%s\n", m.show(m.l.T("FailedTitle")), m.show(m.l.causesLine(ranked(m.r))))
	for i, c := range list {
		if i == markdownCauses {
			m.line("- %s", m.show(m.l.n("andRequirements", len(list)-i)))
			break
		}
		m.line("- **%s** %s", m.show(c.Requirement.ID), m.show(c.Requirement.Text))
		m.field("source", c.Requirement.Source)
		m.field("keeps", m.l.keepsLine(c.Cause))
		m.field("reason", c.Requirement.Reason)
		m.findings(c.Findings)
		m.field("checked", m.l.checkLine(c.Cause.Check, i))
	}
}

func (m *markdownWriter) findings(list []group) {
	for i, g := range list {
		if i == markdownFindings || g.FollowOf != "" {
			m.line("  - %s", m.show(m.l.n("andFindings", len(list)-i)))
			return
		}
		m.field("expected", g.Expected)
		m.field("seen", g.Seen)
		m.field("path", g.Path)
		m.field("hint", g.Hint)
		if e, ok := m.r.Exchange(g.Exchange); ok {
			m.field("exchange", exchangeLine(e, m.l))
		}
	}
}

func (m *markdownWriter) field(key, value string) {
	if value != "" {
		m.line("  - %s%s%s", m.show(m.l.T(key)), m.show(m.l.T("colon")), m.show(value))
	}
}

// rest names what did not pass and is nobody's cause.
func (m *markdownWriter) rest() {
	for _, part := range []struct {
		verdict Verdict
		title   string
	}{{Broken, "BrokenTitle"}, {Inconclusive, "InconclusiveTitle"}, {Warning, "WarningTitle"}, {Skipped, "SkippedTitle"}} {
		list := reasons(m.r, part.verdict)
		if len(list) == 0 {
			continue
		}
		m.line("\n<details><summary>%s</summary>\n", m.show(m.l.T(part.title)))
		for _, s := range list {
			text := s.Text
			if text == "" {
				text = strings.Join(hintsOf(m.r, part.verdict, s.IDs), " ")
			}
			m.line("- %s%s%s", m.show(strings.Join(s.IDs, ", ")), m.show(m.l.T("colon")), m.show(text))
		}
		m.line("\n</details>")
	}
}

// hintsOf is the first hint of each of these requirements: advice has no reason but its findings.
func hintsOf(r Results, v Verdict, ids []string) []string {
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	var out []string
	for _, c := range causes(r, v) {
		if wanted[c.Requirement.ID] && len(c.Findings) > 0 {
			out = append(out, c.Findings[0].Hint)
		}
	}
	return out
}
