package console

import (
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/web"
)

// judged are the messages that name verdicts and levels, in the words of the report: a page that leads to one says the same.
func judged() map[string]map[web.Lang]string {
	out := map[string]map[web.Lang]string{}
	add := func(key string, word func(lang string) string) {
		out[key] = map[web.Lang]string{}
		for _, l := range web.Languages() {
			out[key][l] = word(string(l))
		}
	}
	for _, v := range []reports.Verdict{reports.Passed, reports.Failed, reports.Warning, reports.Skipped, reports.Inconclusive, reports.Broken} {
		add("verdict."+string(v), v.In)
	}
	for _, v := range []reports.Verdict{reports.Passed, reports.Failed, reports.Inconclusive, reports.Broken} {
		add("runVerdict."+string(v), v.OfRun)
	}
	for _, level := range []string{reports.Mandatory, reports.Optional, reports.Advice} {
		add("level."+level, func(lang string) string { return reports.LevelIn(level, lang) })
	}
	return out
}
