// Command run kills the built program's partner and a mock Orange, each on a database of its own, makes trouble for their store,
// and prints what came of it; the last line is the verdict, and the exit code is 1 if anything was lost, doubled, half
// applied, invented or out of order.
//
// It owns its flags. It does not own the harness (bench/crash).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
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
	kills := flag.Int("kills", 200, "how often partner, mock or both are killed")
	seed := flag.Uint64("seed", 1, "of the moments and the traffic")
	orange := flag.String("orange", "", "be the mock Orange: addresses of gateway and control, and database, with commas between them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	if *orange != "" {
		role := strings.SplitN(*orange, ",", 3)
		if err := crash.BeOrange(ctx, role[0], role[1], role[2], os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "mock Orange:", err)
			os.Exit(1)
		}
		return
	}
	result, err := run(ctx, *binary, *engine, *kills, *seed)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "crash:", err)
		os.Exit(1)
	}
	fmt.Printf("%s, seed %d: partner killed %d times, mock Orange %d times, %d troubles of the store, in %s\n", *engine, *seed,
		result.PartnerKills, result.OrangeKills, result.Troubles, result.Took.Round(time.Millisecond))
	fmt.Printf("%d requests, %d refused and sent again, %d events, %d delivered again, %d out of order\n",
		result.Requests, result.Refused, result.Events, result.Redelivered, result.Disordered)
	fmt.Println(result)
	if result.Err() != nil {
		os.Exit(1)
	}
}

// databases are where partner and mock keep what they know, and what befalls them.
type databases struct {
	partner, orange func() string
	troubles        []crash.Trouble
	stop            func() error
}

func run(ctx context.Context, binary, engine string, kills int, seed uint64) (result crash.Result, err error) {
	dir, err := os.MkdirTemp("", "clementine-crash-")
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	self, err := os.Executable()
	if err != nil {
		return result, err
	}
	d := inFiles(dir)
	if engine == "postgresql" {
		if d, err = inPostgreSQL(ctx); err != nil {
			return result, err
		}
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	return crash.Run(ctx, crash.Options{
		Kills: kills, Seed: seed, Workers: 6, Settle: settle, Troubles: d.troubles, Log: os.Stderr,
		Partner: func(ctx context.Context, listen, gateway string) *exec.Cmd {
			return exec.CommandContext(ctx, binary, "partner", "--mode", "async", "--delay", "5ms", "--listen", listen,
				"--gateway", gateway, "--client-id", crash.ClientID, "--client-secret", crash.ClientSecret, "--database", d.partner())
		},
		Orange: func(ctx context.Context, listen, control string) *exec.Cmd {
			return exec.CommandContext(ctx, self, "-orange", listen+","+control+","+d.orange())
		},
	})
}

func inFiles(dir string) databases {
	limit := &crash.PageLimit{}
	file := func(name string) func() string {
		return func() string { return "file:" + filepath.Join(dir, name) + limit.Query() }
	}
	return databases{
		partner: file("partner.db"), orange: file("orange.db"),
		troubles: []crash.Trouble{limit.Trouble(), crash.FileLimit()}, stop: func() error { return nil },
	}
}

// cutFor is how long the connection to PostgreSQL is cut.
const cutFor = 10 * time.Second

func inPostgreSQL(ctx context.Context) (d databases, err error) {
	server := &databasetest.Server{}
	d.stop = server.Stop
	defer func() {
		if err != nil {
			err = errors.Join(err, d.stop())
		}
	}()
	var names [2]string
	for i := range names {
		address, err := server.New(ctx)
		if err != nil {
			return d, err
		}
		u, err := url.Parse(address)
		if err != nil {
			return d, err
		}
		names[i] = u.Path
	}
	wire, err := crash.NewWire(ctx, server.Socket())
	if err != nil {
		return d, err
	}
	over := func(name string) func() string {
		return func() string { return "postgres://postgres@" + wire.Addr() + name + "?sslmode=disable" }
	}
	return databases{
		partner: over(names[0]), orange: over(names[1]),
		troubles: []crash.Trouble{crash.DatabaseRestart(server), wire.Cut(cutFor, false), wire.Cut(cutFor, true)},
		stop:     func() error { return errors.Join(wire.Close(), server.Stop()) },
	}, nil
}
