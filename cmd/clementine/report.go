package main

import (
	"io"
	"slices"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

type reportCommand struct {
	HTML        reportHTML        `cmd:"" name:"html" help:"One self-contained page."`
	JUnit       reportJUnit       `cmd:"" name:"junit" help:"JUnit XML, for CI servers."`
	CTRF        reportCTRF        `cmd:"" name:"ctrf" help:"Common Test Report Format (JSON)."`
	Text        reportText        `cmd:"" name:"text" help:"What a run prints."`
	Markdown    reportMarkdown    `cmd:"" name:"markdown" help:"The summary that CI servers show beside a job."`
	Annotations reportAnnotations `cmd:"" name:"annotations" help:"The causes as annotations of GitHub or GitLab."`
	Verify      reportVerify      `cmd:"" name:"verify" help:"Judge the recording again, offline, and compare the verdicts."`

	Spot     reportSpot     `cmd:"" name:"spot" help:"Run a few scenarios of a bundle again, live, and compare."`
	Compare  reportCompare  `cmd:"" name:"compare" help:"Set two runs side by side: what changed, and why."`
	Review   reportReview   `cmd:"" name:"review" help:"Accept, waive or refuse; or show what was decided."`
	Baseline reportBaseline `cmd:"" name:"baseline" help:"Write the findings of a run as known, for run --baseline."`
	Dispute  reportDispute  `cmd:"" name:"dispute" help:"Write one page about one finding that you dispute."`
	Keygen   reportKeygen   `cmd:"" name:"keygen" help:"Make a key pair to sign bundles with."`
	Sign     reportSign     `cmd:"" name:"sign" help:"Sign a bundle and its review."`
}

// rendering is what all report commands take.
type rendering struct {
	Results string `arg:"" optional:"" default:"reports/out/results.json" help:"results.json or bundle (report.clem) of a run; - reads standard input."`
	On      string `placeholder:"DAY" help:"Day on which waivers of a bundle are looked at, such as 2026-12-31; today if it is left out."`
	Output  string `short:"o" placeholder:"FILE" help:"File to write; standard output if it is left out."`
}

// Help is shown by --help.
func (rendering) Help() string {
	return `Examples:

  clementine report html reports/out/results.json -o report.html
  clementine report junit reports/out/results.json > junit.xml
  clementine report html --lang fr -o rapport.html
  clementine report html report.clem -o report.html         # with the review that the bundle holds
  clementine report text < reports/out/results.json -`
}

func (c rendering) render(t *terminal, write func(io.Writer, reports.Results) error) error {
	on, err := onDay("--on", c.On)
	if err != nil {
		return err
	}
	read, err := t.readSubmission(c.Results, on)
	if err != nil {
		return err
	}
	read.warn(t)
	results := read.results
	if c.Output == "" {
		return write(t.out, results)
	}
	if err := writeFile(c.Output, func(w io.Writer) error { return write(w, results) }); err != nil {
		return &exit{code: ExitUsage, err: err}
	}
	t.warnf("%s written\n", c.Output)
	return nil
}

// spoken is a rendering that people read.
type spoken struct {
	rendering
	Lang string `enum:",en,fr" default:"" help:"Language of the report: en or fr; that of the run if it is left out."`
}

// in renders in the language that was asked for.
func (c spoken) in(t *terminal, write func(io.Writer, reports.Results) error) error {
	return c.render(t, func(w io.Writer, r reports.Results) error { return write(w, translated(r, c.Lang)) })
}

// translated puts results into another language. A clause is that of the built-in pack, where the run was judged by the
// same words; those of a pack of one's own stay as they were written.
func translated(r reports.Results, lang string) reports.Results {
	if lang == "" || lang == r.Lang {
		return r
	}
	r.Lang = lang
	pack, err := schemas.Builtin()
	if err != nil {
		return r
	}
	r.Requirements = slices.Clone(r.Requirements)
	for i, row := range r.Requirements {
		r.Requirements[i].Text = pack.TextIn(lang, row.ID, row.Text)
	}
	return r
}

type reportHTML struct{ spoken }

// Run renders the page.
func (c reportHTML) Run(t *terminal) error { return c.in(t, reports.HTML) }

type reportJUnit struct{ rendering }

// Run renders JUnit XML.
func (c reportJUnit) Run(t *terminal) error { return c.render(t, reports.JUnit) }

type reportCTRF struct{ rendering }

// Run renders CTRF.
func (c reportCTRF) Run(t *terminal) error { return c.render(t, reports.CTRF) }

type reportText struct {
	spoken
	Verbose bool `help:"Show every finding and every step."`
}

// Run renders the terminal summary.
func (c reportText) Run(t *terminal) error {
	return c.in(t, func(w io.Writer, r reports.Results) error {
		colour := t.colour() && c.Output == ""
		return reports.Text(w, r, reports.TextOptions{Color: colour, Verbose: c.Verbose})
	})
}
