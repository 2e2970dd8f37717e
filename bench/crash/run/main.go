// Command run kills the built program's partner on a database of its own, and prints what came of it; the last line is the
// verdict, and the exit code is 1 if anything was lost, doubled, half applied, invented or out of order.
//
// It owns its flags. It does not own the harness (bench/crash).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/bench/crash"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// settle is longer than the lease of a task that a killed partner had in hand.
const settle = 90 * time.Second

func main() {
	gin.SetMode(gin.ReleaseMode)
	binary := flag.String("clementine", "bin/clementine", "the built program")
	engine := flag.String("engine", "sqlite", "sqlite or postgresql, of which it starts its own")
	kills := flag.Int("kills", 200, "how often the partner is killed")
	seed := flag.Uint64("seed", 1, "of the moments and the traffic")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	result, err := run(ctx, *binary, *engine, *kills, *seed)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "crash:", err)
		os.Exit(1)
	}
	fmt.Printf("%s, seed %d: %d requests, %d events, %d delivered again, %d out of order, in %s\n", *engine, *seed,
		result.Requests, result.Events, result.Redelivered, result.Disordered, result.Took.Round(time.Millisecond))
	fmt.Println(result)
	if result.Err() != nil {
		os.Exit(1)
	}
}

func run(ctx context.Context, binary, engine string, kills int, seed uint64) (result crash.Result, err error) {
	dir, err := os.MkdirTemp("", "clementine-crash-")
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	address := filepath.Join(dir, "partner.db")
	if engine == "postgresql" {
		var server databasetest.Server
		defer func() { err = errors.Join(err, server.Stop()) }()
		if address, err = server.New(ctx); err != nil {
			return result, err
		}
	}
	return crash.Run(ctx, crash.Options{
		Kills: kills, Seed: seed, Workers: 6, Settle: settle, Log: os.Stderr,
		Command: func(ctx context.Context, listen, gateway string) *exec.Cmd {
			return exec.CommandContext(ctx, binary, "partner", "--mode", "async", "--delay", "5ms", "--listen", listen,
				"--gateway", gateway, "--client-id", crash.ClientID, "--client-secret", crash.ClientSecret, "--database", address)
		},
	})
}
