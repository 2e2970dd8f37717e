package console

import (
	"errors"
	"net/http"
	"strings"

	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/steps"
	"github.com/clementine-ope/clementine/web"
)

// unfinishedRow is a run that is not over, and that this program does not run.
type unfinishedRow struct {
	liveRow
	StartedBy, Mode, Selection string
	State, Problem             string
	Elsewhere                  bool   // under way in another program
	Until                      string // when it can be resumed if that program is gone
}

func (c *Console) unfinishedRow(by caller, b begun) unfinishedRow {
	row := unfinishedRow{
		liveRow: liveRow{b.ID, b.Partner, by.at(b.StartedAt), b.Done, b.Total}, StartedBy: b.StartedBy, Mode: b.Mode, Selection: b.Selection,
		State: b.State, Problem: said(by.lang, b.Problem),
	}
	if b.State == runUnderWay {
		row.Elsewhere, row.Until = true, by.at(b.until)
	}
	return row
}

// begunRows are the runs that are not over: those under way here, and the others.
func (c *Console) begunRows(r *http.Request, by caller) (here []liveRow, others []unfinishedRow, err error) {
	all, err := c.runs.rows.list(r.Context(), by.sees())
	if err != nil {
		return nil, nil, err
	}
	for _, b := range all {
		if l := c.runs.find(by.sees(), b.ID); l != nil {
			s := l.state(0)
			here = append(here, liveRow{b.ID, b.Partner, by.at(b.StartedAt), s.done, s.total})
			continue
		}
		others = append(others, c.unfinishedRow(by, b))
	}
	return here, others, nil
}

type unfinishedPage struct {
	unfinishedRow
	Refused string
}

// waiting is what a run's page says of a run that is not over and not under way here; nil for others.
func (c *Console) waiting(r *http.Request, by caller, id string) (*unfinishedRow, error) {
	b, err := c.runs.rows.get(r.Context(), by.sees(), id)
	if errors.Is(err, archive.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	row := c.unfinishedRow(by, b)
	return &row, nil
}

// showUnfinished is the page of a run that is not over and has no results yet.
func (c *Console) showUnfinished(w http.ResponseWriter, r *http.Request, by caller, status int, row unfinishedRow, refused string) {
	c.render(w, r, status, web.Page{
		Name: "unfinished", Title: c.text(r, "run.title", row.Partner), Section: "nav.runs", Data: unfinishedPage{row, refused},
		Trail: []web.Crumb{{Text: c.text(r, "nav.runs"), Path: "/runs"}},
	})
}

// resumeRun goes on with a run that was stopped or cut off, from where its journal ends.
func (c *Console) resumeRun(w http.ResponseWriter, r *http.Request, by caller) error {
	id := r.PathValue("id")
	if c.runs.find(by.sees(), id) != nil {
		return goTo(w, r, "/runs/"+id, "")
	}
	b, err := c.runs.rows.get(r.Context(), by.sees(), id)
	if err != nil {
		return err
	}
	run, err := c.archive.Get(r.Context(), "", id)
	if errors.Is(err, archive.ErrNotFound) {
		run, err = b.Run, nil
	}
	if err != nil {
		return err
	}
	run.Baseline = b.Choices.Baseline
	p, _, problems, err := c.checked(r.Context(), by, b.Document)
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		var said []string
		for _, each := range problems {
			said = append(said, each.Error())
		}
		return c.notResumed(w, r, by, b, http.StatusConflict, strings.Join(said, " "))
	}
	_, err = c.runs.resume(r.Context(), b, run, c.optionsOf(r.Context(), c.calling(by, stored{Owner: b.Owner}), p, b.Choices))
	var config *steps.ConfigError
	status, why := c.noRoom(r, err)
	switch {
	case status != 0:
		return c.notResumed(w, r, by, b, status, why)
	case errors.Is(err, errHeld):
		return c.notResumed(w, r, by, b, http.StatusConflict, c.text(r, "resume.held"))
	case errors.As(err, &config):
		return c.notResumed(w, r, by, b, http.StatusConflict, said(by.lang, config.Sentence))
	case err != nil:
		return err
	}
	return goTo(w, r, "/runs/"+id, "resumed")
}

func (c *Console) notResumed(w http.ResponseWriter, r *http.Request, by caller, b begun, status int, why string) error {
	row, err := c.waiting(r, by, b.ID)
	if err != nil {
		return err
	}
	if row == nil {
		return archive.ErrNotFound
	}
	row.Problem = ""
	c.showUnfinished(w, r, by, status, *row, why)
	return nil
}

// discardRun gives a run up. What it had judged when it was stopped stays in the archive.
func (c *Console) discardRun(w http.ResponseWriter, r *http.Request, by caller) error {
	id := r.PathValue("id")
	if _, err := c.runs.rows.get(r.Context(), by.sees(), id); err != nil {
		return err
	}
	err := c.runs.rows.discard(r.Context(), by.sees(), id)
	if errors.Is(err, errHeld) {
		c.site.Error(w, r, http.StatusConflict, "error.underWay")
		return nil
	}
	if err != nil {
		return err
	}
	path := "/runs"
	if _, err := c.archive.Get(r.Context(), by.sees(), id); err == nil {
		path += "/" + id
	}
	return goTo(w, r, path, "discarded")
}

// underWay says whether a run is under way, here or in another program.
func (c *Console) underWay(r *http.Request, id string) (bool, error) {
	if c.runs.find("", id) != nil {
		return true, nil
	}
	b, err := c.runs.rows.get(r.Context(), "", id)
	if errors.Is(err, archive.ErrNotFound) {
		return false, nil
	}
	return b.State == runUnderWay, err
}

// changeable says whether a kept run may be decided on or removed now, and otherwise shows why not.
func (c *Console) changeable(w http.ResponseWriter, r *http.Request, id string) (bool, error) {
	under, err := c.underWay(r, id)
	if err == nil && under {
		c.site.Error(w, r, http.StatusConflict, "error.underWay")
	}
	return err == nil && !under, err
}
