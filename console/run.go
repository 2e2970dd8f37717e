package console

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/reports/bundle"
	"github.com/clementine-ope/clementine/web"
)

type runPage struct {
	runRow
	reviewPart
	Problem, Duration, Contract, Digest string
	Seed, Challenge                     string
	Resumed                             string // when last; empty where it was not
	Next                                string // what to do now: passed | passedHere | failed | accepted | refused; empty where the page says it otherwise
	Failed                              []clauseRow
	SetUp                               string         // id of the partner's set-up, if it is still there and the run was made here
	Others                              []option       // earlier runs to compare with
	Same                                []sameRow      // the same run, where it came back or was uploaded
	Uploaded                            *uploaded      // nil for a run that was made here
	Waiting                             *unfinishedRow // it can be resumed
	Known                               *knownPage     // nil without a baseline
}

// sameRow is another copy of a run on this console.
type sameRow struct{ ID, By, At, Review string }

func (c *Console) showRun(w http.ResponseWriter, r *http.Request, by caller) error {
	if l := c.runs.find(by.sees(), r.PathValue("id")); l != nil {
		return c.showLive(w, r, by, l)
	}
	err := c.runPage(w, r, by, http.StatusOK, reviewPart{})
	if !errors.Is(err, archive.ErrNotFound) {
		return err
	}
	row, failed := c.waiting(r, by, r.PathValue("id"))
	if failed != nil || row == nil {
		return errors.Join(failed, err)
	}
	c.showUnfinished(w, r, by, http.StatusOK, *row, "")
	return nil
}

func (c *Console) runPage(w http.ResponseWriter, r *http.Request, by caller, status int, review reviewPart) error {
	run, err := c.archive.Get(r.Context(), by.sees(), r.PathValue("id"))
	if err != nil {
		return err
	}
	review.Reviewer = by.reviewer
	d := runPage{
		runRow: runRows([]archive.Run{run}, by)[0], reviewPart: review, Problem: said(by.lang, run.Problem), Duration: fmt.Sprintf("%.1f s", run.Duration.Seconds()),
		Contract: run.Contract, Digest: run.Digest,
	}
	if by.lang == web.French {
		d.Duration = strings.Replace(d.Duration, ".", ",", 1)
	}
	if d.Uploaded, err = uploadOf(run, by); err != nil {
		return err
	}
	if d.Waiting, err = c.waiting(r, by, run.ID); err != nil {
		return err
	}
	if d.Uploaded == nil {
		if d.SetUp, err = c.profiles.named(r.Context(), run.Owner, run.Partner); err != nil {
			return err
		}
	}
	if d.Judged {
		if err := errors.Join(c.reviewed(r, by, run, &d), c.others(r, by, run, &d)); err != nil {
			return err
		}
		if run.Owner == by.owner {
			d.Next = next(d)
		}
	}
	c.render(w, r, status, web.Page{
		Name: "run", Title: c.text(r, "run.title", run.Partner), Section: "nav.runs", Data: d, Trail: []web.Crumb{{Text: c.text(r, "nav.runs"), Path: "/runs"}},
	})
	return nil
}

// next is what whoever made the run does now. What is partial, was stopped or is decided on, its page says by itself.
func next(d runPage) string {
	whole := d.Selection == "" && !d.Interrupted
	switch {
	case d.Uploaded != nil && !d.SendBack && (d.State == reports.Accepted || d.State == reports.Refused):
		return d.State
	case d.Uploaded != nil || len(d.Decisions) > 0 || d.Waiting != nil:
		return ""
	case d.Verdict == string(reports.Passed) && whole && !d.Reviewer:
		return "passedHere"
	case d.Verdict == string(reports.Failed), d.Verdict == string(reports.Passed) && whole:
		return d.Verdict
	}
	return ""
}

