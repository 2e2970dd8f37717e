package harness

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
)

// The verbs of this file look at what goes beyond the requirements: how a partner copes with a gateway on a bad day.
// What they find is the resilience section's and changes no verdict. So their customers and orders are not entered in
// the registry: no id of theirs is claimed, and the closing checks, which count what the registry knows, pass them over.
// Each scenario ends within delays.retry of its beginning.

// apart is what the findings of these verbs cite, in place of a requirement.
const apart = "resilience"

// mostAttempts is how often an event that the gateway took may be sent again before it counts as sent without end.
const mostAttempts = 6

// coarse is how much earlier than Retry-After says a timer of the partner's may wake.
const coarse = 20 * time.Millisecond

// ApartCustomer creates a customer that only this scenario knows. The scenario's time runs from here.
func (w *World) ApartCustomer(ctx context.Context) error {
	w.faulted = &faulted{firstBy: at(time.Now(), w.run.profile.Delays.Retry.D())}
	if !w.run.async() {
		return w.block("for asynchronous partners only")
	}
	ctx, cancel := w.limited(ctx)
	defer cancel()
	c := w.newCustomer(styleFull)
	vars := w.customerVars(c, styleFull)
	body, err := w.render("order", "order.request", vars)
	if err != nil {
		return err
	}
	from := w.mark()
	a, err := w.post(ctx, "order", body)
	if err != nil {
		return w.late(ctx, err)
	}
	doc := a.JSON()
	if a.OK() && w.run.text(doc, "order.state") == w.role("order.acknowledged") {
		reference, _ := vars["order"].(map[string]any)["externalReference"].(string)
		ev, err := w.await(ctx, from, w.faulted.firstBy, w.about(reference, w.run.text(doc, "order.id")))
		if err != nil {
			return w.late(ctx, w.cut(err))
		}
		if ev != nil {
			doc = ev.resource
		}
	}
	if c.ID = w.run.text(doc, "order.customer.id"); !a.OK() || c.ID == "" {
		return w.block("the customer was not created: " + a.said())
	}
	return nil
}

// OrderThrough places an order of that customer whose event meets the fault, and waits for the event's first attempt.
func (w *World) OrderThrough(ctx context.Context, f control.Fault) error {
	ctx, cancel := w.limited(ctx)
	defer cancel()
	o := w.newOrder(w.offer(0), 1, "")
	f.Key = o.Reference
	if err := w.setFault(ctx, f); err != nil {
		return w.late(ctx, w.breakDown("set the fault %s: %v", f.Kind, err))
	}
	ev, err := w.acknowledged(ctx, o)
	if err != nil {
		return err
	}
	if w.faulted.first = ev; ev.Fault == "" {
		return w.block(fmt.Sprintf("the fault could not be bound to the event, which was answered %d", ev.Status))
	}
	return nil
}

// acknowledged places an order and waits for its event's first attempt.
func (w *World) acknowledged(ctx context.Context, o *Order) (*event, error) {
	body, err := w.orderBody(o, styleFull, true)
	if err != nil {
		return nil, err
	}
	f := w.faulted
	f.from, f.what = w.mark(), "order "+o.Reference
	var ev *event
	err = w.inFlight(ctx, func() (time.Duration, error) {
		a, err := w.post(ctx, "order", body)
		if err != nil {
			return 0, err
		}
		doc := a.JSON()
		if !a.OK() || w.run.text(doc, "order.state") != w.role("order.acknowledged") {
			return 0, w.block("the order was not acknowledged: " + a.said())
		}
		f.matches = w.about(o.Reference, w.run.text(doc, "order.id"))
		if ev, err = w.await(ctx, f.from, f.firstBy, f.matches); err != nil {
			return 0, w.cut(err)
		}
		return 0, nil
	})
	if err != nil {
		return nil, w.late(ctx, err)
	}
	if ev == nil {
		return nil, w.block("no event came for the " + f.what)
	}
	w.saw(ev.exchange)
	return ev, nil
}

// about matches the events of one order: by Orange's reference, by the partner's id, or by any mention of either.
func (w *World) about(reference, id string) func(*event) bool {
	return func(ev *event) bool {
		if ref := w.run.text(ev.resource, "order.externalReference"); ref != "" {
			return ref == reference
		}
		if own := w.run.text(ev.resource, "order.id"); own != "" {
			return own == id
		}
		return mentions(ev, reference, id)
	}
}

