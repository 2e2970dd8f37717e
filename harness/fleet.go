package harness

import (
	"context"
	"fmt"
	"strings"

	"github.com/tidwall/gjson"
)

// collect reads the customer's fleets after a completed order and judges that exactly the ordered number is new.
// requirement is what another number breaches. The new licences become the customer's.
func (w *World) collect(ctx context.Context, o *Order, requirement string) error {
	return w.collectOr(ctx, o, requirement, requirement)
}

// collectOr is collect where too few licences breach another requirement than too many.
func (w *World) collectOr(ctx context.Context, o *Order, tooMany, tooFew string) error {
	quantity := o.Quantity.(int)
	c := o.Customer
	view, err := w.readAfter(ctx, o)
	if err != nil {
		return err
	}
	if o.acked {
		w.judged("PO-UC4-04")
		if short := view.fresh(c); short < quantity {
			early := view.exchange
			err := w.visibleLater(ctx, func() error { view, err = w.readAfter(ctx, o); return err }, func() bool { return view.fresh(c) == quantity })
			if err != nil {
				return err
			}
			if view.fresh(c) == quantity {
				w.fail("PO-UC4-04", breach{expected: fmt.Sprintf("%d new licences as soon as the completed event is in", quantity), seen: fmt.Sprintf("%d; all of them later", short), exchange: early,
					hint: "Commit the licences first, then send the event."})
			}
		}
	}
	requirement := tooMany
	if view.fresh(c) < quantity {
		requirement = tooFew
	}
	if view.elements == 0 && w.namedByNumber(o) {
		return w.blockUnusable("the fleet id is not usable")
	}
	w.judged(requirement, tooMany)
	if got := view.fresh(c); got != quantity {
		w.wrongCount(ctx, o, view, got, requirement)
		return w.blockOn(requirement)
	}
	w.after = view
	w.adopt(o, view)
	return nil
}

// namedByNumber reports whether an event names the fleet by a number, which its schema has judged.
func (w *World) namedByNumber(o *Order) bool {
	return o.acked && w.failedSomewhere("PO-UC4-03") && o.final.Get(w.run.pack.Path("order.fleet")).Type == gjson.Number
}

// readAfter reads every fleet that may hold the order's licences.
func (w *World) readAfter(ctx context.Context, o *Order) (fleetView, error) {
	sum := fleetView{gone: map[string]bool{}}
	for _, f := range o.Customer.fleets {
		expected := 0
		for _, l := range o.Customer.licences {
			if l.In == f {
				expected++
			}
		}
		if f == o.Fleet {
			expected += o.Quantity.(int)
		}
		v, err := w.consult(ctx, f, expected)
		if err != nil {
			return sum, err
		}
		sum.licences = append(sum.licences, v.licences...)
		sum.exchange, sum.elements = v.exchange, sum.elements+v.elements
	}
	return sum, nil
}

// wrongCount records a count that is not the ordered one, with the requirement that names the cause as far as it shows.
func (w *World) wrongCount(ctx context.Context, o *Order, view fleetView, got int, requirement string) {
	if got < o.Quantity.(int) && got >= 10 && w.cappedAt(ctx, o, view, len(view.licences)) {
		w.fail("US-UC1-01", breach{expected: "GET by productRefId returns all the fleet's licences", seen: fmt.Sprintf("never more than %d, though the fleet grew: a page limit", len(view.licences)), exchange: view.exchange,
			hint: "Orange reads a fleet with one GET: return all its licences in one array."})
		return // how many there are is not to be seen
	}
	if w.replaced(o, view, got) {
		return // as many more as ordered: what is wrong is that others went
	}
	w.fail(requirement, breach{expected: fmt.Sprintf("%d new licences", o.Quantity), seen: fmt.Sprintf("%d in the fleet %q", got, o.Fleet), exchange: view.exchange,
		hint: fmt.Sprintf("The order's quantity is %d: create that many licences, each with its own id.", o.Quantity), via: []string{"PO-UC2-02"}})
	if view.elements == 0 && o.Sent == "" && o.Quantity.(int) > 1 {
		w.fail(w.fleetRequirement(o), breach{expected: "the fleet id under which the licences are found", seen: fmt.Sprintf("%q, a fleet without licences", o.Fleet), path: "$." + w.run.pack.Path("order.fleet"), exchange: o.finalExchange,
			hint: "If the licences were created, name their fleet in productRef.id."})
	}
	// A quantity taken for a total adds none either, unless it is more than the fleet held.
	if o.Sent != "" && got == 0 && o.Fleet == o.Sent && requirement == "PO-UC3-01" && o.Quantity.(int) > len(o.Customer.licences) {
		w.fail("PO-UC3-02", breach{expected: "the answer names the fleet that took the licences", seen: fmt.Sprintf("the fleet %q, which took none", o.Fleet), exchange: o.finalExchange,
			hint: "If the licences went to another fleet, name that one in productRef.id."})
	}
}

