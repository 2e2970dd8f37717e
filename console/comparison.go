package console

import (
	"net/http"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/steps"
	"github.com/clementine-ope/clementine/web"
)

type comparePage struct {
	A, B         runRow
	Requirements []changeRow
	Scenarios    []changeRow
	Profile      []profileChange
	SameSuite    bool
	Backwards    bool // the one that is named first began after the other
	NotRejudged  string
}

type changeRow struct{ ID, Text, Kind, A, B, Cause string }

type profileChange struct{ Path, A, B string }

func (c *Console) compareRuns(w http.ResponseWriter, r *http.Request, by caller) error {
	q := r.URL.Query()
	var d comparePage
	var both [2]reports.Results
	for i, id := range []string{q.Get("a"), q.Get("b")} {
		if !idForm.MatchString(id) {
			return archive.ErrNotFound
		}
		run, err := c.archive.Get(r.Context(), by.sees(), id)
		if err != nil {
			return err
		}
		if both[i], err = c.results(r, by, id); err != nil {
			return err
		}
		*[]*runRow{&d.A, &d.B}[i] = runRows([]archive.Run{run}, by)[0]
	}
	report, err := steps.Compare(r.Context(), both[0], both[1], steps.Options{Pack: c.options.Pack, Version: c.options.Version})
	if err != nil {
		return err
	}
	d.Backwards = report.B.StartedAt.Before(report.A.StartedAt)
	d.SameSuite, d.NotRejudged = report.SameSuite, said(by.lang, report.NotRejudged)
	for _, change := range report.Requirements {
		if q, known := c.options.Pack.Requirement(change.ID); known {
			change.Text = clause(by.lang, q)
		}
		d.Requirements = append(d.Requirements, changeRow{change.ID, change.Text, change.Kind, string(change.A), string(change.B), said(by.lang, change.Cause())})
	}
	for _, change := range report.Scenarios {
		d.Scenarios = append(d.Scenarios, changeRow{change.ID, said(by.lang, change.Text), change.Kind, string(change.A), string(change.B), said(by.lang, change.Cause())})
	}
	for _, f := range report.Profile {
		d.Profile = append(d.Profile, profileChange{f.Path, f.A, f.B})
	}
	c.render(w, r, http.StatusOK, web.Page{
		Name: "compare", Title: c.text(r, "compare.title"), Section: "nav.runs", Data: d,
		Trail: []web.Crumb{{Text: c.text(r, "nav.runs"), Path: "/runs"}, {Text: d.B.Partner, Path: "/runs/" + d.B.ID}},
	})
	return nil
}
