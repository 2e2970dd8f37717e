package harness

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// matchesOrder reports whether the event is about this order: by the partner's id, which GEN-10 counts by, or by
// Orange's reference where the id is nobody's.
func (r *Run) matchesOrder(ev *event, o *Order) bool {
	id := r.text(ev.resource, "order.id")
	if own, ok := r.registry.ownerOf("order", id); ok && id != "" && ev.class == classOrder {
		return own.reference == o.Reference
	}
	if ref := r.text(ev.resource, "order.externalReference"); ref != "" && r.registry.orderBy(ref) != nil {
		return ref == o.Reference
	}
	if id == "" && !r.present(ev.resource, "order.externalReference") {
		return ev.class != classOperations && mentions(ev, o.Reference, o.id)
	}
	return o.id != "" && ev.class == classOrder && id == o.id
}

// From this length on an id in some other place of an event is no coincidence.
const tellingID = 6

// mentions reports whether an event without id and reference names the order elsewhere, in a link for example.
func mentions(ev *event, reference, id string) bool {
	return bytes.Contains(ev.Body, []byte(reference)) || len(id) >= tellingID && bytes.Contains(ev.Body, []byte(id))
}

// awaitOrder waits for the order's event; nil if none came in time.
func (w *World) awaitOrder(ctx context.Context, o *Order) (*event, error) {
	ev, err := w.await(ctx, o.from, at(o.ackAt, w.run.patience()), func(ev *event) bool {
		return !ev.refusedByFault() && w.run.matchesOrder(ev, o)
	})
	if err != nil {
		return nil, w.cut(err)
	}
	if ev != nil {
		w.saw(ev.exchange)
		o.event = ev
	}
	return ev, nil
}

// patience is how long to wait for an event: the profile's delay, until several such waits ended without any call of the
// partner's in the whole run. Then its gateway URL is wrong, or it sends nothing, and waiting on teaches nothing more.
func (r *Run) patience() time.Duration {
	d := r.profile.Delays.Event.D()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.missed >= missedEnough && r.inbox.empty() {
		return d / 10
	}
	return d
}

const missedEnough = 3

// nothingArrived counts a wait that ended in vain, and says so where no call reached the mock Orange in the whole run.
func (w *World) nothingArrived(ctx context.Context) string {
	gateway := w.silent(ctx)
	if gateway == "" {
		return ""
	}
	return fmt.Sprintf("Nothing has reached the mock Orange so far, neither a token request nor an event: point your server's gateway and token URLs to %s.", gateway)
}

// noEvent is the finding for an acknowledged request without its event. An update event that came but names nothing
// is why (US-UC6-03).
func (w *World) noEvent(ctx context.Context, what, reference, id string, exchange, from int) error {
	ev := w.stray(from, func(ev *event) bool {
		return w.foreignFault(ev, reference) || what == "update" && (w.run.shapeless(ev) || w.run.anonymous(ev) || w.run.stateless(ev, w.update))
	})
	if ev != nil {
		w.saw(ev.exchange)
		if w.foreignFault(ev, reference) {
			return w.block(fmt.Sprintf("the event of the %s came, and the mock Orange answered %d by the fault %s, which no scenario of this run switched on", what, ev.Status, ev.Fault))
		}
		return w.unmatched(ev, reference, id)
	}
	hint := "Send the event when the work has ended, also when it failed, and look at the gateway's answer to it."
	if silent := w.nothingArrived(ctx); silent != "" {
		hint = silent
	} else if refused := w.tokenRefused(); refused != "" {
		hint = refused
	}
	return w.failAndBlock("GEN-10", breach{
		expected: fmt.Sprintf("one final event for the acknowledged %s within %s", what, w.run.profile.Delays.Event.D()),
		seen:     fmt.Sprintf("no event call with id %s or externalReference %q", orAbsent(id), reference), exchange: exchange, missing: true,
		hint: hint,
	})
}

// foreignFault reports whether an event about a request was turned away by a fault that somebody else switched on.
func (w *World) foreignFault(ev *event, reference string) bool {
	return w.faulted == nil && ev.refusedByFault() && reference != "" && bytes.Contains(ev.Body, []byte(reference))
}

