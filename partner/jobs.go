package partner

import (
	"context"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/wire"
)

// job is the work that an acknowledgement promised: on an order or on an update.
type job struct {
	ID     string
	Lane   string // jobs of one lane run in order
	Order  *wire.ProductOrder
	Update *wire.UpdateRequest
}

// accept answers a request, once per idempotency key: a repetition gets the first answer and starts no second job, also
// while the first is still being worked on. decide runs inside the transaction; a job that it returns is stored with
// the answer, because what is acknowledged must not be lost.
func (p *Partner) accept(ctx context.Context, key string, decide func(tx) (answer, *job, error)) (answer, error) {
	var (
		a answer
		j *job
	)
	err := p.store.Update(ctx, func(t tx) error {
		if first, repeated := t.Answer(key); repeated {
			a = first
			return nil
		}
		var err error
		if a, j, err = decide(t); err != nil {
			return err
		}
		if key != "" {
			t.PutAnswer(key, a)
		}
		if j != nil {
			t.PutJob(*j)
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	if j != nil {
		p.queue(ctx, *j)
	}
	return a, nil
}

// queue gives a job its place at once, so that a customer's jobs keep their order, and lets it start when the answer to
// the request of ctx has left: Orange should not meet an event for an order whose acknowledgement it has not seen.
func (p *Partner) queue(ctx context.Context, j job) {
	answered := make(chan struct{})
	later(ctx, func() { close(answered) })
	p.jobs.add(j.Lane, func(ctx context.Context) {
		select {
		case <-answered:
			p.work(ctx, j)
		case <-ctx.Done():
		}
	})
}

// key keeps the references of orders and updates apart.
func (p *Partner) key(kind string, reference wire.Reference) string {
	if key := p.rules.Key(reference); key != "" {
		return kind + " " + key
	}
	return ""
}

// work does a job and hands its event to the outbox. The outcome and the event are one transaction: GET shows what the
// event will announce before it leaves.
func (p *Partner) work(ctx context.Context, j job) {
	if !pause(ctx, p.delay) {
		p.log.Warn("job given up", "job", j.ID, "reason", context.Cause(ctx))
		return
	}
	var d Delivery
	err := p.store.Update(ctx, func(t tx) error {
		var err error
		if d, err = p.finish(t, j); err != nil {
			return err
		}
		t.PutDelivery(d)
		t.DropJob(j.ID)
		return nil
	})
	if err != nil {
		p.log.Error("job failed", "job", j.ID, "error", err)
		return
	}
	p.outbox.send(d)
}

func (p *Partner) finish(t tx, j job) (Delivery, error) {
	if j.Order != nil {
		order := p.fulfil(t, *j.Order)
		kind := wire.OrderCompleted
		if order.State == wire.Failed {
			kind = wire.OrderFailed
		}
		return p.event(j.Lane, orderEvents, kind, order)
	}
	return p.event(j.Lane, updateEvents, wire.Updated, p.apply(t, *j.Update))
}

// The gateway's paths for events, after the offer.
const (
	orderEvents  = "productordering/v2/event"
	updateEvents = "userservice/v2/event"
)

// event makes the delivery of an event. Its body is made once, so that each attempt sends the same bytes.
func (p *Partner) event(lane, path string, kind wire.EventType, resource any) (Delivery, error) {
	body, err := encode(wire.Event{Type: kind, Time: wire.Time(p.now()), Resource: resource})
	if err != nil {
		return Delivery{}, fmt.Errorf("write the event %s: %w", kind, err)
	}
	return Delivery{ID: p.ids("evt"), Lane: lane, Path: "/" + p.profile.Offer + "/" + path, Body: body}, nil
}

// pause waits for d and reports whether it was let to.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
