package harness

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// lasting is what an update of Orange's came to on one licence, as GET showed it: it stays so until Orange asks for
// something else.
type lasting struct {
	scenario, licence, fleet string
	change                   change
	exchange                 int // of the GET that showed it
}

func (l lasting) key() string { return l.scenario + "\x00" + l.licence }

// lasts keeps what an update came to, for the look back at the whole run. What a sequence or an advice asks for is left out:
// the use cases' own scenarios ask for the same.
func (w *World) lasts(u *Update) {
	if w.sequence != "" || u.change.general != nil {
		return
	}
	w.run.mu.Lock()
	defer w.run.mu.Unlock()
	for _, id := range u.IDs {
		b, known := w.before.find(id)
		if !known || !w.holds(u.change, w.after, id) {
			continue
		}
		l := lasting{scenario: w.id, licence: id, fleet: b.In, change: u.change, exchange: w.after.exchange}
		w.run.lasting[l.key()] = l
	}
}

// changing forgets what earlier updates came to on licences for which Orange asks for something else.
func (w *World) changing(ids []string) {
	w.run.mu.Lock()
	defer w.run.mu.Unlock()
	for _, id := range ids {
		delete(w.run.lasting, lasting{scenario: w.id, licence: id}.key())
		delete(w.undone, id)
	}
}

// stillHolds looks in a reading of a fleet for changes of this scenario that are undone. The scenario itself judges
// those: the look back leaves them to it.
func (w *World) stillHolds(v fleetView, fleet string) {
	w.run.mu.Lock()
	defer w.run.mu.Unlock()
	for key, l := range w.run.lasting {
		if l.scenario == w.id && l.fleet == fleet && !w.holds(l.change, v, l.licence) {
			delete(w.run.lasting, key)
			w.undone[l.licence] = l.change.requirement
		}
	}
}

// undoneOf names the requirement of an earlier change of a licence that is undone: whatever else the licence fails with
// it is a special case of that.
func (w *World) undoneOf(id string) []string {
	if requirement, undone := w.undone[id]; undone {
		return []string{requirement}
	}
	return nil
}

// allLasting lists what the scenarios' updates came to, fleet by fleet.
func (r *Run) allLasting() []lasting {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []lasting
	for _, l := range r.lasting {
		if !r.mingled[l.scenario] {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b lasting) int {
		return cmp.Or(cmp.Compare(a.scenario, b.scenario), cmp.Compare(a.fleet, b.fleet), cmp.Compare(a.licence, b.licence))
	})
	return out
}

// ChangesLast judges over the whole run that licences are still as the updates left them (UserService UC2, UC3, UC4): each
// fleet with a changed licence is read once more. A licence that an event has named since is left out.
func (w *World) ChangesLast(ctx context.Context) error {
	events := w.since(0)
	var view fleetView
	read := ""
	for _, l := range w.run.allLasting() {
		if !slices.Contains(w.tags, l.change.requirement) || namedAfter(events, l) {
			continue
		}
		if in := l.scenario + "\x00" + l.fleet; in != read {
			v, err := w.peek(ctx, l.fleet)
			if err != nil {
				return err
			}
			view, read = v, in
		}
		w.stayed(l, view)
	}
	for _, id := range w.tags {
		w.skipTag(id, "no update of this run left a licence changed")
	}
	return nil
}

func namedAfter(events []*event, l lasting) bool {
	return slices.ContainsFunc(events, func(ev *event) bool {
		return ev.exchange > l.exchange && slices.Contains(ev.licences, l.licence)
	})
}

// stayed judges one licence. One that is not to be seen any more is for other requirements.
func (w *World) stayed(l lasting, view fleetView) {
	c := l.change
	seen, ok := view.find(l.licence)
	expected, got := "", ""
	switch {
	case c.external == "external.deleted":
		expected, got = fmt.Sprintf("licence %q still gone, deleted or terminated at the end of the run", l.licence), stateSeen(seen.State, "")
	case !ok:
		return
	case c.swap != "":
		expected, got = fmt.Sprintf("licence %q still on the offering %q at the end of the run", l.licence, c.swap), orAbsent(seen.Offering)
	default:
		want := w.role("licence.inactive")
		if c.external == "external.active" {
			want = w.role("licence.active")
		}
		expected, got = fmt.Sprintf("licence %q still in state %q at the end of the run", l.licence, want), stateSeen(seen.State, "")
	}
	w.check(c.requirement, w.holds(c, view, l.licence), breach{expected: expected, seen: got, path: seen.path, exchange: view.exchange,
		hint: "Nothing undoes an update but another one: look for a job or a cache that writes the former state back."})
}