// shapeless reports whether an update's event has something else than an object for its resource.
func (r *Run) shapeless(ev *event) bool {
	return ev.class == classUpdate && !ev.refusedByFault() && !ev.resource.IsObject()
}

// stateless reports whether an event shows an update's licences, without operations, in a resource that holds no state: the
// update's own members stand elsewhere.
func (r *Run) stateless(ev *event, u *Update) bool {
	return ev.class == classUpdate && !ev.refusedByFault() && !r.present(ev.resource, "update.state") && len(ev.licences) > 0 &&
		!slices.ContainsFunc(ev.licences, func(id string) bool { return !slices.Contains(u.IDs, id) })
}

// unmatched judges an update event that can't be told to answer this update (US-UC6-01, US-UC6-03).
func (w *World) unmatched(ev *event, reference, id string) error {
	path := "$." + w.run.pack.Path("event.resource")
	if !ev.resource.IsObject() {
		return w.failAndBlock("US-UC6-01", breach{expected: "the final update as the event's resource, a JSON object", seen: ev.resource.Raw, path: path, exchange: ev.exchange})
	}
	if len(ev.licences) > 0 {
		return w.failAndBlock("US-UC6-01", breach{expected: "the final update as the event's resource, with its state", seen: ev.resource.Raw, path: path, exchange: ev.exchange,
			hint: "The update's id, externalReference and state stand in the resource, beside its licences."})
	}
	return w.failAndBlock("US-UC6-03", breach{expected: fmt.Sprintf("id %s or externalReference %q of the acknowledged update", orAbsent(id), reference), seen: "an update event that names no update and no licence",
		path: path, exchange: ev.exchange, hint: "Give back in the event the id or the externalReference that the acknowledgement held."})
}

// judgeCall judges how an event call was made: token (AUTH-02), offer (AUTH-05), path, and the body by its schema.
// pathRequirement is what a wrong path breaches, sent the request that the event answers.
func (w *World) judgeCall(ev *event, sent []byte, schema, endpoint, pathRequirement string) {
	w.judged("AUTH-02", "AUTH-05", pathRequirement)
	w.judgeToken(ev)
	w.judgePath(ev, endpoint, pathRequirement)
	at := "$." + w.run.pack.Path("event.resource")
	w.violations(ev.exchange, w.ownFaults(w.run.judge(schema, ev.ContentType, ev.Body), ev.Body, at, sent))
}

func (w *World) judgeToken(ev *event) {
	seen := map[control.AuthState]string{
		control.AuthNone: "no Authorization: Bearer header", control.AuthInvalid: "a token that Orange did not issue", control.AuthExpired: "an expired token",
	}[ev.Auth.State]
	if seen == "" || ev.Auth.JudgeMade {
		return
	}
	if ev.Auth.InQuery {
		seen += "; a token stands in the query string"
	}
	w.fail("AUTH-02", breach{expected: "Authorization: Bearer with a token that is valid now", seen: seen, exchange: ev.exchange,
		hint: "Get a token from /oauth/v3/token with your client id and secret, and send it in the Authorization header of each event call."})
}

func (w *World) judgePath(ev *event, endpoint, pathRequirement string) {
	path := ev.Path
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	var wanted []string
	for _, e := range []string{endpoint, endpoint + "Alias"} {
		if ep := w.run.pack.Endpoint(e); ep.Path != "" {
			wanted = append(wanted, ep.Path)
		}
	}
	requirement := pathRequirement
	for _, template := range wanted {
		if path == strings.ReplaceAll(template, "{offer}", w.run.profile.Offer) {
			return
		}
		if strings.HasSuffix(path, strings.TrimPrefix(template, "/{offer}")) {
			requirement = "AUTH-05"
		}
	}
	w.fail(requirement, breach{expected: "POST " + strings.ReplaceAll(wanted[0], "{offer}", w.run.profile.Offer), seen: ev.Method + " " + ev.Path, exchange: ev.exchange,
		hint: "The path's first part is the declared offer, " + w.run.profile.Offer + "."})
}

