package httpserve_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/httpserve"
)

func start(t *testing.T, h http.Handler, o httpserve.Options) *httpserve.Server {
	t.Helper()
	s := httpserve.New(h, o)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		if err := s.Close(t.Context()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

func TestServes(t *testing.T) {
	t.Parallel()
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}), httpserve.Options{})
	got, err := get(t.Context(), s.URL())
	if err != nil || got != "hello" {
		t.Fatalf("got %q, %v", got, err)
	}
}

func TestServe(t *testing.T) {
	t.Parallel()
	s := httpserve.New(http.NotFoundHandler(), httpserve.Options{})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve() }()
	if _, err := get(t.Context(), s.URL()); err != nil {
		t.Fatal(err)
	}
	if err := s.Serve(); err == nil {
		t.Error("it serves twice")
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Serve ended with %v", err)
	}
	busy := start(t, http.NotFoundHandler(), httpserve.Options{})
	if err := httpserve.New(http.NotFoundHandler(), httpserve.Options{Addr: busy.Addr()}).Serve(); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v", err)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	donor := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(donor.Close)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}), httpserve.Options{TLS: &tls.Config{Certificates: donor.TLS.Certificates, MinVersion: tls.VersionTLS12}})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := donor.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if b, err := io.ReadAll(res.Body); err != nil || string(b) != "hello" || req.URL.Scheme != "https" {
		t.Errorf("%s: got %q, %v", req.URL, b, err)
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	first := start(t, http.NotFoundHandler(), httpserve.Options{})
	err := httpserve.New(http.NotFoundHandler(), httpserve.Options{Addr: first.Addr()}).Listen()
	if !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("got %v, want EADDRINUSE", err)
	}
	if !strings.Contains(err.Error(), first.Addr()) {
		t.Errorf("error %q does not name the address %s", err, first.Addr())
	}
}

func TestURLOfEveryInterface(t *testing.T) {
	t.Parallel()
	s := start(t, http.NotFoundHandler(), httpserve.Options{Addr: ":0"})
	if !strings.HasPrefix(s.URL(), "http://127.0.0.1:") {
		t.Errorf("URL %s is not reachable by a client", s.URL())
	}
}

func TestCloseWaitsForCallsInFlight(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(arrived)
		<-release
		_, _ = io.WriteString(w, "late")
	}), httpserve.Options{})
	answer := make(chan string, 1)
	go func() {
		got, err := get(t.Context(), s.URL())
		if err != nil {
			got = err.Error()
		}
		answer <- got
	}()
	<-arrived
	closed := make(chan error, 1)
	go func() { closed <- s.Close(t.Context()) }()
	select {
	case <-closed:
		t.Fatal("Close returned while a call was in flight")
	case <-time.After(20 * time.Millisecond):
	}
	close(release)
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if got := <-answer; got != "late" {
		t.Errorf("the call in flight got %q", got)
	}
}

func TestCloseCutsWhatRemains(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	s := start(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	}), httpserve.Options{})
	go func() { _, _ = get(context.WithoutCancel(t.Context()), s.URL()) }()
	<-arrived
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := get(t.Context(), s.URL()); err == nil {
		t.Error("the server still answers after Close")
	}
}

func TestCloseDoesNotWaitForUnusedConnections(t *testing.T) {
	t.Parallel()
	s := start(t, http.NotFoundHandler(), httpserve.Options{})
	var d net.Dialer
	c, err := d.DialContext(t.Context(), "tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// Connections are accepted in turn: once this one is answered, the unused one has been accepted.
	if _, err := get(t.Context(), s.URL()); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if err := s.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	// net/http waits at least five seconds for such a connection.
	if took := time.Since(begin); took > 4800*time.Millisecond {
		t.Errorf("Close took %s", took)
	}
}

func TestOutOfOrder(t *testing.T) {
	t.Parallel()
	s := httpserve.New(http.NotFoundHandler(), httpserve.Options{})
	if s.URL() != "" || s.Addr() != "" {
		t.Errorf("before Listen: URL %q, Addr %q", s.URL(), s.Addr())
	}
	if err := s.Close(t.Context()); err != nil {
		t.Errorf("Close before Listen: %v", err)
	}
	s.Start()
	if err := s.Close(t.Context()); !errors.Is(err, httpserve.ErrNotListening) {
		t.Errorf("Start without Listen: got %v", err)
	}
	only := httpserve.New(http.NotFoundHandler(), httpserve.Options{})
	if err := only.Listen(); err != nil {
		t.Fatal(err)
	}
	if err := only.Listen(); err == nil {
		t.Error("a second Listen succeeded")
	}
	if err := only.Close(t.Context()); err != nil {
		t.Errorf("Close after Listen alone: %v", err)
	}
}
