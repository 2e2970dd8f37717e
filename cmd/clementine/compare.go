package main

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/compare"
	"github.com/clementine-ope/clementine/reports/french"
	"github.com/clementine-ope/clementine/steps"
)

type reportCompare struct {
	langFlag
	A        string   `arg:"" help:"The earlier run: a bundle or results.json."`
	B        string   `arg:"" help:"The later run."`
	JSON     bool     `name:"json" help:"Print JSON."`
	Contract string   `placeholder:"DIR" help:"Contract pack that judged B; the built-in one if it is left out."`
	Features []string `placeholder:"DIR" help:"Folders with the features of your own that B had."`
}

// Help is shown by --help.
func (reportCompare) Help() string {
	return `Says for each requirement and scenario what was fixed, what broke, what is judged now and was not, or the other way round,
and why: because the partner, the suite, the profile or the selection changed, or a run was stopped. Where suite or
profile differ, A's recording is judged again by B's, so that the causes can be told apart. Exit code 1 if a
requirement fails now that did not before.

Examples:

  clementine report compare last-month.clem report.clem
  clementine report compare --json old/results.json new/results.json`
}

// Run compares.
func (c reportCompare) Run(ctx context.Context, t *terminal) error {
	pack, err := loadPack(c.Contract)
	if err != nil {
		return err
	}
	extra, err := featureFolders(c.Features)
	if err != nil {
		return err
	}
	a, err := t.readSubmission(c.A, time.Now())
	if err != nil {
		return err
	}
	b, err := t.readSubmission(c.B, time.Now())
	if err != nil {
		return err
	}
	a.warn(t)
	b.warn(t)
	r, err := steps.Compare(ctx, a.results, b.results, steps.Options{Pack: pack, Extra: extra, Version: versionText()})
	if ctx.Err() != nil {
		return verdict(ExitInterrupted)
	}
	if err != nil {
		return runError(err)
	}
	if c.JSON {
		enc := json.NewEncoder(t.out)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		err = t.compared(r)
	}
	if err != nil {
		return err
	}
	if r.Broke() {
		return verdict(ExitFailed)
	}
	return nil
}

// compared prints a comparison. It was made in English: what differs is found by the sentences.
func (t *terminal) compared(r compare.Report) error {
	if t.lang == "fr" {
		r = inFrench(r)
	}
	return compare.Text(t.out, r, t.say)
}

// inFrench puts clauses, names of scenarios and findings into French; the lines around them follow as they are printed.
func inFrench(r compare.Report) compare.Report {
	var rows []reports.Requirement
	for _, c := range r.Requirements {
		rows = append(rows, reports.Requirement{ID: c.ID, Text: c.Text})
	}
	clauses := translated(reports.Results{Suite: r.B.Suite, Requirements: rows}, "fr").In("fr").Requirements
	r.Requirements, r.Scenarios = slices.Clone(r.Requirements), slices.Clone(r.Scenarios)
	for i := range r.Requirements {
		r.Requirements[i].Text = clauses[i].Text
	}
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		s.Text = french.Say(s.Text)
		s.New, s.Gone = slices.Clone(s.New), slices.Clone(s.Gone)
		for _, list := range [][]reports.Finding{s.New, s.Gone} {
			for j := range list {
				list[j] = list[j].In("fr")
			}
		}
	}
	return r
}