// judgeOrderEvent judges everything about an order's event but its outcome. An event that is mixed up with another
// order's ends the scenario: what it holds says nothing about this order.
func (w *World) judgeOrderEvent(o *Order, ev *event) error {
	if w.run.wrapped(ev) {
		w.judged("AUTH-02", "AUTH-05")
		w.judgeToken(ev)
		w.judgePath(ev, "orderEvent", "PO-UC4-03")
		return w.failAndBlock("PO-UC4-03", breach{expected: "the productOrder as the event's resource", seen: ev.resource.Raw, path: "$." + w.run.pack.Path("event.resource"), exchange: ev.exchange,
			hint: "The members of the order stand in the resource itself."})
	}
	w.judgeCall(ev, o.body, "event.order", "orderEvent", "PO-UC4-03")
	w.judged("PO-UC4-02", "PO-UC4-05", "PO-UC4-01")
	id, ref := w.run.text(ev.resource, "order.id"), w.run.text(ev.resource, "order.externalReference")
	path := "$." + w.run.pack.Path("event.resource") + "."
	other := ""
	if ref != "" && ref != o.Reference && w.run.registry.orderBy(ref) != nil {
		other = ref
	}
	if own, ok := w.ownerOf("order", id); ok && own.reference != o.Reference {
		other = own.reference
	}
	switch {
	case other != "":
		w.fail("PO-UC4-05", breach{expected: fmt.Sprintf("the event of order %s", o.Reference), seen: fmt.Sprintf("id %s and externalReference %s: mixed up with order %s", orAbsent(id), orAbsent(ref), other),
			path: path + w.run.pack.Path("order.id"), exchange: ev.exchange, hint: "Build each event from its own order, also when several are in flight."})
		return w.blockOn("PO-UC4-05")
	case ref != "" && ref != o.Reference:
		w.fail("PO-UC4-02", breach{fix: toSay(path+w.run.pack.Path("order.externalReference"), o.Reference), expected: fmt.Sprintf("externalReference %q of the acknowledged order", o.Reference), seen: orAbsent(ref),
			path: path + w.run.pack.Path("order.externalReference"), exchange: ev.exchange,
			hint: keepHint})
	case id != "" && o.id != "" && id != o.id && ev.resource.Get(w.run.pack.Path("order.id")).Type == gjson.String: // a number is the schema's finding
		w.fail("PO-UC4-02", breach{fix: toSay(path+w.run.pack.Path("order.id"), o.id), expected: fmt.Sprintf("id %q of the acknowledged order", o.id), seen: orAbsent(id), path: path + w.run.pack.Path("order.id"), exchange: ev.exchange,
			hint: "The order keeps the id that its acknowledgement gave."})
	}
	return nil
}

// wrapped reports whether the resource of an order's event holds the order one level down, and nothing of it itself.
func (r *Run) wrapped(ev *event) bool {
	holds := func(v gjson.Result) bool {
		for _, role := range []string{"order.id", "order.externalReference", "order.state", "order.items"} {
			if r.present(v, role) {
				return true
			}
		}
		return false
	}
	if !ev.resource.IsObject() || holds(ev.resource) {
		return false
	}
	inside := false
	ev.resource.ForEach(func(_, v gjson.Result) bool {
		inside = v.IsObject() && holds(v)
		return !inside
	})
	return inside
}

// completedEvent waits for the event of a valid order and judges that it says completed.
func (w *World) completedEvent(ctx context.Context, o *Order) error {
	ev, err := w.awaitOrder(ctx, o)
	if err != nil {
		return err
	}
	if ev == nil {
		return w.noEvent(ctx, "order", o.Reference, o.id, o.answer.Exchange, o.from)
	}
	w.judged("GEN-10")
	if err := w.judgeOrderEvent(o, ev); err != nil {
		return err
	}
	o.final, o.finalExchange, o.finalAt = ev.resource, ev.exchange, ev.seen
	if !ev.resource.IsObject() {
		return w.blockUnusable("the event holds no order")
	}
	if err := w.notPartial(ev.resource, ev.exchange); err != nil {
		return err
	}
	return w.orderOutcome(ctx, o, ev)
}

