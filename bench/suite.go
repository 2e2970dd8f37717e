package main

import (
	"context"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

// measureSuite runs the whole suite, and beside it a bare client that makes the same calls.
func measureSuite(ctx context.Context, f figures) error {
	for _, run := range []struct {
		mode  profile.Mode
		delay time.Duration
	}{{profile.Sync, 0}, {profile.Async, 0}, {profile.Async, 200 * time.Millisecond}} {
		if err := measureRun(ctx, f, run.mode, run.delay); err != nil {
			return fmt.Errorf("running the suite, %s: %w", run.mode, err)
		}
	}
	return nil
}

func measureRun(ctx context.Context, f figures, mode profile.Mode, delay time.Duration) error {
	servers, err := startPair(mode, delay)
	if err != nil {
		return err
	}
	defer servers.close(ctx)
	pack, err := schemas.Builtin()
	if err != nil {
		return fmt.Errorf("loading the contract pack: %w", err)
	}
	began := time.Now()
	results, err := steps.Run(ctx, steps.Options{
		Pack: pack, Profile: servers.profile, Orange: servers.orange.Control(), GatewayURL: servers.orange.URL(),
		Seed: 1, Version: "bench", Now: time.Now,
	})
	took := time.Since(began)
	if err != nil {
		return err
	}
	what := fmt.Sprintf("suite, %s", mode)
	if mode == profile.Async {
		what = fmt.Sprintf("suite, %s, partner works %s", mode, delay)
	}
	f.add(what, "%d ms, verdict %s, %d scenarios, %d exchanges, longest scenario %d ms",
		took.Milliseconds(), results.Verdict, len(results.Scenarios), len(results.Exchanges), longest(results))
	if mode == profile.Async {
		return nil // a bare client would have to wait for the same events
	}
	bare, calls, err := replay(ctx, servers, results)
	if err != nil {
		return fmt.Errorf("replaying: %w", err)
	}
	f.add(what+", bare replay", "%d ms for %d calls; the suite takes %.2f times that",
		bare.Milliseconds(), calls, took.Seconds()/bare.Seconds())
	return nil
}

func longest(r reports.Results) int64 {
	var most int64
	for _, s := range r.Scenarios {
		most = max(most, s.DurationMs)
	}
	return most
}
