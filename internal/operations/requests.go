package operations

import (
	"bufio"
	"context"
	"crypto/rand"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// RequestIDHeader names a request between a caller, this program and its log.
const RequestIDHeader = "X-Request-Id"

// longestID bounds the ids that are taken over from callers.
const longestID = 64

// Requests counts, times and logs the requests of several servers. It sees neither bodies nor queries nor credentials. A nil
// *Requests does nothing.
type Requests struct {
	log      *slog.Logger
	total    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight *prometheus.GaugeVec
}

// NewRequests registers the metrics of requests: one Requests for each registry.
func NewRequests(r prometheus.Registerer, log *slog.Logger) *Requests {
	m := promauto.With(r)
	return &Requests{
		log: log,
		total: m.NewCounterVec(prometheus.CounterOpts{
			Name: "clementine_http_requests_total", Help: "Requests answered, by route and status.",
		}, []string{"server", "method", "route", "status"}),
		seconds: m.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clementine_http_request_duration_seconds", Help: "From the head of a request to the end of its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"server", "method", "route"}),
		inFlight: m.NewGaugeVec(prometheus.GaugeOpts{
			Name: "clementine_http_requests_in_flight", Help: "Requests that are being answered.",
		}, []string{"server"}),
	}
}

// Around watches the requests that next answers; server names it in metrics and log. Each has an id, the caller's if it
// gave one, which is sent back unless the handler has set its own.
func (q *Requests) Around(server string, next http.Handler) http.Handler {
	if q == nil {
		return next
	}
	busy := q.inFlight.WithLabelValues(server)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		seen := &request{id: r.Header.Get(RequestIDHeader)}
		if !plain(seen.id) {
			seen.id = rand.Text()
		}
		ctx := context.WithValue(r.Context(), requestKey{}, seen)
		out := &recorder{ResponseWriter: w, request: seen, status: http.StatusOK}
		watched := r.WithContext(ctx)
		busy.Inc()
		defer func() {
			busy.Dec()
			q.note(server, watched, seen, out, time.Since(began))
		}()
		next.ServeHTTP(out, watched)
	})
}

func (q *Requests) note(server string, r *http.Request, seen *request, out *recorder, took time.Duration) {
	seen.mu.Lock()
	defer seen.mu.Unlock()
	route := seen.route
	if route == "" {
		route = r.Pattern // of an http.ServeMux
	}
	method := r.Method
	if !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}, method) {
		method = "other" // a caller must not make up new series
	}
	q.total.WithLabelValues(server, method, route, strconv.Itoa(out.status)).Inc()
	q.seconds.WithLabelValues(server, method, route).Observe(took.Seconds())
	level := slog.LevelInfo
	if out.status >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	q.log.LogAttrs(r.Context(), level, "request", append([]slog.Attr{
		slog.String("server", server), slog.String("request", seen.id),
		slog.String("method", method), slog.String("route", route),
		slog.Int("status", out.status), slog.Int64("bytes", out.bytes), slog.Duration("took", took),
	}, seen.attrs...)...)
}

// plain says whether an id may stand in a log as it is.
func plain(id string) bool {
	if id == "" || len(id) > longestID {
		return false
	}
	for _, c := range []byte(id) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if digit := '0' <= c && c <= '9'; !letter && !digit && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

type requestKey struct{}

// request is what handlers say of a request while it is answered.
type request struct {
	mu    sync.Mutex
	id    string
	named bool // the handler has its own way to say the id
	route string
	attrs []slog.Attr
}

// Route says by which pattern the request of ctx was routed: never its raw path, which callers choose.
func Route(ctx context.Context, pattern string) {
	if seen, ok := ctx.Value(requestKey{}).(*request); ok {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		seen.route = pattern
	}
}

// Identify gives the request of ctx the id that its handler has made, and sends back in its own header.
func Identify(ctx context.Context, id string) {
	if seen, ok := ctx.Value(requestKey{}).(*request); ok {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		seen.id, seen.named = id, true
	}
}

// Note adds to the log of the request of ctx what it is about: ids, no contents.
func Note(ctx context.Context, attrs ...slog.Attr) {
	if seen, ok := ctx.Value(requestKey{}).(*request); ok {
		seen.mu.Lock()
		defer seen.mu.Unlock()
		seen.attrs = append(seen.attrs, attrs...)
	}
}

// recorder notes what is answered.
type recorder struct {
	http.ResponseWriter
	request *request
	status  int
	bytes   int64
	sent    bool
}

// begin says the id in the head of an answer.
func (w *recorder) begin() {
	w.request.mu.Lock()
	defer w.request.mu.Unlock()
	if !w.request.named {
		w.Header().Set(RequestIDHeader, w.request.id)
	}
}

func (w *recorder) WriteHeader(status int) {
	if !w.sent {
		w.begin()
		w.status, w.sent = status, status >= http.StatusOK // what is below only announces an answer
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if !w.sent {
		w.begin()
		w.sent = true
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Flush is what gin asks of a writer; one that can't has nothing to send on.
func (w *recorder) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Hijack is what gin asks of a writer.
func (w *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}