// orderOutcome judges PO-UC4-01 on the event of a valid order: type and state agree, and say completed.
func (w *World) orderOutcome(ctx context.Context, o *Order, ev *event) error {
	p := w.run.pack
	state := w.run.text(ev.resource, "order.state")
	completed, failed := p.Value("order.completed"), p.Value("order.failed")
	wantKind := map[string]string{completed: p.Value("event.orderCompleted"), failed: p.Value("event.orderFailed")}[state]
	if wantKind != "" && ev.kind != wantKind && ev.kind != "" {
		w.fail("PO-UC4-01", breach{fix: toSay("$."+p.Path("event.type"), wantKind), expected: fmt.Sprintf("type %q, as the order in the event is %s", wantKind, state), seen: fmt.Sprintf("%q", ev.kind), path: "$." + p.Path("event.type"),
			exchange: ev.exchange,
			hint:     "completedStateNotification goes with a completed order, failedStateNotification with a failed one."})
	}
	switch {
	case state == completed:
		return nil
	case state == "" && ev.kind == p.Value("event.orderCompleted"):
		return nil
	case state == failed:
		return w.failedThough(ctx, o, ev)
	case state != "" && !strings.EqualFold(state, completed):
		return w.failAndBlock("PO-UC4-01", breach{expected: fmt.Sprintf("the order in the event is %s or %s", completed, failed), seen: stateSeen(state, ""), path: "$." + p.Path("event.resource") + "." + p.Path("order.state"), exchange: ev.exchange,
			hint: "The event is sent once, with the final state."})
	}
	return w.blockUnusable("the order's final state is not usable")
}

// failedThough judges a valid order whose event says failed: a lie if its licences are there, a refusal otherwise.
func (w *World) failedThough(ctx context.Context, o *Order, ev *event) error {
	fleet := w.run.text(ev.resource, "order.fleet")
	if fleet == "" {
		fleet = o.Sent
	}
	if fleet != "" {
		view, err := w.peek(ctx, fleet)
		if err != nil {
			return err
		}
		if n, ok := o.Quantity.(int); ok && view.fresh(o.Customer) == n {
			return w.failAndBlock("PO-UC4-01", breach{expected: "the event says how the order ended: completed, its licences are there", seen: "state failed", exchange: ev.exchange})
		}
	}
	requirement := "PO-UC2-02"
	if o.requirement != w.acceptOf() {
		requirement = o.requirement
	}
	return w.failAndBlock(requirement, breach{via: []string{"PO-UC2-02"}, expected: "this valid order is completed", seen: stateSeen("failed", w.noteOf(ev.resource)),
		path: "$." + w.run.pack.Path("event.resource") + "." + w.run.pack.Path("order.state"), exchange: ev.exchange})
}

// visibleLater reads a fleet again after delays.visible, and once more some time after that unless there is what was
// missing: it tells what comes late from what never comes.
func (w *World) visibleLater(ctx context.Context, read func() error, there func() bool) error {
	for _, times := range []time.Duration{1, 3} {
		if err := w.pause(ctx, times*w.run.profile.Delays.Visible.D()); err != nil {
			return w.cut(err)
		}
		if err := read(); err != nil || there() {
			return err
		}
	}
	return nil
}

// sameEvent reports whether two event calls carry the same message: type, order or update, state.
func (w *World) sameEvent(a, b *event) bool {
	key := func(ev *event) string {
		r := w.run
		return strings.Join([]string{ev.kind, r.text(ev.resource, "order.id"), r.text(ev.resource, "order.externalReference"), r.text(ev.resource, "order.state"),
			r.text(ev.resource, "order.fleet"), canonical(ev.resource.Get(r.pack.Path("update.licences")))}, "\x00")
	}
	return key(a) == key(b)
}

// canonical writes a JSON value in a form that equals for equal values: members sorted, array elements in order.
func canonical(v gjson.Result) string {
	switch {
	case !v.Exists():
		return ""
	case v.IsObject():
		return canonicalObject(v)
	case v.IsArray():
		var parts []string
		v.ForEach(func(_, e gjson.Result) bool {
			parts = append(parts, canonical(e))
			return true
		})
		return "[" + strings.Join(parts, ",") + "]"
	case v.Type == gjson.String:
		return fmt.Sprintf("%q", v.String())
	}
	return v.Raw
}
