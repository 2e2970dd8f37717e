package operations_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/operations"
)

// syncBuffer is a log that a server writes while the test reads.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func get(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestHealth(t *testing.T) {
	t.Parallel()
	var log syncBuffer
	var health operations.Health
	h := operations.Handler(prometheus.NewRegistry(), &health, slog.New(slog.NewTextHandler(&log, nil)))
	expect := func(path string, status int, body string) {
		t.Helper()
		if got, text := get(t, h, path); got != status || text != body {
			t.Errorf("%s: %d %q, want %d %q", path, got, text, status, body)
		}
	}
	expect("/healthz", 200, "alive\n")
	expect("/readyz", 200, "ready\n")
	down := errors.New("dial tcp 10.0.0.7:5432")
	var failing error
	health.Need("the database", func(context.Context) error { return failing })
	expect("/readyz", 200, "ready\n")
	failing = down
	expect("/readyz", 503, "the database does not answer\n")
	if !strings.Contains(log.String(), down.Error()) {
		t.Errorf("the log does not say why: %s", &log)
	}
	failing = nil
	health.Stop()
	expect("/readyz", 503, "going down\n")
	expect("/healthz", 200, "alive\n")
	if status, _ := get(t, h, "/elsewhere"); status != 404 {
		t.Errorf("another path is answered %d", status)
	}
}

func TestClosedDatabaseIsNotReady(t *testing.T) {
	t.Parallel()
	db, err := database.Open(t.Context(), "", database.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var health operations.Health
	registry := operations.NewRegistry("1.2.3")
	operations.WatchDatabase(registry, &health, "test", db)
	if err := health.Ready(t.Context()); err != nil {
		t.Errorf("open: %v", err)
	}
	_, text := get(t, operations.Handler(registry, &health, slog.New(slog.DiscardHandler)), "/metrics")
	for _, want := range []string{`clementine_build_info{version="1.2.3"} 1`, `go_sql_open_connections{db_name="test"}`, "go_goroutines"} {
		if !strings.Contains(text, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := health.Ready(t.Context()); err == nil {
		t.Error("a closed database is ready")
	}
}

// line is the last one of a log in JSON.
func line(t *testing.T, log *syncBuffer) map[string]any {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	var m map[string]any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &m); err != nil {
		t.Fatalf("%v: %s", err, log)
	}
	return m
}

func TestRequestsAreCountedAndLogged(t *testing.T) {
	t.Parallel()
	var log syncBuffer
	registry := prometheus.NewRegistry()
	requests := operations.NewRequests(registry, slog.New(slog.NewJSONHandler(&log, nil)))
	own := ""
	h := requests.Around("test", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		operations.Route(r.Context(), "/orders/:id")
		operations.Note(r.Context(), slog.String("order", "ord_1"))
		if own != "" {
			operations.Identify(r.Context(), own)
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "hello")
	}))
	ask := func(method, id string) (*httptest.ResponseRecorder, map[string]any) {
		r := httptest.NewRequest(method, "/orders/7?token=hunter2", strings.NewReader("a body"))
		r.Header.Set("Authorization", "Bearer hunter2")
		r.Header.Set("X-Request-Id", id)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w, line(t, &log)
	}
	w, said := ask("POST", "from-caller.1")
	if id := w.Header().Get("X-Request-Id"); id != "from-caller.1" || said["request"] != id {
		t.Errorf("the caller's id became %q, and %v in the log", id, said["request"])
	}
	for key, want := range map[string]any{
		"server": "test", "route": "/orders/:id", "status": 202.0, "bytes": 5.0, "order": "ord_1", "method": "POST", "level": "INFO",
	} {
		if said[key] != want {
			t.Errorf("%s is %v, not %v", key, said[key], want)
		}
	}
	for _, bad := range []string{"", "two words", "a\nb", strings.Repeat("x", 65), "é"} {
		if w, said := ask("BREW", bad); w.Header().Get("X-Request-Id") == bad || said["request"] != w.Header().Get("X-Request-Id") {
			t.Errorf("id %q is taken over", bad)
		}
	}
	own = "mine"
	if w, said := ask("POST", "other"); w.Header().Get("X-Request-Id") != "" || said["request"] != "mine" {
		t.Errorf("the handler's own id: header %q, log %v", w.Header().Get("X-Request-Id"), said["request"])
	}
	if text := log.String(); strings.Contains(text, "hunter2") || strings.Contains(text, "a body") {
		t.Errorf("the log shows what is secret: %s", text)
	}
	const want = `
# HELP clementine_http_requests_total Requests answered, by route and status.
# TYPE clementine_http_requests_total counter
clementine_http_requests_total{method="POST",route="/orders/:id",server="test",status="202"} 2
clementine_http_requests_total{method="other",route="/orders/:id",server="test",status="202"} 5
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "clementine_http_requests_total"); err != nil {
		t.Error(err)
	}
	if n := testutil.CollectAndCount(registry, "clementine_http_request_duration_seconds"); n != 2 {
		t.Errorf("%d histograms, not 2", n)
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

func TestPatternOfAMuxIsTheRoute(t *testing.T) {
	t.Parallel()
	var log syncBuffer
	requests := operations.NewRequests(prometheus.NewRegistry(), slog.New(slog.NewJSONHandler(&log, nil)))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /things/{id}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	get(t, requests.Around("test", mux), "/things/7")
	if said := line(t, &log); said["route"] != "GET /things/{id}" || said["level"] != "WARN" {
		t.Errorf("logged %v", said)
	}
	get(t, requests.Around("test", mux), "/made-up/by/a/caller")
	if said := line(t, &log); said["route"] != "" {
		t.Errorf("logged %v", said)
	}
}

// What a handler asks of its writer, it gets through.
func TestWriterKeepsItsAbilities(t *testing.T) {
	t.Parallel()
	requests := operations.NewRequests(prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
	s := httptest.NewServer(requests.Around("test", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_ = conn.Close()
	})))
	defer s.Close()
	if res, err := http.Get(s.URL); err == nil {
		_, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err == nil {
			t.Error("the connection was not cut")
		}
	}
}
