package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/hostile"
)

// What judging a hostile partner may cost at most (docs/limits.md), at delays that are as short as hostileDelays.
const (
	hostileMemory = 128 << 20
	hostileTime   = 60 * time.Second
	hostileDelays = "delays: {answer: 500ms, event: 1s, quiet: 50ms, retry: 500ms, visible: 100ms}"
)

// attack is one hostile kind as the program judged it.
type attack struct {
	kind    string
	verdict string
	took    time.Duration
	peak    int64 // bytes; 0 where the system does not tell
}

// measureHostile judges each hostile kind with the built program and tells what the costliest took. The partner is a
// process of its own, and so is the judge: what the partner makes up is not counted as the judge's memory.
func measureHostile(ctx context.Context, binary string, f figures) error {
	var attacks []attack
	for _, k := range hostile.All() {
		a, err := judgeHostile(ctx, binary, k)
		if err != nil {
			return fmt.Errorf("judging the hostile partner %s: %w", k.Name, err)
		}
		attacks = append(attacks, a)
	}
	slices.SortFunc(attacks, func(a, b attack) int {
		return cmp.Or(cmp.Compare(b.peak, a.peak), cmp.Compare(b.took, a.took))
	})
	var slowest attack
	var above []error
	for _, a := range attacks {
		if a.took > slowest.took {
			slowest = a
		}
		f.add("hostile: "+a.kind, "%.1f MB, %.1f s, %s", float64(a.peak)/(1<<20), a.took.Seconds(), a.verdict)
		if a.peak > hostileMemory || a.took > hostileTime {
			above = append(above, fmt.Errorf("the hostile partner %s took %d MiB and %v: more than %d MiB or %v",
				a.kind, a.peak>>20, a.took.Round(time.Second), hostileMemory>>20, hostileTime))
		}
	}
	f.add("hostile partners", "%d, each with a verdict; at most %.1f MB (%s) and %.1f s (%s)", len(attacks),
		float64(attacks[0].peak)/(1<<20), attacks[0].kind, slowest.took.Seconds(), slowest.kind)
	return errors.Join(above...)
}

func judgeHostile(ctx context.Context, binary string, k hostile.Kind) (attack, error) {
	dir, err := os.MkdirTemp("", "clementine-bench-*")
	if err != nil {
		return attack{}, err
	}
	defer os.RemoveAll(dir)
	gateway, err := freeAddress(ctx)
	if err != nil {
		return attack{}, err
	}
	mode := string(profile.Async)
	path := filepath.Join(dir, "partner.yaml")
	if err := os.WriteFile(path, []byte(hurried(mode, gateway)), 0o600); err != nil {
		return attack{}, err
	}
	base, stop, err := startHostile(ctx, k.Name, path, gateway)
	if err != nil {
		return attack{}, err
	}
	defer stop()

	out := filepath.Join(dir, "out")
	var said bytes.Buffer
	command := exec.CommandContext(ctx, binary, "run", "--profile", path, "--partner", base, "--out", out)
	command.Stdout, command.Stderr = io.Discard, &said
	began := time.Now()
	err = command.Run()
	a := attack{kind: k.Name, took: time.Since(began)}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return attack{}, err
	}
	a.peak, _ = peakMemory(command.ProcessState)
	a.verdict, err = verdictOf(out, command.ProcessState.ExitCode(), said.String())
	return a, err
}

// verdictOf is what the program made of a partner. It is taken from the exit code: this process must stay small, and the
// results of a hostile partner may be large.
func verdictOf(out string, code int, said string) (string, error) {
	_, err := os.Stat(filepath.Join(out, "results.json"))
	judged := err == nil
	switch {
	case code == 0 && judged:
		return "nothing failed", nil
	case code == 1 && judged:
		return "failed", nil
	case code == 3 && judged:
		return "inconclusive", nil
	case code == 3 && strings.Contains(said, "could not judge (partner)"):
		return "could not be judged", nil
	}
	return "", fmt.Errorf("exit %d: %s", code, said)
}

// hurried is the bench's profile with delays that a hostile partner soon uses up.
func hurried(mode, gateway string) string {
	var lines []string
	for line := range strings.Lines(profileText) {
		if strings.HasPrefix(line, "delays:") {
			line = hostileDelays + "\n"
		}
		lines = append(lines, line)
	}
	return strings.NewReplacer("${MODE}", mode, "${LISTEN}", gateway).Replace(strings.Join(lines, ""))
}

// freeAddress is one that nobody listens on just now: the partner has to know the gateway before the run starts it.
func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// startHostile starts this program again, as a hostile partner, and returns its base URL and what ends it.
func startHostile(ctx context.Context, kind, profilePath, gateway string) (base string, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	command := exec.CommandContext(ctx, self, "-hostile", kind, "-profile", profilePath, "-gateway", "http://"+gateway)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := command.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		// A partner that has crashed is gone already; that it is killed is how it ends.
		_ = command.Process.Kill()
		_ = command.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("starting the hostile partner: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}

// serveHostile is a hostile partner until ctx ends; it prints its base URL.
func serveHostile(ctx context.Context, kind, profilePath, gateway string, out io.Writer) error {
	k, err := hostile.Find(kind)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(profilePath)
	if err != nil {
		return err
	}
	p, err := profile.Parse(profilePath, text, os.Getenv)
	if err != nil {
		return err
	}
	server, err := partner.New(partner.Options{
		Profile: p, Listen: "127.0.0.1:0", GatewayURL: gateway, TokenURL: gateway + "/oauth/v3/token",
		ClientID: p.Orange.ClientID, ClientSecret: p.Orange.ClientSecret, Seam: k.Seam(),
	})
	if err != nil {
		return err
	}
	if err := server.Listen(); err != nil {
		return err
	}
	server.Start()
	if _, err := fmt.Fprintln(out, server.URL()); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}