// others fills in the runs to compare with, and the copies of this one.
func (c *Console) others(r *http.Request, by caller, run archive.Run, d *runPage) error {
	const shown = 30
	runs, _, err := c.archive.List(r.Context(), archive.Query{Owner: by.sees(), Partner: run.Partner, Limit: archive.MaxPage})
	if err != nil {
		return err
	}
	for _, o := range runs {
		earlier := o.Verdict != archive.Unjudged && o.StartedAt.Before(run.StartedAt)
		if !earlier || len(d.Others) == shown {
			continue
		}
		text := by.at(o.StartedAt) + " – " + c.text(r, "runVerdict."+verdictOf(o))
		if o.Interrupted {
			text += ", " + c.text(r, "run.interrupted")
		}
		d.Others = append(d.Others, option{Value: o.ID, Text: text})
	}
	if run.Content == "" {
		return nil
	}
	copies, _, err := c.archive.List(r.Context(), archive.Query{Owner: by.sees(), Content: run.Content, Limit: shown})
	for _, o := range copies {
		row := sameRow{ID: o.ID, Review: o.Review}
		if !o.UploadedAt.IsZero() {
			row.By, row.At = o.UploadedBy, by.at(o.UploadedAt)
		}
		if o.ID != run.ID {
			d.Same = append(d.Same, row)
		}
	}
	return err
}

// results are those of a run with its review, as it stands now.
func (c *Console) results(r *http.Request, by caller, id string) (reports.Results, error) {
	b, err := c.archive.Bundle(r.Context(), by.sees(), id)
	if err != nil {
		return reports.Results{}, err
	}
	return b.Reviewed(c.options.Now())
}

// reportPolicy lets the report's own script act on its own page, in an origin of its own: what a partner said can reach
// nothing of the console even if it got through the report's escaping and policy.
const reportPolicy = "sandbox allow-scripts allow-downloads allow-popups; frame-ancestors 'self'; default-src 'none'; style-src 'unsafe-inline'; " +
	"script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

func (c *Console) showReport(w http.ResponseWriter, r *http.Request, by caller) error {
	results, err := c.results(r, by, r.PathValue("id"))
	if err != nil {
		return err
	}
	if r.URL.Query().Get("in") != "run" {
		results = clausesIn(by.lang, c.options.Pack, results)
		results.Lang = string(by.lang)
	}
	var page bytes.Buffer
	if err := reports.HTML(&page, results); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", reportPolicy)
	_, _ = page.WriteTo(w) // a browser that has gone
	return nil
}

func (c *Console) downloadRun(w http.ResponseWriter, r *http.Request, by caller) error {
	b, err := c.archive.Bundle(r.Context(), by.sees(), r.PathValue("id"))
	if err != nil {
		return err
	}
	results, err := b.Reviewed(c.options.Now())
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	file, known := map[string]struct {
		media string
		write func(io.Writer) error
	}{
		"results.json": {"application/json", func(w io.Writer) error {
			results.Review = nil // it is kept in the bundle
			return reports.Write(w, results)
		}},
		bundle.FileName: {"application/zip", b.Write},
		"report.html":   {"text/html; charset=utf-8", func(w io.Writer) error { return reports.HTML(w, results) }},
		"junit.xml":     {"application/xml", func(w io.Writer) error { return reports.JUnit(w, results) }},
		"ctrf.json":     {"application/json", func(w io.Writer) error { return reports.CTRF(w, results) }},
	}[name]
	if !known {
		return archive.ErrNotFound
	}
	var out bytes.Buffer
	if err := file.write(&out); err != nil {
		return err
	}
	w.Header().Set("Content-Type", file.media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = out.WriteTo(w) // a browser that has gone
	return nil
}

// deleteRun removes a run. One that a reviewer has decided on stays where its partner would remove it.
func (c *Console) deleteRun(w http.ResponseWriter, r *http.Request, by caller) error {
	run, err := c.archive.Get(r.Context(), by.sees(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if !by.reviewer && run.Review != reports.Open {
		c.site.Error(w, r, http.StatusConflict, "error.decided")
		return nil
	}
	if ok, err := c.changeable(w, r, run.ID); !ok {
		return err
	}
	if err := errors.Join(c.runs.rows.discard(r.Context(), by.sees(), run.ID), c.archive.Delete(r.Context(), by.sees(), run.ID)); err != nil {
		return err
	}
	return goTo(w, r, "/runs", "runDeleted")
}
