// Command peers measures Clementine beside what a user would pick instead, in one run on one machine, and prints tables
// in Markdown: newman, Prism, stripe-mock, oauth2-mock-server, ajv, and plain SQL in PostgreSQL.
//
// It owns measuring and printing. It does not own what good numbers are, nor getting the peers: `make bench-peers` does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

// bench is where everything is that one run needs.
type bench struct {
	clementine, node, vegeta, stripeMock, pack, dir string
	rounds                                          int
}

func main() {
	gin.SetMode(gin.ReleaseMode)
	b := &bench{}
	flag.StringVar(&b.clementine, "clementine", "bin/clementine", "the built program")
	flag.StringVar(&b.node, "node", "bench/peers/node/node_modules/.bin", "the folder of the peers that run on Node")
	flag.StringVar(&b.vegeta, "vegeta", "bin/peers/vegeta", "the load generator")
	flag.StringVar(&b.stripeMock, "stripe-mock", "bin/peers/stripe-mock", "stripe-mock")
	flag.StringVar(&b.pack, "pack", "schemas/mba-2.2", "the contract pack whose examples are validated")
	flag.IntVar(&b.rounds, "rounds", 5, "how often each contender is measured, after one round to warm up")
	only := flag.String("only", "", "measure this alone: suite, gateway, token, start, validation or billing")
	role := flag.String("serve", "", "be this server instead of measuring: mock, or a stage")
	listen := flag.String("listen", "", "the address of that server")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if *role != "" {
		err = serveRole(ctx, *role, *listen)
	} else {
		err = b.run(ctx, *only, os.Stdout)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func (b *bench) run(ctx context.Context, only string, out io.Writer) (err error) {
	if b.dir, err = os.MkdirTemp("", "clementine-peers-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	b.describe(ctx, out)
	for _, part := range []struct {
		name string
		run  func(context.Context, io.Writer) error
	}{
		{"suite", b.suite}, {"gateway", b.gateway}, {"token", b.token}, {"start", b.start}, {"validation", b.validation}, {"billing", b.billing},
	} {
		if only != "" && only != part.name {
			continue
		}
		fmt.Fprintf(os.Stderr, "measuring: %s\n", part.name)
		// What cannot be measured is said, and the others are measured all the same.
		if failed := part.run(ctx, out); failed != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", part.name, failed))
		}
	}
	fmt.Fprintf(out, "\nLoad average at the end: %s.\n", loadAverage())
	return err
}

// describe prints machine and versions.
func (b *bench) describe(ctx context.Context, out io.Writer) {
	fmt.Fprintf(out, "Measured on %s: %d processors (%s), %s, load average at the start %s, %d rounds.\n",
		time.Now().UTC().Format(time.DateOnly), runtime.NumCPU(), processor(), runtime.Version(), loadAverage(), b.rounds)
	for _, peer := range []struct {
		name string
		args []string
	}{
		{b.clementine, []string{"--version"}}, {"node", []string{"--version"}}, {b.bin("newman"), []string{"--version"}},
		{b.bin("prism"), []string{"--version"}}, {b.stripeMock, []string{"-version"}}, {b.vegeta, []string{"-version"}},
	} {
		text, err := exec.CommandContext(ctx, peer.name, peer.args...).CombinedOutput()
		if err != nil {
			text = []byte(err.Error())
		}
		fmt.Fprintf(out, "- %s: %s\n", filepath.Base(peer.name), strings.Join(strings.Fields(string(text)), " "))
	}
	fmt.Fprintln(out, "- oauth2-mock-server, ajv: bench/peers/node/package-lock.json; stripe-mock, vegeta: the Makefile")
}

func (b *bench) bin(name string) string { return filepath.Join(b.node, name) }

func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}

func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
