package harness

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/tidwall/gjson"
)

// lastRead is the latest reading of the customer's fleets.
func (w *World) lastRead() fleetView {
	if len(w.after.licences) > 0 {
		return w.after
	}
	return w.before
}

// bystanders judges US-UC5-07 on the licences that the last UC5 event does not name: no other end user shows there than
// before, unless an event says so.
func (w *World) bystanders(ctx context.Context, before fleetView, last *event) error {
	for _, b := range before.licences {
		a, ok := w.after.find(b.ID)
		if !ok || a.User == b.User || a.User == "" || slices.Contains(last.licences, b.ID) {
			continue
		}
		// The partner may report it by an event of its own.
		told, err := w.await(ctx, 0, at(time.Now(), w.run.profile.Delays.Quiet.D()), func(ev *event) bool {
			return len(w.run.operations(ev, b.ID, "operations.user")) > 0
		})
		switch {
		case err != nil:
			return w.cut(err)
		case told == nil:
			w.fail("US-UC5-07", breach{expected: fmt.Sprintf("no change of the end user of licence %q, of which no event told", b.ID), seen: a.User, verbatim: true, path: a.path + "." + w.run.pack.Path("licence.user"), exchange: a.exchange,
				hint: "Link an end user to the licence that was chosen, and report each change of each licence."})
		}
	}
	return nil
}

// userChanged judges US-UC5-02: the event that told of a change, or GET, shows other data than before.
func (w *World) userChanged(before Licence) {
	p, path := w.run.pack, "$."+w.run.pack.Path("event.licences")
	var announced []gjson.Result
	for _, ev := range w.events {
		for _, op := range w.run.operations(ev, before.ID, "operations.user") {
			announced = append(announced, op.Get(p.Path("operation.user")))
		}
	}
	now, shown := w.after.find(before.ID)
	if len(announced) < 2 || !shown || before.User == "" {
		return
	}
	last, earlier := announced[len(announced)-1], announced[len(announced)-2]
	user := p.Path("licence.user")
	if canonical(last) == canonical(earlier) && canonical(now.raw.Get(user)) == canonical(before.raw.Get(user)) {
		w.fail("US-UC5-02", breach{expected: "the end user's data as they are after the change", seen: "the same as before it, in the event and in GET: " + last.Raw, path: path, exchange: w.events[len(w.events)-1].exchange,
			hint: "Send the changed data. If the trigger changed nothing, let it change something, as a name or an e-mail address."})
	}
}
