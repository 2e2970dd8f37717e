package harness

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/reports"
)

// What a Single can be.
const (
	SinglePing     = "ping"
	SingleCustomer = "customer" // ProductOrdering UC1
	SingleOrder    = "order"    // UC2, or UC3 where the body names a fleet
	SingleConsult  = "consult"
	SingleUpdate   = "update"
	SingleChange   = "change" // UserService UC5
)

// Single is one call of Orange, or one change that a trigger starts at the partner, outside any scenario.
type Single struct {
	Kind    string
	Body    []byte // of an order or update; whatever a person typed
	Fleet   string // of consult and change
	Licence string // of change
	// Customer is the partner's id that fills in a trigger's {customer}.
	Customer string
	Trigger  string // of change: a trigger of the profile
}

// Judged is what a Single showed.
type Judged struct {
	// Clauses are the requirements of its operation: those that it can show with a verdict, all others skipped, with the
	// reason.
	Clauses   []reports.Requirement
	Findings  []reports.Finding
	Exchanges []reports.Exchange
	Notes     []string
	// Stopped says why judging ended early; empty where it did not.
	Stopped string
	// Named is what the next call can name.
	Named Named
}

// Named are ids that the partner gave; empty where it gave none.
type Named struct {
	Customer, Fleet string
	Licence         string // the first one of the fleet
}

// JudgeSingle makes one call by the run's options and judges the answer, and the event that ends it, by the checks of
// the suite. Nothing of it is billed. An error is a mistake in the options; a partner that does not answer is not.
func JudgeSingle(ctx context.Context, o Options, s Single, lang string) (Judged, error) {
	o.unbilled = true
	r, err := Start(ctx, o)
	if err != nil {
		return Judged{}, err
	}
	defer r.Close()
	w := r.NewWorld()
	w.Begin("by-hand", nil)
	if err := w.single(ctx, s); err == nil && s.Kind != SinglePing && s.Kind != SingleConsult {
		if r.Quiet(ctx) == nil {
			w.afterwards(s)
		}
	}
	return w.singleResult(s, lang), nil
}

func (w *World) single(ctx context.Context, s Single) error {
	switch s.Kind {
	case SinglePing:
		return w.Ping(ctx)
	case SingleCustomer:
		return w.singleCustomer(ctx, s.Body)
	case SingleOrder:
		return w.singleOrder(ctx, s.Body)
	case SingleUpdate:
		return w.singleUpdate(ctx, s.Body)
	case SingleConsult:
		w.customers = append(w.customers, &Customer{licences: map[string]Licence{}})
		var err error
		w.before, err = w.consult(ctx, s.Fleet, -1)
		return err
	case SingleChange:
		return w.singleChange(ctx, s)
	}
	return w.breakDown("there is no call %q", s.Kind)
}

// invalid judges the answer to a body that the contract itself refuses (GEN-13); false for a valid one.
func (w *World) invalid(ctx context.Context, schema, endpoint string, body []byte) (bool, error) {
	wrong := w.run.pack.Validate(schema, body)
	if len(wrong) == 0 && firstValue(body).IsObject() {
		return false, nil
	}
	a, err := w.post(ctx, endpoint, body)
	if err != nil {
		return true, err
	}
	why := "it is no JSON object"
	if len(wrong) > 0 {
		why = wrong[0].Path + ": expected " + wrong[0].Expected + ", seen " + wrong[0].Seen
	}
	w.note("what was sent is not valid by the contract (%s): a refusal is right", why)
	if w.check("GEN-13", a.Err == nil && a.Status < http.StatusInternalServerError, breach{expected: "a refusal, never a 5xx", seen: a.said(), exchange: a.Exchange, hint: "Answer a 4xx, or a 2xx with state failed; never a 5xx."}) {
		return true, w.block("what was sent is not valid by the contract")
	}
	return true, w.blockOn("GEN-13")
}

// refusedSingle ends the judging where a valid request was refused: one call alone does not show whether what it names
// is there.
func (w *World) refusedSingle(a Answer, stateRole, schema string) error {
	if a.Err == nil && a.Status >= 400 && a.Status < 500 {
		return w.block("the partner refused it: whether what it names is there, one call alone does not show")
	}
	if a.OK() && w.run.text(a.JSON(), stateRole) == w.role("order.failed") {
		w.violations(a.Exchange, w.run.judge(schema, a.ContentType, a.Body))
		return w.block("the partner answered failed: whether what it names is there, one call alone does not show")
	}
	return nil
}

func (w *World) singleCustomer(ctx context.Context, body []byte) error {
	if bad, err := w.invalid(ctx, "order.request", "order", body); bad {
		return err
	}
	o := w.orderOf(body)
	if err := w.send(ctx, o); err != nil {
		return err
	}
	if err := w.acceptCustomer(ctx, o.Customer, o, o.answer, "PO-UC1-01"); err != nil {
		return err
	}
	judges := []func() error{w.CustomerHasID, w.ContactsHaveIDs, w.NothingProduced, w.AnsweredAtOnce, w.CustomerReferencesKept}
	if bytes.ContainsFunc(body, func(r rune) bool { return r > unicode.MaxASCII }) { // else it holds nothing that PO-UC1-06 is about
		judges = append(judges, w.ValuesUnchanged)
	}
	for _, judge := range judges {
		if err := judge(); err != nil {
			return err
		}
	}
	return nil
}

