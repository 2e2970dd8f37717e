package harness

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/internal/profile"
)

// report is what UserService UC5 expects for one kind of change.
type report struct {
	trigger     string
	role        string // where the operations of that kind stand
	action      string // role of the expected action
	requirement string
}

var reportsOf = map[string]report{
	profile.TriggerEndUserAdd:     {profile.TriggerEndUserAdd, "operations.user", "action.add", "US-UC5-01"},
	profile.TriggerEndUserModify:  {profile.TriggerEndUserModify, "operations.user", "action.modify", "US-UC5-02"},
	profile.TriggerEndUserDelete:  {profile.TriggerEndUserDelete, "operations.user", "action.delete", "US-UC5-03"},
	profile.TriggerResourceModify: {profile.TriggerResourceModify, "operations.resource", "action.modify", "US-UC5-05"},
	profile.TriggerLoginModify:    {profile.TriggerLoginModify, "operations.right", "", "US-UC5-06"},
}

// one is the licence that UC5 scenarios work on: the first chosen one.
func (w *World) one() Licence {
	for _, v := range []fleetView{w.after, w.before} {
		if l, ok := v.find(w.chosen[0]); ok {
			return l
		}
	}
	return w.customer().licences[w.chosen[0]]
}

// Report starts a change at the partner for the first chosen licence, waits for its event and judges it.
func (w *World) Report(ctx context.Context, trigger string) error {
	r, l := reportsOf[trigger], w.one()
	ev, err := w.started(ctx, trigger, r, l)
	if err != nil {
		return err
	}
	if ev == nil {
		if ev, err = w.startedWithUser(ctx, trigger, r, l); err != nil {
			return err
		}
	}
	if ev == nil {
		return w.block("trigger " + trigger + " was refused: check the profile")
	}
	if ev, err = w.preferred(ctx, ev, r, l); err != nil {
		return err
	}
	w.saw(ev.exchange)
	w.events = append(w.events, ev)
	return w.judgeReport(r, l, ev)
}

// started starts a change at the partner for a licence and waits for its event; nil where the partner refused to start it.
func (w *World) started(ctx context.Context, trigger string, r report, l Licence) (*event, error) {
	from := w.mark()
	done, err := w.pull(ctx, trigger, l)
	if err != nil || done == triggerRefused {
		return nil, err
	}
	return w.awaitReport(ctx, from, r, l)
}

// startedWithUser starts a change once more that the partner's tool refused on a licence without an end user: a login or a
// resource may come with the user only. nil where it refuses that as well, or no user can be linked.
func (w *World) startedWithUser(ctx context.Context, trigger string, r report, l Licence) (*event, error) {
	comesWithUser := trigger == profile.TriggerLoginModify || trigger == profile.TriggerResourceModify
	if !comesWithUser || l.User != "" || !w.run.startsAlone(profile.TriggerEndUserAdd) {
		return nil, nil
	}
	linked, err := w.started(ctx, profile.TriggerEndUserAdd, reportsOf[profile.TriggerEndUserAdd], l)
	if err != nil || linked == nil {
		return nil, err
	}
	w.saw(linked.exchange)
	w.events = append(w.events, linked)
	if err := w.Reread(ctx); err != nil {
		return nil, err
	}
	return w.started(ctx, trigger, r, w.one())
}

// awaitReport waits for the UC5 event about a licence.
func (w *World) awaitReport(ctx context.Context, from int, r report, l Licence) (*event, error) {
	ev, err := w.await(ctx, from, at(time.Now(), w.run.patience()), func(ev *event) bool {
		return !ev.refusedByFault() && w.run.reportsOn(ev, l.ID) && !w.told(ev)
	})
	if err != nil {
		return nil, w.cut(err)
	}
	if ev == nil {
		if ev := w.stray(from, w.run.unheard); ev != nil {
			return nil, w.namesNone(ev, l)
		}
		hint := "Send an updateNotification with the licence's id and its operations."
		if silent := w.nothingArrived(ctx); silent != "" {
			hint = silent
		}
		return nil, w.failAndBlock(r.requirement, breach{expected: fmt.Sprintf("an event with the change of licence %q within %s", l.ID, w.run.profile.Delays.Event.D()), seen: "no event that names this licence", exchange: w.lastExchange(), missing: true,
			hint: hint})
	}
	return ev, nil
}

