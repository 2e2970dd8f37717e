package harness

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"
)

// CreateCustomer sends a customer with its contacts and no order item (ProductOrdering UC1), and judges that the
// partner took it. requirement is what a refusal breaches, PO-UC1-01 unless the scenario is about something else.
func (w *World) CreateCustomer(ctx context.Context, s Style, requirement string) error {
	c := w.newCustomer(s)
	return w.sendCustomer(ctx, c, w.customerVars(c, s), requirement)
}

func (w *World) sendCustomer(ctx context.Context, c *Customer, vars map[string]any, requirement string) error {
	body, err := w.render("order", "order.request", vars)
	if err != nil {
		return err
	}
	o := &Order{Customer: c, Reference: vars["order"].(map[string]any)["externalReference"].(string), body: body}
	w.run.registry.addOrder(o)
	o.from = w.mark()
	a, err := w.post(ctx, "order", body)
	if err != nil {
		return err
	}
	w.order = o
	o.answer = a
	return w.acceptCustomer(ctx, c, o, a, requirement)
}

// post sends JSON to one of the partner's endpoints.
func (w *World) post(ctx context.Context, endpoint string, body []byte) (Answer, error) {
	e := w.run.pack.Endpoint(endpoint)
	return w.call(ctx, "call", request{method: e.Method, url: w.run.http.base + e.Path, contentType: "application/json", body: body})
}

// cut turns the end of the run into the end of the scenario.
func (w *World) cut(err error) error {
	if errors.Is(err, errOrangeLost) {
		return w.breakDown("%v", err)
	}
	w.Interrupt()
	return fmt.Errorf("%w: %w", errBlocked, err)
}

