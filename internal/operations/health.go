// Package operations is what whoever runs a server sees of it: metrics, health, and a log of its requests.
//
// It owns the form of all three and the address that shows them. It does not own what a part of the program counts, nor
// the registry, which whoever starts the program passes in.
package operations

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// The paths on which a server shows how it is.
const (
	MetricsPath = "/metrics"
	AlivePath   = "/healthz"
	ReadyPath   = "/readyz"
)

// checkTimeout bounds the checks of one question for readiness.
const checkTimeout = 2 * time.Second

// Health says whether a program is alive, and whether it should be given work. The zero value is ready.
type Health struct {
	mu       sync.Mutex
	checks   []check
	stopping atomic.Bool
}

type check struct {
	name string
	run  func(context.Context) error
}

// Need adds something without which the program is not ready. Its name is shown to whoever asks, its error only logged.
func (h *Health) Need(name string, run func(context.Context) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.checks = append(h.checks, check{name, run})
}

// Stop says that the program is going down: it is alive, and wants no more work.
func (h *Health) Stop() { h.stopping.Store(true) }

// Ready is nil, or says in a few words why the program wants no work, and wraps the error that told.
func (h *Health) Ready(ctx context.Context) error {
	if h.stopping.Load() {
		return notReady{"going down", nil}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	h.mu.Lock()
	checks := h.checks
	h.mu.Unlock()
	for _, c := range checks {
		if err := c.run(ctx); err != nil {
			return notReady{c.name + " does not answer", err}
		}
	}
	return nil
}

type notReady struct {
	reason string
	cause  error
}

func (e notReady) Error() string { return e.reason }
func (e notReady) Unwrap() error { return e.cause }

// Handler shows metrics and health: GET /metrics, /healthz (200 while the process answers) and /readyz (200, or 503 and why).
// It shows no secrets, and asks for none.
func Handler(metrics prometheus.Gatherer, h *Health, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	for pattern, handler := range routes(metrics, h, log) {
		mux.Handle(pattern, handler)
	}
	return mux
}

// Routes are what Handler serves: "GET /metrics", in order.
func Routes() []string { return slices.Sorted(maps.Keys(routes(nil, nil, nil))) }

func routes(metrics prometheus.Gatherer, h *Health, log *slog.Logger) map[string]http.Handler {
	opts := promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, Timeout: 10 * time.Second}
	if log != nil {
		opts.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelError)
	}
	return map[string]http.Handler{
		"GET " + MetricsPath: promhttp.HandlerFor(metrics, opts),
		"GET " + AlivePath:   http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") }),
		"GET " + ReadyPath: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			err := h.Ready(r.Context())
			if err == nil {
				say(w, http.StatusOK, "ready")
				return
			}
			log.Warn("not ready", "reason", err, "error", unwrapped(err))
			say(w, http.StatusServiceUnavailable, err.Error())
		}),
	}
}

func unwrapped(err error) error {
	if e, ok := err.(notReady); ok { //nolint:errorlint // Ready wraps nothing around it
		return e.cause
	}
	return nil
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}
