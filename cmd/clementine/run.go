package main

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/steps"
)

type runCommand struct {
	imageFlags
	tlsFlags
	OrangeCA    string   `name:"orange-ca" placeholder:"FILE" help:"Authorities (PEM) that sign the certificate of an https --orange; the system's if it is left out."`
	Partner     string   `placeholder:"URL" help:"Base URL of the partner's server; overrides baseURL of the profile."`
	Profile     string   `placeholder:"FILE" help:"The partner's profile; required."`
	Out         string   `default:"reports/out" placeholder:"DIR" help:"Folder of the reports; created if need be."`
	Only        []string `placeholder:"ID" help:"Use cases, requirement ids or ids of scenarios, such as PO-UC2,US-UC2-05; such a run is partial."`
	Features    []string `placeholder:"DIR" help:"Folders with more features, of your own."`
	Contract    string   `placeholder:"DIR" help:"Contract pack; the built-in one if it is left out."`
	Orange      string   `placeholder:"URL" help:"Control URL of a mock Orange that runs already; otherwise one is started."`
	OrangeToken string   `placeholder:"TOKEN" help:"Bearer token of that control port, where it asks for one."`
	Lang        string   `enum:"en,fr" default:"en" help:"Language of the reports: en or fr."`
	Seed        uint64   `help:"Seed of all ids; a random one, which the report names, if it is left out. A partner that keeps its state knows the ids of a seed already: give it another one."`
	Challenge   string   `placeholder:"NONCE" help:"What a reviewer gave you for this run, 8 to 128 characters: every id depends on it, and the bundle holds it."`
	Baseline    string   `placeholder:"FILE" help:"Findings that are known (report baseline): others end with exit code 1, and so do entries that the run shows no more or that have run out."`
	Concurrency *int     `placeholder:"N" help:"Calls in flight at the partner, 1 to 256; the profile's if it is left out."`
	Resilience  bool     `help:"Also try how an asynchronous partner copes with a gateway on a bad day: a section of the report, apart from conformance."`
	NoReference bool     `help:"Do not run what failed against the reference partner too."`
	Resume      bool     `help:"Go on with the run that was cut off, killed or interrupted, with the same --out and otherwise the same flags: what it had judged is not called again."`
	List        bool     `help:"Say what would be called and created; call nothing."`
	Verbose     bool     `help:"Print every finding and every step."`
}

// Help is shown by --help.
func (runCommand) Help() string {
	return `Judges a partner's server. A mock Orange is started on orange.listen of the profile for the partner's events.

Examples:

  clementine run --partner http://localhost:8081 --profile partner.yaml
  clementine run --profile partner.yaml --only PO-UC1,PO-UC2       # two use cases
  clementine run --profile partner.yaml --only US-UC2-05 --verbose  # one requirement, every step
  clementine run --profile partner.yaml --list                      # nothing is called
  clementine run --profile partner.yaml --resume                    # goes on after kill, crash or Ctrl-C
  CLEMENTINE_PROFILE=partner.yaml clementine run --lang fr --out reports/fr`
}

// Run judges, or lists.
func (c runCommand) Run(ctx context.Context, t *terminal) error {
	options, err := c.options(t)
	if err != nil {
		return err
	}
	if c.List {
		return t.list(options)
	}
	if options.Profile.BaseURL == "" && c.PartnerImage == "" {
		return usagef("there is no partner to judge: give --partner URL, or baseURL in %s", c.Profile)
	}
	if c.Resume && c.PartnerImage != "" {
		return usagef("--resume can't go on with --partner-image: the container that the run had judged is gone")
	}
	known, err := readBaseline(c.Baseline)
	if err != nil {
		return err
	}
	if err := prepareOut(c.Out); err != nil {
		return err
	}
	gateway, stop, err := c.orange(ctx, t, &options)
	defer stop()
	if err != nil {
		return err
	}
	if c.PartnerImage != "" {
		remove, err := c.start(ctx, t, c.Out, gateway, &options)
		defer remove()
		if err != nil {
			return err
		}
	}
	results, err := t.judge(ctx, options, judging{out: c.Out, verbose: c.Verbose, journal: true, resume: c.Resume})
	if err != nil {
		return err
	}
	if known != nil {
		return t.beside(known, results)
	}
	return verdict(reports.ExitCode(results))
}

