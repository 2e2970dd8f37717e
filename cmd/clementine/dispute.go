package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

type reportDispute struct {
	Bundle  string `arg:"" help:"Bundle with the finding, report.clem."`
	Finding string `placeholder:"ID" help:"The finding: its id, or a requirement's for its first one. Without it, what can be disputed is listed."`
	Claim   string `placeholder:"TEXT" help:"Why the finding is wrong, in your words; required with --finding."`
	By      string `placeholder:"NAME" help:"Who says so."`
	Output  string `short:"o" placeholder:"FILE" help:"File to write, HTML; standard output if it is left out."`
	Lang    string `enum:",en,fr" default:"" help:"Language of the page: en or fr; that of the run if it is left out."`
}

// Help is shown by --help.
func (reportDispute) Help() string {
	return `Writes one page about one finding, for whoever has to settle it: your claim, the clause with its source, what was expected
and seen, the exchange with its secrets masked, as curl and hurl, and how to check all of it against the bundle. The page
needs nothing else. It changes no verdict, and nothing in the bundle.

Examples:

  clementine report dispute report.clem                       # what can be disputed
  clementine report dispute report.clem --finding PO-UC2-02 --claim "The third licence comes with the next event." --by "A. Partner" -o dispute.html`
}

// Run lists, or writes the page.
func (c reportDispute) Run(t *terminal) error {
	s, err := t.readBundle(c.Bundle, time.Now())
	if err != nil {
		return err
	}
	if c.Finding == "" {
		if c.Claim+c.By+c.Output != "" {
			return usagef("--finding ID is missing: clementine report dispute %s lists them", c.Bundle)
		}
		return t.disputable(s.results)
	}
	if c.Claim == "" {
		return usagef("--finding needs --claim TEXT: why it is wrong")
	}
	found, known := reports.FindDisputed(s.results, c.Finding)
	if !known {
		return usagef("%s has no finding %s that can be disputed; clementine report dispute %s lists them", c.Bundle, c.Finding, c.Bundle)
	}
	d := reports.Dispute{
		Finding: found, Claim: c.Claim, By: c.By, Day: reports.Day(time.Now()), Readings: readings(s.results, found.Finding.Requirement),
		Bundle: s.bundle.Digest(), Link: s.bundle.Link(found.Finding.Exchange),
	}
	write := func(w io.Writer) error { return reports.DisputePage(w, translated(s.results, c.Lang), d) }
	if c.Output == "" {
		return write(t.out)
	}
	if err := writeFile(c.Output, write); err != nil {
		return &exit{code: ExitUsage, err: err}
	}
	t.warnf("%s written\n", c.Output)
	return nil
}

// disputable lists the findings by their ids.
func (t *terminal) disputable(r reports.Results) error {
	list := reports.Disputable(r)
	if len(list) == 0 {
		t.printf("There is nothing to dispute: no requirement failed, and none came with a warning.\n")
		return nil
	}
	for _, d := range list {
		f := d.Finding.In(t.lang)
		fmt.Fprintf(t.out, "%s %s, %s\n", d.ID, reports.Plain(f.Requirement), reports.Plain(d.Scenario))
		t.printf("  expected %s, seen %s\n", reports.Plain(f.Expected), reports.Plain(f.Seen))
	}
	return nil
}

// readings are those of the built-in pack about a requirement, where the run was judged by it.
func readings(r reports.Results, requirement string) []reports.Reading {
	pack, err := schemas.Builtin()
	if err != nil || r.Suite.Pack != pack.Digest {
		return nil
	}
	var out []reports.Reading
	for _, i := range pack.Interpretations() {
		if slices.Contains(i.Requirements, requirement) {
			out = append(out, reports.Reading{ID: i.ID, Contradiction: i.Contradiction, Choice: i.Choice})
		}
	}
	return out
}
