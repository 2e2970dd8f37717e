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
	"github.com/clementine-ope/clementine/steps"
	"github.com/clementine-ope/clementine/web"
)

type runPage struct {
	runRow
	Problem, Duration, Contract, Digest string
	State                               string
	Failed                              []clauseRow
	SetUp                               string // id of the partner's set-up, if it is still there and the run was made here
	Decisions                           []decisionRow
	Waivable                            []option
	Others                              []option // runs to compare with
	Reviewer                            bool
	Refused                             string // a decision that was not taken, and why
	Form                                decisionForm
	CanAccept                           bool
	Uploaded                            *uploaded      // nil for a run that was made here
	Waiting                             *unfinishedRow // it can be resumed
	Known                               *knownPage     // nil without a baseline
}

type decisionRow struct{ Kind, Requirement, Until, Reason, By, At string }

type decisionForm struct{ Kind, Requirement, Until, Reason, By string }

func (c *Console) showRun(w http.ResponseWriter, r *http.Request, by caller) error {
	if l := c.runs.find(by.sees(), r.PathValue("id")); l != nil {
		return c.showLive(w, r, by, l)
	}
	err := c.runPage(w, r, by, http.StatusOK, "", decisionForm{})
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

func (c *Console) runPage(w http.ResponseWriter, r *http.Request, by caller, status int, refused string, form decisionForm) error {
	run, err := c.archive.Get(r.Context(), by.sees(), r.PathValue("id"))
	if err != nil {
		return err
	}
	d := runPage{
		runRow: runRows([]archive.Run{run}, by)[0], Problem: said(by.lang, run.Problem), Duration: fmt.Sprintf("%.1f s", run.Duration.Seconds()),
		Contract: run.Contract, Digest: run.Digest, Reviewer: by.reviewer, Refused: refused, Form: form,
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
		if err := c.reviewed(r, by, run, &d); err != nil {
			return err
		}
	}
	c.render(w, r, status, web.Page{
		Name: "run", Title: c.text(r, "run.title", run.Partner), Section: "nav.runs", Data: d, Trail: []web.Crumb{{Text: c.text(r, "nav.runs"), Path: "/runs"}},
	})
	return nil
}

// reviewed fills in what the run's bundle says.
func (c *Console) reviewed(r *http.Request, by caller, run archive.Run, d *runPage) error {
	results, err := c.results(r, by, d.ID)
	if err != nil {
		return err
	}
	d.Known = beside(run, results, by)
	standing := results.Standing()
	var breaches []reports.Finding
	for _, s := range results.Scenarios {
		breaches = append(breaches, results.Breaches(s)...)
	}
	d.State = standing.State
	for _, q := range results.Requirements {
		if q.Verdict == reports.Failed {
			d.Failed = append(d.Failed, c.clauseRow(by, q, breaches))
		}
		if reports.NeedsWaiver(q) {
			d.Waivable = append(d.Waivable, option{q.ID, q.ID + " (" + c.text(r, "verdict."+string(q.Verdict)) + ")", q.ID == d.Form.Requirement})
		}
	}
	if results.Review != nil {
		for _, each := range results.Review.Decisions {
			d.Decisions = append(d.Decisions, decisionRow{each.Kind, each.Requirement, each.Until, each.Reason, each.By, by.at(each.At)})
		}
	}
	const others = 30
	runs, _, err := c.archive.List(r.Context(), archive.Query{Owner: by.sees(), Partner: d.Partner, Limit: others})
	if err != nil {
		return err
	}
	for _, o := range runs {
		if o.ID != d.ID && o.Verdict != archive.Unjudged {
			d.Others = append(d.Others, option{Value: o.ID, Text: by.at(o.StartedAt) + " – " + c.text(r, "runVerdict."+o.Verdict)})
		}
	}
	return nil
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

func (c *Console) reviewRun(w http.ResponseWriter, r *http.Request, by caller) error {
	id := r.PathValue("id")
	if ok, err := c.changeable(w, r, id); !ok {
		return err
	}
	f := decisionForm{
		Kind: r.PostForm.Get("kind"), Requirement: r.PostForm.Get("requirement"), Until: r.PostForm.Get("until"),
		Reason: strings.TrimSpace(r.PostForm.Get("reason")), By: strings.TrimSpace(r.PostForm.Get("by")),
	}
	decision := reports.Decision{Kind: f.Kind, Reason: f.Reason, By: f.By, At: c.options.Now().UTC()}
	if f.Kind == reports.Waive {
		decision.Requirement, decision.Until = f.Requirement, f.Until
	}
	err := c.archive.Decide(r.Context(), id, decision)
	var refused *archive.DecisionError
	if errors.As(err, &refused) {
		return c.runPage(w, r, by, http.StatusUnprocessableEntity, printed(by.lang, refused.Sentence), f)
	}
	if err != nil {
		return err
	}
	// What was decided on does not go on.
	if err := c.runs.rows.discard(r.Context(), "", id); err != nil && !errors.Is(err, errHeld) {
		return err
	}
	return goTo(w, r, "/runs/"+id, "decided")
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

type comparePage struct {
	A, B         runRow
	Requirements []changeRow
	Scenarios    []changeRow
	Profile      []profileChange
	SameSuite    bool
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
		row := runRows([]archive.Run{run}, by)[0]
		if i == 0 {
			d.A = row
		} else {
			d.B = row
		}
	}
	report, err := steps.Compare(r.Context(), both[0], both[1], steps.Options{Pack: c.options.Pack, Version: c.options.Version})
	if err != nil {
		return err
	}
	d.SameSuite, d.NotRejudged = report.SameSuite, said(by.lang, report.NotRejudged)
	for _, change := range report.Requirements {
		if q, known := c.options.Pack.Requirement(change.ID); known {
			change.Text = q.TextIn(string(by.lang))
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
