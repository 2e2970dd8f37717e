package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// page is what the templates see. Every text in it has passed visible: the templates only place it.
type page struct {
	Lang, Title, CSP string
	CSS              template.CSS
	JS               template.JS

	Verdict              verdictView // of the run
	Word, Claim          string
	Partial, Interrupted string
	Altered              string
	Facts                []fact
	Counts               []countView
	Proof                string
	Top                  []topCause
	TopMore, TopLine     string
	Groups               []requirementGroup
	Findings             []findingSection
	Features             []featureView
	Claims               []claimView
	ClaimsLine           string
	ExchangeSum          int
	Chunks               []chunkView
	Resilience           []resilienceView
	ResilienceLine       string
	ReferenceLine        string
	Notes                []string
	Profile              string
	Review               *reviewView
	ScenarioSum          int
}

type verdictView struct{ Class, Mark, Word string }

type fact struct{ Label, Value string }

type countView struct {
	verdictView
	Line string
}

type topCause struct {
	verdictView
	ID, Anchor, Text, Keeps, Hint, Checked string
}

type requirementGroup struct {
	Anchor, Title, Line string
	Rows                []requirementRow
}

type requirementRow struct {
	verdictView
	ID, Anchor, Link, Level, Text, Source, Reason string
	Scenarios, More                               []link
}

type link struct{ Anchor, Text string }

type findingSection struct {
	Title    string
	Articles []findingArticle
}

type findingArticle struct {
	verdictView
	ID, Anchor, Level, Text, Source, Reason, Waiting, Waived, More string
	Findings                                                       []findingView
}

type findingView struct {
	Expected, Seen, Path, Hint, Follows string
	Scenarios, More                     []link
	Exchange                            *exchangeView // shown here
	Reference                           *comparisonView
	Sequence                            *sequenceView
	See                                 *link // shown elsewhere
}

type featureView struct {
	Name, Line string
	Scenarios  []scenarioView
}

type scenarioView struct {
	verdictView
	Anchor, Name, Reason, Time string
	Requirements               []link
	Steps                      []stepView
	Notes                      []string
	Exchanges                  []link
}

type stepView struct {
	verdictView
	Text string
}

const (
	htmlTop       = 6   // causes on the first screen
	htmlFindings  = 20  // distinct findings under a requirement
	htmlScenarios = 3   // scenario links before the fold
	htmlName      = 120 // runes of a name
	htmlField     = 4e3 // runes of one field
)

// builder turns results into a page and remembers which exchange stands where.
type builder struct {
	r       Results
	l       labels
	by      map[string][]group
	anchors map[string]string // requirement id -> anchor
	scenes  map[string]link   // scenario id -> where it stands
	placed  map[int]bool      // exchanges that a finding shows
	budget  int               // bytes of whole bodies that may still go in
}

func buildPage(r Results) (page, error) {
	b := &builder{r: r, l: labelsFor(r.Lang), by: grouped(r, kindOf), anchors: map[string]string{}, scenes: map[string]link{},
		placed: map[int]bool{}, budget: htmlWholeBodies}
	for i, q := range r.Requirements {
		b.anchors[q.ID] = requirementAnchor(q.ID, i)
	}
	named := map[string]int{}
	for _, s := range r.Scenarios {
		named[s.Name]++
	}
	for i, s := range r.Scenarios {
		text := s.Name
		if named[text] > 1 && s.Feature != "" { // links that read alike lead to different places
			text += " (" + s.Feature + ")"
		}
		b.scenes[s.ID] = link{fmt.Sprintf("s%d", i+1), b.l.shortened(visible(text), htmlName)}
	}
	word, claim, _ := verdictWords(r, b.l)
	p := page{Lang: b.l.Code(), Title: b.show(r.Partner.Name) + b.l.T("colon") + word, Verdict: b.runVerdict(), Word: word, Claim: claim,
		Facts: b.facts(), Proof: proofLine(r, b.l), ScenarioSum: len(r.Scenarios)}
	if r.Altered {
		p.Altered = b.l.T("altered")
	}
	if r.Selection != "" {
		p.Partial = b.l.f("partial", b.show(r.Selection))
	}
	if r.Interrupted {
		p.Interrupted = b.l.T("interrupted")
	}
	c := Count(r.Requirements)
	for _, v := range worstFirst() {
		p.Counts = append(p.Counts, countView{b.verdict(v), b.l.n(string(v), countOf(c, v))})
	}
	p.Top, p.TopMore = b.top()
	p.TopLine = b.l.causesLine(ranked(r))
	p.Review = b.review()
	p.Findings = b.findings()
	p.Groups = b.groups()
	p.Features = b.features()
	p.Claims, p.ClaimsLine = b.claims()
	p.ExchangeSum = len(r.Exchanges)
	var err error
	if p.Chunks, err = b.chunks(); err != nil {
		return page{}, err
	}
	p.ResilienceLine, p.Resilience = b.resilience()
	p.ReferenceLine = b.show(referenceLine(r, b.l))
	for _, n := range r.Notes {
		p.Notes = append(p.Notes, b.show(n))
	}
	if raw, err := json.MarshalIndent(r.Profile, "", "  "); err == nil && len(r.Profile) > 0 {
		p.Profile = visibleLines(string(raw))
	}
	return p, nil
}

// safeAnchor is a requirement id that can be an anchor as it is; ours (x12, s3, sec-…) begin in lower case.
var safeAnchor = regexp.MustCompile(`^[A-Z][A-Za-z0-9._-]{0,60}$`)

func requirementAnchor(id string, index int) string {
	if safeAnchor.MatchString(id) {
		return id
	}
	return fmt.Sprintf("r%d", index+1)
}

