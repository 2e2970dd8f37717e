package harness

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/reports"
)

// Order is one order that Orange sent.
type Order struct {
	Customer   *Customer
	Reference  string
	Offering   string
	Quantity   any    // an int; anything else in orders that are to be refused
	Sent       string // the fleet that the request named
	Fleet      string // the fleet that the partner named
	informed   bool   // with all technical information that the profile declares, not only what it requires
	lacking    string // name of the technical information left out
	configured bool   // with endUserConfiguration

	requirement string   // what a refusal of this valid order breaches
	general     []string // the requirements of which that one is a special case
	body        []byte
	from        int // inbox mark at sending
	answer      Answer
	id          string
	acked       bool
	repeated    bool // sent twice, so that two events are no finding
	turnedAway  bool // a fault of ours refuses its events for good
	ackAt       time.Time

	final         gjson.Result // the completed or failed order: the answer, or the event's resource
	finalExchange int
	finalAt       time.Time
	event         *event
}

// newOrder prepares an add order of the current customer; fleet "" makes a new fleet. A quantity stays within what the
// profile says one order may have.
func (w *World) newOrder(offering string, quantity any, fleet string) *Order {
	if n, ok := quantity.(int); ok {
		quantity = min(n, w.run.profile.Limits.Quantity)
	}
	o := &Order{Customer: w.customer(), Reference: w.reference("O"), Offering: offering, Quantity: quantity, Sent: fleet}
	w.cite(o)
	return o
}

// cite says which requirements the refusal of an order breaches.
func (w *World) cite(o *Order) {
	o.requirement = w.acceptOf()
	o.general = []string{o.requirement}
	if o.Sent != "" {
		o.requirement = "PO-UC3-01"
		o.general = append(o.general, o.requirement)
	}
}

// acceptOf is what the refusal of any valid order breaches.
func (w *World) acceptOf() string {
	if w.run.async() {
		return "PO-UC2-06"
	}
	return "PO-UC2-01"
}

// orderBody renders the order; valid says whether the pack must find it so.
func (w *World) orderBody(o *Order, s Style, valid bool) ([]byte, error) {
	order := w.orderVars(o.Reference, s)
	if s != styleMinimal {
		order["category"] = w.role("category.production")
	}
	customer := map[string]any{}
	for name, value := range o.Customer.vars {
		if s != styleMinimal || name == "externalReference" || name == "tradingName" {
			customer[name] = value
		}
	}
	if o.Customer.ID != "" {
		customer["id"] = o.Customer.ID
	}
	vars := map[string]any{"order": order, "customer": customer, "item": w.itemVars(o, s)}
	if s == styleUnknown {
		vars["extra"] = unknownFields()
	}
	if !valid {
		body, err := w.run.pack.Payload("order", vars)
		if err != nil {
			return nil, w.breakDown("payload order: %v", err)
		}
		return body, nil
	}
	return w.render("order", "order.request", vars)
}

// send posts the order. Asynchronous partners get it when there is room for one more open request.
func (w *World) send(ctx context.Context, o *Order) error {
	w.run.registry.addOrder(o)
	w.order = o
	o.from = w.mark()
	a, err := w.post(ctx, "order", o.body)
	if err != nil {
		return err
	}
	o.answer = a
	return nil
}

// place sends a valid order and follows it to its end: completed in the answer, or in the event.
func (w *World) place(ctx context.Context, o *Order, s Style) error {
	body, err := w.orderBody(o, s, true)
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
		err := w.finish(ctx, o)
		return o.waited(), err
	})
}

// waited is the time that the order's event took; 0 while there is none.
func (o *Order) waited() time.Duration {
	if o.event == nil {
		return 0
	}
	return o.event.seen.Sub(o.ackAt)
}

// inFlight runs f with a place among the requests that may wait for an event. f tells how long its event took.
func (w *World) inFlight(ctx context.Context, f func() (time.Duration, error)) error {
	if !w.run.async() {
		_, err := f()
		return err
	}
	if err := w.run.pace.Begin(ctx); err != nil {
		return w.cut(err)
	}
	waited, err := f()
	w.run.pace.End(waited)
	return err
}