// preferred returns the event with the expected action, where one follows at once on an event with another, or in the time
// of an event on one of another kind: the partner may report something else about the licence in between.
func (w *World) preferred(ctx context.Context, ev *event, r report, l Licence) (*event, error) {
	expected := func(ev *event) bool {
		return slices.ContainsFunc(w.run.operations(ev, l.ID, r.role), func(op gjson.Result) bool {
			return r.action == "" || w.run.text(op, "operation.action") == w.role(r.action)
		})
	}
	if expected(ev) {
		return ev, nil
	}
	patience := w.run.profile.Delays.Quiet.D()
	if w.run.operates(ev, l.ID) && len(w.run.operations(ev, l.ID, r.role)) == 0 { // a change of another kind: this one's event may well be its own
		patience = w.run.patience()
	}
	better, err := w.await(ctx, ev.index+1, at(ev.seen, patience), func(ev *event) bool {
		return !ev.refusedByFault() && w.run.reportsOn(ev, l.ID) && !w.told(ev) && expected(ev)
	})
	if err != nil {
		return nil, w.cut(err)
	}
	if better != nil {
		return better, nil
	}
	return ev, nil
}

// told reports whether these very bytes were reported before: a redelivery is no second change.
func (w *World) told(ev *event) bool {
	return slices.ContainsFunc(w.events, func(old *event) bool { return bytes.Equal(old.Body, ev.Body) })
}

// reportsOn reports whether an event tells of a change of this licence that the partner made by itself.
func (r *Run) reportsOn(ev *event, licence string) bool {
	if ev.class != classOrder && len(ev.licences) == 0 && !r.present(ev.resource, "update.state") {
		return r.text(ev.resource, "licence.id") == licence || len(licence) >= tellingID && bytes.Contains(ev.Body, []byte(licence))
	}
	return slices.Contains(ev.licences, licence) && (ev.class == classOperations || !r.present(ev.resource, "update.state"))
}

// unheard reports whether an event of a change that the partner made itself names no licence that anybody has seen.
func (r *Run) unheard(ev *event) bool {
	return ev.class != classOrder && !ev.refusedByFault() && !r.present(ev.resource, "update.state") && !slices.ContainsFunc(ev.licences, func(id string) bool {
		_, known := r.registry.ownerOf("licence", id)
		return known
	})
}

// namesNone judges such an event where one about a licence was due (US-UC5-08).
func (w *World) namesNone(ev *event, l Licence) error {
	w.saw(ev.exchange)
	return w.failAndBlock("US-UC5-08", breach{expected: fmt.Sprintf("a list of licences in the event, with the id %q", l.ID), seen: orNone(ev.resource.Get(w.run.pack.Path("update.licences")).Raw),
		path: "$." + w.run.pack.Path("event.licences"), exchange: ev.exchange, hint: "Name each licence by the id that GET shows."})
}

// operations lists the operations of a kind that an event holds for a licence; the wrapper of the table of resources is
// accepted.
func (r *Run) operations(ev *event, licence, role string) []gjson.Result {
	var out []gjson.Result
	ev.resource.Get(r.pack.Path("update.licences")).ForEach(func(_, l gjson.Result) bool {
		if r.text(l, "update.licence.id") != licence {
			return true
		}
		for _, in := range []gjson.Result{l, l.Get(r.pack.Path("operations.wrapper"))} {
			ops := in.Get(r.pack.Path(role))
			switch {
			case ops.IsArray():
				out = append(out, ops.Array()...)
			case ops.IsObject():
				out = append(out, ops)
			}
		}
		return true
	})
	return out
}

// operates reports whether an event holds operations of any kind for a licence.
func (r *Run) operates(ev *event, licence string) bool {
	return slices.ContainsFunc([]string{"operations.user", "operations.resource", "operations.right", "operations.characteristic"}, func(role string) bool {
		return len(r.operations(ev, licence, role)) > 0
	})
}

