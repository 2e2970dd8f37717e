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

// Update is one userServiceUpdate that Orange sent.
type Update struct {
	Reference string
	IDs       []string // the licences named
	change    change
	body      []byte
	from      int
	answer    Answer
	id        string
	acked     bool
	ackAt     time.Time

	final         gjson.Result
	finalExchange int
	event         *event
}

func (u *Update) waited() time.Duration {
	if u.event == nil {
		return 0
	}
	return u.event.seen.Sub(u.ackAt)
}

// change is what an update asks for: an external state, or a swap to an offering.
type change struct {
	external string // role: external.suspended, …
	swap     string // offering code
	// requirement is what a refusal of this valid change, or a change without effect, breaches.
	requirement string
	general     []string // the requirements of which that one is a special case
	style       Style
}

// The changes of UserService UC2 to UC4.
func (w *World) changeTo(what string) change {
	switch what {
	case "suspended":
		return change{external: "external.suspended", requirement: "US-UC2-01"}
	case "inactive":
		return change{external: "external.inactive", requirement: "US-UC2-02"}
	case "active":
		return change{external: "external.active", requirement: "US-UC2-03"}
	case "deleted":
		return change{external: "external.deleted", requirement: "US-UC3-01"}
	}
	return change{swap: what, requirement: "US-UC4-01"}
}

func (w *World) newUpdate(c change, ids []string) *Update {
	return &Update{Reference: w.reference("U"), IDs: ids, change: c}
}

func (w *World) updateVars(u *Update) map[string]any {
	var list []any
	unknown := u.change.style == styleUnknown
	for _, id := range u.IDs {
		l := map[string]any{"id": id}
		if u.change.external != "" {
			l["externalState"] = w.role(u.change.external)
		} else {
			l["swap"] = u.change.swap
			if unknown {
				l["extra"] = unknownFields()
			}
		}
		list = append(list, l)
	}
	vars := map[string]any{"update": map[string]any{"externalReference": u.Reference}, "licences": list}
	if unknown {
		vars["extra"] = unknownFields()
	}
	return vars
}

func (w *World) sendUpdate(ctx context.Context, u *Update) error {
	w.run.registry.addUpdate(u)
	w.changing(u.IDs)
	w.update = u
	u.from = w.mark()
	a, err := w.post(ctx, "update", u.body)
	if err != nil {
		return err
	}
	u.answer = a
	return nil
}

// apply sends a valid update and follows it to its end; w.before and w.after are the fleets around it.
func (w *World) apply(ctx context.Context, u *Update) error {
	if err := w.snapshot(ctx); err != nil {
		return err
	}
	body, err := w.render("update", "update.request", w.updateVars(u))
	if err != nil {
		return err
	}
	u.body = body
	err = w.inFlight(ctx, func() (time.Duration, error) {
		if err := w.sendUpdate(ctx, u); err != nil {
			return 0, err
		}
		if err := w.acceptUpdate(u); err != nil {
			return 0, err
		}
		if u.acked {
			err := w.updateEvent(ctx, u)
			return u.waited(), err
		}
		return 0, nil
	})
	if err != nil {
		return err
	}
	w.billUpdate(u)
	w.emptied = w.emptiedBy(u)
	w.after, err = w.all(ctx, w.customer())
	w.emptied = nil
	return err
}

// emptiedBy lists the fleets that lose their last licence by an update.
func (w *World) emptiedBy(u *Update) map[string]bool {
	out := map[string]bool{}
	if u.change.external != "external.deleted" {
		return out
	}
	for _, l := range w.before.licences {
		out[l.In] = true
	}
	for _, l := range w.before.licences {
		if !slices.Contains(u.IDs, l.ID) {
			delete(out, l.In)
		}
	}
	return out
}

