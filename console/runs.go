package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/steps"
	"github.com/clementine-ope/clementine/web"
)

type homeData struct {
	Profiles []profileRow
	Live     []liveRow
	Runs     []runRow
	Gateway  gatewayFacts
	Reviewer bool
}

type profileRow struct{ ID, Name, Owner, UpdatedAt string }

type liveRow struct {
	ID, Partner, StartedAt string
	Done, Total            int
}

func (c *Console) home(w http.ResponseWriter, r *http.Request, by caller) error {
	const latest = 5
	var d homeData
	var err error
	if d.Gateway, err = c.gateway(r.Context()); err != nil {
		return err
	}
	all, err := c.profiles.list(r.Context(), by.sees())
	if err != nil {
		return err
	}
	for _, s := range all {
		row := profileRow{ID: s.ID, Name: s.Name, UpdatedAt: by.at(s.UpdatedAt)}
		if s.Owner != reviewerSubject {
			row.Owner = s.Owner
		}
		d.Profiles = append(d.Profiles, row)
	}
	d.Live = c.liveRows(by)
	runs, _, err := c.archive.List(r.Context(), archive.Query{Owner: by.sees(), Limit: latest})
	if err != nil {
		return err
	}
	d.Runs, d.Reviewer = runRows(runs, by), by.reviewer
	c.render(w, r, http.StatusOK, web.Page{Name: "home", Title: c.text(r, "home.title"), Section: "nav.home", Data: d})
	return nil
}

func (c *Console) liveRows(by caller) []liveRow {
	var out []liveRow
	for _, l := range c.runs.list(by.sees()) {
		s := l.state(0)
		out = append(out, liveRow{l.run.ID, l.run.Partner, by.at(l.run.StartedAt), s.done, s.total})
	}
	slices.SortFunc(out, func(a, b liveRow) int { return strings.Compare(a.ID, b.ID) })
	return out
}

type choice struct {
	ID, Name      string
	Modes, Langs  []option
	UseCases      []option
	Resilience    bool
	Problem       string
	BaseURL       string
	Asks          bool
	Authenticates string
}

func (c *Console) chooseRun(w http.ResponseWriter, r *http.Request, by caller) error {
	return c.choosePage(w, r, by, http.StatusOK, "")
}

