package main

import (
	"cmp"
	"time"

	"github.com/clementine-ope/clementine/reports"
)

type reportReview struct {
	Bundle string `arg:"" help:"Bundle to decide on, report.clem."`
	Accept bool   `xor:"decision" help:"Accept the run."`
	Waive  string `xor:"decision" placeholder:"REQ" help:"Let a requirement that did not pass stand until a day."`
	Refuse bool   `xor:"decision" help:"Refuse the run."`
	Until  string `placeholder:"DAY" help:"Last day of a waiver, such as 2026-12-31."`
	Reason string `placeholder:"TEXT" help:"Why; required with a decision."`
	By     string `placeholder:"NAME" help:"Who decides; required with a decision."`
	On     string `placeholder:"DAY" help:"Without a decision: the day on which waivers are looked at; today if it is left out."`
	Output string `short:"o" placeholder:"FILE" help:"File to write; the bundle itself if it is left out."`
	Lang   string `enum:",en,fr" default:"" help:"Language of what is printed: en or fr; that of the run if it is left out."`
}

// Help is shown by --help.
func (reportReview) Help() string {
	return `Adds one decision to a bundle; decisions are chained, and none is ever removed. A run can be accepted once all that did
not pass is waived. Without a decision it shows what was decided; its exit code is then 0 if the run is accepted on that
day, else 1. A waiver that has run out counts as failed. A signature covers the decisions before it: sign afterwards.

Examples:

  clementine report review report.clem --waive PO-UC2-02 --until 2026-12-31 --reason "fixed in their next release" --by "A. Reviewer"
  clementine report review report.clem --accept --reason "all else passed" --by "A. Reviewer"
  clementine report review report.clem                            # what holds today?`
}

// Run decides, or shows.
func (c reportReview) Run(t *terminal) error {
	d, decides, err := c.decision()
	if err != nil {
		return err
	}
	on, err := onDay("--on", c.On)
	if err != nil {
		return err
	}
	s, err := t.readBundle(c.Bundle, on)
	if err != nil {
		return err
	}
	if !decides {
		return t.standing(s.results)
	}
	if err := s.bundle.Decide(d); err != nil {
		return usagef("%s: %w", c.Bundle, err)
	}
	return t.saveBundle(s, c.Output)
}

func (c reportReview) decision() (reports.Decision, bool, error) {
	d := reports.Decision{Requirement: c.Waive, Until: c.Until, Reason: c.Reason, By: c.By, At: time.Now().UTC().Truncate(time.Second)}
	switch {
	case c.Accept:
		d.Kind = reports.Accept
	case c.Refuse:
		d.Kind = reports.Refuse
	case c.Waive != "":
		d.Kind = reports.Waive
	case c.Until+c.Reason+c.By+c.Output != "":
		return d, false, usagef("a decision is missing: --accept, --waive REQ or --refuse")
	default:
		return d, false, nil
	}
	switch {
	case c.Reason == "" || c.By == "":
		return d, true, usagef("a decision needs --reason TEXT and --by NAME")
	case c.On != "":
		return d, true, usagef("--on is for looking; a decision is made today")
	case d.Kind == reports.Waive && c.Until == "":
		return d, true, usagef("--waive needs --until DAY")
	case d.Kind != reports.Waive && c.Until != "":
		return d, true, usagef("--until is the last day of a waiver: it goes with --waive")
	}
	return d, true, nil
}

// standing prints what the review comes to.
func (t *terminal) standing(r reports.Results) error {
	if err := reports.ReviewText(t.out, r, cmp.Or(t.lang, r.Lang)); err != nil {
		return err
	}
	if r.Standing().State != reports.Accepted {
		return verdict(ExitFailed)
	}
	return nil
}
