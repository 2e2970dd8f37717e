package control_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// brittle is a control port whose event streams break after so many entries each.
type brittle struct {
	total, each int64
	journal     func(connection int) string
	refuse      func(connection int) int // status; 0 lets in

	mu          sync.Mutex
	connections int
	afters      []int64
}

func (b *brittle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	b.mu.Lock()
	b.connections++
	n := b.connections
	b.afters = append(b.afters, after)
	b.mu.Unlock()
	if b.refuse != nil {
		if status := b.refuse(n); status != 0 {
			w.WriteHeader(status)
			_, _ = fmt.Fprint(w, `{"code":60,"message":"Resource not found","description":"gone"}`)
			return
		}
	}
	w.Header().Set(control.JournalHeader, "one")
	if b.journal != nil {
		w.Header().Set(control.JournalHeader, b.journal(n))
	}
	w.Header().Set("Content-Type", "text/event-stream")
	// The last one seen is sent again, as a careless proxy might: a reader must not see it twice.
	for seq := max(after, 1); seq <= min(after+b.each, b.total); seq++ {
		_, _ = fmt.Fprintf(w, ": alive\n\nid: %d\ndata: {\"seq\":%d,\"path\":\"/x\"}\n\n", seq, seq)
	}
	_, _ = fmt.Fprintf(w, "id: %d\ndata: {\"seq\":%d,\"pa", after+b.each+1, after+b.each+1)
}

func collect(t *testing.T, ch <-chan control.Entry, n int) []int64 {
	t.Helper()
	var got []int64
	deadline := time.After(20 * time.Second)
	for len(got) < n {
		select {
		case e, ok := <-ch:
			if !ok {
				return got
			}
			got = append(got, e.Seq)
		case <-deadline:
			t.Fatalf("only %v arrived", got)
		}
	}
	return got
}

func TestSubscribeComesBack(t *testing.T) {
	t.Parallel()
	b := &brittle{total: 7, each: 3, refuse: func(n int) int {
		if n == 2 {
			return http.StatusBadGateway
		}
		return 0
	}}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(t.Context())
	ch, err := control.NewClient(server.URL, "", &http.Client{Timeout: 10 * time.Second}).Subscribe(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{1, 2, 3, 4, 5, 6, 7}, collect(t, ch, 7)); d != "" {
		t.Error(d)
	}
	cancel()
	if rest := collect(t, ch, 1); len(rest) > 0 {
		t.Errorf("after the end came %v", rest)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if d := cmp.Diff([]int64{0, 3, 3, 6}, b.afters[:4]); d != "" {
		t.Errorf("asked after %s", d)
	}
}

func TestSubscribeEndsRatherThanSkip(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		b    *brittle
	}{
		{"entries were dropped", &brittle{total: 9, each: 3, refuse: func(n int) int {
			if n == 2 {
				return http.StatusGone
			}
			return 0
		}}},
		{"the mock was started anew", &brittle{total: 9, each: 3, journal: strconv.Itoa}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(tc.b)
			t.Cleanup(server.Close)
			ch, err := control.NewClient(server.URL, "", nil).Subscribe(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff([]int64{1, 2, 3}, collect(t, ch, 9)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestSubscribeFailsAtOnce(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&brittle{refuse: func(int) int { return http.StatusGone }})
	t.Cleanup(server.Close)
	var refused *control.Error
	_, err := control.NewClient(server.URL, "", nil).Subscribe(t.Context(), 5)
	if !errors.As(err, &refused) || refused.Status != http.StatusGone || refused.Description != "gone" {
		t.Errorf("got %v", err)
	}
	server.Close()
	if _, err := control.NewClient(server.URL, "", nil).Subscribe(t.Context(), 5); err == nil {
		t.Error("nothing listens, and no error")
	}
}

func TestCallErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"ours", `{"code":41,"message":"Invalid credentials","description":"no"}`, 401,
			"GET /control/info: control port answered 401, Invalid credentials: no"},
		{"of a proxy", "<html>", 502, "GET /control/info: control port answered 502"},
		{"no JSON", "<html>", 200, "GET /control/info: read the answer: invalid character '<' looking for beginning of value"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer t0ken" {
					t.Errorf("token sent as %q", r.Header.Get("Authorization"))
				}
				w.WriteHeader(tc.status)
				_, _ = fmt.Fprint(w, tc.body)
			}))
			t.Cleanup(server.Close)
			_, err := control.NewClient(server.URL+"/", "t0ken", nil).Info(t.Context())
			if err == nil || err.Error() != tc.want {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

func FuzzEventStream(f *testing.F) {
	f.Add("id: 1\ndata: {\"seq\":1}\n\n")
	f.Add(": alive\n\ndata: {\"seq\":\ndata:\n")
	f.Fuzz(func(t *testing.T, text string) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		last := int64(0)
		for _, e := range control.ReadStream(ctx, text) {
			if e.Seq <= last {
				t.Errorf("%q delivers %d after %d", text, e.Seq, last)
			}
			last = e.Seq
		}
	})
}
