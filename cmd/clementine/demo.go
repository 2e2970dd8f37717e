package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"path/filepath"
	"time"

	"github.com/clementine-ope/clementine/internal/devca"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/steps"
)

type demoCommand struct {
	tlsFlags
	Out     string `default:"reports/out" placeholder:"DIR" help:"Folder of the reports, DIR/sync and DIR/async."`
	Lang    string `enum:"en,fr" default:"en" help:"Language of the reports: en or fr."`
	Seed    uint64 `help:"Seed of all ids; a random one if it is left out."`
	Verbose bool   `help:"Print every finding and every step."`
}

// Help is shown by --help.
func (demoCommand) Help() string {
	return `Shows the whole thing with nothing else at hand: a mock Orange, the reference partner and the whole suite, over HTTP
on free ports of this machine, first synchronous, then asynchronous.

Examples:

  clementine demo
  clementine demo --out demo-reports --lang fr`
}

// Run judges the reference partner in both modes; the worse verdict is the exit code.
func (c demoCommand) Run(ctx context.Context, t *terminal) error {
	worst := ExitPassed
	for _, mode := range []profile.Mode{profile.Sync, profile.Async} {
		t.printf("== The reference partner, %s ==\n\n", mode)
		results, err := c.once(ctx, t, mode)
		if err != nil {
			return fmt.Errorf("demo, %s: %w", mode, err)
		}
		worst = worse(worst, reports.ExitCode(results))
		if results.Interrupted {
			break
		}
		fmt.Fprintln(t.out)
	}
	return verdict(worst)
}

// worse orders exit codes by how much they should stop a reader: an interruption, a failure, no judgement.
func worse(a, b int) int {
	order := map[int]int{ExitPassed: 0, ExitCannotJudge: 1, ExitUsage: 2, ExitFailed: 3, ExitInterrupted: 4}
	if order[b] > order[a] {
		return b
	}
	return a
}

// secured are the TLS settings of both servers and of those who call them: nil for plain HTTP. The demo trusts its
// development CA, or the certificate that it was given.
func (c demoCommand) secured(t *terminal, p *profile.Profile) (serving, calling *tls.Config, err error) {
	if serving, err = c.config(t); err != nil || serving == nil {
		return nil, nil, err
	}
	p.TLS.CA = cmp.Or(c.TLSCert, filepath.Join(c.TLSDir, devca.CertificateFile))
	calling, err = clientTLS("--tls", p.TLS.CA, "", "")
	return serving, calling, err
}

func (c demoCommand) once(ctx context.Context, t *terminal, mode profile.Mode) (reports.Results, error) {
	out := filepath.Join(c.Out, string(mode))
	if err := prepareOut(out); err != nil {
		return reports.Results{}, err
	}
	p, err := demoProfile(mode)
	if err != nil {
		return reports.Results{}, err
	}
	pack, err := loadPack("")
	if err != nil {
		return reports.Results{}, err
	}
	secured, trusting, err := c.secured(t, p)
	if err != nil {
		return reports.Results{}, err
	}
	orange, err := t.orangeFor(p, pack, secured)
	if err != nil {
		return reports.Results{}, err
	}
	defer t.stop(ctx, "mock Orange", orange)
	server, err := t.referencePartner(p, orange, pack, secured, trusting)
	if err != nil {
		return reports.Results{}, err
	}
	defer t.stop(ctx, "reference partner", server)
	p.BaseURL = server.URL()
	return t.judge(ctx, steps.Options{Resilience: true,
		Pack: pack, Profile: p, Orange: orange.Control(), GatewayURL: orange.URL(),
		Lang: c.Lang, Seed: c.Seed, Now: time.Now,
	}, judging{out: out, verbose: c.Verbose})
}
