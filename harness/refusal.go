package harness

import (
	"context"
	"fmt"
	"time"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// outcome is how a request ended that may be refused: a 4xx, a 2xx with state failed (at once or by an event), or
// completed.
type outcome struct {
	refused  bool
	doc      gjson.Result // the order or update that said so; absent after a 4xx
	exchange int
}

const refusedMeans = "refused: a 4xx, state failed, or an acknowledgement followed by a failed event"

// settleOrder follows an order to its end where the end may be a refusal. requirement is what anything else breaches.
func (w *World) settleOrder(ctx context.Context, o *Order, requirement, expected string) (outcome, error) {
	a := o.answer
	out, state, err := w.settleAnswer(a, o.body, "order.refusal", "order.state", requirement, expected)
	if err != nil || out.refused && !out.doc.Exists() {
		return out, err
	}
	o.id = w.run.text(out.doc, "order.id")
	switch state {
	case w.role("order.failed"):
		w.sameOrder(o, out.doc, a.Exchange)
		w.itemFailed(out.doc, "$.", a.Exchange)
		out.refused = true
		return out, nil
	case w.role("order.completed"):
		return out, nil
	}
	if o.id == "" && o.Reference == "" {
		return out, w.failAndBlock(requirement, breach{expected: expected, seen: "acknowledged without an id: no event could answer it", exchange: a.Exchange})
	}
	o.acked, o.ackAt = true, a.At.Add(a.Elapsed)
	ev, err := w.awaitOrder(ctx, o)
	if err != nil {
		return out, err
	}
	if ev == nil {
		return out, w.noEvent(ctx, "order", o.Reference, o.id, a.Exchange, o.from)
	}
	w.judged("GEN-10")
	if err := w.judgeOrderEvent(o, ev); err != nil {
		return out, err
	}
	return w.settleOrderEvent(ev)
}

// settleAnswer reads the first answer to what was sent: a refusal by status ends it, a state is handed on.
func (w *World) settleAnswer(a Answer, sent []byte, schema, stateRole, requirement, expected string) (outcome, string, error) {
	out := outcome{exchange: a.Exchange}
	w.judged(requirement)
	if a.Err == nil && a.Status >= 400 && a.Status < 500 {
		w.refusedAtOnce()
		out.refused = true
		return out, "", nil
	}
	bad := breach{expected: expected, seen: a.said(), exchange: a.Exchange, hint: "Answer a 4xx, or a 2xx with state failed; never a 5xx."}
	if stateRole == "order.state" {
		bad.via = []string{w.acceptOf()}
	}
	if !a.OK() {
		return out, "", w.failAndBlock(requirement, bad)
	}
	out.doc = a.JSON()
	state := w.run.text(out.doc, stateRole)
	if !out.doc.IsObject() || state == "" {
		return out, "", w.failAndBlock(requirement, bad)
	}
	w.violations(a.Exchange, w.ownFaults(w.run.judge(schema, a.ContentType, a.Body), a.Body, "$", sent))
	if err := w.notPartial(out.doc, a.Exchange); err != nil {
		return out, "", err
	}
	switch state {
	case w.role("order.acknowledged"):
		if !w.run.async() {
			return out, "", w.acknowledgedInSync(a)
		}
	case w.role("order.failed"):
		w.refusedAtOnce()
	case w.role("order.completed"):
	default:
		return out, "", w.failAndBlock(requirement, bad)
	}
	return out, state, nil
}

// refusedAtOnce notes what can't be seen where no event ends the request.
func (w *World) refusedAtOnce() {
	for _, id := range []string{"GEN-10", "PO-UC4-01", "US-UC6-02"} {
		w.skipTag(id, "not observable: refused at once, without an event")
	}
}

// settleOrderEvent judges type and state of the event that ends an order (PO-UC4-01).
func (w *World) settleOrderEvent(ev *event) (outcome, error) {
	out := outcome{doc: ev.resource, exchange: ev.exchange}
	if err := w.notPartial(ev.resource, ev.exchange); err != nil {
		return out, err
	}
	p := w.run.pack
	state := w.run.text(ev.resource, "order.state")
	kinds := map[string]string{p.Value("order.failed"): p.Value("event.orderFailed"), p.Value("order.completed"): p.Value("event.orderCompleted")}
	want, final := kinds[state]
	if !final {
		return out, w.failAndBlock("PO-UC4-01", breach{expected: "the order in the event is completed or failed", seen: stateSeen(state, ""), path: "$." + p.Path("event.resource") + "." + p.Path("order.state"), exchange: ev.exchange})
	}
	w.check("PO-UC4-01", ev.kind == want || ev.kind == "", breach{fix: toSay("$."+p.Path("event.type"), want), expected: fmt.Sprintf("type %q, as the order in the event is %s", want, state), seen: fmt.Sprintf("%q", ev.kind),
		path: "$." + p.Path("event.type"), exchange: ev.exchange})
	// An event that says both is PO-UC4-01's alone: whether anything was made is looked up all the same.
	out.refused = state == p.Value("order.failed") || ev.kind == p.Value("event.orderFailed")
	if state == p.Value("order.failed") {
		w.itemFailed(ev.resource, "$."+p.Path("event.resource")+".", ev.exchange)
	}
	return out, nil
}

// itemFailed judges PO-UC2-09 on a failed order: its item, where it comes back with a state, is not said to be anything else.
func (w *World) itemFailed(doc gjson.Result, at string, exchange int) {
	state, failed := w.run.text(doc, "order.item.state"), w.role("order.failed")
	if state == w.role("order.completed") || state == w.role("order.acknowledged") {
		w.fail("PO-UC2-09", breach{fix: toSay(at+w.run.pack.Path("order.item.state"), failed), expected: fmt.Sprintf("the order item's state is %q, as the order's", failed), seen: stateSeen(state, ""),
			path: at + w.run.pack.Path("order.item.state"), exchange: exchange, hint: "An order is failed with its item: nothing has been produced."})
	}
}

// refuseOrder sends an order that the partner has to refuse, and judges that it does and names no new fleet.
func (w *World) refuseOrder(ctx context.Context, o *Order, requirement string) error {
	return w.inFlight(ctx, func() (time.Duration, error) {
		if err := w.send(ctx, o); err != nil {
			return 0, err
		}
		out, err := w.settleOrder(ctx, o, requirement, refusedMeans)
		if err != nil {
			return 0, err
		}
		return o.waited(), w.nothingMade(ctx, o, out, requirement)
	})
}

// nothingMade judges a refusal: it is one, and the fleet that it may name holds nothing new.
func (w *World) nothingMade(ctx context.Context, o *Order, out outcome, requirement string) error {
	if !w.check(requirement, out.refused, breach{expected: refusedMeans, seen: "completed", exchange: out.exchange, hint: "Refuse what can't be met: Orange bills what is completed."}) {
		return w.blockOn(requirement)
	}
	if !out.doc.Exists() {
		return nil
	}
	fleet := w.run.text(out.doc, "order.fleet")
	if fleet == "" || fleet == o.Sent {
		return nil
	}
	view, err := w.peek(ctx, fleet)
	if err != nil {
		return err
	}
	if n := view.fresh(o.Customer); n > 0 {
		w.fail(requirement, breach{expected: "a refused order produces nothing", seen: fmt.Sprintf("%d licences in the fleet %q that the refusal names", n, fleet), exchange: view.exchange})
	}
	return nil
}

// badOrder prepares an order to be refused. fleet "" makes it a first order.
func (w *World) badOrder(offering string, quantity any, fleet string, spoil func([]byte) ([]byte, error)) (*Order, error) {
	o := w.newOrder(offering, quantity, fleet)
	body, err := w.orderBody(o, styleFull, false)
	if err != nil {
		return nil, err
	}
	if spoil != nil {
		if body, err = spoil(body); err != nil {
			return nil, w.breakDown("spoil the order: %v", err)
		}
	}
	o.body = body
	return o, nil
}

// RefuseUnknownOffering judges PO-UC2-04 with an offering that no catalogue has.
func (w *World) RefuseUnknownOffering(ctx context.Context, intoFleet bool) error {
	return w.refuseIn(ctx, w.unknownOffering(), 2, intoFleet, nil, "PO-UC2-04")
}

// RefuseQuantity judges PO-UC2-10 with a quantity that can't be met.
func (w *World) RefuseQuantity(ctx context.Context, quantity any, intoFleet bool) error {
	return w.refuseIn(ctx, w.offer(0), quantity, intoFleet, nil, "PO-UC2-10")
}

// RefuseWithout judges GEN-13: an order without a field that it needs. role is the field's.
func (w *World) RefuseWithout(ctx context.Context, role string, intoFleet bool) error {
	return w.refuseIn(ctx, w.offer(0), 2, intoFleet, w.without(role), "GEN-13")
}

// RefuseBroken judges GEN-13: a body that is not JSON.
func (w *World) RefuseBroken(ctx context.Context) error {
	return w.refuseIn(ctx, w.offer(0), 2, len(w.customer().fleets) > 0, func(b []byte) ([]byte, error) { return b[:len(b)-len(b)/3], nil }, "GEN-13")
}

// OrderInformed orders with all technical information that the profile declares (PO-UC2-07).
func (w *World) OrderInformed(ctx context.Context, quantity int) error {
	o := w.newOrder(w.offer(0), quantity, "")
	o.informed, o.requirement, o.general = true, "PO-UC2-07", nil
	return w.place(ctx, o, styleFull)
}

// RefuseWithoutTechnicalInformation judges PO-UC2-07: the lack of what the profile says is required is refused.
func (w *World) RefuseWithoutTechnicalInformation(ctx context.Context) error {
	for _, t := range w.run.profile.Features.TechnicalInformation {
		if !t.Required {
			continue
		}
		o := w.newOrder(w.offer(0), 2, "")
		o.lacking = t.Name
		body, err := w.orderBody(o, styleFull, false)
		if err != nil {
			return err
		}
		o.body = body
		if err := w.refuseOrder(ctx, o, "PO-UC2-07"); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) without(role string) func([]byte) ([]byte, error) {
	return w.withoutPath(w.run.pack.Path(role))
}

func (w *World) withoutPath(path string) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) { return sjson.DeleteBytes(b, path) }
}

