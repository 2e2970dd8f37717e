package main

import (
	"context"
	"crypto/ed25519"
	"os"
	"time"

	"github.com/clementine-ope/clementine/harness"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/bundle"
	"github.com/clementine-ope/clementine/reports/compare"
	"github.com/clementine-ope/clementine/steps"
)

type reportVerify struct {
	langFlag
	File      string   `arg:"" optional:"" default:"reports/out/report.clem" help:"Bundle or results.json of a run; - reads standard input."`
	Contract  string   `placeholder:"DIR" help:"Contract pack to judge by; the built-in one if it is left out."`
	Features  []string `placeholder:"DIR" help:"Folders with the features of your own that the run had."`
	Key       []string `placeholder:"FILE" help:"Public key (PEM) that has to have signed the bundle and its review; may be given again."`
	Challenge string   `placeholder:"NONCE" help:"The challenge that you gave before the run."`
}

// Help is shown by --help.
func (reportVerify) Help() string {
	return `Checks the bundle against itself and replays the same features over its recording, offline: nothing is called.
By another suite or contract pack than the run's it says what the run would come to today.

Exit codes: 0 all is as it was written and the verdicts are the same (by another suite: it would pass). 1 something was
altered, is not signed or challenged as you expect, or the replay comes to other verdicts (by another suite: it would
fail). 2 the file or a flag can't be read. 3 by another suite nothing would fail, but not everything can be judged from
this recording.

What the combinations prove is said at the end of the output, and in docs/reviewing.md.

Examples:

  clementine report verify reports/out/report.clem
  clementine report verify report.clem --challenge K7WQ-2026-11 --key orange.pub
  clementine report verify report.clem --contract new-pack      # would it pass by the new pack?`
}

// Run verifies, and judges again.
func (c reportVerify) Run(ctx context.Context, t *terminal) error {
	keys, err := publicKeys(c.Key)
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
	s, err := t.readSubmission(c.File, time.Now())
	if err != nil {
		return err
	}
	proof, err := c.integrity(t, s, keys)
	if err != nil {
		return err
	}
	if err := reports.Identify(t.out, s.results, t.lang); err != nil {
		return err
	}
	j, err := steps.Rejudge(ctx, s.results, steps.Options{Pack: pack, Extra: extra, Version: versionText()})
	switch {
	case err != nil:
		return runError(err)
	case ctx.Err() != nil:
		return verdict(ExitInterrupted)
	case !j.SameSuite:
		return t.today(s, j, proof)
	case len(j.Differences) > 0:
		return t.inconsistent(c.File, s.results, j.Differences)
	}
	t.printf("Consistent: the replay of %d scenarios over %d exchanges reached the same verdicts.\n", len(s.results.Scenarios), len(s.results.Exchanges))
	t.proves(proof)
	return nil
}

// integrity checks what can be checked without judging; what does not hold ends the command.
func (c reportVerify) integrity(t *terminal, s submission, keys []ed25519.PublicKey) ([]string, error) {
	if s.bundle == nil {
		if len(keys) > 0 {
			return nil, usagef("%s is results.json: only a bundle (report.clem) can be signed", c.File)
		}
		if c.Challenge != "" && s.results.Challenge != c.Challenge {
			t.printf("Not as expected: the challenge of the run is %q, not the one that was given.\n", reports.Plain(s.results.Challenge))
			return nil, verdict(ExitFailed)
		}
		return bundle.Claims(bundle.Verification{}, bundle.Expect{Challenge: c.Challenge}, 0), nil
	}
	expect := bundle.Expect{Keys: keys, Challenge: c.Challenge}
	v := s.bundle.Verify(expect)
	if len(v.Problems) > 0 {
		if v.Whole {
			t.printf("As it was written, but not as you expect it: %s.\n\n", named(c.File))
		} else {
			t.printf("Not as it was written: %s.\n\n", named(c.File))
		}
		for i, p := range v.Problems {
			if i == mostDifferences {
				t.printf("  and %d more\n", len(v.Problems)-i)
				break
			}
			t.printf("  %s\n", reports.Plain(p))
		}
		t.altered(s.results, v.Altered)
		return nil, verdict(ExitFailed)
	}
	for _, name := range s.bundle.Unknown {
		t.printf("The file also holds %s, which is no part of a bundle: it was not read, and nothing vouches for it.\n", reports.Plain(name))
	}
	return bundle.Claims(v, expect, len(s.bundle.Decisions())), nil
}

