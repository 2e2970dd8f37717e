package console

import (
	"slices"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/french"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/web"
)

// said is a sentence of the suite's in the reader's language.
func said(lang web.Lang, english string) string {
	if lang == web.French {
		return french.Say(english)
	}
	return english
}

// clause is the text of a requirement in the reader's language.
func clause(lang web.Lang, q schemas.Requirement) string {
	if lang == web.French {
		return french.Typography(q.TextIn(string(lang)))
	}
	return q.TextIn(string(lang))
}

// clausesIn gives results with their clauses in a language, where the pack has the words that they were judged by.
func clausesIn(lang web.Lang, pack *schemas.Pack, r reports.Results) reports.Results {
	r.Requirements = slices.Clone(r.Requirements)
	for i, row := range r.Requirements {
		r.Requirements[i].Text = pack.TextIn(string(lang), row.ID, row.Text)
	}
	return r
}

// printed is a sentence that commands print, too, in the reader's language.
func printed(lang web.Lang, english string) string {
	if lang == web.French {
		text, _ := french.Line(english)
		return text
	}
	return english
}