// acceptUpdate judges the first answer to a valid update.
func (w *World) acceptUpdate(u *Update) error {
	a := u.answer
	want := w.role("update.completed")
	if w.run.async() {
		want = w.role("update.acknowledged")
	}
	expected := fmt.Sprintf("the update is answered %s", want)
	if !a.OK() {
		return w.failAndBlock(u.change.requirement, breach{expected: expected, seen: a.said(), exchange: a.Exchange, hint: "This update is valid by the contract: answer a 2xx with its state.", via: u.change.general})
	}
	schema := "update.answer"
	if w.run.async() {
		schema = "update.refusal" // what an acknowledgement may hold besides its state is GEN-09's
	}
	w.violations(a.Exchange, w.run.judge(schema, a.ContentType, a.Body))
	doc := a.JSON()
	if !doc.IsObject() {
		return w.blockUnusable("the answer is no JSON object")
	}
	if err := w.notPartialUpdate(doc, a.Exchange); err != nil {
		return err
	}
	state := w.run.text(doc, "update.state")
	w.nameUpdate(u, doc)
	switch {
	case state == want:
	case state == w.role("update.acknowledged"):
		return w.acknowledgedInSync(a)
	case w.run.async() && state == w.role("update.completed"):
		return w.failAndBlock("GEN-14", breach{expected: expected, seen: stateSeen(state, ""), path: "$." + w.run.pack.Path("update.state"), exchange: a.Exchange,
			hint: "The profile says mode: async; acknowledge updates and send the result as an event, or declare mode: sync."})
	case state != w.role("update.failed") && state != w.role("update.completed"):
		return w.blockUnusable("the update's state is not usable")
	default:
		return w.failAndBlock(u.change.requirement, breach{expected: expected, seen: stateSeen(state, w.noteOf(doc)), path: "$." + w.run.pack.Path("update.state"), exchange: a.Exchange, via: u.change.general})
	}
	w.judged("GEN-07", "GEN-14")
	w.sameUpdate(u, doc, a.Exchange)
	if w.run.async() {
		u.acked, u.ackAt = true, a.At.Add(a.Elapsed)
		w.judged("GEN-09")
		if list := doc.Get(w.run.pack.Path("update.licences")); list.Exists() && w.filled(list) {
			w.fail("GEN-09", breach{fix: &reports.Fix{Op: "omit", Path: "$." + w.run.pack.Path("update.licences")}, expected: "no userServices in an acknowledgement", seen: list.Raw, path: "$." + w.run.pack.Path("update.licences"), exchange: a.Exchange,
				hint: "An acknowledgement says only that the request arrived; the licences belong in the event."})
		}
		w.notDone(doc, a.Exchange)
		return nil
	}
	u.final, u.finalExchange = doc, a.Exchange
	return nil
}

// nameUpdate keeps the partner's id of an update, which its event may carry.
func (w *World) nameUpdate(u *Update, doc gjson.Result) {
	if u.id = w.run.text(doc, "update.id"); u.id != "" {
		w.enter("update", u.id, u.Reference)
	}
}

func (w *World) notPartialUpdate(doc gjson.Result, exchange int) error {
	w.judged("GEN-11")
	if s := w.run.text(doc, "update.state"); s != "" && strings.EqualFold(s, w.role("order.partial")) {
		return w.failAndBlock("GEN-11", breach{expected: "completed, failed or acknowledged", seen: stateSeen(s, ""), path: "$." + w.run.pack.Path("update.state"), exchange: exchange,
			hint: "An update is a transaction: all its licences or none."})
	}
	return nil
}

func (w *World) sameUpdate(u *Update, doc gjson.Result, exchange int) {
	w.judged("GEN-06")
	if got := w.run.text(doc, "update.externalReference"); got != "" && got != u.Reference {
		w.fail("GEN-06", breach{fix: toSay("$."+w.run.pack.Path("update.externalReference"), u.Reference), expected: fmt.Sprintf("the update's externalReference %q", u.Reference), seen: orAbsent(got),
			path: "$." + w.run.pack.Path("update.externalReference"), exchange: exchange,
			hint: keepHint})
		return
	}
	// The contract asks for no more of an update's answer than its state, so that only a type that differs is a breach.
	w.typeKept(doc, w.run.pack.Path("update.externalReference"), "order.externalReference", "$.", exchange)
}

// matchesUpdate reports whether an event answers this update: by reference, by id, or, where it names neither, by its
// licences (US-UC6-03 says what that costs).
func (r *Run) matchesUpdate(ev *event, u *Update) bool {
	if ref := r.text(ev.resource, "update.externalReference"); ref == u.Reference {
		return true
	}
	if ev.class != classUpdate || !r.present(ev.resource, "update.state") && len(ev.licences) > 0 {
		return false
	}
	if id := r.text(ev.resource, "update.id"); id != "" && id == u.id {
		return true
	}
	return len(ev.licences) > 0 && !slices.ContainsFunc(ev.licences, func(id string) bool { return !slices.Contains(u.IDs, id) }) && !r.namesOther(ev, u)
}

// namesOther reports whether an update event names, by reference, another update that Orange sent.
func (r *Run) namesOther(ev *event, u *Update) bool {
	ref := r.text(ev.resource, "update.externalReference")
	r.registry.mu.Lock()
	defer r.registry.mu.Unlock()
	return ref != "" && ref != u.Reference && r.registry.updates[ref] != nil
}

// anonymous reports whether an update event tells nobody which update it answers.
func (r *Run) anonymous(ev *event) bool {
	if ev.class != classUpdate || len(ev.licences) > 0 || ev.refusedByFault() || !r.present(ev.resource, "update.state") {
		return false
	}
	ref, id := r.text(ev.resource, "update.externalReference"), r.text(ev.resource, "update.id")
	r.registry.mu.Lock()
	defer r.registry.mu.Unlock()
	for _, u := range r.registry.updates {
		if ref == u.Reference {
			return false
		}
	}
	_, known := r.registry.owners["update"][idKey(id)]
	return !known
}