func (w *World) refuseIn(ctx context.Context, offering string, quantity any, intoFleet bool, spoil func([]byte) ([]byte, error), requirement string) error {
	fleet := ""
	if intoFleet {
		fleet = w.fleet()
		if err := w.snapshot(ctx); err != nil {
			return err
		}
	}
	o, err := w.badOrder(offering, quantity, fleet, spoil)
	if err != nil {
		return err
	}
	return w.refuseOrder(ctx, o, requirement)
}

// NothingChanged judges that a refused request left every fleet of the customer as it was.
func (w *World) NothingChanged(ctx context.Context, requirement string) error {
	after, err := w.all(ctx, w.customer())
	if err != nil {
		return err
	}
	w.judged(requirement)
	w.after = after
	if err := w.EarlierUnchanged(ctx, requirement); err != nil {
		return err
	}
	for _, l := range after.licences {
		if _, old := w.before.find(l.ID); !old {
			w.fail(requirement, breach{expected: "a refused order produces nothing", seen: fmt.Sprintf("a new licence %q in the fleet %q", l.ID, l.In), path: l.path, exchange: l.exchange})
		}
	}
	return nil
}

// NextOrderExact judges that a refused first order left nothing behind: the next one holds its own licences only.
func (w *World) NextOrderExact(ctx context.Context, requirement string) error {
	if err := w.OrderLicences(ctx, 2); err != nil {
		return err
	}
	return w.collectOr(ctx, w.order, requirement, "PO-UC2-02")
}