// orderOf is an order as a body says it.
func (w *World) orderOf(body []byte) *Order {
	p, doc := w.run.pack, gjson.ParseBytes(body)
	c := &Customer{
		Reference: w.run.text(doc.Get(p.Path("order.customer")), "customer.externalReference"), ID: w.run.text(doc, "order.customer.id"),
		offering: map[string]string{}, licences: map[string]Licence{},
	}
	doc.Get(p.Path("order.contacts")).ForEach(func(_, contact gjson.Result) bool {
		c.Contacts = append(c.Contacts, Contact{Reference: w.run.text(contact, "contact.externalReference"), Role: w.run.text(contact, "contact.role")})
		return true
	})
	w.customers = append(w.customers, c)
	o := &Order{Customer: c, Reference: w.run.text(doc, "order.externalReference"), Offering: w.run.text(doc, "order.item.offering.code"), Sent: w.run.text(doc, "order.fleet"), body: body}
	if q := doc.Get(p.Path("order.item.quantity")); q.Type == gjson.Number && q.Num == float64(int(q.Num)) {
		o.Quantity = int(q.Num)
	}
	w.cite(o)
	return o
}

func (w *World) singleOrder(ctx context.Context, body []byte) error {
	if bad, err := w.invalid(ctx, "order.request", "order", body); bad {
		return err
	}
	o := w.orderOf(body)
	if err := w.send(ctx, o); err != nil {
		return err
	}
	if err := w.refusedSingle(o.answer, "order.state", "order.refusal"); err != nil {
		return err
	}
	if err := w.accept(o); err != nil {
		return err
	}
	return w.finish(ctx, o)
}

func (w *World) singleUpdate(ctx context.Context, body []byte) error {
	if bad, err := w.invalid(ctx, "update.request", "update", body); bad {
		return err
	}
	p, doc := w.run.pack, gjson.ParseBytes(body)
	w.customers = append(w.customers, &Customer{licences: map[string]Licence{}})
	u := &Update{Reference: w.run.text(doc, "update.externalReference"), body: body}
	doc.Get(p.Path("update.licences")).ForEach(func(_, l gjson.Result) bool {
		u.IDs = append(u.IDs, w.run.text(l, "update.licence.id"))
		u.change = w.changeIn(l)
		return true
	})
	if err := w.sendUpdate(ctx, u); err != nil {
		return err
	}
	if err := w.refusedSingle(u.answer, "update.state", "update.refusal"); err != nil {
		return err
	}
	if err := w.acceptUpdate(u); err != nil {
		return err
	}
	if u.acked {
		if err := w.updateEvent(ctx, u); err != nil {
			return err
		}
	}
	w.resultArray(u)
	return nil
}

// changeIn is the change that an update asks for on a licence; a swap where it names no external state.
func (w *World) changeIn(l gjson.Result) change {
	found := w.changeTo("")
	l.ForEach(func(_, v gjson.Result) bool {
		for _, what := range []string{"suspended", "inactive", "active", "deleted"} {
			if v.Type == gjson.String && v.String() == w.role("external."+what) {
				found = w.changeTo(what)
			}
		}
		return true
	})
	return found
}

func (w *World) singleChange(ctx context.Context, s Single) error {
	if _, known := reportsOf[s.Trigger]; !known {
		return w.breakDown("there is no change %q", s.Trigger)
	}
	c := &Customer{ID: s.Customer, offering: map[string]string{}, licences: map[string]Licence{s.Licence: {ID: s.Licence, In: s.Fleet}}}
	w.customers, w.chosen = append(w.customers, c), []string{s.Licence}
	if s.Fleet != "" {
		c.fleets = []string{s.Fleet}
		if err := w.snapshot(ctx); err != nil {
			return err
		}
		if l, shown := w.before.find(s.Licence); shown {
			c.licences[s.Licence] = l
		}
	}
	if err := w.Report(ctx, s.Trigger); err != nil {
		return err
	}
	if s.Fleet == "" || reportsOf[s.Trigger].role != "operations.user" {
		return nil
	}
	return w.ShowsReport(ctx)
}

// afterwards judges what shows once a quiet moment has passed, over the calls that have come.
func (w *World) afterwards(s Single) {
	var judges []func() error
	switch {
	case s.Kind != SingleChange && w.run.async():
		judges = append(judges, w.NoSecondEvent)
	case s.Kind != SingleChange:
		judges = append(judges, w.NoEventAtAll)
	}
	if len(w.tokenCalls()) > 0 { // a token from before serves as well
		judges = append(judges, w.TokensAskedFor)
	}
	for _, judge := range judges {
		if judge() != nil {
			return // it has said why
		}
	}
}

