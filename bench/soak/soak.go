// Package soak loads the built program for long: the gateway with faults on, many partners judged at once, and billing under
// mixed load. It says what was lost, what came out different, how memory went, and how long answers took.
//
// It owns the traffic, the ledgers and the verdicts of the soak. It does not own the load generator, which is vegeta as a program
// of its own, nor the servers, which are processes behind HTTP.
package soak

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// Programs are what a soak starts.
type Programs struct {
	Clementine string // the built program
	Vegeta     string // the load generator
}

// callLimit bounds every call that the driver makes by itself.
const callLimit = 30 * time.Second

var httpAddress = regexp.MustCompile(`http://[0-9.:]+`)

// server is a program that serves until it is stopped.
type server struct {
	command          *exec.Cmd
	gateway, control string // base URLs
	drained          chan struct{}
}

// startServe starts clementine serve with more arguments, and returns when both of its ports are open.
func startServe(ctx context.Context, program string, log io.Writer, args ...string) (*server, error) {
	args = append([]string{"serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"}, args...)
	s := &server{command: exec.CommandContext(ctx, program, args...), drained: make(chan struct{})} // #nosec G204 -- the program under load
	s.command.Stderr = log
	out, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	lines := bufio.NewScanner(out)
	for s.control == "" && lines.Scan() {
		switch text := strings.TrimSpace(lines.Text()); {
		case strings.HasPrefix(text, "gateway "):
			s.gateway = httpAddress.FindString(text)
		case strings.HasPrefix(text, "control "):
			s.control = httpAddress.FindString(text)
		}
	}
	if s.gateway == "" || s.control == "" {
		return nil, errors.Join(fmt.Errorf("%s serve named no addresses", program), s.kill())
	}
	go func() {
		defer close(s.drained)
		_, _ = io.Copy(io.Discard, out) // what it says later is of no interest, but must be read
	}()
	return s, nil
}

// stop ends the server in its own time.
func (s *server) stop() error {
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-s.drained
	return s.command.Wait()
}

// kill ends the server as a crash would.
func (s *server) kill() error {
	if err := s.command.Process.Kill(); err != nil {
		return err
	}
	var ended *exec.ExitError
	if err := s.command.Wait(); err != nil && !errors.As(err, &ended) {
		return err
	}
	return nil
}

// token gets one by a client's credentials.
func (s *server) token(ctx context.Context, id, secret string) (string, error) {
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: callLimit})
	token, err := (&clientcredentials.Config{ClientID: id, ClientSecret: secret, TokenURL: s.gateway + "/oauth/v3/token"}).Token(ctx)
	if err != nil {
		return "", fmt.Errorf("get a token: %w", err)
	}
	return token.AccessToken, nil
}

// Latency are percentiles of what callers waited.
type Latency struct{ P50, P95, P99, Max time.Duration }

func latencyOf(times []time.Duration) Latency {
	if len(times) == 0 {
		return Latency{}
	}
	slices.Sort(times)
	at := func(percent int) time.Duration { return times[min(len(times)-1, len(times)*percent/100)] }
	return Latency{at(50), at(95), at(99), times[len(times)-1]}
}

// String has milliseconds.
func (l Latency) String() string {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return fmt.Sprintf("p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, longest %.0f ms", ms(l.P50), ms(l.P95), ms(l.P99), ms(l.Max))
}
