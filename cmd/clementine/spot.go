package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/compare"
	"github.com/clementine-ope/clementine/steps"
)

type reportSpot struct {
	langFlag
	Claim       string   `arg:"" help:"Bundle or results.json with the verdicts to look into."`
	Partner     string   `placeholder:"URL" help:"Base URL of the partner's server; that of the claim if it is left out."`
	Profile     string   `placeholder:"FILE" help:"The partner's profile with its secrets, which the bundle has masked."`
	Number      int      `short:"n" default:"10" help:"How many scenarios."`
	Seed        uint64   `help:"Decides which, and makes the ids; a random one, which is printed, if it is left out."`
	Challenge   string   `placeholder:"NONCE" help:"A challenge for this run, as run --challenge."`
	Out         string   `placeholder:"DIR" help:"Folder for the reports of the live run; none is written if it is left out."`
	Contract    string   `placeholder:"DIR" help:"Contract pack that the claim was judged by; the built-in one if it is left out."`
	Features    []string `placeholder:"DIR" help:"Folders with the features of your own that the claim had."`
	Orange      string   `placeholder:"URL" help:"Control URL of a mock Orange that runs already; otherwise one is started."`
	OrangeToken string   `placeholder:"TOKEN" help:"Bearer token of that control port, where it asks for one."`
}

// Help is shown by --help.
func (reportSpot) Help() string {
	return `Runs a few scenarios that the claim judged again, live, against the partner's server, and compares verdicts. Exit codes: 0 all
are as claimed, 1 one differs, 3 none differs but not all could be judged now, 2 usage.

Example:

  clementine report spot report.clem --partner https://staging.partner.example --profile partner.yaml -n 10`
}

// Run compares verdicts with a few live ones.
func (c reportSpot) Run(ctx context.Context, t *terminal) error {
	if c.Number < 1 {
		return usagef("-n must be 1 or more, is %d", c.Number)
	}
	s, err := t.readSubmission(c.Claim, time.Now())
	if err != nil {
		return err
	}
	s.warn(t)
	o, err := c.options(t, s.results)
	if err != nil {
		return err
	}
	if c.Out != "" {
		if err := prepareOut(c.Out); err != nil {
			return err
		}
	}
	_, stop, err := runCommand{Orange: c.Orange, OrangeToken: c.OrangeToken}.orange(ctx, t, &o)
	defer stop()
	if err != nil {
		return err
	}
	line := t.progress()
	o.Progress, o.Ask = line.show, t.asker(line)
	spots, live, err := steps.SpotCheck(ctx, s.results, c.Number, o)
	line.clear()
	if err != nil {
		return runError(err)
	}
	if c.Out != "" {
		if err := writeReports(c.Out, live); err != nil {
			return &exit{code: ExitUsage, err: err}
		}
	}
	if live.Interrupted {
		return verdict(ExitInterrupted)
	}
	return t.spotted(s.results, live, spots)
}

func (c reportSpot) options(t *terminal, claim reports.Results) (steps.Options, error) {
	p, err := c.declared(t, claim)
	if err != nil {
		return steps.Options{}, err
	}
	if c.Partner != "" {
		if msg := profile.CheckBaseURL(c.Partner); msg != "" {
			return steps.Options{}, usagef("--partner %s", msg)
		}
		p.BaseURL = strings.TrimRight(c.Partner, "/")
	}
	if msg := steps.CheckChallenge(c.Challenge); msg != "" {
		return steps.Options{}, usagef("--challenge %s", msg)
	}
	pack, err := loadPack(c.Contract)
	if err != nil {
		return steps.Options{}, err
	}
	extra, err := featureFolders(c.Features)
	if err != nil {
		return steps.Options{}, err
	}
	return steps.Options{Pack: pack, Profile: p, Extra: extra, Lang: c.Lang, Seed: c.Seed, Challenge: c.Challenge, Version: versionText(), Now: time.Now}, nil
}

// declared is the profile to run with: the one given, or the claim's where nothing in it is masked that a run needs.
func (c reportSpot) declared(t *terminal, claim reports.Results) (*profile.Profile, error) {
	if c.Profile != "" {
		p, err := loadProfile(c.Profile, t)
		if err != nil {
			return nil, err
		}
		for _, f := range compare.Fields(claim.Profile, p.Redacted()) {
			if f.Path != "baseURL" {
				t.printf("The profile differs from the claim's: %s: %s -> %s\n", reports.Plain(f.Path), reports.Plain(f.A), reports.Plain(f.B))
			}
		}
		return p, nil
	}
	for _, f := range compare.Fields(map[string]any{}, claim.Profile) {
		if strings.Contains(f.B, "***") && (c.Orange == "" || !strings.HasPrefix(f.Path, "orange.")) {
			return nil, usagef("%s is masked in the profile of the claim: give --profile FILE", reports.Plain(f.Path))
		}
	}
	text, err := json.Marshal(claim.Profile)
	if err != nil {
		return nil, usagef("the profile of the claim: %w", err)
	}
	p, err := profile.Parse("the profile of the claim", text, func(string) string { return "" })
	if err != nil {
		return nil, usagef("%w", err)
	}
	return p, nil
}

// spotted prints the comparison.
func (t *terminal) spotted(claim, live reports.Results, spots []steps.Spot) error {
	t.printf("%d of %d scenarios run again, live, against %s (seed %d):\n\n", len(spots), len(claim.Scenarios), reports.Plain(live.Partner.BaseURL), live.Seed)
	differ, unjudged, width := 0, 0, 0
	for _, s := range spots {
		width = max(width, utf8.RuneCountInString(t.say(string(s.Live))))
	}
	for _, s := range spots {
		mark := t.say("as claimed")
		switch {
		case s.Differs():
			mark = t.say(fmt.Sprintf("DIFFERS: the claim says %s", s.Claimed))
			differ++
		case !s.Judged():
			mark = t.say(fmt.Sprintf("not judged now; the claim says %s", s.Claimed))
			unjudged++
		}
		fmt.Fprintf(t.out, "  %s %s (%s)\n", padded(t.say(string(s.Live)), width), reports.Plain(s.ID), mark)
		if s.Live == s.Claimed {
			continue
		}
		if s.Reason != "" {
			t.printf("    %s\n", reports.Plain(s.Reason))
		}
		if i := slices.IndexFunc(s.Findings, func(f reports.Finding) bool { return f.FollowOf == "" }); i >= 0 {
			f := s.Findings[i].In(t.lang)
			t.printf("    %s: expected %s, seen %s\n", reports.Plain(f.Requirement), reports.Plain(f.Expected), reports.Plain(f.Seen))
		}
	}
	switch {
	case differ > 0:
		t.printf("\n%d of them came to another verdict than claimed: the server has changed since, answers otherwise from time to time, or is not the one that was judged.\n", differ)
		return verdict(ExitFailed)
	case unjudged > 0:
		t.printf("\nNone contradicts the claim, but %d could not be judged now.\n", unjudged)
		return verdict(ExitCannotJudge)
	}
	t.printf("\nAll came to the verdict that was claimed. This says so of these scenarios and of the server as it is now.\n")
	return nil
}
