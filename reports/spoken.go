package reports

import (
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/reports/french"
)

// In gives the results with every sentence of the suite's in a language, for those who write them for readers. Ids,
// verdicts, paths and whatever the partner said stay as they are. Results are stored in English, whatever the language
// of the run: a replay has to come to the same bytes.
func (r Results) In(lang string) Results {
	r.Lang = lang
	if labelsFor(lang).lang == 0 {
		return r
	}
	r.Requirements = slices.Clone(r.Requirements)
	for i := range r.Requirements {
		q := &r.Requirements[i]
		q.Source = SourceIn(q.Source, lang)
		if q.Reason = french.Say(q.Reason); q.Level == Own {
			q.Text = french.Say(q.Text)
		} else {
			q.Text = french.Typography(q.Text)
		}
	}
	r.Scenarios = slices.Clone(r.Scenarios)
	for i := range r.Scenarios {
		r.Scenarios[i] = r.Scenarios[i].inFrench()
	}
	r.Resilience = slices.Clone(r.Resilience)
	for i := range r.Resilience {
		r.Resilience[i].Name, r.Resilience[i].Seen = french.Say(r.Resilience[i].Name), french.Say(r.Resilience[i].Seen)
	}
	if r.Reference != nil {
		r.Reference = &Reference{Status: r.Reference.Status, Reason: french.Say(r.Reference.Reason)}
	}
	r.Notes = sayAll(r.Notes)
	r.Exchanges = inFrenchErrors(r.Exchanges)
	return r
}

// SourceIn is where a requirement comes from. Sources name places in documents that are in English; only that something is
// derived from them, and from what, is said in another language.
func SourceIn(source, lang string) string {
	if labelsFor(lang).lang == 1 && strings.Contains(source, "derived") {
		return french.Say(source)
	}
	return source
}

// CitesIn reports whether a source is in English where the text around it is not.
func CitesIn(source, lang string) bool {
	return labelsFor(lang).lang == 1 && source != "" && SourceIn(source, lang) == source
}

func (s Scenario) inFrench() Scenario {
	s.Feature, s.Name, s.Reason = french.Say(s.Feature), french.Say(s.Name), french.Say(s.Reason)
	s.Notes = sayAll(s.Notes)
	s.Steps = slices.Clone(s.Steps)
	for i := range s.Steps {
		s.Steps[i].Text = french.Say(s.Steps[i].Text)
	}
	s.Findings = slices.Clone(s.Findings)
	for i := range s.Findings {
		s.Findings[i] = s.Findings[i].inFrench()
	}
	return s
}

// In gives a finding with the suite's sentences in a language.
func (f Finding) In(lang string) Finding {
	if labelsFor(lang).lang == 0 {
		return f
	}
	return f.inFrench()
}

func (f Finding) inFrench() Finding {
	f.Expected, f.Hint = french.Say(f.Expected), french.Say(f.Hint)
	if !f.Verbatim {
		f.Seen = french.Say(f.Seen)
	}
	if f.Reference != nil {
		c := *f.Reference
		c.Note = labels{lang: 1}.known(c.Note, comparisonNotes()...)
		if c.Exchange != nil {
			e := inFrenchErrors([]Exchange{*c.Exchange})[0]
			c.Exchange = &e
		}
		f.Reference = &c
	}
	return f
}

func sayAll(list []string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = french.Say(out[i])
	}
	return out
}

// inFrenchErrors says in French what came of the calls that had no whole answer.
func inFrenchErrors(list []Exchange) []Exchange {
	if !slices.ContainsFunc(list, func(e Exchange) bool { return e.Error != "" }) {
		return list
	}
	out := slices.Clone(list)
	for i := range out {
		out[i].Error = french.Say(out[i].Error)
	}
	return out
}

// comparisonNotes are the messages that a comparison may have as its note.
func comparisonNotes() []string {
	return []string{"looksBack", "leftOut", "referenceFails", "referenceStopped", "noMessage", "noCounterpart", "cutMessage", "sameMessage"}
}