// replaced judges PO-UC3-03 where licences from before went as the new ones came. It tells whether that accounts for the
// wrong count.
func (w *World) replaced(o *Order, view fleetView, got int) bool {
	gone := 0
	for _, b := range w.before.licences {
		if _, own := o.Customer.licences[b.ID]; !own {
			continue
		}
		if _, still := view.find(b.ID); still {
			continue
		}
		gone++
		w.fail("PO-UC3-03", breach{expected: fmt.Sprintf("licence %q from before, unchanged", b.ID), seen: "gone", exchange: view.exchange,
			hint: "An order adds licences: leave those that are there as they are, with their ids."})
	}
	return gone > 0 && got-gone == o.Quantity
}

// A probe orders so many licences that a partner which miscounts them (one short, half) still adds some.
const probeQuantity = 3

// cappedAt orders a few licences more into the fleet: if GET shows as many as before, it is GET that cuts.
func (w *World) cappedAt(ctx context.Context, o *Order, view fleetView, shown int) bool {
	for _, l := range view.licences {
		o.Customer.licences[l.ID] = l
	}
	probe := w.newOrder(o.Offering, probeQuantity, o.Fleet)
	if err := w.place(ctx, probe, styleFull); err != nil || probe.Fleet != o.Fleet {
		return false
	}
	again, err := w.peek(ctx, o.Fleet)
	return err == nil && len(again.licences) == shown
}

// adopt judges the new licences one by one (PO-UC2-03) and makes them the customer's.
func (w *World) adopt(o *Order, view fleetView) {
	w.judged("PO-UC2-03")
	c, active := o.Customer, w.role("licence.active")
	for _, l := range view.licences {
		if _, old := c.licences[l.ID]; old {
			continue
		}
		if l.State != "" && !strings.EqualFold(l.State, active) {
			w.fail("PO-UC2-03", breach{fix: toSay(l.path+"."+w.run.pack.Path("licence.state"), active), expected: fmt.Sprintf("a new licence is %q", active), seen: stateSeen(l.State, ""), path: l.path + "." + w.run.pack.Path("licence.state"),
				exchange: l.exchange})
		}
		if l.Offering != "" && l.Offering != o.Offering {
			w.fail(w.offeringRequirement(o), breach{fix: toSay(l.path+"."+w.run.pack.Path("licence.offering"), o.Offering), expected: fmt.Sprintf("product offering %q as ordered", o.Offering), seen: fmt.Sprintf("%q", l.Offering),
				path: l.path + "." + w.run.pack.Path("licence.offering"), exchange: l.exchange})
		}
		w.typeKept(l.raw, w.run.pack.Path("licence.offering"), "customer.externalReference", l.path+".", l.exchange)
		c.licences[l.ID] = l
		c.offering[l.ID] = o.Offering
	}
}

// offeringRequirement is what a new licence on another offering than ordered breaches.
func (w *World) offeringRequirement(o *Order) string {
	for _, code := range o.Customer.offering {
		if code != o.Offering {
			return "PO-UC3-05"
		}
	}
	return "PO-UC2-03"
}

// FleetHolds judges PO-UC2-02 and PO-UC2-03 after an order into a new fleet.
func (w *World) FleetHolds(ctx context.Context, quantity int) error {
	return w.collect(ctx, w.order, "PO-UC2-02")
}

