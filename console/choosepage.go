package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/steps"
	"github.com/clementine-ope/clementine/web"
)

// planRow is a feature with its scenarios, as a run would go through them.
type planRow struct {
	Feature   string
	Scenarios []plannedRow
}

type plannedRow struct {
	Name, Skipped string
	Requirements  string
	Steps         []string
}

// choosePage is the form of a run, with what was typed.
func (c *Console) choosePage(w http.ResponseWriter, r *http.Request, by caller, status int, s stored, f choosing, problem string, planned []steps.PlannedScenario) error {
	p, d, problems := readDocument(s.Document)
	if len(problems) > 0 {
		return goTo(w, r, "/profiles/"+s.ID, "")
	}
	out := choice{
		ID: s.ID, Name: s.Name, Problem: problem, BaseURL: p.BaseURL, Authenticates: p.Auth.Type, Wrong: f.wrong, Baseline: f.baseline,
		Resilience: f.choices.Resilience, Alone: f.choices.NoReference,
	}
	if problem != "" {
		var err error
		if out.Live, out.Elsewhere, err = c.begunRows(r, by); err != nil {
			return err
		}
		out.Elsewhere = slices.DeleteFunc(out.Elsewhere, func(row unfinishedRow) bool { return !row.Elsewhere })
	}
	for _, t := range p.Triggers {
		out.Asks = out.Asks || t.Ask != ""
	}
	mode, lang := string(p.Mode), string(by.lang)
	if f.form != nil {
		mode, lang = f.form.Get(fieldMode), f.choices.Lang
	}
	for _, each := range []profile.Mode{profile.Sync, profile.Async} {
		out.Modes = append(out.Modes, option{string(each), c.text(r, "mode."+string(each)), string(each) == mode})
	}
	for _, group := range c.useCases() {
		out.UseCases = append(out.UseCases, option{group, c.useCaseName(r, group), slices.Contains(f.form[fieldOnly], group)})
	}
	for _, l := range web.Languages() {
		out.Langs = append(out.Langs, option{string(l), c.text(r, "lang."+string(l)), string(l) == lang})
	}
	c.chooseInputs(r, &out, d, p, f)
	out.Problems = c.chooseProblems(r, f)
	c.plan(r, by, &out, planned)
	c.render(w, r, status, web.Page{
		Name: "choose", Title: c.text(r, "choose.title", s.Name), Section: "nav.home", Data: out,
		Trail: []web.Crumb{{Text: c.text(r, "nav.home"), Path: "/"}, {Text: s.Name, Path: "/profiles/" + s.ID}},
	})
	return nil
}

func (c *Console) chooseInputs(r *http.Request, out *choice, d document, p *profile.Profile, f choosing) {
	typed := func(name, kind string) input {
		return input{
			ID: strings.ReplaceAll(name, ".", "-"), Name: name, Kind: kind, Value: f.form.Get(name), Problem: f.wrong[name],
			Label: c.text(r, "choose."+name), Help: c.text(r, "chooseHelp."+name),
		}
	}
	out.More = typed(fieldMore, kindText)
	out.Bound = []input{typed(fieldSeed, kindNumber), typed(fieldChallenge, kindText)}
	for _, each := range settings() {
		in := input{
			ID: "run-" + strings.ReplaceAll(each.Name, ".", "-"), Name: each.Name, Kind: each.Kind, Value: f.form.Get(each.Name), Problem: f.wrong[each.Name],
			Label: c.text(r, "field."+each.Key), Help: c.text(r, "choose.default"),
		}
		if says := d.shown(each.path); says != "" {
			in.Help = c.text(r, "choose.says", says)
		}
		out.Settings = append(out.Settings, in)
		out.Tuned = out.Tuned || in.Value != "" || in.Problem != ""
	}
}

// chooseProblems are what is wrong with a form, each with the name of its field.
func (c *Console) chooseProblems(r *http.Request, f choosing) []string {
	labels := []struct{ field, label string }{
		{fieldMode, "field.mode"}, {fieldOnly, "choose.only"}, {fieldMore, "choose.more"}, {fieldSeed, "choose.seed"}, {fieldChallenge, "choose.challenge"},
		{fieldResilience, "choose.resilience"}, {fieldBaseline, "choose.baseline"},
	}
	for _, each := range settings() {
		labels = append(labels, struct{ field, label string }{each.Name, "field." + each.Key})
	}
	var out []string
	for _, each := range labels {
		if f.wrong[each.field] != "" {
			out = append(out, c.text(r, "profile.fieldWrong", c.text(r, each.label), f.wrong[each.field]))
		}
	}
	if len(out) == 0 {
		for field, msg := range f.wrong { // of a setting that this form does not show
			out = append(out, c.text(r, "profile.fieldWrong", field, msg))
		}
	}
	return out
}

func (c *Console) plan(r *http.Request, by caller, out *choice, planned []steps.PlannedScenario) {
	if len(planned) == 0 {
		return
	}
	skipped := 0
	for _, s := range planned {
		if n := len(out.Plan); n == 0 || out.Plan[n-1].Feature != said(by.lang, s.Feature) {
			out.Plan = append(out.Plan, planRow{Feature: said(by.lang, s.Feature)})
		}
		row := plannedRow{Name: said(by.lang, s.Name), Skipped: said(by.lang, s.Skipped), Requirements: strings.Join(s.Requirements, " ")}
		if s.Skipped != "" {
			skipped++
		} else {
			for _, step := range s.Steps {
				row.Steps = append(row.Steps, said(by.lang, step))
			}
		}
		last := &out.Plan[len(out.Plan)-1]
		last.Scenarios = append(last.Scenarios, row)
	}
	out.Planned = c.text(r, "plan.count", len(planned), skipped)
}
