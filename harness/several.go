package harness

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/reports"
)

// together are the quantities of orders in flight together: no plausible miscount of one (short by one, half, double) is
// another's, as far as the profile's limit leaves room.
func (w *World) together() []int {
	most := w.run.profile.Limits.Quantity
	return []int{min(3, most), min(5, most), min(8, most)}
}

// OrdersTogether places an order for each of three customers at once (PO-UC4-05), each with a quantity of its own.
func (w *World) OrdersTogether(ctx context.Context) error {
	var wg sync.WaitGroup
	var orders []*Order
	errs := make([]error, len(w.together()))
	for _, q := range w.together() {
		if err := w.NewCustomer(ctx); err != nil {
			return err
		}
		o := w.newOrder(w.offer(0), q, "")
		body, err := w.orderBody(o, styleFull, true)
		if err != nil {
			return err
		}
		o.body, o.from = body, w.mark()
		w.run.registry.addOrder(o)
		orders = append(orders, o)
	}
	return w.inFlight(ctx, func() (time.Duration, error) {
		for i, o := range orders {
			wg.Go(func() { o.answer, errs[i] = w.post(ctx, "order", o.body) })
		}
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				return 0, err
			}
		}
		w.orders = orders
		return 0, w.ownEvents(ctx)
	})
}

// ownEvents judges that each order in flight is answered by its own event.
func (w *World) ownEvents(ctx context.Context) error {
	for _, o := range w.orders {
		if err := w.accept(o); err != nil {
			return err
		}
	}
	for _, o := range w.orders {
		if err := w.finish(ctx, o); err != nil {
			return err
		}
	}
	w.judged("PO-UC4-05")
	return nil
}

// EachItsOwn judges the fleets of orders that were in flight together: another order's number means they were mixed up
// (PO-UC4-05), any other wrong number is PO-UC2-02's, licences of another customer PO-UC2-11's.
func (w *World) EachItsOwn(ctx context.Context) error {
	w.judged("PO-UC2-02", "PO-UC2-11")
	for _, o := range w.orders {
		quantity := o.Quantity.(int)
		view, err := w.consult(ctx, o.Fleet, quantity)
		if err != nil {
			return err
		}
		got := len(view.licences)
		if got != quantity && w.run.async() {
			err := w.visibleLater(ctx, func() error { view, err = w.consult(ctx, o.Fleet, quantity); return err }, func() bool { return len(view.licences) == quantity })
			if err != nil {
				return err
			}
			if len(view.licences) == quantity {
				w.fail("PO-UC4-04", breach{expected: fmt.Sprintf("%d new licences as soon as the completed event is in", quantity), seen: fmt.Sprint(got), exchange: view.exchange})
			}
			got = len(view.licences)
		}
		switch {
		case got == quantity:
		case got == 0 && w.namedByNumber(o):
			return w.blockUnusable("the fleet id is not usable")
		case w.run.async() && slices.Contains(w.together(), got):
			w.fail("PO-UC4-05", breach{expected: fmt.Sprintf("the fleet that the event of order %s names holds its %d licences", o.Reference, quantity), seen: fmt.Sprintf("%d licences, the number of another order in flight", got), exchange: o.finalExchange,
				hint: "Build each event from its own order, also when several are in flight."})
		default:
			w.fail("PO-UC2-02", breach{expected: fmt.Sprintf("%d licences", quantity), seen: fmt.Sprintf("%d in the fleet %q", got, o.Fleet), exchange: view.exchange,
				hint: fmt.Sprintf("The order's quantity is %d: create that many licences, each with its own id.", quantity)})
		}
	}
	return nil
}

// OrderMoreObserved orders into the known fleet and reads it once right after the acknowledgement (PO-UC2-05): licences
// that show there although the event comes more than delays.visible later were visible too early.
func (w *World) OrderMoreObserved(ctx context.Context, quantity int) error {
	if err := w.snapshot(ctx); err != nil {
		return err
	}
	o := w.newOrder(w.offer(0), quantity, w.fleet())
	body, err := w.orderBody(o, styleFull, true)
	if err != nil {
		return err
	}
	o.body = body
	return w.inFlight(ctx, func() (time.Duration, error) {
		if err := w.send(ctx, o); err != nil {
			return 0, err
		}
		if err := w.accept(o); err != nil {
			return 0, err
		}
		view, err := w.peek(ctx, w.fleet())
		if err != nil {
			return 0, err
		}
		seenAt, early := w.run.now(), view.fresh(o.Customer)
		if err := w.finish(ctx, o); err != nil {
			return o.waited(), err
		}
		if o.Fleet != w.fleet() {
			w.skipTag("PO-UC2-05", "not observable: the order went to another fleet")
			return o.waited(), nil
		}
		late := w.measured(func() time.Duration { return o.finalAt.Sub(seenAt) })
		w.check("PO-UC2-05", early == 0 || late <= w.run.profile.Delays.Visible.D(), breach{expected: "GET shows the licences once the order is completed, not before",
			seen:     fmt.Sprintf("%d new licences right after the acknowledgement, the event %s later", early, late.Round(time.Millisecond)),
			exchange: view.exchange, hint: "Create the licences when the order completes."})
		return o.waited(), nil
	})
}

