package main

import (
	"fmt"
	"io"
	"os"

	"github.com/clementine-ope/clementine/reports"
)

type reportCommand struct {
	HTML        reportHTML        `cmd:"" name:"html" help:"One self-contained page."`
	JUnit       reportJUnit       `cmd:"" name:"junit" help:"JUnit XML, for CI servers."`
	CTRF        reportCTRF        `cmd:"" name:"ctrf" help:"Common Test Report Format (JSON)."`
	Text        reportText        `cmd:"" name:"text" help:"What a run prints."`
	Markdown    reportMarkdown    `cmd:"" name:"markdown" help:"The summary that CI servers show beside a job."`
	Annotations reportAnnotations `cmd:"" name:"annotations" help:"The causes as annotations of GitHub or GitLab."`
	Verify      reportVerify      `cmd:"" name:"verify" help:"Judge the recording again, offline, and compare the verdicts."`
}

// rendering is what all report commands take.
type rendering struct {
	Results string `arg:"" optional:"" default:"reports/out/results.json" help:"results.json of a run; - reads standard input."`
	Output  string `short:"o" placeholder:"FILE" help:"File to write; standard output if it is left out."`
}

// Help is shown by --help.
func (rendering) Help() string {
	return `Examples:

  clementine report html reports/out/results.json -o report.html
  clementine report junit reports/out/results.json > junit.xml
  clementine report text < reports/out/results.json -`
}

func (c rendering) render(t *terminal, write func(io.Writer, reports.Results) error) error {
	results, err := readResults(t, c.Results)
	if err != nil {
		return err
	}
	if c.Output == "" {
		return write(t.out, results)
	}
	if err := writeFile(c.Output, func(w io.Writer) error { return write(w, results) }); err != nil {
		return &exit{code: ExitUsage, err: err}
	}
	fmt.Fprintf(t.err, "%s written\n", c.Output)
	return nil
}

// readResults reads the results of a run from a file, or from standard input where its name is -.
func readResults(t *terminal, name string) (reports.Results, error) {
	in := t.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return reports.Results{}, usagef("opening %s: %w", name, reason(err))
		}
		defer f.Close()
		in = f
	}
	results, err := reports.Read(in)
	if err != nil {
		return reports.Results{}, usagef("reading %s: %w", name, err)
	}
	return results, nil
}

type reportHTML struct{ rendering }

// Run renders the page.
func (c reportHTML) Run(t *terminal) error { return c.render(t, reports.HTML) }

type reportJUnit struct{ rendering }

// Run renders JUnit XML.
func (c reportJUnit) Run(t *terminal) error { return c.render(t, reports.JUnit) }

type reportCTRF struct{ rendering }

// Run renders CTRF.
func (c reportCTRF) Run(t *terminal) error { return c.render(t, reports.CTRF) }

type reportText struct {
	rendering
	Lang    string `enum:",en,fr" default:"" help:"Language of the text: en or fr; that of the run if it is left out."`
	Verbose bool   `help:"Show every finding and every step."`
}

// Run renders the terminal summary.
func (c reportText) Run(t *terminal) error {
	return c.render(t, func(w io.Writer, r reports.Results) error {
		colour := t.colour() && c.Output == ""
		return reports.Text(w, r, reports.TextOptions{Color: colour, Lang: c.Lang, Verbose: c.Verbose})
	})
}
