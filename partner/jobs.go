package partner

import (
	"context"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/internal/outbox"
	"github.com/clementine-ope/clementine/wire"
)

// job is the work that an acknowledgement promised: on an order or on an update.
type job struct {
	ID     string
	Lane   string // jobs of one lane run in order
	Order  *wire.ProductOrder
	Update *wire.UpdateRequest
	delay  time.Duration // before it starts
	task   outbox.Task   // what a durable store holds of it, under the lease of this attempt
}

// The kinds of requests that are accepted.
const (
	orderKind  = "order"
	updateKind = "update"
)

// accept answers a request, once per reference: a repetition gets the first answer and starts no second job, also
// while the first is still being worked on. decide runs inside the transaction; a job that it returns is stored with
// the answer, because what is acknowledged must not be lost.
func (p *Partner) accept(
	ctx context.Context, kind string, reference wire.Reference, decide func(tx) (answer, *job, error),
) (answer, error) {
	var (
		a        answer
		j        *job
		repeated bool
	)
	key := p.key(kind, reference)
	err := p.store.Update(ctx, func(t tx) error {
		j = nil
		var first answer
		if first, repeated = t.Answer(key); repeated {
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
			j.delay = p.delay
			p.backlog.foresee(ctx, *j)
			t.PutJob(*j)
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	p.metrics.accepted(ctx, kind, reference, j, repeated)
	if j != nil {
		p.backlog.job(ctx, *j)
	}
	return a, nil
}

// key keeps the references of orders and updates apart.
func (p *Partner) key(kind string, reference wire.Reference) string {
	if key := p.rules.Key(reference); key != "" {
		return kind + " " + key
	}
	return ""
}

// work does a job and leaves its event to the backlog. The outcome and the event are one transaction: GET shows what the
// event will announce before it leaves.
func (p *Partner) work(ctx context.Context, j job) error {
	var d Delivery
	err := p.store.Update(ctx, func(t tx) error {
		var err error
		if d, err = p.finish(t, j); err != nil {
			return err
		}
		t.PutDelivery(d)
		t.DropJob(j)
		return nil
	})
	if err != nil {
		return err
	}
	p.backlog.event(d)
	return nil
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