func (c *Console) choosePage(w http.ResponseWriter, r *http.Request, by caller, status int, problem string) error {
	s, err := c.profiles.get(r.Context(), by.sees(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p, _, problems := readDocument(s.Document)
	if len(problems) > 0 {
		return goTo(w, r, "/profiles/"+s.ID, "")
	}
	d := choice{ID: s.ID, Name: s.Name, Problem: problem, BaseURL: p.BaseURL, Authenticates: p.Auth.Type}
	for _, t := range p.Triggers {
		d.Asks = d.Asks || t.Ask != ""
	}
	for _, mode := range []profile.Mode{profile.Sync, profile.Async} {
		d.Modes = append(d.Modes, option{string(mode), c.text(r, "mode."+string(mode)), mode == p.Mode})
	}
	for _, group := range c.useCases() {
		d.UseCases = append(d.UseCases, option{group, c.useCaseName(r, group), slices.Contains(r.PostForm["only"], group)})
	}
	for _, l := range web.Languages() {
		d.Langs = append(d.Langs, option{string(l), c.text(r, "lang."+string(l)), l == by.lang})
	}
	c.render(w, r, status, web.Page{
		Name: "choose", Title: c.text(r, "choose.title", s.Name), Section: "nav.home", Data: d,
		Trail: []web.Crumb{{Text: c.text(r, "nav.home"), Path: "/"}, {Text: s.Name, Path: "/profiles/" + s.ID}},
	})
	return nil
}

// useCases are the groups of the catalogue, in its order.
func (c *Console) useCases() []string {
	var out []string
	for _, q := range c.options.Pack.Requirements() {
		group := groupOf(q.ID)
		if !slices.Contains(out, group) {
			out = append(out, group)
		}
	}
	return out
}

func groupOf(id string) string {
	if i := strings.LastIndexByte(id, '-'); i > 0 {
		return id[:i]
	}
	return id
}

func (c *Console) useCaseName(r *http.Request, group string) string {
	if key := "useCase." + group; c.site.Has(key) {
		return group + " – " + c.text(r, key)
	}
	return group
}

func (c *Console) startRun(w http.ResponseWriter, r *http.Request, by caller) error {
	s, err := c.profiles.get(r.Context(), by.sees(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p, _, problems, err := c.checked(r.Context(), by, s.Document)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return goTo(w, r, "/profiles/"+s.ID, "")
	}
	o, problem := c.runOptions(r, c.calling(by, s), p)
	if problem != "" {
		return c.choosePage(w, r, by, http.StatusUnprocessableEntity, problem)
	}
	run := archive.Run{
		ID: archive.NewID(), Owner: s.Owner, StartedBy: by.name, Partner: p.Partner.Name, Contract: p.Partner.Contract, Mode: string(p.Mode), Offer: p.Offer,
		Selection: strings.Join(o.Only, ","), Suite: o.Version, StartedAt: c.options.Now().UTC(),
	}
	l, err := c.runs.start(run, s.ID, p, o)
	switch {
	case errors.Is(err, errSame):
		return c.choosePage(w, r, by, http.StatusConflict, c.text(r, "choose.same"))
	case errors.Is(err, errBusy), errors.Is(err, errClosing):
		return c.choosePage(w, r, by, http.StatusServiceUnavailable, c.text(r, "choose.busy", c.options.MaxRuns))
	case err != nil:
		return err
	}
	return goTo(w, r, "/runs/"+l.run.ID, "")
}

// runOptions are those of the run that a form asks for; problem says what is wrong with the form.
func (c *Console) runOptions(r *http.Request, by caller, p *profile.Profile) (o steps.Options, problem string) {
	form := r.PostForm
	mode, only := form.Get("mode"), form["only"]
	if mode != string(profile.Sync) && mode != string(profile.Async) {
		return o, c.text(r, "choose.noMode")
	}
	p.Mode = profile.Mode(mode)
	known := c.useCases()
	for _, group := range only {
		if !slices.Contains(known, group) {
			return o, c.text(r, "choose.noUseCase", group)
		}
	}
	lang := web.Lang(form.Get("lang"))
	if !slices.Contains(web.Languages(), lang) {
		lang = by.lang
	}
	c.atThisOrange(p)
	orange := ownOrange{c.options.Orange(), p.Orange.ClientID}
	o = steps.Options{
		Pack: c.options.Pack, Profile: p, Orange: orange, Only: only, Lang: string(lang), TryFixes: true,
		Resilience: form.Get("resilience") != "" && p.Mode == profile.Async && len(only) == 0, Version: c.options.Version, Now: c.options.Now, Dial: by.dial,
	}
	if info, err := orange.Info(r.Context()); err == nil {
		o.GatewayURL = info.GatewayURL
	}
	if c.options.Reference != nil {
		o.Reference = c.options.Reference(p)
	}
	return o, ""
}

// atThisOrange has a profile's events come to this program's mock Orange, wherever the profile would start one.
func (c *Console) atThisOrange(p *profile.Profile) {
	const untold = "demo" // what a profile has that names none
	if p.Orange.ClientID == untold || p.Orange.ClientID == c.options.ClientID {
		p.Orange.ClientID, p.Orange.ClientSecret = c.options.ClientID, c.options.ClientSecret
	}
}

type runList struct {
	Live                      []liveRow
	Rows                      []runRow
	Partners, Verdicts, Modes []option
	Trend                     []trendBar
	Partner                   string
	Pager                     web.Pager
	Filtered, Reviewer        bool
}

// runRow is one finished run in a list.
type runRow struct {
	ID, Partner, StartedAt, StartedBy, Mode, Offer, Verdict, Selection, Review, Suite string
	Counts                                                                            reports.Counts
	Judged, Interrupted, Foreign                                                      bool
}

func runRows(runs []archive.Run, by caller) []runRow {
	var out []runRow
	for _, a := range runs {
		out = append(out, runRow{
			a.ID, a.Partner, by.at(a.StartedAt), a.StartedBy, a.Mode, a.Offer, a.Verdict, a.Selection, a.Review, a.Suite, a.Counts,
			a.Verdict != archive.Unjudged, a.Interrupted, !a.UploadedAt.IsZero(),
		})
	}
	return out
}

// trendBar is one run in a partner's trend: how much of what was judged passed, in thousandths.
type trendBar struct {
	runRow
	Share, Passed, Due int
}

func (c *Console) listRuns(w http.ResponseWriter, r *http.Request, by caller) error {
	q := r.URL.Query()
	query := archive.Query{Owner: by.sees(), Partner: q.Get("partner"), Verdict: q.Get("verdict"), Mode: q.Get("mode"), After: q.Get("after"), Limit: 20}
	runs, next, err := c.archive.List(r.Context(), query)
	if err != nil {
		return err
	}
	names, err := c.archive.Partners(r.Context(), by.sees())
	if err != nil {
		return err
	}
	d := runList{Live: c.liveRows(by), Rows: runRows(runs, by), Partner: query.Partner, Filtered: query.Partner+query.Verdict+query.Mode != "", Reviewer: by.reviewer}
	d.Partners = append(d.Partners, option{"", c.text(r, "filter.all"), query.Partner == ""})
	for _, name := range names {
		d.Partners = append(d.Partners, option{name, name, name == query.Partner})
	}
	d.Verdicts = c.choices(r, "runVerdict.", query.Verdict, "passed", "failed", "broken", archive.Unjudged)
	d.Modes = c.choices(r, "mode.", query.Mode, "sync", "async")
	if query.Partner != "" {
		if d.Trend, err = c.trend(r, by, query.Partner); err != nil {
			return err
		}
	}
	if query.After != "" {
		d.Pager.First = web.With(r.URL, "after", "")
	}
	if next != "" {
		d.Pager.Next = web.With(r.URL, "after", next)
	}
	c.render(w, r, http.StatusOK, web.Page{Name: "runs", Title: c.text(r, "runs.title"), Section: "nav.runs", Data: d})
	return nil
}

func (c *Console) choices(r *http.Request, prefix, chosen string, values ...string) []option {
	out := []option{{"", c.text(r, "filter.all"), chosen == ""}}
	for _, v := range values {
		out = append(out, option{v, c.text(r, prefix+v), v == chosen})
	}
	return out
}

func (c *Console) trend(r *http.Request, by caller, partner string) ([]trendBar, error) {
	const shown = 20
	runs, err := c.archive.Trend(r.Context(), by.sees(), partner, shown)
	if err != nil {
		return nil, err
	}
	var out []trendBar
	for i, row := range runRows(runs, by) {
		n := runs[i].Counts
		due := n.Passed + n.Warning + n.Failed + n.Inconclusive + n.Broken
		bar := trendBar{runRow: row, Passed: n.Passed + n.Warning, Due: due}
		if due > 0 {
			bar.Share = 100 * bar.Passed / due
		}
		out = append(out, bar)
	}
	return out, nil
}