// accept judges the first answer to a valid order.
func (w *World) accept(o *Order) error {
	a := o.answer
	want := "completed"
	if w.run.async() {
		want = "acknowledged"
	}
	want = w.role("order." + want)
	expected := fmt.Sprintf("the order is answered %s", want)
	if !a.OK() {
		return w.failAndBlock(o.requirement, breach{expected: expected, seen: a.said(), exchange: a.Exchange, hint: "This order is valid by the contract: answer a 2xx with the order and its state.", via: o.general})
	}
	w.violations(a.Exchange, w.run.judge("order.answer", a.ContentType, a.Body))
	doc := a.JSON()
	if !doc.IsObject() {
		return w.blockUnusable("the answer is no JSON object")
	}
	if err := w.notPartial(doc, a.Exchange); err != nil {
		return err
	}
	state := w.run.text(doc, "order.state")
	o.id = w.run.text(doc, "order.id")
	switch {
	case state == want:
	case state == w.role("order.acknowledged"):
		return w.acknowledgedInSync(a)
	case w.run.async() && state == w.role("order.completed"):
		return w.failAndBlock("PO-UC2-06", breach{expected: expected, seen: stateSeen(state, ""), path: "$." + w.run.pack.Path("order.state"), exchange: a.Exchange,
			hint: "The profile says mode: async; acknowledge add orders and send the result as an event, or declare mode: sync."})
	case state != w.role("order.failed") && state != w.role("order.completed"):
		return w.blockUnusable("the order's state is not usable")
	default:
		return w.failAndBlock(o.requirement, breach{expected: expected, seen: stateSeen(state, w.noteOf(doc)), path: "$." + w.run.pack.Path("order.state"), exchange: a.Exchange, via: o.general})
	}
	w.judged(o.requirement, "GEN-07", "PO-UC2-06", "PO-UC2-01")
	w.sameOrder(o, doc, a.Exchange)
	if o.id != "" && !o.repeated {
		w.claim("order", o.id, o.Reference, a.Exchange)
	}
	if w.run.async() {
		o.acked, o.ackAt = true, a.At.Add(a.Elapsed)
		w.technicalOnly(o, doc)
		return nil
	}
	o.final, o.finalExchange, o.finalAt = doc, a.Exchange, a.At.Add(a.Elapsed)
	return nil
}

// sameOrder judges that the order's own reference came back unchanged; its absence is the schema's finding.
func (w *World) sameOrder(o *Order, doc gjson.Result, exchange int) {
	w.judged("GEN-06")
	got := w.run.text(doc, "order.externalReference")
	if got != "" && got != o.Reference {
		w.fail("GEN-06", breach{fix: toSay("$."+w.run.pack.Path("order.externalReference"), o.Reference), expected: fmt.Sprintf("the order's externalReference %q", o.Reference), seen: orAbsent(got),
			path: "$." + w.run.pack.Path("order.externalReference"), exchange: exchange,
			hint: keepHint})
		return
	}
	if got != "" {
		w.sameType(doc, "order.externalReferenceType", "$.", exchange)
	}
}

// sameType judges that an externalReference that came back kept its type (GEN-06).
func (w *World) sameType(doc gjson.Result, role, at string, exchange int) {
	kind := doc.Get(w.run.pack.Path(role))
	if kind.Type == gjson.String && kind.String() == w.role("reference.type") || kind.Exists() && !w.filled(kind) {
		return
	}
	seen := kind.Raw
	if !kind.Exists() {
		seen = "absent"
	}
	w.fail("GEN-06", breach{fix: toSay(at+w.run.pack.Path(role), w.role("reference.type")), expected: fmt.Sprintf("type %q, as Orange sent it", w.role("reference.type")), seen: seen, path: at + w.run.pack.Path(role), exchange: exchange,
		hint: keepHint})
}

// typeKept judges GEN-06 on the externalReference whose id stands at a path: where it has a type, it is the one that was
// sent. The pack names few types: like is the role of a reference that is laid out alike, if this one is.
func (w *World) typeKept(doc gjson.Result, reference, like, at string, exchange int) {
	p := w.run.pack
	before, alike := strings.CutSuffix(reference, p.Path(like))
	if of := strings.TrimSuffix(before, "."); of != "" {
		doc = doc.Get(of)
	}
	if alike && w.run.present(doc, like+"Type") {
		w.sameType(doc, like+"Type", at+before, exchange)
	}
}

// notPartial judges GEN-11.
func (w *World) notPartial(doc gjson.Result, exchange int) error {
	w.judged("GEN-11")
	for _, role := range []string{"order.state", "order.item.state"} {
		if s := w.run.text(doc, role); s != "" && strings.EqualFold(s, w.role("order.partial")) {
			return w.failAndBlock("GEN-11", breach{expected: "completed, failed or acknowledged", seen: stateSeen(s, ""), path: "$." + w.run.pack.Path(role), exchange: exchange,
				hint: "Orders and updates are transactions: all or nothing."})
		}
	}
	return nil
}

// finish brings a valid order to its end and reads the fleet.
func (w *World) finish(ctx context.Context, o *Order) error {
	if o.acked {
		if err := w.completedEvent(ctx, o); err != nil {
			return err
		}
	}
	if items := o.final.Get(w.run.pack.Path("order.items")); items.Exists() && !items.IsArray() {
		return w.blockUnusable("the order item is not usable")
	} else if n := len(items.Array()); n > 1 {
		w.fail("PO-UC2-09", breach{expected: "one order item, as ordered", seen: fmt.Sprintf("%d order items", n), path: "$." + w.run.pack.Path("order.items"), exchange: o.finalExchange,
			hint: "Give back the order item that was sent, with its state and productRef.id."})
	}
	w.itemAgrees(o)
	w.partiesKept(o.Customer, o.final, o.finalExchange, false)
	return w.adoptFleet(o)
}

// fleetRequirement is what a missing fleet id breaches.
func (w *World) fleetRequirement(o *Order) string {
	switch {
	case o.acked && o.Sent == "":
		return "PO-UC4-02"
	case o.Sent != "":
		return "PO-UC3-02"
	}
	return "PO-UC2-01"
}

