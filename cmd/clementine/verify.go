package main

import (
	"context"
	"fmt"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/steps"
)

type reportVerify struct {
	Results  string   `arg:"" optional:"" default:"reports/out/results.json" help:"results.json of a run; - reads standard input."`
	Contract string   `placeholder:"DIR" help:"Contract pack that the run judged by; the built-in one if it is left out."`
	Features []string `placeholder:"DIR" help:"Folders with the features of your own that the run had."`
}

// Help is shown by --help.
func (reportVerify) Help() string {
	return `Replays the same features over the recording in results.json, offline: nothing is called. Exit code 0 says that the
replay reached the same verdicts, 1 that it did not, 3 that another suite or contract judged the run. The results are then
consistent; who made them is not proven.

Example:

  clementine report verify reports/out/async/results.json`
}

// Run replays a recording and compares the verdicts.
func (c reportVerify) Run(ctx context.Context, t *terminal) error {
	results, err := readResults(t, c.Results)
	if err != nil {
		return err
	}
	pack, err := loadPack(c.Contract)
	if err != nil {
		return err
	}
	extra, err := featureFolders(c.Features)
	if err != nil {
		return err
	}
	if digest := steps.Digest(pack, extra); digest != results.Suite.Digest {
		return cannotJudgef("%s was judged by another suite (%s %s, %s), this one is %s: verify it with that version, and with the --contract and --features of the run",
			c.Results, results.Suite.Name, results.Suite.Version, results.Suite.Digest, digest)
	}
	replayed, err := steps.Replay(ctx, results, steps.Options{Pack: pack, Extra: extra, Version: versionText()})
	if err != nil {
		return runError(err)
	}
	if differences := reports.Differences(results, replayed); len(differences) > 0 {
		return t.inconsistent(c.Results, results, differences)
	}
	fmt.Fprintf(t.out, "Consistent: the replay of %d scenarios over %d exchanges reached the same verdicts. The origin is not proven: nothing signs this file.\n",
		len(results.Scenarios), len(results.Exchanges))
	return nil
}

// mostDifferences is how many of them are printed.
const mostDifferences = 20

func (t *terminal) inconsistent(name string, results reports.Results, differences []string) error {
	fmt.Fprintf(t.out, "Not consistent: the replay of %s came to something else.\n\n", named(name))
	for i, d := range differences {
		if i == mostDifferences {
			fmt.Fprintf(t.out, "  and %d more\n", len(differences)-i)
			break
		}
		fmt.Fprintf(t.out, "  %s\n", reports.Plain(d))
	}
	if cut := harness.Unread(results); len(cut) > 0 {
		fmt.Fprintf(t.out, "\nBodies of %d exchanges were not recorded whole (docs/limits.md), exchange %d first: what they showed can't be judged again.\n", len(cut), cut[0])
	}
	return verdict(ExitFailed)
}

// named is a file's name for a sentence.
func named(file string) string {
	if file == "-" {
		return "what came on standard input"
	}
	return reports.Plain(file)
}
