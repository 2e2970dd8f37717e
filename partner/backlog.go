package partner

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/cenkalti/backoff/v5"

	"github.com/clementine-ope/clementine/internal/outbox"
)

// backlog does what the store holds: jobs, and the delivery of their events. Those of a customer run in order, customers
// side by side.
type backlog interface {
	// start lets it begin.
	start()
	// foresee is told of a job before it is stored, in the transaction.
	foresee(ctx context.Context, j job)
	// job is told of a job once the request of ctx has stored it.
	job(ctx context.Context, j job)
	// event is told of an event once it is stored.
	event(d Delivery)
	// close takes nothing new and ends what is in hand, or gives it up when ctx ends.
	close(ctx context.Context)
}

// answered is closed when the answer to the request of ctx has left: Orange should not meet an event for an order whose
// acknowledgement it has not seen.
func answered(ctx context.Context) <-chan struct{} {
	left := make(chan struct{})
	later(ctx, func() { close(left) })
	return left
}

// volatile is the backlog of a partner that may forget: what is given up is lost.
type volatile struct {
	*Partner
	jobs, events *lanes
}

func (v *volatile) start() {}

func (v *volatile) foresee(context.Context, job) {}

// job gives a job its place at once, so that a customer's jobs keep their order.
func (v *volatile) job(ctx context.Context, j job) {
	left := answered(ctx)
	v.jobs.add(j.Lane, func(ctx context.Context) {
		select {
		case <-left:
		case <-ctx.Done():
		}
		if !pause(ctx, j.delay) {
			v.log.Warn("job given up", "job", j.ID, "reason", context.Cause(ctx))
			return
		}
		if err := v.work(ctx, j); err != nil {
			v.log.Error("job failed", "job", j.ID, "error", err)
		}
	})
}

func (v *volatile) event(d Delivery) {
	v.events.add(d.Lane, func(ctx context.Context) {
		v.settle(ctx, d, v.courier.wrap(ctx, &d, v.courier.deliver))
	})
}

// settle stores how a delivery ended.
func (v *volatile) settle(ctx context.Context, d Delivery, failure error) {
	switch {
	case ctx.Err() != nil:
		v.log.Warn("delivery given up", "event", d.ID, "path", d.Path)
		return // it stays in the store, undelivered
	case failure != nil:
		v.log.Error("event given up", "event", d.ID, "path", d.Path, "error", failure)
	default:
		v.metrics.delivered.Inc()
		v.log.Debug("event delivered", "event", d.ID, "path", d.Path)
	}
	if err := v.store.Update(ctx, func(t tx) error { t.DropDelivery(d); return nil }); err != nil {
		v.log.Error("outcome of a delivery not stored", "event", d.ID, "path", d.Path, "error", err)
	}
}

func (v *volatile) close(ctx context.Context) {
	v.jobs.close(ctx)
	v.events.close(ctx)
}

// lasting is the backlog of a durable store: its tasks outlive the process.
type lasting struct {
	*Partner
	*Durable
	unanswered sync.Map // by id of the job, until the answer to its request has left
}

func (l *lasting) start() {
	l.jobs.Start(l.doJob)
	l.events.Start(l.doEvent)
}

func (l *lasting) foresee(ctx context.Context, j job) {
	left := answered(ctx)
	l.unanswered.Store(j.ID, left)
	later(ctx, func() { l.unanswered.Delete(j.ID) })
}

func (l *lasting) job(context.Context, job) { l.jobs.Wake() }

func (l *lasting) event(Delivery) { l.events.Wake() }

func (l *lasting) doJob(ctx context.Context, t outbox.Task) error {
	var j job
	if err := json.Unmarshal(t.Body, &j); err != nil {
		return backoff.Permanent(fmt.Errorf("read a job: %w", err))
	}
	j.task = t
	if left, waits := l.unanswered.Load(j.ID); waits {
		select {
		case <-left.(<-chan struct{}):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return l.work(ctx, j)
}

// doEvent makes one attempt to deliver.
func (l *lasting) doEvent(ctx context.Context, t outbox.Task) error {
	var d Delivery
	if err := json.Unmarshal(t.Body, &d); err != nil {
		return backoff.Permanent(fmt.Errorf("read an event: %w", err))
	}
	d.task = t
	sent := d
	if err := l.courier.wrap(ctx, &sent, l.courier.attempt); err != nil {
		return err
	}
	err := l.store.Update(ctx, func(t tx) error { t.DropDelivery(d); return nil })
	if err == nil {
		l.metrics.delivered.Inc()
	}
	return err
}

func (l *lasting) close(ctx context.Context) {
	l.jobs.Close(ctx)
	l.events.Close(ctx)
}