func (w *World) adoptFleet(o *Order) error {
	path := w.run.pack.Path("order.fleet")
	requirement := w.fleetRequirement(o)
	w.judged(requirement)
	if o.acked {
		w.judged("PO-UC4-02")
	}
	o.Fleet = w.run.text(o.final, "order.fleet")
	if o.Fleet == "" {
		if w.run.present(o.final, "order.fleet") {
			return w.blockUnusable("the fleet id is not usable")
		}
		return w.failAndBlock(requirement, breach{expected: "the completed order names the fleet that holds the licences", seen: "no fleet id", path: "$." + path, exchange: o.finalExchange,
			hint: "Give the fleet's id back as productRef.id of the order item."})
	}
	c := o.Customer
	if !w.claim("fleet", o.Fleet, c.Reference, o.finalExchange) {
		return w.block("GEN-05 failed: the fleet is shared by two customers")
	}
	if !slices.Contains(c.fleets, o.Fleet) {
		c.fleets = append(c.fleets, o.Fleet)
	}
	w.billOrder(o)
	return nil
}

// itemAgrees judges PO-UC2-09 on a completed order.
func (w *World) itemAgrees(o *Order) {
	w.judged("PO-UC2-09")
	p := w.run.pack
	item := o.final.Get(p.Path("order.item"))
	if !item.IsObject() {
		if !item.Exists() {
			w.fail("PO-UC2-09", breach{expected: "the completed order holds its order item", seen: "no order item", path: "$." + p.Path("order.items"), exchange: o.finalExchange, via: []string{w.fleetRequirement(o), "PO-UC4-02"}, hint: "Give the order item back with its state and productRef.id."})
		}
		return
	}
	state := w.run.text(o.final, "order.item.state")
	if state != p.Value("order.completed") && (state != "" || !w.run.present(o.final, "order.item.state")) {
		w.fail("PO-UC2-09", breach{fix: toSay("$."+p.Path("order.item.state"), p.Value("order.completed")), expected: fmt.Sprintf("the order item's state is %q, as the order's", p.Value("order.completed")), seen: stateSeen(state, ""),
			path: "$." + p.Path("order.item.state"), exchange: o.finalExchange,
			hint: "Set the state on the order item too."})
	}
	if code := w.run.text(o.final, "order.item.offering.code"); code != "" && code != o.Offering {
		w.fail("PO-UC2-09", breach{fix: toSay("$."+p.Path("order.item.offering.code"), o.Offering), expected: fmt.Sprintf("product offering %q as ordered", o.Offering), seen: fmt.Sprintf("%q", code),
			path: "$." + p.Path("order.item.offering.code"), exchange: o.finalExchange})
	}
	if off := o.final.Get(p.Path("order.item.offering")); off.IsObject() && !w.run.present(o.final, "order.item.offering.code") {
		w.fail("GEN-06", breach{expected: "the product offering's externalReference as Orange sent it", seen: off.Raw, path: "$." + p.Path("order.item.offering.code"), exchange: o.finalExchange, hint: keepHint})
	}
	w.typeKept(o.final, p.Path("order.item.offering.code"), "customer.externalReference", "$.", o.finalExchange)
	quantity := o.final.Get(p.Path("order.item.quantity"))
	if n, ok := o.Quantity.(int); ok && quantity.Type == gjson.Number && quantity.Num != float64(n) {
		w.fail("PO-UC2-09", breach{fix: &reports.Fix{Op: "set", Path: "$." + p.Path("order.item.quantity"), Value: fmt.Sprint(n)}, expected: fmt.Sprintf("quantity %d as ordered", n), seen: quantity.Raw,
			path: "$." + p.Path("order.item.quantity"), exchange: o.finalExchange,
			hint: "userServiceQuantity is what was ordered, not what the fleet holds."})
	}
}

// OrderLicences orders into a new fleet (UC2) and follows the order to its end.
func (w *World) OrderLicences(ctx context.Context, quantity int) error {
	return w.place(ctx, w.newOrder(w.offer(0), quantity, ""), styleFull)
}

// OrderInStyle is OrderLicences with a message of that style, whose refusal breaches requirement.
func (w *World) OrderInStyle(ctx context.Context, s Style, quantity int, requirement string) error {
	o := w.newOrder(w.offer(0), quantity, "")
	o.requirement = requirement
	return w.place(ctx, o, s)
}

// OrderMore orders into the known fleet (UC3) and follows the order to its end.
func (w *World) OrderMore(ctx context.Context, quantity int) error {
	return w.orderMore(ctx, w.newOrder(w.offer(0), quantity, w.fleet()), styleFull)
}

func (w *World) orderMore(ctx context.Context, o *Order, s Style) error {
	if err := w.snapshot(ctx); err != nil {
		return err
	}
	return w.place(ctx, o, s)
}

// fleet is the customer's first fleet: the one that Orange knows.
func (w *World) fleet() string {
	c := w.customer()
	if len(c.fleets) == 0 {
		return ""
	}
	return c.fleets[0]
}