// altered says what stands now where the chain breaks, for whoever looks for it.
func (t *terminal) altered(r reports.Results, place int) {
	e, scenarios, there := r.At(place)
	if !there {
		return
	}
	t.printf("\nIn its place stands now: %s %s, answered by %d, at %s\n", reports.Plain(e.Request.Method), reports.Plain(e.Request.URL), e.Response.Status,
		e.At.UTC().Format("2006-01-02 15:04:05 UTC"))
	for _, id := range scenarios {
		t.printf("It belongs to scenario %s.\n", reports.Plain(id))
	}
}

func (t *terminal) proves(claims []string) {
	t.printf("\nWhat this proves:\n")
	for _, claim := range claims {
		t.printf("  - %s\n", reports.Plain(claim))
	}
}

// today says what another suite than the run's comes to.
func (t *terminal) today(s submission, j steps.Rejudgement, proof []string) error {
	was, is := s.results.Suite, j.Results.Suite
	t.printf("The run was judged by another suite than this one, which can't check its verdicts but judges the recording anew:\n  then  %s %s, %s, %s\n  now   %s %s, %s, %s\n\n",
		reports.Plain(was.Name), reports.Plain(was.Version), reports.Plain(was.Contract), reports.Plain(was.Digest), is.Name, versionText(), is.Contract, is.Digest)
	code := reports.ExitCode(j.Results)
	switch code {
	case ExitPassed:
		t.printf("It would pass today.\n")
	case ExitFailed:
		t.printf("It would fail today.\n")
	default:
		t.printf("Nothing would fail today, but not everything can be judged from this recording.\n")
	}
	t.because(j)
	t.proves(proof)
	if code != ExitPassed {
		return verdict(code)
	}
	return nil
}

// because lists the requirements that come to something else, and what fails as before.
func (t *terminal) because(j steps.Rejudgement) {
	changed := map[string]bool{}
	for _, c := range j.Changes.Requirements {
		changed[c.ID] = true
		t.printf("  %s: %s, would be %s today (%s)\n", reports.Plain(c.ID), orUnknown(c.A), orUnknown(c.B), c.Cause())
		t.evidence(j.Changes, c)
	}
	for _, q := range j.Results.Requirements {
		if q.Verdict == reports.Failed && !changed[q.ID] {
			t.printf("  %s: failed, and would fail today\n", reports.Plain(q.ID))
		}
	}
	if len(changed) == 0 {
		t.printf("  Every requirement comes to the verdict that it had.\n")
	}
}

// evidence is the first new finding of a requirement, or the reason of its verdict.
func (t *terminal) evidence(r compare.Report, c compare.Change) {
	for _, s := range r.Scenarios {
		for _, f := range s.New {
			if f.Requirement == c.ID {
				f = f.In(t.lang)
				t.printf("    because: expected %s, seen %s\n", reports.Plain(f.Expected), reports.Plain(f.Seen))
				return
			}
		}
	}
	if c.Reason != "" {
		t.printf("    because: %s\n", reports.Plain(c.Reason))
	}
}

func orUnknown(v reports.Verdict) string {
	if v == "" {
		return "unknown"
	}
	return string(v)
}

// mostDifferences is how many of them are printed.
const mostDifferences = 20

func (t *terminal) inconsistent(name string, results reports.Results, differences []string) error {
	t.printf("Not consistent: the replay of %s came to something else.\n\n", named(name))
	for i, d := range differences {
		if i == mostDifferences {
			t.printf("  and %d more\n", len(differences)-i)
			break
		}
		t.printf("  %s\n", reports.Plain(d))
	}
	if cut := harness.Unread(results); len(cut) > 0 {
		t.printf("\nBodies of %d exchanges were not recorded whole (docs/limits.md), exchange %d first: what they showed can't be judged again.\n", len(cut), cut[0])
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

func publicKeys(files []string) ([]ed25519.PublicKey, error) {
	var keys []ed25519.PublicKey
	for _, file := range files {
		text, err := os.ReadFile(file) // #nosec G304 -- the operator names the file
		if err != nil {
			return nil, usagef("opening --key %s: %w", file, reason(err))
		}
		key, err := bundle.ParsePublicKey(text)
		if err != nil {
			return nil, usagef("--key %s: %w", file, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}