// ComesAgain looks for the same event again, taken, and not within so many seconds of the first attempt.
func (w *World) ComesAgain(ctx context.Context, seconds int) error {
	f := w.faulted
	ev, err := w.await(ctx, f.first.index+1, f.firstBy, f.matches)
	if err != nil {
		return w.cut(err)
	}
	expected := fmt.Sprintf("the event again, %d s after the first attempt at the earliest", seconds)
	if ev == nil {
		return w.fallsShort(expected, "not sent again", f.first)
	}
	pause := ev.At.Sub(f.first.At)
	if pause < time.Duration(seconds)*time.Second-coarse {
		return w.fallsShort(expected, "sent again after "+rounded(pause), ev)
	}
	taken, err := w.await(ctx, ev.index, f.firstBy, func(ev *event) bool { return f.matches(ev) && ev.delivered() })
	switch {
	case err != nil:
		return w.cut(err)
	case taken == nil:
		seen := fmt.Sprintf("%d more attempts, none taken", w.attempts(f))
		return w.fallsShort("the event again, until the gateway takes it", seen, ev)
	case !w.sameEvent(f.first, taken):
		return w.fallsShort("the same event again", "another event: "+clipTo(string(taken.Body), 200), taken)
	}
	w.saw(taken.exchange)
	f.next = taken
	w.note("the same event again after %s, taken", rounded(pause))
	return nil
}

// NotAgain looks whether the event that was taken is left alone from then on, for as long as the quiet window lasts.
func (w *World) NotAgain(ctx context.Context) error {
	f := w.faulted
	ev, err := w.await(ctx, f.next.index+1, w.quietFrom(f.next), f.matches)
	if err != nil {
		return w.cut(err)
	}
	if ev != nil {
		return w.fallsShort("the event that was taken is not sent again", "sent once more", ev)
	}
	return nil
}

// SameIfAgain looks whether what comes after the first event, for as long as the quiet window lasts, is the same event,
// and not without end: after a strange answer sending again is legal.
func (w *World) SameIfAgain(ctx context.Context) error {
	f := w.faulted
	bad, err := w.await(ctx, f.first.index+1, w.quietFrom(f.first), func(ev *event) bool {
		return f.matches(ev) && (!w.sameEvent(f.first, ev) || w.soFar(f) >= mostAttempts)
	})
	n := w.attempts(f)
	switch {
	case err != nil:
		return w.cut(err)
	case bad != nil && !w.sameEvent(f.first, bad):
		return w.fallsShort("no second event, or the same one", "another event: "+clipTo(string(bad.Body), 200), bad)
	case bad != nil:
		return w.fallsShort("the event was taken: it is not sent without end", fmt.Sprintf("sent %d times more", n), bad)
	case n > 0:
		w.note("sent %d times more, the same event", n)
	default:
		w.note("not sent again")
	}
	return nil
}

// GoesOn looks whether the partner works on: the customer's next order is acknowledged and its event comes.
func (w *World) GoesOn(ctx context.Context) error {
	ctx, cancel := w.limited(ctx)
	defer cancel()
	before := w.faulted.first
	ev, err := w.acknowledged(ctx, w.newOrder(w.offer(0), 1, ""))
	if err != nil {
		if ctx.Err() == nil || errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return w.fallsShort("the next order is acknowledged and its event comes", w.stopped(), before)
		}
		return err
	}
	w.note("the next order's event came, answered %d", ev.Status)
	return nil
}

// Resilience is what the scenario came to.
func (w *World) Resilience(name string) reports.Resilience {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := reports.Resilience{Name: name, Held: len(w.findings) == 0 && w.blockedBy == "" && w.broken == "" && len(w.notes) > 0}
	switch {
	case len(w.findings) > 0:
		r.Seen = w.findings[0].Seen + " (expected: " + w.findings[0].Expected + ")"
	case r.Held:
		r.Seen = strings.Join(w.notes, "; ")
	default:
		r.Seen = strings.TrimSpace("not observed: " + strings.TrimSpace(w.broken+" "+w.blockedBy))
	}
	r.Seen = clip(r.Seen)
	return r
}

// fallsShort records that a partner does not hold, and ends the scenario.
func (w *World) fallsShort(expected, seen string, ev *event) error {
	w.saw(ev.exchange)
	w.fail(apart, breach{expected: expected, seen: seen, exchange: ev.exchange})
	return w.block(seen)
}

func (w *World) stopped() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.TrimSpace(w.broken + " " + w.blockedBy)
}

// limited is ctx until the scenario's time is over.
func (w *World) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithDeadline(ctx, w.faulted.firstBy)
}

// late says it where what failed did so for want of time.
func (w *World) late(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.blockedBy = fmt.Sprintf("no answer within %s (delays.retry)", w.run.profile.Delays.Retry.D())
	}
	return err
}

// quietFrom is the end of the quiet window that begins with an event, or of the scenario's time if that comes first.
func (w *World) quietFrom(ev *event) time.Time {
	end := at(ev.seen, w.run.profile.Delays.Quiet.D())
	if end.After(w.faulted.firstBy) {
		return w.faulted.firstBy
	}
	return end
}

func rounded(d time.Duration) string { return d.Round(10 * time.Millisecond).String() }