// SameOrderAgain sends the last order once more, byte for byte, and judges that its fleets hold one set of licences
// (GEN-15, an advice). A refusal of the repetition is fine.
func (w *World) SameOrderAgain(ctx context.Context) error {
	o := w.order
	o.repeated = true
	again := &Order{Customer: o.Customer, Reference: o.Reference, Offering: o.Offering, Quantity: o.Quantity, body: o.body, requirement: "GEN-15", repeated: true, from: o.from, id: o.id}
	err := w.inFlight(ctx, func() (time.Duration, error) {
		a, err := w.post(ctx, "order", again.body)
		if err != nil {
			return 0, err
		}
		again.answer = a
		doc := a.JSON()
		id := w.run.text(doc, "order.id")
		switch {
		case a.Err != nil || a.Status >= 500:
			w.fail("GEN-15", breach{expected: "the first answer again, or a refusal", seen: a.said(), exchange: a.Exchange})
			return 0, nil //nolint:nilerr // the answer's error is the partner's, and stands in the finding
		case !a.OK() || !w.run.async() || id == o.id || w.run.text(doc, "order.state") != w.role("order.acknowledged"):
			w.alsoFleet(o.Customer, w.run.text(doc, "order.fleet"))
			return 0, nil
		}
		return 0, w.secondOrder(ctx, o, again, id)
	})
	if err != nil {
		return err
	}
	w.judged("GEN-15")
	return w.oneSet(ctx, o)
}

// secondOrder follows a repetition that the partner took for an order of its own, so that its licences show.
func (w *World) secondOrder(ctx context.Context, o, again *Order, id string) error {
	again.acked, again.id, again.ackAt = true, id, again.answer.At.Add(again.answer.Elapsed)
	ev, err := w.await(ctx, o.from, at(again.ackAt, w.run.profile.Delays.Event.D()), func(ev *event) bool {
		return w.run.text(ev.resource, "order.id") == id
	})
	if err != nil {
		return w.cut(err)
	}
	if ev != nil {
		w.saw(ev.exchange)
		w.alsoFleet(o.Customer, w.run.text(ev.resource, "order.fleet"))
	}
	return nil
}

func (w *World) alsoFleet(c *Customer, fleet string) {
	if fleet != "" && !slices.Contains(c.fleets, fleet) {
		c.fleets = append(c.fleets, fleet)
	}
}

func (w *World) oneSet(ctx context.Context, o *Order) error {
	view := fleetView{}
	for _, f := range o.Customer.fleets {
		v, err := w.peek(ctx, f)
		if err != nil {
			return err
		}
		view.licences = append(view.licences, v.licences...)
		view.exchange = v.exchange
	}
	got, want := view.different(), len(o.Customer.licences)
	w.check("GEN-15", got == want, breach{expected: fmt.Sprintf("%d licences, as before the order came again", want), seen: fmt.Sprintf("%d after the same order came twice", got), exchange: view.exchange,
		hint: "Recognise the order's externalReference: Orange may send a request again after a cut connection."})
	return nil
}

// TwoCustomers makes two customers with a fleet each and judges that neither's licences show in the other's (PO-UC2-11).
func (w *World) TwoCustomers(ctx context.Context) error {
	for range 2 {
		if err := w.NewFleet(ctx, 2); err != nil {
			return err
		}
	}
	w.judged("PO-UC2-11", "GEN-05")
	for i, c := range w.customers {
		other := w.customers[1-i]
		view := fleetView{}
		for _, f := range c.fleets {
			v, err := w.peek(ctx, f)
			if err != nil {
				return err
			}
			view.licences, view.exchange = append(view.licences, v.licences...), v.exchange
		}
		got := view.different()
		for _, l := range view.licences {
			// Where the count is right and the licence names this fleet, a shared id is GEN-05's alone.
			own := got == len(c.licences) && slices.Contains(c.fleets, l.Fleet)
			if _, foreign := other.licences[l.ID]; foreign && !own {
				w.fail("PO-UC2-11", breach{expected: "licences of this customer only", seen: fmt.Sprintf("licence %q of the other customer", l.ID), path: l.path, exchange: view.exchange})
			}
		}
		if got != len(c.licences) && !w.failedSomewhere("PO-UC2-11") {
			w.fail("PO-UC2-11", breach{expected: fmt.Sprintf("the %d licences that this customer ordered", len(c.licences)), seen: fmt.Sprintf("%d after another customer's order", got), exchange: view.exchange})
		}
	}
	return nil
}

func (w *World) failedSomewhere(requirement string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.findings, func(f finding) bool { return f.Requirement == requirement })
}

// Sequence makes the scenario one whole sequence: what a use case's requirement would fail here is the sequence's
// finding, unless the use case fails by itself elsewhere.
func (w *World) Sequence(requirement string) error {
	w.sequence = requirement
	return nil
}

// SequenceHeld ends a whole sequence.
func (w *World) SequenceHeld() error {
	w.judged(w.sequence)
	return nil
}

// SwapWhereDeclared is Swap for a sequence: done where swaps are declared and the catalogue has a second offering.
func (w *World) SwapWhereDeclared(ctx context.Context) error {
	if !w.run.profile.Features.ChangeOffering || w.offer(1) == "" {
		w.note("no swap: not declared, or one offering only")
		return nil
	}
	if err := w.Swap(ctx); err != nil {
		return err
	}
	return w.Kept("US-UC4-03", true, false)
}

// Ping judges GEN-01.
func (w *World) Ping(ctx context.Context) error {
	e := w.run.pack.Endpoint("ping")
	a, err := w.call(ctx, "call", request{method: e.Method, url: w.run.http.base + "/" + strings.TrimLeft(w.run.profile.Ping, "/")})
	if err != nil {
		return err
	}
	w.check("GEN-01", a.Err == nil && a.Status == 200, breach{fix: &reports.Fix{Op: "status", Value: "200"}, expected: "HTTP 200", seen: a.said(), exchange: a.Exchange,
		hint: "Serve GET " + w.run.profile.Ping + " with HTTP 200 and nothing in front of it; another path goes into the profile as ping."})
	return nil
}