// judgeReport judges a UC5 event: the call (US-UC5-08), its type, and the operation that its use case foresees.
func (w *World) judgeReport(r report, l Licence, ev *event) error {
	w.judgeCall(ev, nil, "event.operations", "updateEvent", "US-UC5-08")
	w.judged("US-UC5-08", r.requirement)
	p := w.run.pack
	if ev.kind != "" {
		w.check("US-UC5-08", ev.kind == p.Value("event.update"), breach{fix: toSay("$."+p.Path("event.type"), p.Value("event.update")), expected: fmt.Sprintf("type %q", p.Value("event.update")), seen: fmt.Sprintf("%q", ev.kind),
			path: "$." + p.Path("event.type"), exchange: ev.exchange})
	}
	if !ev.resource.Get(p.Path("update.licences")).IsArray() {
		return w.blockOn("US-UC5-08")
	}
	ops := w.run.operations(ev, l.ID, r.role)
	if !w.run.operates(ev, l.ID) {
		return w.failAndBlock("US-UC5-08", breach{expected: fmt.Sprintf("the operations on licence %q, such as %s", l.ID, p.Path(r.role)), seen: ev.resource.Get(p.Path("update.licences")).Raw, path: "$." + p.Path("event.licences"), exchange: ev.exchange,
			hint: "Each kind of change has its own array of operations on the licence."})
	}
	if len(ops) == 0 {
		w.fail(r.requirement, breach{expected: fmt.Sprintf("%s for licence %q", p.Path(r.role), l.ID), seen: ev.resource.Raw, path: "$." + p.Path("event.licences"), exchange: ev.exchange,
			hint: "Each kind of change has its own array of operations on the licence."})
		return w.blockOn(r.requirement)
	}
	op := ops[len(ops)-1]
	if action := w.run.text(op, "operation.action"); r.action != "" && action != "" && action != p.Value(r.action) {
		if action == p.Value("action.swap") {
			w.note("operation %s swap: named in the table of resources, not in UC5; accepted", p.Path(r.role))
		} else {
			return w.failAndBlock(r.requirement, breach{expected: fmt.Sprintf("action %q", p.Value(r.action)), seen: fmt.Sprintf("%q", action), path: "$." + p.Path("event.licences"), exchange: ev.exchange})
		}
	}
	switch r.requirement {
	case "US-UC5-01", "US-UC5-02":
		w.judgeUser(r, l, ev, op)
	case "US-UC5-03":
		w.judgeUnlinked(l, ev, op)
	case "US-UC5-05":
		w.judgeResource(ev, op)
	case "US-UC5-06":
		w.judgeLogin(ev, op, ops)
	}
	return nil
}

// Reread reads the licence again, so that later steps see what the partner shows now.
func (w *World) Reread(ctx context.Context) (err error) {
	w.after, err = w.all(ctx, w.customer())
	return err
}

// ShowsReport judges that GET shows what the last UC5 event announced: US-UC5-07 for the end user, else requirement.
func (w *World) ShowsReport(ctx context.Context) error {
	before := w.lastRead()
	if err := w.Reread(ctx); err != nil {
		return err
	}
	w.judged("US-UC5-07")
	l, ok := w.after.find(w.chosen[0])
	if !ok || len(w.events) == 0 {
		return w.block("the licence is not to be seen any more")
	}
	last := w.events[len(w.events)-1]
	if len(w.run.operations(last, l.ID, "operations.user")) == 0 {
		return w.block("the event held no end user operation")
	}
	for _, id := range last.licences {
		if l, ok := w.after.find(id); ok {
			w.showsUser(last, l)
		}
	}
	return w.bystanders(ctx, before, last)
}

// showsUser compares what an event announced about a licence's end user with what GET shows of it.
func (w *World) showsUser(ev *event, l Licence) {
	ops := w.run.operations(ev, l.ID, "operations.user")
	if len(ops) == 0 {
		return
	}
	op := ops[len(ops)-1]
	shown := l.raw.Get(w.run.pack.Path("licence.user"))
	path := l.path + "." + w.run.pack.Path("licence.user")
	if w.run.text(op, "operation.action") == w.role("action.delete") {
		w.noUser(l, path)
		return
	}
	announced := op.Get(w.run.pack.Path("operation.user"))
	if !shown.IsObject() {
		w.fail("US-UC5-07", breach{expected: "the end user that the event announced", seen: "no end user", path: path, exchange: l.exchange, hint: "Commit the change first, then send the event."})
		return
	}
	for _, role := range []string{"user.id", "user.givenName", "user.familyName", "user.email"} {
		if announced.Get(w.run.pack.Path(role)).Type != gjson.String {
			continue // absent, or the schema's finding
		}
		want, got := w.run.text(announced, role), w.run.text(shown, role)
		if want != "" && got != want && (got != "" || role == "user.id") {
			w.fail("US-UC5-07", breach{expected: fmt.Sprintf("%q as the event announced", want), seen: orAbsent(got), path: path + "." + w.run.pack.Path(role), exchange: l.exchange})
		}
	}
}

