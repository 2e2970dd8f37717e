package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/bundle"
	"github.com/clementine-ope/clementine/steps"
)

// prepareOut makes the folder of the reports before a run spends time on results that it could not write.
func prepareOut(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { // #nosec G301 -- reports are read by others, in CI too
		return usagef("creating the report folder %s: %w", dir, reason(err))
	}
	return nil
}

// judging is what a run does besides judging.
type judging struct {
	out             string // folder of the reports
	verbose         bool
	journal, resume bool
}

// judge runs the suite, writes its reports and prints the summary. The results stand whatever the verdict.
func (t *terminal) judge(ctx context.Context, o steps.Options, j judging) (reports.Results, error) {
	line := t.progress()
	o.Version, o.Progress, o.Ask = versionText(), line.show, t.asker(line)
	journal, err := t.keep(&o, j)
	if err != nil {
		return reports.Results{}, runError(err)
	}
	results, err := steps.Run(ctx, o)
	line.clear()
	if lost := journal.Close(); lost != nil {
		t.complainf("%v: this run can't be resumed", lost)
	}
	if err != nil {
		return reports.Results{}, runError(err)
	}
	if err := writeReports(j.out, results); err != nil {
		return reports.Results{}, &exit{code: ExitUsage, err: err}
	}
	err = reports.Text(t.out, results, reports.TextOptions{Color: t.colour(), Lang: o.Lang, Verbose: j.verbose})
	if err != nil {
		return reports.Results{}, fmt.Errorf("printing the summary: %w", err)
	}
	fmt.Fprintln(t.out, reports.Written(o.Lang, filepath.Join(j.out, "report.html")))
	return results, t.over(journal, results)
}

// runError gives the errors of a run their exit code.
func runError(err error) error {
	var config *steps.ConfigError
	var cannot *steps.CannotJudgeError
	switch {
	case errors.As(err, &config):
		return &exit{code: ExitUsage, err: err}
	case errors.As(err, &cannot):
		return &exit{code: ExitCannotJudge, err: fmt.Errorf("could not judge (%s): %s", cannot.Blame, cannot.Sentence)}
	default:
		return &exit{code: ExitCannotJudge, err: fmt.Errorf("could not judge (clementine): %w", err)}
	}
}

func writeBundle(w io.Writer, r reports.Results) error {
	b, err := bundle.New(r)
	if err != nil {
		return err
	}
	return b.Write(w)
}

// writeReports writes results.json first: all else can be made from it again.
func writeReports(dir string, results reports.Results) error {
	for _, report := range []struct {
		name  string
		write func(io.Writer, reports.Results) error
	}{
		{"results.json", reports.Write},
		{"report.html", reports.HTML},
		{"junit.xml", reports.JUnit},
		{"ctrf.json", reports.CTRF},
		{bundle.FileName, writeBundle},
	} {
		err := writeFile(filepath.Join(dir, report.name), func(w io.Writer) error { return report.write(w, results) })
		if err != nil {
			return err
		}
	}
	return nil
}