// FleetHoldsAtTheEdge is FleetHolds for the smallest and the largest quantity: PO-UC2-10.
func (w *World) FleetHoldsAtTheEdge(ctx context.Context) error {
	if err := w.collect(ctx, w.order, "PO-UC2-10"); err != nil {
		return err
	}
	return nil
}

// NewFleet is the background of most scenarios: a customer with a fleet of so many licences, all judged on the way.
func (w *World) NewFleet(ctx context.Context, quantity int) error {
	if err := w.NewCustomer(ctx); err != nil {
		return err
	}
	if err := w.OrderLicences(ctx, quantity); err != nil {
		return err
	}
	if err := w.FleetHolds(ctx, quantity); err != nil {
		return err
	}
	// A profile with a small limits.quantity takes several orders for the same licences.
	for len(w.customer().licences) < quantity {
		if err := w.place(ctx, w.newOrder(w.offer(0), quantity-len(w.customer().licences), w.fleet()), styleFull); err != nil {
			return err
		}
		if err := w.collect(ctx, w.order, "PO-UC3-01"); err != nil {
			return err
		}
	}
	w.before = w.after
	return nil
}

// FleetsHoldMore judges PO-UC3-01: the last order added exactly what it asked for.
func (w *World) FleetsHoldMore(ctx context.Context, quantity int) error {
	return w.collect(ctx, w.order, "PO-UC3-01")
}

// AnswerNamesFleet judges PO-UC3-02 once the fleets have been read: the new licences are in the fleet that was named.
func (w *World) AnswerNamesFleet() error {
	w.judged("PO-UC3-02")
	o := w.order
	for _, l := range w.after.licences {
		if _, old := w.before.find(l.ID); !old && l.In != o.Fleet {
			w.fail("PO-UC3-02", breach{expected: fmt.Sprintf("the new licences in the fleet %q that the answer names", o.Fleet), seen: fmt.Sprintf("licence %q in the fleet %q", l.ID, l.In), path: l.path, exchange: l.exchange,
				hint: "Name in productRef.id the fleet that took the licences."})
		}
	}
	return nil
}

// EarlierUnchanged judges that the licences from before the last order are still there, as they were.
func (w *World) EarlierUnchanged(ctx context.Context, requirement string) error {
	before, err := w.explained(ctx, w.before, w.after)
	if err != nil {
		return err
	}
	w.judged(requirement)
	for _, b := range before.licences {
		a, ok := w.after.find(b.ID)
		if !ok {
			w.fail(requirement, breach{expected: fmt.Sprintf("licence %q from before, unchanged", b.ID), seen: "gone", exchange: w.after.exchange})
			continue
		}
		if d := difference(b, a, true); d != "" {
			w.fail(requirement, breach{expected: fmt.Sprintf("licence %q as it was", b.ID), seen: d, path: a.path, exchange: a.exchange, via: w.undoneOf(b.ID)})
		}
	}
	return nil
}

// OrderSecondOffering orders licences of the catalogue's second offering into the fleet (PO-UC3-05).
func (w *World) OrderSecondOffering(ctx context.Context, quantity int) error {
	if w.offer(1) == "" {
		return w.skip("the profile has one offering only")
	}
	return w.orderMore(ctx, w.newOrder(w.offer(1), quantity, w.fleet()), styleFull)
}

// EachKeepsOffering judges PO-UC3-05: every licence is on the offering it was ordered with.
func (w *World) EachKeepsOffering(ctx context.Context) error {
	if err := w.collect(ctx, w.order, "PO-UC3-01"); err != nil {
		return err
	}
	w.judged("PO-UC3-05")
	for _, l := range w.after.licences {
		if want := w.customer().offering[l.ID]; l.Offering != "" && want != "" && l.Offering != want {
			w.fail("PO-UC3-05", breach{expected: fmt.Sprintf("licence %q stays on the offering %q it was ordered with", l.ID, want), seen: fmt.Sprintf("%q", l.Offering), path: l.path + "." + w.run.pack.Path("licence.offering"), exchange: l.exchange})
		}
	}
	return nil
}

