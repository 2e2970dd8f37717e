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

// clausesIn gives results with the pack's clauses in a language, where the pack is the one that judged them.
func clausesIn(lang web.Lang, pack *schemas.Pack, r reports.Results) reports.Results {
	if r.Suite.Pack != pack.Digest {
		return r
	}
	r.Requirements = slices.Clone(r.Requirements)
	for i, row := range r.Requirements {
		if q, known := pack.Requirement(row.ID); known {
			r.Requirements[i].Text = q.TextIn(string(lang))
		}
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