// awaitUpdate waits for the update's event; nil if none came in time.
func (w *World) awaitUpdate(ctx context.Context, u *Update) (*event, error) {
	ev, err := w.await(ctx, u.from, at(u.ackAt, w.run.patience()), func(ev *event) bool {
		return !ev.refusedByFault() && w.run.matchesUpdate(ev, u)
	})
	if err != nil {
		return nil, w.cut(err)
	}
	if ev != nil {
		w.saw(ev.exchange)
		u.event = ev
	}
	return ev, nil
}

// judgeUpdateEvent judges everything about an update's event but its outcome (US-UC6-01, US-UC6-03).
func (w *World) judgeUpdateEvent(u *Update, ev *event) {
	w.judgeCall(ev, u.body, "event.update", "updateEvent", "US-UC6-01")
	w.judged("US-UC6-03")
	p := w.run.pack
	if ev.kind != "" {
		w.check("US-UC6-01", ev.kind == p.Value("event.update"), breach{fix: toSay("$."+p.Path("event.type"), p.Value("event.update")), expected: fmt.Sprintf("type %q", p.Value("event.update")), seen: fmt.Sprintf("%q", ev.kind),
			path: "$." + p.Path("event.type"), exchange: ev.exchange})
	}
	id, ref := w.run.text(ev.resource, "update.id"), w.run.text(ev.resource, "update.externalReference")
	if (u.id == "" || id != u.id) && ref != u.Reference {
		w.fail("US-UC6-03", breach{expected: fmt.Sprintf("id %s or externalReference %q of the acknowledged update", orAbsent(u.id), u.Reference), seen: fmt.Sprintf("id %s, externalReference %s", orAbsent(id), orAbsent(ref)),
			path: "$." + p.Path("event.resource"), exchange: ev.exchange, hint: "Give back in the event the id or the externalReference that the acknowledgement held."})
	} else if ref != "" && ref != u.Reference {
		w.fail("GEN-06", breach{fix: toSay("$."+p.Path("event.resource")+"."+p.Path("update.externalReference"), u.Reference), expected: fmt.Sprintf("the update's externalReference %q", u.Reference), seen: orAbsent(ref),
			path: "$." + p.Path("event.resource") + "." + p.Path("update.externalReference"), exchange: ev.exchange,
			hint: keepHint})
	}
}

// updateEvent waits for the event of a valid update and judges that it says completed.
func (w *World) updateEvent(ctx context.Context, u *Update) error {
	ev, err := w.awaitUpdate(ctx, u)
	if err != nil {
		return err
	}
	if ev == nil {
		return w.noEvent(ctx, "update", u.Reference, u.id, u.answer.Exchange, u.from)
	}
	w.judged("GEN-10", "US-UC6-02")
	w.judgeUpdateEvent(u, ev)
	u.final, u.finalExchange = ev.resource, ev.exchange
	if !ev.resource.IsObject() {
		return w.blockUnusable("the event holds no update")
	}
	if err := w.notPartialUpdate(ev.resource, ev.exchange); err != nil {
		return err
	}
	p := w.run.pack
	state := w.run.text(ev.resource, "update.state")
	switch {
	case state == p.Value("update.completed"):
		if !w.run.present(ev.resource, "update.licences") {
			w.fail("US-UC6-01", breach{expected: "the event of a completed update holds the array of its licences", seen: "no array", path: "$." + p.Path("event.licences"), exchange: ev.exchange})
		}
		return nil
	case state == p.Value("update.failed"):
		return w.failedUpdate(ctx, u, ev)
	case state == p.Value("update.acknowledged"):
		return w.failAndBlock("US-UC6-02", breach{expected: "the final state, completed or failed", seen: stateSeen(state, ""), path: "$." + p.Path("event.resource") + "." + p.Path("update.state"), exchange: ev.exchange})
	}
	return w.blockUnusable("the update's final state is not usable")
}

// failedUpdate judges a valid update whose event says failed: a lie if GET shows the change (US-UC6-02).
func (w *World) failedUpdate(ctx context.Context, u *Update, ev *event) error {
	after, err := w.all(ctx, w.customer())
	if err != nil {
		return err
	}
	changed := true
	for _, id := range u.IDs {
		changed = changed && w.holds(u.change, after, id) && !w.holds(u.change, w.before, id)
	}
	requirement := u.change.requirement
	seen := stateSeen("failed", w.noteOf(ev.resource))
	if changed {
		requirement, seen = "US-UC6-02", "state failed, though GET shows the change"
	}
	return w.failAndBlock(requirement, breach{expected: "this valid update is completed", seen: seen, path: "$." + w.run.pack.Path("event.resource") + "." + w.run.pack.Path("update.state"), exchange: ev.exchange, via: u.change.general})
}

// holds reports whether a licence shows what the change asked for.
func (w *World) holds(c change, v fleetView, id string) bool {
	l, ok := v.find(id)
	switch {
	case c.swap != "":
		return ok && l.Offering == c.swap
	case c.external == "external.deleted":
		return !ok
	case c.external == "external.active":
		return ok && strings.EqualFold(l.State, w.role("licence.active"))
	}
	return ok && strings.EqualFold(l.State, w.role("licence.inactive"))
}
