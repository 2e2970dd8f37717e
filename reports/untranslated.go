package reports

import "github.com/clementine-ope/clementine/reports/french"

// Untranslated lists the sentences of the suite's in the results that have no French, each once. Clauses are not among
// them: the contract pack has its own. Nor is what a partner said.
func Untranslated(r Results) []string {
	var out []string
	seen := map[string]bool{}
	add := func(sentences ...string) {
		for _, s := range sentences {
			if _, ok := french.Text(s); !ok && !seen[s] {
				out, seen[s] = append(out, s), true
			}
		}
	}
	for _, q := range r.Requirements {
		add(q.Reason)
	}
	for _, s := range r.Scenarios {
		add(s.Feature, s.Name, s.Reason)
		add(s.Notes...)
		for _, st := range s.Steps {
			add(st.Text)
		}
		for _, f := range s.Findings {
			add(f.sentences()...)
		}
	}
	for _, m := range r.Resilience {
		add(m.Name, m.Seen)
	}
	for _, e := range r.Exchanges {
		add(e.Error)
	}
	if r.Reference != nil {
		add(r.Reference.Status, r.Reference.Reason)
	}
	add(r.Notes...)
	return out
}

// sentences are the finding's own words, in English.
func (f Finding) sentences() []string {
	out := []string{f.Expected, f.Hint}
	if !f.Verbatim {
		out = append(out, f.Seen)
	}
	if f.Reference == nil {
		return out
	}
	if e := f.Reference.Exchange; e != nil {
		out = append(out, e.Error)
	}
	for _, d := range f.Reference.Differences {
		if d.oursToSay() {
			out = append(out, d.Partner, d.Reference)
		}
	}
	return out
}
