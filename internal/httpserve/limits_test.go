package httpserve_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/httpserve"
)

func dial(t *testing.T, s *httpserve.Server) net.Conn {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// ask sends a request and reads its answer, on a connection that stays open.
func ask(t *testing.T, c net.Conn) string {
	t.Helper()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestIdleConnectionMakesRoom(t *testing.T) {
	t.Parallel()
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }),
		httpserve.Options{Connections: 2})
	first, second := dial(t, s), dial(t, s)
	ask(t, first)
	ask(t, second)
	for range 5 {
		if got := ask(t, dial(t, s)); got != "hello" {
			t.Fatalf("got %q", got)
		}
	}
}

func TestConnectionWaitsForAPlace(t *testing.T) {
	t.Parallel()
	begun, release := make(chan struct{}, 3), make(chan struct{})
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		begun <- struct{}{}
		<-release
		_, _ = io.WriteString(w, "hello")
	}), httpserve.Options{Connections: 2})
	answers := make(chan string, 3)
	for range 3 {
		c := dial(t, s)
		go func() { answers <- ask(t, c) }()
	}
	<-begun
	<-begun
	select {
	case <-begun:
		t.Error("three connections are served at a time, of 2")
	default:
	}
	close(release)
	for range 3 {
		if got := <-answers; got != "hello" {
			t.Errorf("got %q", got)
		}
	}
}

func TestCloseDoesNotWaitForThoseWithoutAPlace(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	s := httpserve.New(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
	}), httpserve.Options{Connections: 1})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	s.Start()
	busy, waiting := dial(t, s), dial(t, s)
	_, _ = io.WriteString(busy, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-begun
	_, _ = io.WriteString(waiting, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Close(ctx); err != nil {
		t.Error(err)
	}
}

func TestSlowBodyIsCut(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	s := start(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		ended <- err
	}), httpserve.Options{BodyTimeout: 50 * time.Millisecond})
	_, _ = io.WriteString(dial(t, s), "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
	if err := <-ended; !errors.Is(err, context.DeadlineExceeded) && !isTimeout(err) {
		t.Errorf("the body ended with %v", err)
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// A handler may work for longer than its body may take.
func TestBodyTimeEndsWithTheBody(t *testing.T) {
	t.Parallel()
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		select {
		case <-r.Context().Done():
		case <-time.After(200 * time.Millisecond):
			_, _ = io.WriteString(w, "hello")
		}
	}), httpserve.Options{BodyTimeout: 50 * time.Millisecond})
	res, err := http.Post(s.URL(), "text/plain", strings.NewReader("abc"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); err != nil || string(body) != "hello" {
		t.Errorf("got %q, %v", body, err)
	}
}

func TestSlowReaderIsCut(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for block := make([]byte, 1<<20); err == nil; {
			_, err = w.Write(block)
		}
		ended <- err
	}), httpserve.Options{WriteTimeout: 50 * time.Millisecond})
	_, _ = io.WriteString(dial(t, s), "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := <-ended; !isTimeout(err) {
		t.Errorf("writing ended with %v", err)
	}
}

// A stream lives for as long as each piece of it is taken.
func TestStreamOutlivesTheWriteTimeout(t *testing.T) {
	t.Parallel()
	const pieces = 8
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		pace := time.NewTicker(30 * time.Millisecond)
		defer pace.Stop()
		for i := range pieces {
			fmt.Fprintln(w, i)
			_ = http.NewResponseController(w).Flush()
			<-pace.C
		}
	}), httpserve.Options{WriteTimeout: 100 * time.Millisecond})
	got, err := get(t.Context(), s.URL())
	if err != nil || strings.Count(got, "\n") != pieces {
		t.Errorf("got %q, %v", got, err)
	}
}