func (b *builder) show(s string) string { return b.l.shortened(visible(s), htmlField) }

func (b *builder) verdict(v Verdict) verdictView {
	if rungs[v] == 0 {
		v = Broken
	}
	return verdictView{Class: string(v), Mark: mark(v), Word: b.l.T(string(v))}
}

func (b *builder) runVerdict() verdictView {
	r := b.r
	r.Interrupted = false
	switch ExitCode(r) {
	case exitPassed:
		return b.verdict(Passed)
	case exitFailed:
		return b.verdict(Failed)
	}
	return b.verdict(Broken)
}

func (b *builder) facts() []fact {
	r, l := b.r, b.l
	var out []fact
	for _, f := range []fact{
		{"partner", r.Partner.Name}, {"contract", r.Partner.Contract}, {"baseURL", r.Partner.BaseURL}, {"mode", l.T(r.Mode)}, {"offer", offer(r)},
		{"pack", r.Suite.Contract}, {"suite", strings.TrimSpace(r.Suite.Name + " " + r.Suite.Version)}, {"digest", r.Suite.Digest},
		{"seed", fmt.Sprint(r.Seed)}, {"challenge", r.Challenge}, {"started", l.instant(r.StartedAt)}, {"duration", l.duration(r.DurationMs)}, {"resumed", resumedLine(r, l)},
		{"scenarios", fmt.Sprint(len(r.Scenarios))},
	} {
		if f.Value != "" {
			out = append(out, fact{l.T(f.Label), l.shortened(visible(f.Value), htmlName)})
		}
	}
	return out
}

// top lists what stands in the way of a pass: what failed or, if nothing did, what could not be judged.
func (b *builder) top() ([]topCause, string) {
	list := causes(b.r, Failed)
	if len(list) == 0 {
		list = append(causes(b.r, Broken), causes(b.r, Inconclusive)...)
	}
	var out []topCause
	for i, c := range list {
		if i == htmlTop {
			return out, b.l.n("andRequirements", len(list)-i)
		}
		q := c.Requirement
		t := topCause{verdictView: b.verdict(q.Verdict), ID: b.show(q.ID), Anchor: b.anchors[q.ID], Text: b.show(q.Text), Hint: b.show(q.Reason)}
		if q.Verdict == Failed {
			t.Keeps, t.Checked = b.l.keepsLine(c.Cause), b.l.checkLine(c.Cause.Check, i)
		}
		if len(c.Findings) > 0 {
			f := c.Findings[0]
			if t.Hint = b.show(f.Hint); t.Hint == "" {
				t.Hint = b.show(b.l.breach(f.Finding))
			}
		}
		out = append(out, t)
	}
	return out, ""
}

// useCase is the part of a requirement id that names its API and use case.
var useCase = regexp.MustCompile(`^(?:(?:PO|US)-UC[0-9]+|[A-Z]+[0-9]*)`)

func (b *builder) groups() []requirementGroup {
	at := map[string]int{}
	var out []requirementGroup
	var members [][]Requirement
	for _, q := range b.r.Requirements {
		key := useCase.FindString(q.ID)
		if q.Level == Own || key == "" {
			key = "OWN"
		}
		i, known := at[key]
		if !known {
			i = len(out)
			at[key] = i
			out = append(out, requirementGroup{Anchor: "sec-" + strings.ToLower(key), Title: b.l.T("group " + key)})
			members = append(members, nil)
			if _, named := messages["group "+key]; !named {
				out[i].Title = key
			}
		}
		out[i].Rows = append(out[i].Rows, b.row(q))
		members[i] = append(members[i], q)
	}
	for i := range out {
		out[i].Line = b.tally(Count(members[i]))
	}
	return out
}

func (b *builder) tally(c Counts) string {
	var parts []string
	for _, v := range worstFirst() {
		if n := countOf(c, v); n > 0 {
			parts = append(parts, b.l.n(string(v), n))
		}
	}
	return strings.Join(parts, ", ")
}

func (b *builder) row(q Requirement) requirementRow {
	row := requirementRow{verdictView: b.verdict(q.Verdict), ID: b.show(q.ID), Level: b.l.T(b.show(q.Level)), Text: b.show(q.Text),
		Source: b.show(q.Source), Reason: b.show(q.Reason), Anchor: b.anchors[q.ID]}
	if b.hasArticle(q) {
		row.Link, row.Anchor = row.Anchor, "row-"+row.Anchor
	}
	for _, id := range q.Scenarios {
		if at, ok := b.scenes[id]; ok {
			row.Scenarios = append(row.Scenarios, at)
		}
	}
	row.Scenarios, row.More = fold(row.Scenarios)
	return row
}

func fold(list []link) (first, more []link) {
	if len(list) <= htmlScenarios+1 {
		return list, nil
	}
	return list[:htmlScenarios], list[htmlScenarios:]
}

// hasArticle is true where the section of findings has an article for q.
func (b *builder) hasArticle(q Requirement) bool {
	return q.Verdict == Failed || slices.Contains([]Verdict{Warning, Broken, Inconclusive}, q.Verdict) && len(b.by[q.ID]) > 0
}

// prettyDepth is the deepest nesting that is laid out in lines: with each level every line grows, so that a body of
// brackets alone would grow by its square.
const prettyDepth = 50

func prettyJSON(text string) string {
	if len(text) > htmlBody || len(text) == 0 || text[0] != '{' && text[0] != '[' || !utf8.ValidString(text) || deeperThan(prettyDepth, text) {
		return text
	}
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(text), "", "  "); err != nil {
		return text
	}
	return out.String()
}

// deeperThan reports whether JSON nests deeper than limit.
func deeperThan(limit int, text string) bool {
	depth, inString := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			if depth++; depth > limit {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}
