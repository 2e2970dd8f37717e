package harness

import (
	"context"
	"slices"
	"time"

	"github.com/tidwall/gjson"
)

// explained is an earlier reading with what the partner has reported of its licences (UserService UC5): an end user, a
// login or a resource that the later reading shows just as an event announced it was changed by the customer, not by what
// stands between the readings. Events may come a moment after GET shows what they tell.
func (w *World) explained(ctx context.Context, before, after fleetView) (fleetView, error) {
	if w.openChanges(before, after, nil) == 0 {
		return before, nil
	}
	events := w.since(0)
	out := w.explainedBy(before, after, events)
	from, deadline := len(events), at(time.Now(), w.run.profile.Delays.Quiet.D())
	for w.reportsExpected() && w.openChanges(out, after, nil) > 0 {
		ev, err := w.await(ctx, from, deadline, func(ev *event) bool { return w.openChanges(out, after, ev) > 0 })
		switch {
		case err != nil:
			return out, w.cut(err)
		case ev == nil:
			return out, nil
		}
		from = ev.index + 1
		out = w.explainedBy(out, after, append(events, ev))
	}
	return out, nil
}

// reportsExpected reports whether the profile declares changes that the partner reports.
func (w *World) reportsExpected() bool {
	f := w.run.profile.Features
	return f.EndUser || f.RenewLogin || f.RealizingResource != nil
}

// openChanges counts the licences whose end user, login or resource differs: those that an event tells of, or all.
func (w *World) openChanges(before, after fleetView, ev *event) int {
	open := 0
	for _, b := range before.licences {
		a, ok := after.find(b.ID)
		if ok && (b.User != a.User || b.Rights != a.Rights || b.Resources != a.Resources) && (ev == nil || w.run.reportsOn(ev, b.ID)) {
			open++
		}
	}
	return open
}

func (w *World) explainedBy(before, after fleetView, events []*event) fleetView {
	out := before
	out.licences = slices.Clone(before.licences)
	for i := range out.licences {
		b := &out.licences[i]
		a, ok := after.find(b.ID)
		if !ok {
			continue
		}
		if b.User != a.User && w.announces(events, *b, "operations.user", func(op gjson.Result) bool { return w.isUser(a, op) }) {
			b.User, b.UserID = a.User, a.UserID
		}
		if b.Rights != a.Rights && w.announces(events, *b, "operations.right", func(op gjson.Result) bool { return w.isLogin(a, op) }) {
			b.Rights = a.Rights
		}
		if b.Resources != a.Resources && w.announces(events, *b, "operations.resource", func(op gjson.Result) bool {
			return w.showsResource(a, op.Get(w.run.pack.Path("operation.resource")))
		}) {
			b.Resources = a.Resources
		}
	}
	return out
}

// announces looks for an operation on a licence in the last event that has one of its kind, and in those that came after
// the licence was read: what was announced long before explains nothing that changes now.
func (w *World) announces(events []*event, l Licence, role string, shows func(op gjson.Result) bool) bool {
	last := true
	for _, ev := range slices.Backward(events) {
		if !w.run.reportsOn(ev, l.ID) {
			continue
		}
		ops := w.run.operations(ev, l.ID, role)
		if len(ops) == 0 {
			continue
		}
		if (last || ev.exchange > l.exchange) && slices.ContainsFunc(ops, shows) {
			return true
		}
		last = false
	}
	return false
}

// isUser reports whether a licence shows the end user of an operation, or none after a delete.
func (w *World) isUser(l Licence, op gjson.Result) bool {
	if w.run.text(op, "operation.action") == w.role("action.delete") {
		return l.User == ""
	}
	announced, shown := op.Get(w.run.pack.Path("operation.user")), l.raw.Get(w.run.pack.Path("licence.user"))
	same := 0
	for _, role := range []string{"user.id", "user.givenName", "user.familyName", "user.email"} {
		want, got := w.run.text(announced, role), w.run.text(shown, role)
		switch {
		case want == "" || got == "":
		case want != got:
			return false
		default:
			same++
		}
	}
	return same > 0
}

// isLogin reports whether a licence shows the login of an operation.
func (w *World) isLogin(l Licence, op gjson.Result) bool {
	value := w.run.text(op, "right.value")
	return value != "" && slices.ContainsFunc(l.raw.Get(w.run.pack.Path("licence.rights")).Array(), func(right gjson.Result) bool {
		return w.run.text(right, "right.value") == value
	})
}
