package harness

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// Choose names the first n licences of the customer's fleets, in the order in which GET shows them, for the next steps.
func (w *World) Choose(n int) error {
	ids := w.alive()
	if len(ids) < n {
		return w.breakDown("the scenario needs %d licences, the customer has %d", n, len(ids))
	}
	w.chosen = ids[:n]
	return nil
}

// ChooseLast names the last licence of the customer's fleets for the next steps.
func (w *World) ChooseLast() error {
	ids := w.alive()
	if len(ids) == 0 {
		return w.breakDown("the scenario needs %d licences, the customer has %d", 1, 0)
	}
	w.chosen = ids[len(ids)-1:]
	return nil
}

// alive lists the customer's licences, oldest first.
func (w *World) alive() []string {
	var ids []string
	for _, v := range []fleetView{w.before, w.after} {
		for _, id := range v.ids() {
			if _, ok := w.customer().licences[id]; ok && !slices.Contains(ids, id) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// Set asks for an external state on the chosen licences and judges that it took effect: UC2 and UC3.
func (w *World) Set(ctx context.Context, state string) error {
	return w.change(ctx, w.changeTo(state))
}

// SetInStyle is Set with a message of that style, whose refusal breaches requirement.
func (w *World) SetInStyle(ctx context.Context, s Style, state, requirement string) error {
	return w.changeInStyle(ctx, w.changeTo(state), s, requirement)
}

// SwapsDeclared skips the scenario where the profile declares no swaps, or no second offering.
func (w *World) SwapsDeclared() error {
	switch declared, reason := w.run.profile.Declared("changeOffering"); {
	case !declared:
		return w.skip(reason)
	case w.offer(1) == "":
		return w.skip("the profile has one offering only")
	}
	return nil
}

// SwapInStyle is Swap with a message of that style, whose refusal breaches requirement.
func (w *World) SwapInStyle(ctx context.Context, s Style, requirement string) error {
	return w.changeInStyle(ctx, w.changeTo(w.offer(1)), s, requirement)
}

func (w *World) changeInStyle(ctx context.Context, c change, s Style, requirement string) error {
	c.style, c.general, c.requirement = s, []string{c.requirement, "US-UC2-04"}, requirement
	return w.change(ctx, c)
}

// Swap moves the chosen licences to the catalogue's second offering (UC4).
func (w *World) Swap(ctx context.Context) error {
	if w.offer(1) == "" {
		return w.skip("the profile has one offering only")
	}
	return w.change(ctx, w.changeTo(w.offer(1)))
}

func (w *World) change(ctx context.Context, c change) error {
	if len(w.chosen) > 1 {
		switch c.requirement {
		case "US-UC3-01":
			c.requirement = "US-UC3-02"
		case "US-UC4-01":
			c.requirement = "US-UC4-04"
		}
	}
	u := w.newUpdate(c, slices.Clone(w.chosen))
	if err := w.apply(ctx, u); err != nil {
		return err
	}
	if err := w.effect(ctx, u); err != nil {
		return err
	}
	w.lasts(u)
	before, err := w.explained(ctx, w.before, w.after)
	if err != nil {
		return err
	}
	w.before = before
	w.sameFleet(u)
	w.resultArray(u)
	w.others(u)
	if c.external == "external.deleted" {
		for _, id := range u.IDs {
			delete(w.customer().licences, id)
		}
	}
	return nil
}

// effect judges that GET shows the change on every licence named, now; in asynchronous mode it tells an event that
// came too early (US-UC6-02) from a change that never came.
func (w *World) effect(ctx context.Context, u *Update) error {
	w.judged(u.change.requirement)
	if u.acked {
		w.judged("US-UC6-02")
	}
	missing := w.unchangedYet(u)
	if len(missing) > 0 && u.acked {
		early := w.after.exchange
		err := w.visibleLater(ctx, func() (err error) { w.after, err = w.all(ctx, w.customer()); return err }, func() bool { return len(w.unchangedYet(u)) == 0 })
		if err != nil {
			return err
		}
		if len(w.unchangedYet(u)) == 0 {
			w.fail("US-UC6-02", breach{expected: "GET agrees with the event as soon as it is in", seen: fmt.Sprintf("licence %q changed later than its event", missing[0]), exchange: early,
				hint: "Commit the change first, then send the event."})
			return nil
		}
	}
	for _, id := range w.unchangedYet(u) {
		if l, ok := w.after.find(id); ok && (u.change.swap != "" && l.Offering == "" || u.change.swap == "" && (l.State == "" || !w.knownState(l.State) && w.failedSomewhere("GEN-12"))) {
			return w.blockUnusable("GET does not show what was changed")
		}
		w.noEffect(u, id)
	}
	if len(w.unchangedYet(u)) > 0 {
		return w.blockOn(u.change.requirement)
	}
	return nil
}

// knownState reports whether a licence's state is one of the contract's; another is its schema's finding.
func (w *World) knownState(state string) bool {
	return slices.ContainsFunc([]string{"active", "inactive", "deleted", "terminated"}, func(s string) bool {
		return strings.EqualFold(state, w.role("licence."+s))
	})
}

// sameFleet judges US-UC4-01: a swapped licence stays in its fleet.
func (w *World) sameFleet(u *Update) {
	for _, id := range u.IDs {
		b, _ := w.before.find(id)
		a, ok := w.after.find(id)
		if u.change.swap != "" && ok && a.Fleet != "" && b.Fleet != a.Fleet {
			w.fail("US-UC4-01", breach{expected: fmt.Sprintf("licence %q stays in the fleet %q", id, b.Fleet), seen: fmt.Sprintf("%q", a.Fleet), path: a.path, exchange: a.exchange})
		}
	}
}

// unchangedYet lists the named licences that do not show the change.
func (w *World) unchangedYet(u *Update) []string {
	var out []string
	for _, id := range u.IDs {
		if !w.holds(u.change, w.after, id) {
			out = append(out, id)
		}
	}
	return out
}

func (w *World) noEffect(u *Update, id string) {
	l, ok := w.after.find(id)
	requirement, expected, seen := u.change.requirement, "", ""
	switch {
	case u.change.swap != "":
		expected, seen = fmt.Sprintf("licence %q on the offering %q", id, u.change.swap), orAbsent(l.Offering)
	case u.change.external == "external.deleted":
		expected, seen = fmt.Sprintf("licence %q gone, deleted or terminated", id), stateSeen(l.State, "")
	default:
		want := w.role("licence.inactive")
		if u.change.external == "external.active" {
			want = w.role("licence.active")
		}
		expected, seen = fmt.Sprintf("licence %q in state %q", id, want), stateSeen(l.State, "")
	}
	if !ok && u.change.external != "external.deleted" {
		seen = "the licence is gone"
		if strings.HasPrefix(requirement, "US-UC2-01") || strings.HasPrefix(requirement, "US-UC2-02") {
			requirement = "US-UC2-04"
		}
	}
	w.fail(requirement, breach{expected: expected, seen: seen, path: l.path, exchange: w.after.exchange,
		hint: "The update was answered completed: GET must show it.", via: u.change.general})
}

// resultArray judges US-UC2-06: the completed answer or event holds the licences sent, each in its new state, no others.
func (w *World) resultArray(u *Update) {
	w.judged("US-UC2-06")
	p := w.run.pack
	list := u.final.Get(p.Path("update.licences"))
	path := "$." + p.Path("update.licences")
	if u.acked {
		path = "$." + p.Path("event.licences")
	}
	if !list.IsArray() {
		if !list.Exists() && !u.acked { // in an event, its absence is US-UC6-01's
			w.fail("US-UC2-06", breach{expected: "the array of the licences that were sent", seen: "no array", path: path, exchange: u.finalExchange})
		}
		return
	}
	got := map[string]bool{}
	list.ForEach(func(i, l gjson.Result) bool {
		id, state := w.run.text(l, "update.licence.id"), w.run.text(l, "update.licence.state")
		at := fmt.Sprintf("%s[%d]", path, i.Int())
		if id != "" && got[id] {
			w.fail("US-UC2-06", breach{expected: "each licence that was sent, once", seen: fmt.Sprintf("licence %q again", id), path: at, exchange: u.finalExchange})
		} else if id != "" && !slices.Contains(u.IDs, id) {
			w.fail("US-UC2-06", breach{expected: "only the licences that were sent", seen: fmt.Sprintf("licence %q", id), path: at, exchange: u.finalExchange})
		} else if strings.EqualFold(state, w.role("order.partial")) {
			w.fail("GEN-11", breach{expected: "no state partial, on a licence either", seen: stateSeen(state, ""), path: at + "." + p.Path("update.licence.state"), exchange: u.finalExchange,
				hint: "An update is a transaction: all its licences or none."})
		} else if want := w.newState(u, id); want != "" && state != "" && !w.stateFits(u, state, want) {
			w.fail("US-UC2-06", breach{expected: fmt.Sprintf("licence %q in its new state %q", id, want), seen: stateSeen(state, ""), path: at + "." + p.Path("update.licence.state"), exchange: u.finalExchange})
		}
		if code := w.run.text(l, "licence.offering"); u.change.swap != "" && slices.Contains(u.IDs, id) && code != "" && code != u.change.swap {
			w.fail("US-UC2-06", breach{expected: fmt.Sprintf("licence %q on its new offering %q", id, u.change.swap), seen: fmt.Sprintf("%q", code), path: at + "." + p.Path("licence.offering"), exchange: u.finalExchange, via: []string{"US-UC4-01", "US-UC4-04"}})
		}
		got[id] = true
		return true
	})
	for _, id := range u.IDs {
		if !got[id] && !got[""] {
			w.fail("US-UC2-06", breach{expected: fmt.Sprintf("licence %q, which was sent", id), seen: "not in the array", path: path, exchange: u.finalExchange})
		}
	}
}

// newState is the state that GET shows for a licence after the change; "" where nothing is to compare.
func (w *World) newState(u *Update, id string) string {
	if u.change.external == "external.deleted" {
		return w.role("licence.deleted")
	}
	l, _ := w.after.find(id)
	return l.State
}

func (w *World) stateFits(u *Update, state, want string) bool {
	if u.change.external == "external.deleted" {
		return state != w.role("licence.active")
	}
	return strings.EqualFold(state, want)
}

// others judges that licences which the update does not name stayed as they were.
func (w *World) others(u *Update) {
	requirement, state := "US-UC2-07", true
	switch {
	case u.change.external == "external.deleted":
		requirement = "US-UC3-03"
	case u.change.swap != "":
		requirement = "US-UC4-01"
	}
	w.judged(requirement)
	for _, b := range w.before.licences {
		if slices.Contains(u.IDs, b.ID) {
			continue
		}
		a, ok := w.after.find(b.ID)
		d := "gone"
		if ok {
			d = difference(b, a, state)
		}
		if d != "" {
			w.fail(requirement, breach{expected: fmt.Sprintf("licence %q, which the update does not name, as it was", b.ID), seen: d, path: a.path, exchange: w.after.exchange,
				hint: "Change only the licences that the update names.", via: w.undoneOf(b.ID)})
		}
	}
	for _, a := range w.after.licences {
		if _, old := w.before.find(a.ID); !old && !w.before.gone[a.ID] {
			w.fail(requirement, breach{expected: "no licence that was not there before the update", seen: fmt.Sprintf("a new licence %q in the fleet %q", a.ID, a.In), path: a.path, exchange: a.exchange,
				hint: "Change only the licences that the update names."})
		}
	}
}

// Kept judges that the chosen licences kept everything but what was asked to change. state says whether the state is
// part of what must be kept; offering whether the offering is.
func (w *World) Kept(requirement string, state, offering bool) error {
	w.judged(requirement)
	for _, id := range w.chosen {
		b, ok := w.before.find(id)
		a, still := w.after.find(id)
		if !ok || !still {
			continue
		}
		if !offering {
			b.Offering, b.Fleet = a.Offering, a.Fleet // a swapped licence's fleet is US-UC4-01's
		}
		if d := difference(b, a, state); d != "" {
			w.fail(requirement, breach{expected: fmt.Sprintf("licence %q keeps its fleet, login, end user and realizing resource", id), seen: d, path: a.path, exchange: a.exchange, via: w.undoneOf(id)})
		}
	}
	return nil
}

// Repeat asks for a state that the chosen licences have already (US-UC2-08): completed, and nothing changes.
func (w *World) Repeat(ctx context.Context, state string) error {
	c := w.changeTo(state)
	c.requirement = "US-UC2-08"
	u := w.newUpdate(c, slices.Clone(w.chosen))
	if err := w.apply(ctx, u); err != nil {
		return err
	}
	w.judged("US-UC2-08")
	return w.EarlierUnchanged(ctx, "US-UC2-08")
}
