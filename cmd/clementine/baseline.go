package main

import (
	"io"
	"os"
	"time"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/baseline"
)

type reportBaseline struct {
	langFlag
	Results string `arg:"" optional:"" default:"reports/out/results.json" help:"results.json or bundle of a run; - reads standard input."`
	Output  string `short:"o" placeholder:"FILE" help:"File to write; standard output if it is left out."`
	Reason  string `required:"" placeholder:"TEXT" help:"Why these findings may stay for now; written to each, to be edited."`
	Until   string `required:"" placeholder:"DAY" help:"Last day on which they may stay, such as 2026-12-31."`
}

// Help is shown by --help.
func (reportBaseline) Help() string {
	return `Writes every finding that fails a requirement as known. A run with --baseline FILE then ends with 0 if it shows these and
no other: new findings, entries that the run shows no longer, and entries past their day are exit code 1.

Example:

  clementine report baseline reports/out/results.json -o baseline.yaml --reason "ticket 1234" --until 2026-12-31`
}

// Run writes the file.
func (c reportBaseline) Run(t *terminal) error {
	if _, err := time.Parse(time.DateOnly, c.Until); err != nil {
		return usagef("--until is a day such as 2026-12-31, not %q", c.Until)
	}
	s, err := t.readSubmission(c.Results, time.Now())
	if err != nil {
		return err
	}
	s.warn(t)
	f := baseline.Of(s.results, c.Reason, c.Until)
	if c.Output == "" {
		return baseline.Write(t.out, f)
	}
	if err := writeFile(c.Output, func(w io.Writer) error { return baseline.Write(w, f) }); err != nil {
		return &exit{code: ExitUsage, err: err}
	}
	t.warnf("%s written: %d known findings\n", c.Output, len(f.Findings))
	return nil
}

// readBaseline reads the baseline of a run; nil where there is none.
func readBaseline(name string) (*baseline.File, error) {
	if name == "" {
		return nil, nil
	}
	in, err := os.Open(name) // #nosec G304 -- the operator names the file
	if err != nil {
		return nil, usagef("opening --baseline %s: %w", name, reason(err))
	}
	defer in.Close()
	f, err := baseline.Read(in)
	if err != nil {
		return nil, usagef("--baseline %s: %w", name, err)
	}
	return &f, nil
}

// beside says what a run comes to beside its baseline; the verdict of the results stays what it is.
func (t *terminal) beside(f *baseline.File, r reports.Results) error {
	o := f.Check(r, time.Now())
	for _, b := range o.New {
		f := b.Finding.In(t.lang) // after it was compared: fingerprints are over the English
		t.printf("new: %s in %s: expected %s, seen %s (%s)\n", b.Requirement, reports.Plain(b.Scenario), reports.Plain(f.Expected), reports.Plain(f.Seen), b.Fingerprint)
	}
	for _, k := range o.RunOut {
		t.printf("run out on %s: %s\n", k.Until, reports.Plain(k.String()))
	}
	for _, k := range o.Stale {
		t.printf("stale, the run does not show it any more: %s\n", reports.Plain(k.String()))
	}
	t.printf("Baseline: %d known, %d new, %d run out, %d stale\n", len(o.Known), len(o.New), len(o.RunOut), len(o.Stale))
	if n := len(o.Doubtful); n > 0 {
		t.printf("Requirements that could not be judged: %d\n", n)
	}
	if code := o.ExitCode(); code != ExitPassed {
		return verdict(code)
	}
	return nil
}
