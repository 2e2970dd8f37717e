package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// The elements of Jenkins' JUnit schema (junit-10.xsd of its xUnit plugin) that we write, and no attribute beyond it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Time     string       `xml:"time,attr"` // seconds
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"` // seconds
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
		durationMs int64
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string       `xml:"name,attr"`
		ClassName string       `xml:"classname,attr"`
		Time      string       `xml:"time,attr"` // seconds
		Skipped   *junitReason `xml:"skipped"`
		Error     *junitReason `xml:"error"`
		Failure   *junitReason `xml:"failure"`
		SystemOut string       `xml:"system-out,omitempty"`
	}
	junitReason struct {
		Type    string `xml:"type,attr,omitempty"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit writes a test suite per feature and a test case per scenario, by the schema of Jenkins' xUnit plugin: failed is a
// failure; broken and inconclusive are errors, so that CI cannot take them for a pass; a warning passes and says so in
// system-out. A run that must not pass though no scenario says so gets one more case with an error.
func JUnit(w io.Writer, r Results) error {
	r = r.In(r.Lang)
	out := junitSuites{Name: visible("Clementine: " + r.Partner.Name), Time: seconds(r.DurationMs)}
	at := map[string]int{}
	used := map[string]bool{}
	for _, s := range r.Scenarios {
		i, known := at[s.Feature]
		if !known {
			i = len(out.Suites)
			at[s.Feature] = i
			out.Suites = append(out.Suites, newJUnitSuite(visible(s.Feature), r))
		}
		c := junitCaseOf(s, labelsFor(r.Lang))
		if waivedWhole(r, s) {
			c.waive(r, s)
		}
		if used[c.ClassName+"\n"+c.Name] {
			c.Name += " [" + visible(s.ID) + "]"
		}
		used[c.ClassName+"\n"+c.Name] = true
		out.Suites[i].add(c, s.DurationMs)
	}
	for _, s := range out.Suites {
		out.Tests, out.Failures, out.Errors = out.Tests+s.Tests, out.Failures+s.Failures, out.Errors+s.Errors
	}
	if ExitCode(r) != exitPassed && out.Failures+out.Errors == 0 {
		extra := newJUnitSuite("Clementine", r)
		said := sentence(r, labelsFor(r.Lang))
		extra.add(junitCase{Name: "verdict", ClassName: "Clementine", Time: seconds(0),
			Error: &junitReason{Type: "broken", Message: said, Text: said}}, 0)
		out.Suites = append(out.Suites, extra)
		out.Tests, out.Errors = out.Tests+1, 1
	}
	raw, err := xml.MarshalIndent(out, "", "  ")
	if err != nil {
		return fmt.Errorf("write junit report: %w", err)
	}
	if _, err := fmt.Fprintf(w, "%s%s\n", xml.Header, raw); err != nil {
		return fmt.Errorf("write junit report: %w", err)
	}
	return nil
}

func newJUnitSuite(name string, r Results) junitSuite {
	if name == "" {
		name = "-"
	}
	s := junitSuite{Name: name, Timestamp: r.StartedAt.UTC().Format("2006-01-02T15:04:05")}
	for _, p := range []junitProperty{
		{"partner", r.Partner.Name}, {"baseURL", r.Partner.BaseURL}, {"mode", r.Mode}, {"offer", offer(r)},
		{"suite", strings.TrimSpace(r.Suite.Name + " " + r.Suite.Version)}, {"contract", r.Suite.Contract}, {"digest", r.Suite.Digest},
		{"seed", fmt.Sprint(r.Seed)}, {"selection", r.Selection}, {"interrupted", fmt.Sprint(r.Interrupted)}, {"challenge", r.Challenge}, {"review", reviewState(r)},
	} {
		if p.Value != "" {
			s.Properties = append(s.Properties, junitProperty{p.Name, visible(p.Value)})
		}
	}
	return s
}

func (s *junitSuite) add(c junitCase, ms int64) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	s.durationMs += ms
	s.Time = seconds(s.durationMs)
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

func junitCaseOf(s Scenario, l labels) junitCase {
	c := junitCase{Name: visible(s.Name), ClassName: visible(s.Feature), Time: seconds(s.DurationMs)}
	if c.Name == "" {
		c.Name = visible(s.ID)
	}
	why := &junitReason{Type: string(s.Verdict), Message: headline(s, l), Text: evidence(s, l)}
	switch s.Verdict {
	case Failed:
		c.Failure = why
	case Broken, Inconclusive:
		c.Error = why
	case Skipped:
		c.Skipped = &junitReason{Message: headline(s, l)}
	default:
		c.SystemOut = evidence(s, l)
	}
	return c
}

// waive makes a failure that reviewers let stand for now a skipped test that says so; the evidence stays.
func (c *junitCase) waive(r Results, s Scenario) {
	f := r.Breaches(s)[0]
	c.Skipped = &junitReason{Message: visible(waiverLine(r, f.Requirement, labelsFor(r.Lang)))}
	c.Failure, c.SystemOut = nil, evidence(s, labelsFor(r.Lang))
}

// headline says in one line what is wrong with a scenario: its first own finding, or its reason.
func headline(s Scenario, l labels) string {
	own := 0
	first := ""
	for _, f := range s.Findings {
		if f.FollowOf != "" {
			continue
		}
		if own == 0 {
			first = l.f("expectedSeen", f.Requirement, f.Expected, f.Seen)
		}
		own++
	}
	switch {
	case own > 1:
		first += l.f("andMoreFound", own-1)
	case own == 0 && s.Reason != "":
		first = s.Reason
	case own == 0:
		first = l.T(string(s.Verdict))
	}
	return l.shortened(visible(first), textField)
}

// evidence lists a scenario's findings and notes, some lines each.
func evidence(s Scenario, l labels) string {
	var b strings.Builder
	field := func(key, value string) {
		if value != "" {
			fmt.Fprintf(&b, "  %s%s%s\n", l.T(key), l.T("colon"), l.shortened(visible(value), textField))
		}
	}
	for _, f := range s.Findings {
		fmt.Fprintf(&b, "%s\n", visible(f.Requirement))
		field("expected", f.Expected)
		field("seen", f.Seen)
		field("pathField", f.Path)
		field("hint", f.Hint)
		field("followOf", f.FollowOf)
		if f.Exchange != NoExchange {
			field("exchange", fmt.Sprintf("#%d", f.Exchange))
		}
	}
	for _, n := range s.Notes {
		fmt.Fprintf(&b, "%s%s%s\n", l.T("note"), l.T("colon"), l.shortened(visible(n), textField))
	}
	return b.String()
}

func seconds(ms int64) string { return fmt.Sprintf("%d.%03d", max(ms, 0)/1000, max(ms, 0)%1000) }
