package harness

import (
	"context"
	"fmt"

	"github.com/clementine-ope/clementine/internal/profile"
)

// StillGone judges that the chosen licences, deleted before, do not show as alive.
func (w *World) StillGone(ctx context.Context, requirement string) error {
	if err := w.Reread(ctx); err != nil {
		return err
	}
	w.judged(requirement)
	for _, id := range w.chosen {
		if l, ok := w.after.find(id); ok {
			w.fail(requirement, breach{expected: fmt.Sprintf("the deleted licence %q stays deleted", id), seen: stateSeen(l.State, ""), path: l.path, exchange: l.exchange})
		}
	}
	return nil
}

// EmptyFleetUsable judges US-UC3-05: a fleet without licences can be read and ordered into.
func (w *World) EmptyFleetUsable(ctx context.Context) error {
	w.judged("US-UC3-05")
	a, err := w.consultFleet(ctx, w.fleet())
	if err != nil {
		return err
	}
	if !a.OK() || !a.JSON().IsArray() {
		w.fail("US-UC3-05", breach{expected: "an array, empty or of deleted licences", seen: a.said(), exchange: a.Exchange})
	}
	o := w.newOrder(w.offer(0), 2, w.fleet())
	body, err := w.orderBody(o, styleFull, true)
	if err != nil {
		return err
	}
	o.body = body
	took, err := w.offeredFor(ctx, o, "US-UC3-05", "completed: the fleet is empty, not gone")
	if err != nil {
		return err
	}
	w.check("US-UC3-05", took, breach{expected: "an order into the empty fleet is completed", seen: "refused", exchange: o.answer.Exchange})
	return nil
}

// EndUserWherePossible gives the first chosen licence an end user if the profile declares and can start it.
func (w *World) EndUserWherePossible(ctx context.Context) error {
	if !w.run.startsAlone(profile.TriggerEndUserAdd) {
		w.note("no end user on the licence: not declared, or no trigger that works without a person")
		return nil
	}
	if err := w.Report(ctx, profile.TriggerEndUserAdd); err != nil {
		return err
	}
	return w.Reread(ctx)
}

// LoginWherePossible gives the first chosen licence a login if the profile declares and can start it. A partner may refuse,
// as when nobody uses the licence: then there is none.
func (w *World) LoginWherePossible(ctx context.Context) error {
	if !w.run.startsAlone(profile.TriggerLoginModify) {
		w.note("no login on the licence: not declared, or no trigger that works without a person")
		return nil
	}
	ev, err := w.started(ctx, profile.TriggerLoginModify, reportsOf[profile.TriggerLoginModify], w.one())
	if err != nil {
		return err
	}
	if ev == nil {
		w.note("no login on the licence: the partner refused it")
		return nil
	}
	w.saw(ev.exchange)
	w.events = append(w.events, ev)
	return w.Reread(ctx)
}

// OrderConfigured orders with an end user configuration, where the realizing resource comes with the order (PO-UC2-08).
func (w *World) OrderConfigured(ctx context.Context, quantity int) error {
	if res := w.run.profile.Features.RealizingResource; res == nil || res.From != "order" {
		return w.skip("the realizing resource does not come with the order")
	}
	o := w.newOrder(w.offer(0), quantity, "")
	o.configured, o.requirement = true, "PO-UC2-08"
	return w.place(ctx, o, styleFull)
}

// OrderMoreInStyle is OrderMore with a message of that style, whose refusal breaches requirement.
func (w *World) OrderMoreInStyle(ctx context.Context, s Style, quantity int, requirement string) error {
	o := w.newOrder(w.offer(0), quantity, w.fleet())
	o.requirement = requirement
	return w.orderMore(ctx, o, s)
}

// OrderAtTheEdge orders the smallest quantity, or the profile's limits.quantity where that is less (PO-UC2-10).
func (w *World) OrderAtTheEdge(ctx context.Context, quantity int) error {
	o := w.newOrder(w.offer(0), quantity, "")
	o.requirement = "PO-UC2-10"
	return w.place(ctx, o, styleFull)
}

// OrderLargest orders as many licences as the profile's limits.quantity says (PO-UC2-10).
func (w *World) OrderLargest(ctx context.Context) error {
	o := w.newOrder(w.offer(0), w.run.profile.Limits.Quantity, "")
	o.requirement = "PO-UC2-10"
	return w.place(ctx, o, styleFull)
}

// Styles of messages, as steps name them.
const (
	Minimal  = styleMinimal
	Accented = styleAccented
	Unknown  = styleUnknown
	Full     = styleFull
)