// ConsultTwice judges US-UC1-01 and US-UC1-05: GET returns the fleet's licences, and the same ones again.
func (w *World) ConsultTwice(ctx context.Context) error {
	first, err := w.all(ctx, w.customer())
	if err != nil {
		return err
	}
	second, err := w.all(ctx, w.customer())
	if err != nil {
		return err
	}
	w.judged("US-UC1-01", "US-UC1-05")
	return w.readsAlike(ctx, first, second)
}

// ConsultOften is ConsultTwice with more readings. Those and the one that saw the fleet come may be some time apart, in which
// the partner may assign logins and resources: the licences, their states and offerings are the same in all.
func (w *World) ConsultOften(ctx context.Context, more int) error {
	made := w.after
	if err := w.ConsultTwice(ctx); err != nil {
		return err
	}
	for range more {
		again, err := w.all(ctx, w.customer())
		if err != nil {
			return err
		}
		if err := w.readsAlike(ctx, made.bare(), again.bare()); err != nil {
			return err
		}
	}
	return nil
}

// bare is a view with no more of its licences than what only Orange changes.
func (v fleetView) bare() fleetView {
	out := v
	out.licences = make([]Licence, 0, len(v.licences))
	for _, l := range v.licences {
		out.licences = append(out.licences, Licence{ID: l.ID, Fleet: l.Fleet, State: l.State, Offering: l.Offering})
	}
	return out
}

// readsAlike judges US-UC1-05: nothing differs between two readings of the same licences.
func (w *World) readsAlike(ctx context.Context, first, second fleetView) error {
	first, err := w.explained(ctx, first, second)
	if err != nil {
		return err
	}
	changed := changedBetween(first, second)
	w.check("US-UC1-05", changed == "", breach{expected: "two GETs in a row show the same licences", seen: changed, exchange: second.exchange, hint: "Consulting changes nothing."})
	return nil
}

// changedBetween says what differs between two readings of the same licences; "" if nothing.
func changedBetween(first, second fleetView) (changed string) {
	for _, l := range first.licences {
		again, ok := second.find(l.ID)
		switch {
		case !ok:
			changed = fmt.Sprintf("licence %q is missing the second time", l.ID)
		case changed == "":
			if d := difference(l, again, true); d != "" {
				changed = fmt.Sprintf("licence %q: %s", l.ID, d)
			}
		}
	}
	for _, l := range second.licences {
		if _, ok := first.find(l.ID); !ok {
			changed = fmt.Sprintf("licence %q came up the second time only", l.ID)
		}
	}
	return changed
}

// ReadAgain judges US-UC1-05 on what was read last: it reads the same again.
func (w *World) ReadAgain(ctx context.Context) error {
	again, err := w.all(ctx, w.customer())
	if err != nil {
		return err
	}
	return w.readsAlike(ctx, w.after, again)
}

// LargeFleetReadWhole orders a few licences on top of a full-size order and judges that GET shows them (US-UC1-01).
// A partner that has reached its own limit may refuse; then there is nothing to see.
func (w *World) LargeFleetReadWhole(ctx context.Context) error {
	o := w.newOrder(w.offer(0), probeQuantity, w.fleet())
	body, err := w.orderBody(o, styleFull, true)
	if err != nil {
		return err
	}
	o.body = body
	before := len(w.after.licences)
	if took, err := w.offered(ctx, o); err != nil || !took {
		return err
	}
	v, err := w.peek(ctx, o.Fleet)
	if err == nil && o.acked && len(v.licences) == before {
		err = w.visibleLater(ctx, func() error { v, err = w.peek(ctx, o.Fleet); return err }, func() bool { return len(v.licences) != before })
	}
	if err != nil {
		return err
	}
	w.check("US-UC1-01", o.Fleet != w.fleet() || len(v.licences) != before, breach{expected: fmt.Sprintf("all %d licences of the fleet in one answer", before+probeQuantity),
		seen: fmt.Sprintf("%d, as before the last order: a page limit", len(v.licences)), exchange: v.exchange,
		hint: "Orange reads a fleet with one GET: return all its licences in one array.", via: []string{"PO-UC3-01"}})
	return nil
}