// RefusedOrMet judges the quantity sent as text (PO-UC2-10): refused, or met as its number.
func (w *World) RefusedOrMet(ctx context.Context, text string, number int) error {
	o, err := w.badOrder(w.offer(0), text, "", nil)
	if err != nil {
		return err
	}
	took, err := w.offeredFor(ctx, o, "PO-UC2-10", "refused, or met as its number")
	if err != nil || !took {
		return err
	}
	o.Quantity = number
	return w.collect(ctx, o, "PO-UC2-10")
}

// offered sends an order that the partner is free to refuse. It tells whether it was completed; then its fleet is known.
func (w *World) offered(ctx context.Context, o *Order) (bool, error) {
	return w.offeredFor(ctx, o, w.acceptOf(), "completed or refused")
}

func (w *World) offeredFor(ctx context.Context, o *Order, requirement, expected string) (took bool, err error) {
	err = w.inFlight(ctx, func() (time.Duration, error) {
		if err := w.send(ctx, o); err != nil {
			return 0, err
		}
		out, err := w.settleOrder(ctx, o, requirement, expected)
		if err != nil || out.refused {
			return o.waited(), err
		}
		o.final, o.finalExchange, took = out.doc, out.exchange, true
		fleet := w.run.text(out.doc, "order.fleet")
		if of, known := w.ownerOf("fleet", fleet); known && of.reference != o.Customer.Reference && fleet != "" {
			return o.waited(), w.failAndBlock(requirement, breach{expected: expected, seen: fmt.Sprintf("completed in the fleet %q of another customer", fleet), exchange: out.exchange, hint: "A fleet belongs to one customer."})
		}
		return o.waited(), w.adoptFleet(o)
	})
	return took, err
}

// OrderIntoUnknownFleet judges PO-UC3-04: refused, or met in a fleet of the customer's own that the answer names.
func (w *World) OrderIntoUnknownFleet(ctx context.Context, quantity int) error {
	o := w.newOrder(w.offer(0), quantity, w.run.seed.id("NO-SUCH-FLEET", w.id))
	body, err := w.orderBody(o, styleFull, true)
	if err != nil {
		return err
	}
	o.body = body
	took, err := w.offeredFor(ctx, o, "PO-UC3-04", "refused, or met in a new fleet that the answer names")
	if err != nil || !took {
		return err
	}
	return w.collect(ctx, o, "PO-UC3-04")
}

// OtherCustomerUntouched judges that the first customer's fleets are as they were.
func (w *World) OtherCustomerUntouched(ctx context.Context, requirement string) error {
	after, err := w.all(ctx, w.customers[0])
	if err != nil {
		return err
	}
	w.after = after
	if err := w.EarlierUnchanged(ctx, requirement); err != nil {
		return err
	}
	for _, l := range after.licences {
		if _, old := w.before.find(l.ID); !old {
			w.fail(requirement, breach{expected: "another customer's order leaves this customer's fleet alone", seen: fmt.Sprintf("a new licence %q in the fleet %q", l.ID, l.In), path: l.path, exchange: l.exchange})
		}
	}
	return nil
}
