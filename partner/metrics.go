package partner

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/cenkalti/backoff/v5"
	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/clementine-ope/clementine/internal/operations"
	"github.com/clementine-ope/clementine/wire"
)

// How a call to the gateway can end, as the metric says it.
const (
	callAccepted     = "accepted"
	callUnauthorized = "unauthorized"
	callRefused      = "refused" // for good
	callFailed       = "failed"  // and is worth another attempt
)

// metrics are what the partner counts.
type metrics struct {
	requests  *prometheus.CounterVec
	calls     *prometheus.CounterVec
	delivered prometheus.Counter
}

// newMetrics registers them where r is not nil.
func newMetrics(r prometheus.Registerer) metrics {
	m := promauto.With(r)
	return metrics{
		requests: m.NewCounterVec(prometheus.CounterOpts{
			Name: "clementine_partner_accepted_total",
			Help: "Orders and updates that were acknowledged for later, done at once, or repeated and answered as before.",
		}, []string{"kind", "answer"}),
		calls: m.NewCounterVec(prometheus.CounterOpts{
			Name: "clementine_partner_event_calls_total", Help: "Calls to Orange's gateway, by how they ended.",
		}, []string{"outcome"}),
		delivered: m.NewCounter(prometheus.CounterOpts{
			Name: "clementine_partner_events_delivered_total", Help: "Events that Orange has taken.",
		}),
	}
}

// accepted counts a request once it is stored, and tells the log what it was about.
func (m metrics) accepted(ctx context.Context, kind string, reference wire.Reference, j *job, repeated bool) {
	answer := "done"
	operations.Note(ctx, slog.String("reference", clip(reference.ID)))
	switch {
	case repeated:
		answer = "repeated"
	case j != nil:
		answer = "acknowledged"
		operations.Note(ctx, slog.String(kind, j.ID))
	}
	m.requests.WithLabelValues(kind, answer).Inc()
}

// outcomeOf names how a call to the gateway has ended.
func outcomeOf(err error) string {
	var permanent *backoff.PermanentError
	switch {
	case err == nil:
		return callAccepted
	case errors.Is(err, errUnauthorized):
		return callUnauthorized
	case errors.As(err, &permanent):
		return callRefused
	default:
		return callFailed
	}
}

// watch registers the queues of a durable store, where r is not nil.
func (s *Durable) watch(r prometheus.Registerer) error {
	if s == nil || r == nil {
		return nil
	}
	return errors.Join(r.Register(s.jobs), r.Register(s.events))
}

// routed tells metrics and log which route a request took.
func routed(c *gin.Context) {
	operations.Route(c.Request.Context(), c.FullPath())
}

// clip keeps a text that others chose short enough for a log.
func clip(s string) string {
	const longest = 100
	if len(s) > longest {
		return strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}