func (w *World) noUser(l Licence, path string) {
	w.check("US-UC5-03", l.User == "", breach{expected: "no end user on the licence any more", seen: l.User, verbatim: true, path: path, exchange: l.exchange, hint: "delete unlinks the user: leave endUser out."})
}

// UserKept judges US-UC5-02 on what GET shows: the user's id is what it was.
func (w *World) UserKept(before string) {
	l, _ := w.after.find(w.chosen[0])
	if l.UserID != "" && before != "" && l.UserID != before {
		w.fail("US-UC5-02", breach{expected: fmt.Sprintf("the end user keeps the id %q", before), seen: fmt.Sprintf("%q", l.UserID), path: l.path, exchange: l.exchange})
	}
}

// ModifyUser is Report for endUser.modify with a look at the user's id before and after.
func (w *World) ModifyUser(ctx context.Context) error {
	before := w.one()
	if err := w.Report(ctx, profile.TriggerEndUserModify); err != nil {
		return err
	}
	if err := w.ShowsReport(ctx); err != nil {
		return err
	}
	w.UserKept(before.UserID)
	w.userChanged(before)
	return nil
}

// SecondUser tries to add an end user to a licence that has one (US-UC5-04): refused, or accepted without a second add.
// What an accepted trigger leads to is judged at the end of the run.
func (w *World) SecondUser(ctx context.Context) error {
	if _, err := w.pull(ctx, profile.TriggerEndUserAdd, w.one()); err != nil {
		return err
	}
	w.judged("US-UC5-04")
	return nil
}

// ShowsResource judges US-UC5-05 and US-UC5-07's spirit for the resource: GET shows the type that was declared.
func (w *World) ShowsResource(ctx context.Context) error {
	if err := w.Reread(ctx); err != nil {
		return err
	}
	l, ok := w.after.find(w.chosen[0])
	ops := w.run.operations(w.events[len(w.events)-1], w.chosen[0], "operations.resource")
	if !ok || len(ops) == 0 {
		return nil
	}
	announced := ops[len(ops)-1].Get(w.run.pack.Path("operation.resource"))
	want := w.run.text(announced, "resource.type") + ":" + w.setText(announced.Get(w.run.pack.Path("resource.characteristics")), "characteristic.name", "characteristic.value")
	if l.Resources != "" && !w.showsResource(l, announced) {
		w.fail("US-UC5-05", breach{expected: "GET shows the realizing resource that the event announced: " + want, seen: l.Resources, verbatim: true, path: l.path + "." + w.run.pack.Path("licence.resources"), exchange: l.exchange})
	}
	return nil
}

// showsResource reports whether a licence shows a resource with all that was announced of it; it may well have more.
func (w *World) showsResource(l Licence, announced gjson.Result) bool {
	characteristics := func(resource gjson.Result) map[string]string {
		all := map[string]string{}
		resource.Get(w.run.pack.Path("resource.characteristics")).ForEach(func(_, c gjson.Result) bool {
			all[w.run.text(c, "characteristic.name")] = c.Get(w.run.pack.Path("characteristic.value")).String()
			return true
		})
		return all
	}
	told := characteristics(announced)
	return slices.ContainsFunc(l.raw.Get(w.run.pack.Path("licence.resources")).Array(), func(resource gjson.Result) bool {
		shown := characteristics(resource)
		for name, value := range told {
			if shown[name] != value {
				return false
			}
		}
		return w.run.text(resource, "resource.type") == w.run.text(announced, "resource.type")
	})
}

// OneLogin judges US-UC5-06 on what GET shows: one login at most, and the announced one where a login shows.
func (w *World) OneLogin(ctx context.Context) error {
	if err := w.Reread(ctx); err != nil {
		return err
	}
	l, _ := w.after.find(w.chosen[0])
	logins := 0
	l.raw.Get(w.run.pack.Path("licence.rights")).ForEach(func(_, r gjson.Result) bool {
		if w.run.text(r, "right.value") != "" {
			logins++
		}
		return true
	})
	w.check("US-UC5-06", logins <= 1, breach{expected: "one login at most for a licence", seen: fmt.Sprintf("%d logins", logins), path: l.path + "." + w.run.pack.Path("licence.rights"), exchange: l.exchange})
	return nil
}