func (w *World) acceptCustomer(ctx context.Context, c *Customer, o *Order, a Answer, requirement string) error {
	expected := "the customer order is answered completed"
	if !a.OK() {
		return w.failAndBlock(requirement, breach{expected: expected, seen: a.said(), exchange: a.Exchange, hint: "Answer a 2xx with the order, its state completed."})
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
	w.judged(requirement)
	switch {
	case state == w.role("order.completed"):
	case state == w.role("order.acknowledged") && !w.run.async():
		return w.acknowledgedInSync(a)
	case state == w.role("order.acknowledged"):
		final, err := w.lateCustomer(ctx, o, a)
		if err != nil {
			return err
		}
		doc = final
	case state != w.role("order.failed"):
		return w.blockUnusable("the order's state is not usable")
	default:
		return w.failAndBlock(requirement, breach{expected: expected, seen: stateSeen(state, w.noteOf(doc)), path: "$." + w.run.pack.Path("order.state"), exchange: a.Exchange})
	}
	w.judged("GEN-07")
	w.sameOrder(o, doc, a.Exchange)
	if o.id = w.run.text(doc, "order.id"); o.id != "" {
		w.claim("order", o.id, o.Reference, a.Exchange)
	}
	w.adoptCustomer(c, o, doc)
	return nil
}

func stateSeen(state, note string) string {
	switch {
	case state == "":
		return "no state"
	case note != "":
		return fmt.Sprintf("state %q: %s", state, note)
	}
	return fmt.Sprintf("state %q", state)
}

func (w *World) noteOf(doc gjson.Result) string {
	if t := w.run.text(doc, "order.note"); t != "" {
		return t
	}
	return w.run.text(doc, "error.message")
}

func (w *World) acknowledgedInSync(a Answer) error {
	return w.failAndBlock("GEN-07", breach{expected: "a synchronous partner answers completed or failed", seen: `state "` + w.role("order.acknowledged") + `"`,
		path: "$." + w.run.pack.Path("order.state"), exchange: a.Exchange, hint: "Answer with the final state, or declare mode: async in the profile and send events."})
}

// lateCustomer waits for the event of a customer order that was acknowledged: legal enough to go on, worth a warning.
func (w *World) lateCustomer(ctx context.Context, o *Order, a Answer) (gjson.Result, error) {
	o.acked, o.id, o.ackAt = true, w.run.text(a.JSON(), "order.id"), a.At.Add(a.Elapsed)
	ev, err := w.awaitOrder(ctx, o)
	if err != nil {
		return gjson.Result{}, err
	}
	late := breach{expected: "a customer order (no order item) is answered completed or failed at once", seen: "acknowledged", exchange: a.Exchange,
		hint: "No event is foreseen for UC1: answer the final state in the HTTP answer."}
	if ev == nil {
		late.seen += fmt.Sprintf(", and no event came within %s", w.run.profile.Delays.Event.D())
		return gjson.Result{}, w.failAndBlock("PO-UC1-05", late)
	}
	w.warn("PO-UC1-05", late)
	if err := w.judgeOrderEvent(o, ev); err != nil {
		return gjson.Result{}, err
	}
	if st := w.run.text(ev.resource, "order.state"); st != w.role("order.completed") {
		return gjson.Result{}, w.failAndBlock("PO-UC1-01", breach{expected: "the customer order ends completed", seen: stateSeen(st, w.noteOf(ev.resource)), exchange: ev.exchange})
	}
	o.finalExchange = ev.exchange
	return ev.resource, nil
}

// warn records a breach that costs a warning only, whatever the requirement's level.
func (w *World) warn(requirement string, b breach) {
	if w.sequence != "" {
		return // the use case warns by itself
	}
	w.fail(requirement, b)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.findings[len(w.findings)-1].soft = true
}

// adoptCustomer reads the partner's ids for the customer and its contacts.
func (w *World) adoptCustomer(c *Customer, o *Order, doc gjson.Result) {
	o.final = doc
	if o.finalExchange == 0 {
		o.finalExchange = o.answer.Exchange
	}
	c.ID = w.run.text(doc, "order.customer.id")
	sent := map[string]bool{}
	for _, p := range c.Contacts {
		sent[p.Reference] = true
	}
	// A contact under a reference that nobody sent is GEN-06's; its id counts all the same.
	byRef := map[string]gjson.Result{}
	var unnamed []gjson.Result
	doc.Get(w.run.pack.Path("order.contacts")).ForEach(func(_, p gjson.Result) bool {
		ref := w.run.text(p, "contact.externalReference")
		if _, taken := byRef[ref]; sent[ref] && !taken {
			byRef[ref] = p
		} else {
			unnamed = append(unnamed, p)
		}
		return true
	})
	for i := range c.Contacts {
		p, ok := byRef[c.Contacts[i].Reference]
		if !ok && len(unnamed) > 0 {
			p, unnamed = unnamed[0], unnamed[1:]
		}
		c.Contacts[i].ID = w.run.text(p, "contact.id")
		if id := c.Contacts[i].ID; id != "" {
			w.claim("contact", id, c.Contacts[i].Reference, o.finalExchange)
		}
	}
}

// claim checks that an id of the partner's is its own thing's alone (GEN-05). It reports whether it was free or ours.
func (w *World) claim(kind, id, reference string, exchange int) bool {
	w.judged("GEN-05")
	first, taken := w.enter(kind, id, reference)
	if !taken {
		return true
	}
	if kind != "contact" {
		w.run.mix(first.scenario, w.id)
	}
	w.fail("GEN-05", breach{
		expected: fmt.Sprintf("each %s has an id of its own", kind),
		seen:     fmt.Sprintf("the id %q was given to two of them: first for %s, then for %s", id, first.reference, reference),
		exchange: exchange, hint: fmt.Sprintf("Generate a new id for each %s.", kind),
	})
	return false
}

// CustomerHasID judges PO-UC1-02.
func (w *World) CustomerHasID() error {
	c, o := w.customer(), w.order
	if c.ID == "" && o.final.Get(w.run.pack.Path("order.customer.id")).Exists() {
		return w.blockUnusable("the customer's id is not usable")
	}
	if !w.check("PO-UC1-02", c.ID != "", breach{expected: "the customer comes back with an id by the partner", seen: "no id", path: "$." + w.run.pack.Path("order.customer.id"),
		exchange: o.finalExchange, hint: "Generate an id for the customer and give it back beside its externalReference."}) {
		return w.blockOn("PO-UC1-02")
	}
	return nil
}

// ContactsHaveIDs judges PO-UC1-03.
func (w *World) ContactsHaveIDs() error {
	c, o := w.customer(), w.order
	for _, p := range c.Contacts {
		w.check("PO-UC1-03", p.ID != "", breach{expected: "each contact comes back with an id by the partner", seen: fmt.Sprintf("no id for the contact %s (%s)", p.Reference, p.Role),
			path: "$." + w.run.pack.Path("order.contacts"), exchange: o.finalExchange, hint: "Give back every contact that was sent, customer contacts and Orange contacts alike, each with its own id."})
	}
	return nil
}

// NothingProduced judges PO-UC1-04: no order item, and no fleet anywhere else in the answer either.
func (w *World) NothingProduced() error {
	path := w.run.pack.Path("order.items")
	items := w.order.final.Get(path)
	hint := "UC1 creates the customer and its contacts only."
	if !w.check("PO-UC1-04", !items.Exists() || !w.filled(items), breach{expected: "no order item and no fleet", seen: items.Raw, path: "$." + path, exchange: w.order.finalExchange, hint: hint}) {
		return nil
	}
	if list := w.order.final.Get(w.run.pack.Path("update.licences")); list.IsArray() && w.filled(list) {
		w.fail("PO-UC1-04", breach{expected: "no licences", seen: list.Raw, path: "$." + w.run.pack.Path("update.licences"), exchange: w.order.finalExchange, hint: hint})
	}
	if at, fleet := w.fleetIn(w.order.final, "", "$", 0); at != "" {
		w.fail("PO-UC1-04", breach{expected: "no order item and no fleet", seen: fmt.Sprintf("the fleet %q", fleet), path: at, exchange: w.order.finalExchange, hint: hint})
	}
	return nil
}

// neverTwice reports whether an id looks made at random: counters of customers and of fleets come to the same ids.
func neverTwice(id string) bool {
	const random = 16
	return len(id) >= random && strings.ContainsFunc(id, unicode.IsLetter)
}

// NothingUnderCustomer judges PO-UC1-04 on GET: a partner may give a fleet its customer's id, and there is no licence yet.
func (w *World) NothingUnderCustomer(ctx context.Context) error {
	if w.customer().ID == "" {
		return nil // PO-UC1-02's
	}
	if !neverTwice(w.customer().ID) {
		return nil // it may well be another customer's fleet
	}
	view, err := w.peek(ctx, w.customer().ID)
	if err != nil {
		return err
	}
	w.judged("PO-UC1-04")
	for _, l := range view.licences {
		if l.Fleet == w.customer().ID {
			w.fail("PO-UC1-04", breach{expected: "no licences", seen: fmt.Sprintf("licence %q of the fleet %q", l.ID, l.Fleet), path: l.path, exchange: l.exchange, hint: "UC1 creates the customer and its contacts only."})
		}
	}
	return nil
}

// Deeper than any member that the contract knows.
const deepest = 8

// fleetIn finds a fleet's id, other than one that is known, below a value of an order, in the member that the order item has it
// in or under the name that GET asks for it by; "" if there is none.
func (w *World) fleetIn(v gjson.Result, known, at string, depth int) (path, fleet string) {
	inItem, ofItem := strings.CutPrefix(w.run.pack.Path("order.fleet"), w.run.pack.Path("order.item")+".")
	if !ofItem || inItem == w.run.pack.Path("customer.id") || depth > deepest {
		return "", ""
	}
	if v.IsObject() {
		for _, member := range []string{inItem, w.run.pack.Endpoint("licences").Query["fleet"]} {
			if id := v.Get(member); id.Type == gjson.String && id.String() != "" && id.String() != known {
				return at + "." + member, id.String()
			}
		}
	}
	if !v.IsObject() && !v.IsArray() {
		return "", ""
	}
	list := v.IsArray()
	v.ForEach(func(k, member gjson.Result) bool {
		below := at + "." + k.String()
		if list {
			below = fmt.Sprintf("%s[%d]", at, k.Int())
		}
		path, fleet = w.fleetIn(member, known, below, depth+1)
		return path == ""
	})
	return path, fleet
}

// filled reports a value that is not empty; empty ones are GEN-02's.
func (w *World) filled(v gjson.Result) bool {
	switch {
	case v.Type == gjson.Null:
		return false
	case v.IsArray():
		return len(v.Array()) > 0
	case v.IsObject():
		return len(v.Map()) > 0
	}
	return v.String() != ""
}

// AnsweredAtOnce judges PO-UC1-05 where no earlier step did: the customer order had its final state in the answer.
func (w *World) AnsweredAtOnce() error {
	w.judged("PO-UC1-05")
	return nil
}

// ValuesUnchanged judges PO-UC1-06: every text of the customer and its contacts that the partner gives back is the one
// that was sent.
func (w *World) ValuesUnchanged() error {
	w.judged("PO-UC1-06")
	o, p := w.order, w.run.pack
	sent := gjson.ParseBytes(o.body)
	w.sameTexts(sent.Get(p.Path("order.customer")), o.final.Get(p.Path("order.customer")), "$."+p.Path("order.customer"))
	sent.Get(p.Path("order.contacts")).ForEach(func(_, contact gjson.Result) bool {
		o.final.Get(p.Path("order.contacts")).ForEach(func(i, back gjson.Result) bool {
			if w.run.text(back, "contact.externalReference") == w.run.text(contact, "contact.externalReference") {
				w.sameTexts(contact, back, fmt.Sprintf("$.%s[%d]", p.Path("order.contacts"), i.Int()))
			}
			return true
		})
		return true
	})
	return nil
}

const accentHint = "Read and write JSON as UTF-8, and store names without cutting or transliterating them."

// sameTexts compares the texts that stand at the same place in what was sent and in what came back.
func (w *World) sameTexts(sent, back gjson.Result, path string) {
	reference, _, _ := strings.Cut(w.run.pack.Path("customer.externalReference"), ".")
	sent.ForEach(func(k, want gjson.Result) bool {
		if k.String() == reference {
			return true // GEN-06's
		}
		got := back.Get(gjson.Escape(k.String()))
		at := path + "." + k.String()
		switch {
		case want.IsObject() && got.IsObject():
			w.sameTexts(want, got, at)
		case want.Type == gjson.String && got.Type == gjson.String && want.String() != got.String():
			w.fail("PO-UC1-06", breach{expected: fmt.Sprintf("%q", want.String()), seen: fmt.Sprintf("%q", got.String()), path: at, exchange: w.order.finalExchange, hint: accentHint})
		}
		return true
	})
}

// customer is the scenario's current customer: the last one created.
func (w *World) customer() *Customer { return w.customers[len(w.customers)-1] }

// NewCustomer is the background of most scenarios: a customer that exists at the partner, with the partner's id.
func (w *World) NewCustomer(ctx context.Context) error {
	if err := w.CreateCustomer(ctx, styleFull, "PO-UC1-01"); err != nil {
		return err
	}
	return w.CustomerHasID()
}

// SamePeople creates another customer whose contacts are the same people under references of their own (GEN-05).
func (w *World) SamePeople(ctx context.Context) error {
	first := w.customer()
	c := w.newCustomer(styleFull)
	for i := range c.Contacts {
		for _, field := range []string{"givenName", "familyName", "email", "fixedSN", "mobileSN"} {
			c.Contacts[i].vars[field] = first.Contacts[i].vars[field]
		}
	}
	return w.sendCustomer(ctx, c, w.customerVars(c, styleFull), "PO-UC1-01")
}

// SameCustomerAgain sends the customer order once more, byte for byte (GEN-15).
func (w *World) SameCustomerAgain(ctx context.Context) error {
	c, first := w.customer(), w.order
	body := first.body
	a, err := w.post(ctx, "order", body)
	if err != nil {
		return err
	}
	first.repeated = true
	id := w.run.text(a.JSON(), "order.customer.id")
	doubled := a.OK() && id != "" && id != c.ID
	w.check("GEN-15", !doubled, breach{expected: fmt.Sprintf("the customer %q again, or a refusal", c.ID), seen: fmt.Sprintf("another customer, %q", id), exchange: a.Exchange,
		path: "$." + w.run.pack.Path("order.customer.id"), hint: "Recognise the order's externalReference: Orange may send a request again after a cut connection."})
	return nil
}