func (w *World) singleResult(s Single, lang string) Judged {
	w.mu.Lock()
	judged, stopped := w.judgedSet, w.blockedBy
	if w.broken != "" {
		stopped = w.broken
	}
	found := map[string]bool{}
	for _, f := range w.findings {
		found[f.Requirement] = true
	}
	w.mu.Unlock()
	skipped := map[string]string{}
	for _, q := range w.run.pack.Requirements() {
		shows, related := s.shows(q.ID), s.concerns(q.ID)
		ok, reason := Applies(w.run.profile, q)
		switch {
		case found[q.ID], shows && ok && (judged[q.ID] || stopped != ""):
			w.tags = append(w.tags, q.ID)
		case !ok && related:
			skipped[q.ID] = reason
		case shows:
			skipped[q.ID] = "nothing in this call shows it"
		case related:
			skipped[q.ID] = "takes a whole scenario: run the suite"
		}
	}
	rows, scenarios := w.run.Fold([]Scenario{{Scenario: reports.Scenario{ID: w.id}, World: w, Skipped: skipped}}, lang)
	rows = slices.DeleteFunc(rows, func(q reports.Requirement) bool { return len(q.Scenarios) == 0 })
	return Judged{
		Clauses: rows, Findings: scenarios[0].Findings, Exchanges: s.own(w.run.Exchanges()), Notes: scenarios[0].Notes, Stopped: stopped, Named: w.named(),
	}
}

// own leaves out what others call at the gateway meanwhile by the same client id, where the call itself brings none.
func (s Single) own(all []reports.Exchange) []reports.Exchange {
	if s.Kind != SinglePing && s.Kind != SingleConsult {
		return all
	}
	return slices.DeleteFunc(all, func(e reports.Exchange) bool { return e.Direction == reports.PartnerToOrange })
}

func (w *World) named() Named {
	var n Named
	for _, c := range w.customers {
		n.Customer = c.ID
	}
	if w.order != nil {
		n.Fleet = w.order.Fleet
	}
	for _, l := range w.before.licences[:min(len(w.before.licences), 1)] {
		n.Fleet, n.Licence = l.In, l.ID
	}
	return n
}

// shows says whether one call of a kind can show a requirement by itself.
func (s Single) shows(id string) bool {
	if s.Kind == SinglePing {
		return id == "GEN-01"
	}
	general := []string{"GEN-02", "GEN-12"}
	event := []string{"GEN-09", "GEN-10", "AUTH-01", "AUTH-02", "AUTH-05"}
	more := map[string][]string{
		SingleCustomer: {"GEN-05", "GEN-13", "GEN-06", "GEN-07", "GEN-08", "GEN-11", "PO-UC1-01", "PO-UC1-02", "PO-UC1-03", "PO-UC1-04", "PO-UC1-05", "PO-UC1-06"},
		SingleOrder:    append([]string{"GEN-06", "GEN-07", "GEN-08", "GEN-11", "GEN-13", "PO-UC2-01", "PO-UC2-06", "PO-UC2-09", "PO-UC3-02", "PO-UC4-01", "PO-UC4-02", "PO-UC4-03"}, event...),
		SingleConsult:  {"GEN-05", "US-UC1-01"},
		SingleUpdate:   append([]string{"GEN-06", "GEN-07", "GEN-08", "GEN-11", "GEN-13", "GEN-14", "US-UC2-06", "US-UC6-01", "US-UC6-02", "US-UC6-03"}, event...),
		SingleChange:   {"AUTH-01", "AUTH-02", "AUTH-05", "US-UC5-08"},
	}[s.Kind]
	if s.Kind == SingleChange {
		more = append(more, reportsOf[s.Trigger].requirement)
		if s.Fleet != "" && reportsOf[s.Trigger].role == "operations.user" {
			more = append(more, "US-UC5-07", "US-UC1-01")
		}
	}
	return slices.Contains(general, id) || slices.Contains(more, id)
}

// concerns says whether a requirement is about the operation at all.
func (s Single) concerns(id string) bool {
	if id == "GEN-01" {
		return s.Kind == SinglePing // which shows it by itself
	}
	groups := map[string][]string{
		SinglePing: {"GEN-01"}, SingleCustomer: {"GEN-", "PO-UC1-"}, SingleOrder: {"GEN-", "AUTH-", "PO-UC2-", "PO-UC3-", "PO-UC4-"}, SingleConsult: {"GEN-", "US-UC1-"},
		SingleUpdate: {"GEN-", "AUTH-", "US-UC2-", "US-UC3-", "US-UC4-", "US-UC6-"}, SingleChange: {"GEN-", "AUTH-", "US-UC5-"},
	}[s.Kind]
	return slices.ContainsFunc(groups, func(prefix string) bool { return strings.HasPrefix(id, prefix) })
}