// orange finds the mock Orange that runs already, or starts one, and returns how the partner reaches it. What it returns
// stops it, and must be called in any case.
func (c runCommand) orange(ctx context.Context, t *terminal, o *steps.Options) (gateway string, stop func(), err error) {
	if c.Orange != "" {
		secured, err := clientTLS("--orange", c.OrangeCA, "", "")
		if err != nil {
			return "", func() {}, err
		}
		transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: secured}
		o.Orange = control.NewClient(c.Orange, c.OrangeToken, &http.Client{Transport: transport})
		asked, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		info, err := o.Orange.Info(asked)
		if err != nil {
			return "", func() {}, usagef("no mock Orange answers at --orange %s: %w", c.Orange, err)
		}
		o.GatewayURL = info.GatewayURL
		return info.GatewayURL, func() {}, nil
	}
	name := ""
	if c.PartnerImage != "" {
		if name, err = c.reachable(ctx, o); err != nil {
			return "", func() {}, err
		}
	}
	secured, err := c.config(t, o.Profile.Orange.Listen, o.Profile.Orange.PublicURL, "https://"+name)
	if err != nil {
		return "", func() {}, err
	}
	server, err := t.orangeFor(o.Profile, o.Pack, secured)
	if err != nil {
		return "", func() {}, err
	}
	o.Orange, o.GatewayURL, o.OwnOrange = server.Control(), server.URL(), true
	return calledBy(server.URL(), name), func() { t.stop(ctx, "mock Orange", server) }, nil
}

func (c runCommand) options(t *terminal) (steps.Options, error) {
	if c.Profile == "" {
		return steps.Options{}, usagef("--profile FILE is missing: clementine profile init partner.yaml writes one")
	}
	concurrency := 0
	if c.Concurrency != nil {
		if concurrency = *c.Concurrency; concurrency < 1 || concurrency > 256 {
			return steps.Options{}, usagef("--concurrency must be from 1 to 256, is %d", concurrency)
		}
	}
	if msg := steps.CheckChallenge(c.Challenge); msg != "" {
		return steps.Options{}, usagef("--challenge %s", msg)
	}
	p, err := loadProfile(c.Profile, t)
	if err != nil {
		return steps.Options{}, err
	}
	if c.Partner != "" {
		if msg := profile.CheckBaseURL(c.Partner); msg != "" {
			return steps.Options{}, usagef("--partner %s", msg)
		}
		p.BaseURL = strings.TrimRight(c.Partner, "/")
	}
	pack, err := loadPack(c.Contract)
	if err != nil {
		return steps.Options{}, err
	}
	extra, err := featureFolders(c.Features)
	if err != nil {
		return steps.Options{}, err
	}
	return steps.Options{
		Pack: pack, Profile: p, Only: c.Only, Extra: extra, Lang: c.Lang, Seed: c.Seed, Challenge: c.Challenge, Concurrency: concurrency,
		Now: time.Now, Resilience: c.Resilience, TryFixes: true, Reference: t.referenceFor(p, pack, c.NoReference),
	}, nil
}

func featureFolders(dirs []string) ([]fs.FS, error) {
	var out []fs.FS
	for _, dir := range dirs {
		info, err := os.Stat(dir)
		if err != nil {
			return nil, usagef("opening --features %s: %w", dir, reason(err))
		}
		if !info.IsDir() {
			return nil, usagef("--features %s is not a folder", dir)
		}
		out = append(out, os.DirFS(dir))
	}
	return out, nil
}

// list prints what a run would do.
func (t *terminal) list(o steps.Options) error {
	o.Version = versionText()
	planned, err := steps.Plan(o)
	if err != nil {
		return runError(err)
	}
	feature, skipped := "", 0
	for _, s := range planned {
		if s.Feature != feature {
			feature = s.Feature
			t.printf("\n%s\n", feature)
		}
		fmt.Fprintf(t.out, "  %s [%s]\n", t.say(s.Name), strings.Join(s.Requirements, " "))
		if s.Skipped != "" {
			skipped++
			t.printf("    skipped: %s\n", s.Skipped)
			continue
		}
		for _, step := range s.Steps {
			t.printf("    %s\n", step)
		}
	}
	t.printf("\n%d scenarios, %d of them skipped; nothing was called.\n", len(planned), skipped)
	return nil
}
