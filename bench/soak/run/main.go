// Command run soaks the built program: the gateway with faults on, partners judged at once, billing under mixed load. It prints
// what each has come to; the exit code is 1 if anything was lost, came out different, failed, or made memory grow.
//
// It owns its flags and the printing. It does not own the soak (bench/soak).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/bench/soak"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/internal/profile"
)

// patience with what is missing in the end.
const patience = 20 * time.Second

// soaker is one run of all, or of some.
type soaker struct {
	soak.Programs
	duration, billing time.Duration
	rate, billingRate int
	partners          int
	seed              uint64
	dir               string
	server            databasetest.Server // PostgreSQL
}

func main() {
	gin.SetMode(gin.ReleaseMode) // of the reference partners
	s := soaker{server: databasetest.Server{Settings: []string{"fsync=on", "full_page_writes=on"}}}
	flag.StringVar(&s.Clementine, "clementine", "bin/clementine", "the built program")
	flag.StringVar(&s.Vegeta, "vegeta", "bin/peers/vegeta", "the load generator")
	flag.DurationVar(&s.duration, "duration", 10*time.Minute, "of the gateway's load")
	flag.IntVar(&s.rate, "rate", 500, "events a second")
	flag.IntVar(&s.partners, "partners", 20, "partners that are judged at once")
	flag.DurationVar(&s.billing, "billing", 0, "of billing's load on each engine; a fifth of -duration unless given")
	flag.IntVar(&s.billingRate, "billing-rate", 100, "calls of billing a second")
	flag.Uint64Var(&s.seed, "seed", 1, "of the order of faults, and of the traffic")
	only := flag.String("only", "gateway,partners,billing", "what is soaked")
	flag.Parse()
	if s.billing == 0 {
		s.billing = s.duration / 5
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := s.run(ctx, strings.Split(*only, ","))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func (s *soaker) run(ctx context.Context, only []string) (err error) {
	if s.dir, err = os.MkdirTemp("", "clementine-soak-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.server.Stop(), os.RemoveAll(s.dir)) }()
	fmt.Printf("%s/%s, %d processors, %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	for _, part := range []struct {
		name string
		soak func(context.Context) error
	}{{"gateway", s.gateway}, {"partners", s.manyPartners}, {"billing", s.bill}} {
		if slices.Contains(only, part.name) {
			if failure := part.soak(ctx); failure != nil {
				err = errors.Join(err, fmt.Errorf("%s: %w", part.name, failure))
			}
		}
	}
	return err
}

func (s *soaker) gateway(ctx context.Context) error {
	fmt.Printf("gateway: %d events/s for %s on SQLite, faults on, seed %d\n", s.rate, s.duration, s.seed)
	r, err := soak.Gateway(ctx, soak.GatewayOptions{
		Programs: s.Programs, Database: filepath.Join(s.dir, "orange.db"), Duration: s.duration, Rate: s.rate, Between: s.rate, Seed: s.seed,
		Patience: patience, Log: os.Stderr,
	})
	if err != nil {
		return err
	}
	fmt.Printf("  %d events by %d calls in %s, %.0f events/s; %d calls refused and %d unheard, by %d faults; %d tokens\n",
		r.Events, r.Calls, r.Took.Round(time.Millisecond), r.Rate, r.Refused, r.Unheard, r.Faults, r.Tokens)
	fmt.Printf("  answers without a fault: %s\n  all calls: %s\n", r.Steady, r.All)
	fmt.Printf("  memory: %s\n", r.Memory)
	fmt.Printf("  store: %.0f MB, %d entries read again after kill -9\n", float64(r.Stored)/(1<<20), r.Reread)
	fmt.Printf("  %s\n", r.Findings)
	return r.Err()
}

// postgreSQL is the URL of an empty database; "" where PostgreSQL is not installed.
func (s *soaker) postgreSQL(ctx context.Context) (string, error) {
	address, err := s.server.New(ctx)
	if errors.Is(err, databasetest.ErrNotInstalled) {
		fmt.Println("  left out: PostgreSQL is not installed")
		return "", nil
	}
	return address, err
}

func (s *soaker) manyPartners(ctx context.Context) error {
	fmt.Printf("console: %d partners judged at once by one serve on PostgreSQL\n", s.partners)
	address, err := s.postgreSQL(ctx)
	if err != nil || address == "" {
		return err
	}
	r, err := soak.Partners(ctx, soak.PartnersOptions{Clementine: s.Clementine, Database: address, Partners: s.partners, Log: os.Stderr})
	if err != nil {
		return err
	}
	fmt.Printf("  %d requirements each; alone %.1f s (sync) and %.1f s (async), all together %.1f s, which is %.2f s for each\n", r.Requirements,
		r.Alone[profile.Sync].Seconds(), r.Alone[profile.Async].Seconds(), r.Together.Seconds(), r.Together.Seconds()/float64(s.partners))
	fmt.Printf("  verdicts other than alone %d, not passed %d; server %.0f MB\n", r.Different, r.Failed, r.Memory/(1<<20))
	return r.Err()
}

func (s *soaker) bill(ctx context.Context) error {
	failure := s.billOn(ctx, "SQLite", filepath.Join(s.dir, "billing.db"))
	address, err := s.postgreSQL(ctx)
	if err != nil || address == "" {
		return errors.Join(failure, err)
	}
	return errors.Join(failure, s.billOn(ctx, "PostgreSQL", address))
}

func (s *soaker) billOn(ctx context.Context, engine, address string) error {
	fmt.Printf("billing on %s: %d calls/s for %s, seed %d\n", engine, s.billingRate, s.billing, s.seed)
	r, err := soak.Billing(ctx, soak.BillingOptions{
		Programs: s.Programs, Database: address, Duration: s.billing, Rate: s.billingRate, Seed: s.seed, Log: os.Stderr,
	})
	if err != nil {
		return err
	}
	fmt.Printf("  %d calls, %.0f/s; %d subscriptions made, %d changes\n", r.Calls, r.Rate, r.Subscriptions, r.Changes)
	for _, kind := range soak.Kinds() {
		fmt.Printf("  %-15s %s\n", kind, r.Latency[kind])
	}
	fmt.Printf("  memory: %s\n", r.Memory)
	fmt.Printf("  errors %d lost %d; the roll-up is what the subscriptions add up to: %t\n", r.Errors, r.Lost, !r.Drifted)
	return r.Err()
}
