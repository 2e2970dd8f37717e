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
	"time"

	"github.com/clementine-ope/clementine/bench/soak"
)

// patience with what is missing in the end.
const patience = 20 * time.Second

func main() {
	var p soak.Programs
	flag.StringVar(&p.Clementine, "clementine", "bin/clementine", "the built program")
	flag.StringVar(&p.Vegeta, "vegeta", "bin/peers/vegeta", "the load generator")
	duration := flag.Duration("duration", 10*time.Minute, "of the gateway's load")
	rate := flag.Int("rate", 500, "events a second")
	seed := flag.Uint64("seed", 1, "of the order of faults, and of the traffic")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := gateway(ctx, p, *duration, *rate, *seed)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func gateway(ctx context.Context, p soak.Programs, duration time.Duration, rate int, seed uint64) (err error) {
	dir, err := os.MkdirTemp("", "clementine-soak-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Printf("gateway: %d events/s for %s on SQLite, faults on, seed %d\n", rate, duration, seed)
	r, err := soak.Gateway(ctx, soak.GatewayOptions{
		Programs: p, Database: filepath.Join(dir, "orange.db"), Duration: duration, Rate: rate, Between: rate, Seed: seed, Patience: patience, Log: os.Stderr,
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
	if err := r.Err(); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	return nil
}
