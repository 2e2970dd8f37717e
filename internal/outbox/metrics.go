package outbox

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/clementine-ope/clementine/internal/database"
)

// How an attempt at a task can end, as the metric says it.
const (
	ended    = "ended"
	retried  = "retried"
	parked   = "parked"
	released = "released"   // handed back, because the process went down
	lost     = "lease lost" // another worker has the task
	unstored = "unstored"   // its outcome could not be written
)

// countTimeout bounds what one look at the metrics asks of the database.
const countTimeout = 5 * time.Second

// metrics are what an outbox counts, and how its table is described when it is looked at.
type metrics struct {
	attempts *prometheus.CounterVec
	tasks    *prometheus.Desc
	oldest   *prometheus.Desc
}

func newMetrics(queue string) metrics {
	labels := prometheus.Labels{"queue": queue}
	return metrics{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "clementine_outbox_attempts_total", Help: "Attempts at tasks, by how they ended.", ConstLabels: labels,
		}, []string{"outcome"}),
		tasks: prometheus.NewDesc("clementine_outbox_tasks",
			"Tasks in the table: open ones that wait or are in hand, and parked ones that wait for a person.", []string{"state"}, labels),
		oldest: prometheus.NewDesc("clementine_outbox_oldest_seconds",
			"Age of the oldest open task; 0 if there is none.", nil, labels),
	}
}

// Describe implements prometheus.Collector: an outbox may be registered, once in each registry.
func (o *Outbox) Describe(to chan<- *prometheus.Desc) {
	o.metrics.attempts.Describe(to)
	to <- o.metrics.tasks
	to <- o.metrics.oldest
}

// Collect implements prometheus.Collector. The tasks are those of all processes that share the table.
func (o *Outbox) Collect(to chan<- prometheus.Metric) {
	o.metrics.attempts.Collect(to)
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	now := o.opts.Now().UnixMilli()
	var open, waiting, since int64
	err := o.db.Read(ctx, func(tx *database.Tx) error {
		// Two questions, each for its own partial index.
		err := tx.QueryRow(ctx, "SELECT count(*), coalesce(min(since), ?) FROM outbox WHERE queue = ? AND parked IS NULL",
			now, o.opts.Queue).Scan(&open, &since)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT count(*) FROM outbox WHERE queue = ? AND parked IS NOT NULL", o.opts.Queue).Scan(&waiting)
	})
	if err != nil {
		to <- prometheus.NewInvalidMetric(o.metrics.tasks, err)
		return
	}
	to <- prometheus.MustNewConstMetric(o.metrics.tasks, prometheus.GaugeValue, float64(open), "open")
	to <- prometheus.MustNewConstMetric(o.metrics.tasks, prometheus.GaugeValue, float64(waiting), "parked")
	to <- prometheus.MustNewConstMetric(o.metrics.oldest, prometheus.GaugeValue, max(0, float64(now-since)/1000))
}
