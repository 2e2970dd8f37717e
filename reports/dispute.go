package reports

import (
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
)

// Disputed is one finding of a run that a partner may dispute.
type Disputed struct {
	ID       string // see Fingerprint
	Scenario string
	Finding  Finding

	scenario, finding int // their places in the results
}

// Disputable lists what a partner may dispute: the findings of requirements that failed, or came with a warning, in the
// catalogue's order. Of those alike it has the one that shows the breach best; what follows from another is left out.
func Disputable(r Results) []Disputed {
	by := grouped(r, kindOf)
	var out []Disputed
	for _, q := range r.Requirements {
		if q.Verdict != Failed && q.Verdict != Warning {
			continue
		}
		for _, g := range by[q.ID] {
			if g.FollowOf == "" {
				out = append(out, disputed(r, func(d Disputed) bool { return d.Scenario == g.Scenarios[0].ID && sameFinding(d.Finding, g.Finding) })...)
			}
		}
	}
	return out
}

func sameFinding(a, b Finding) bool {
	return a.Requirement == b.Requirement && a.Expected == b.Expected && a.Seen == b.Seen && a.Path == b.Path && a.Exchange == b.Exchange
}

// disputed is the first finding that a question is answered yes for; empty where there is none.
func disputed(r Results, is func(Disputed) bool) []Disputed {
	for i, s := range r.Scenarios {
		for j, f := range s.Findings {
			if d := (Disputed{ID: Fingerprint(s.ID, f), Scenario: s.ID, Finding: f, scenario: i, finding: j}); f.FollowOf == "" && is(d) {
				return []Disputed{d}
			}
		}
	}
	return nil
}

// FindDisputed finds a finding by its id, or the first one of a requirement by that requirement's.
func FindDisputed(r Results, id string) (Disputed, bool) {
	for _, d := range Disputable(r) {
		if d.ID == id || d.Finding.Requirement == id {
			return d, true
		}
	}
	if found := disputed(r, func(d Disputed) bool { return d.ID == id }); found != nil {
		return found[0], true
	}
	return Disputed{}, false
}

// Dispute is what a partner says against a finding, and where its evidence can be checked.
type Dispute struct {
	Finding Disputed
	Claim   string // the partner's words
	By      string // who says so; may be empty
	Day     string // YYYY-MM-DD
	// Readings are where the sources of the clause leave a choice, and what was chosen.
	Readings []Reading
	Bundle   string // digest of the bundle's manifest, "sha256:…"
	Link     string // of the exchange in the bundle's chain; empty where no exchange shows the finding
}

// Reading is a place where the sources contradict themselves or are silent, and the choice made there.
type Reading struct{ ID, Contradiction, Choice string }

// disputeCalls is how many calls of the scenario a page lists.
const disputeCalls = 60

// disputePage is what the template sees.
type disputePage struct {
	Lang, Title, CSP string
	CSS              template.CSS

	Verdict               verdictView
	ID, Level, Text       string
	Source, Waived, Print string
	Claim                 []string
	By                    string
	Readings              []Reading
	Facts, Checks         []fact
	Finding               findingView
	Scenario              scenarioView
	ScenarioID, Commands  string
	Calls                 []exchangeView // of the scenario, as lines
	MoreCalls             int
}

// DisputePage writes a dispute as one page that needs nothing else: the partner's claim, the clause with its source, what
// was expected and seen, the scenario's steps, the exchange with its secrets masked, as curl and hurl, and how to check all
// of it. It is in the language of the results.
func DisputePage(w io.Writer, r Results, d Dispute) error {
	css, err := templates.ReadFile("templates/style.css")
	if err != nil {
		return fmt.Errorf("write dispute: %w", err)
	}
	r = r.In(r.Lang)
	l := labelsFor(r.Lang)
	p := buildDispute(r, l, d)
	p.CSS = template.CSS(css) // #nosec G203 -- ours, embedded
	p.CSP = "default-src 'none'; style-src " + digest(css) + "; base-uri 'none'; form-action 'none'"
	if err := writePage(w, l, "dispute.html", p); err != nil {
		return fmt.Errorf("write dispute: %w", err)
	}
	return nil
}

func buildDispute(r Results, l labels, d Dispute) disputePage {
	b := &builder{r: r, l: l, anchors: map[string]string{}, scenes: map[string]link{}, placed: map[int]bool{}, budget: htmlWholeBodies}
	s := r.Scenarios[d.Finding.scenario]
	f := s.Findings[d.Finding.finding]
	q, _ := r.Requirement(f.Requirement)
	b.scenes[s.ID] = link{"h-scenario", b.show(s.Name)}
	p := disputePage{
		Lang: l.Code(), Title: l.T("disputeTitle") + l.T("colon") + b.show(q.ID) + ", " + b.show(r.Partner.Name),
		Verdict: b.verdict(q.Verdict), ID: b.show(q.ID), Level: l.T(b.show(q.Level)), Text: b.show(q.Text), Source: b.show(q.Source),
		Waived: b.show(waiverLine(r, q.ID, l)), Print: d.Finding.ID,
		By: l.f("reviewBy", b.show(d.By), l.day(d.Day)), Facts: b.facts(), Finding: b.finding(group{Finding: f, Scenarios: []Scenario{s}}),
		Scenario: b.scenario(s), ScenarioID: b.show(s.ID),
	}
	if d.By == "" {
		p.By = l.day(d.Day)
	}
	for i, id := range s.Exchanges {
		if i == disputeCalls {
			p.MoreCalls = len(s.Exchanges) - i
			break
		}
		if e, ok := r.Exchange(id); ok {
			p.Calls = append(p.Calls, b.line(e))
		}
	}
	for _, line := range strings.Split(d.Claim, "\n") {
		if strings.TrimSpace(line) != "" {
			p.Claim = append(p.Claim, b.show(line))
		}
	}
	for _, reading := range d.Readings {
		p.Readings = append(p.Readings, Reading{b.show(reading.ID), b.show(l.say(reading.Contradiction)), b.show(l.say(reading.Choice))})
	}
	p.Checks = slices.DeleteFunc([]fact{
		{l.T("disputeFinding"), d.Finding.ID}, {l.T("scenario"), p.ScenarioID}, {l.T("disputeBundle"), b.show(d.Bundle)}, {l.T("disputeLink"), b.show(d.Link)},
	}, func(f fact) bool { return f.Value == "" })
	p.Commands = fmt.Sprintf("clementine report verify report.clem\nclementine run --profile partner.yaml --only %s", shellQuote(s.ID))
	return p
}
