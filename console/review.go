package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/archive"
)

type decisionRow struct{ Kind, Requirement, Until, Reason, By, At string }

type decisionForm struct{ Kind, Requirement, Until, Reason, By string }

// wrong is the field that keeps the decision from being taken on a day, in the order in which reports.CheckDecision looks.
func (f decisionForm) wrong(day string) string {
	_, err := time.Parse(time.DateOnly, f.Until)
	switch {
	case f.Kind == "":
		return "kind"
	case f.By == "":
		return "by"
	case f.Reason == "":
		return "reason"
	case f.Kind == reports.Waive && (err != nil || f.Until < day):
		return "until"
	case f.Kind == reports.Waive:
		return "requirement"
	}
	return "kind"
}

// reviewPart is what the page of a run shows of its review.
type reviewPart struct {
	State     string
	Decisions []decisionRow
	Unsigned  bool // there are decisions, and no signature covers them all
	SendBack  bool // the last decision was made here
	Waivable  []option
	Reviewer  bool
	Refused   string // a decision that was not taken, and why
	Wrong     string // the field that it is about
	Form      decisionForm
}

// reviewed fills in what the run's bundle says.
func (c *Console) reviewed(r *http.Request, by caller, run archive.Run, d *runPage) error {
	results, err := c.results(r, by, run.ID)
	if err != nil {
		return err
	}
	d.Known, d.State = beside(run, results, by), results.Standing().State
	d.Seed, d.Challenge = strconv.FormatUint(results.Seed, 10), results.Challenge
	if n := len(results.Resumed); n > 0 {
		d.Resumed = by.at(results.Resumed[n-1].At)
	}
	var breaches []reports.Finding
	for _, s := range results.Scenarios {
		breaches = append(breaches, results.Breaches(s)...)
	}
	for _, q := range results.Requirements {
		if q.Verdict != reports.Failed {
			continue
		}
		row := c.clauseRow(by, q, breaches)
		if waiver, is := results.Waiver(q.ID); is {
			row.Waived = waiver.Until
		}
		d.Failed = append(d.Failed, row)
	}
	d.Waivable = c.waivable(r, results, d.Form.Requirement)
	if results.Review != nil {
		for _, each := range results.Review.Decisions {
			d.Decisions = append(d.Decisions, decisionRow{each.Kind, each.Requirement, each.Until, each.Reason, each.By, by.at(each.At)})
			d.SendBack = each.At.After(run.UploadedAt)
		}
	}
	d.Unsigned = results.Review != nil && len(results.Review.Signers) == 0
	return nil
}

// waivable lists what keeps a run from being accepted: what failed first, then what could not be judged. What is waived
// already comes last, because a waiver may be made anew.
func (c *Console) waivable(r *http.Request, results reports.Results, chosen string) []option {
	var groups [3][]option
	for _, q := range results.Requirements {
		if !reports.NeedsWaiver(q) {
			continue
		}
		at, text := 1, q.ID+" ("+c.text(r, "verdict."+string(q.Verdict))+")"
		if q.Verdict == reports.Failed {
			at = 0
		}
		if _, waived := results.Waiver(q.ID); waived {
			at, text = 2, text+", "+c.text(r, "review.waived")
		}
		groups[at] = append(groups[at], option{q.ID, text, q.ID == chosen})
	}
	return slices.Concat(groups[:]...)
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
		return c.runPage(w, r, by, http.StatusUnprocessableEntity, reviewPart{
			Refused: printed(by.lang, refused.Sentence), Wrong: f.wrong(reports.Day(decision.At)), Form: f,
		})
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
