package console

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/web"
)

type homeData struct {
	Profiles   []profileRow
	Live       []liveRow
	Unfinished []unfinishedRow
	Runs       []runRow
	Gateway    gatewayFacts
	Reviewer   bool
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
	if d.Live, d.Unfinished, err = c.begunRows(r, by); err != nil {
		return err
	}
	runs, _, err := c.archive.List(r.Context(), archive.Query{Owner: by.sees(), Limit: latest})
	if err != nil {
		return err
	}
	d.Runs, d.Reviewer = runRows(runs, by), by.reviewer
	c.render(w, r, http.StatusOK, web.Page{Name: "home", Title: c.text(r, "home.title"), Section: "nav.home", Data: d})
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

// atThisOrange has a profile's events come to this program's mock Orange, wherever the profile would start one.
func (c *Console) atThisOrange(p *profile.Profile) {
	const untold = "demo" // what a profile has that names none
	if p.Orange.ClientID == untold || p.Orange.ClientID == c.options.ClientID {
		p.Orange.ClientID, p.Orange.ClientSecret = c.options.ClientID, c.options.ClientSecret
	}
}

type runList struct {
	Live                      []liveRow
	Unfinished                []unfinishedRow
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
	Unproven                                                                          bool // its review came with it, signed by no key that was expected
}

// verdictOf is the verdict of a run as its report names it: the archive keeps broken for what is inconclusive, too.
func verdictOf(a archive.Run) string {
	if a.Verdict == string(reports.Broken) && a.Counts.Broken == 0 && a.Counts.Inconclusive > 0 {
		return string(reports.Inconclusive)
	}
	return a.Verdict
}

func runRows(runs []archive.Run, by caller) []runRow {
	var out []runRow
	for _, a := range runs {
		out = append(out, runRow{
			a.ID, a.Partner, by.at(a.StartedAt), a.StartedBy, a.Mode, a.Offer, verdictOf(a), a.Selection, a.Review, a.Suite, a.Counts,
			a.Verdict != archive.Unjudged, a.Interrupted, !a.UploadedAt.IsZero(), unproven(a),
		})
	}
	return out
}

// unproven reports whether a run brought a review that no key vouches for which the reviewer gave.
func unproven(a archive.Run) bool {
	var found verified
	return !a.UploadedAt.IsZero() && a.Review != reports.Open && !a.DecidedHere() && (json.Unmarshal([]byte(a.Proof), &found) != nil || len(found.KeyIDs) == 0)
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
	d := runList{Rows: runRows(runs, by), Partner: query.Partner, Filtered: query.Partner+query.Verdict+query.Mode != "", Reviewer: by.reviewer}
	if d.Live, d.Unfinished, err = c.begunRows(r, by); err != nil {
		return err
	}
	d.Partners = append(d.Partners, option{"", c.text(r, "filter.all"), query.Partner == ""})
	for _, name := range names {
		d.Partners = append(d.Partners, option{name, name, name == query.Partner})
	}
	d.Verdicts = c.choices(r, "verdictFilter.", query.Verdict, "passed", "failed", "broken", archive.Unjudged)
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
