package defect

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// Late is how long what comes too late is held back. A profile that is to show such a defect has a shorter
// delays.event and a shorter delays.answer.
const Late = 5 * time.Second

// early is how long the event waits where licences show before it; a profile that is to show it has a shorter
// delays.visible.
const early = 500 * time.Millisecond

var errRefused = errors.New("this change can't be made")

// updater is partner.Rules.Update.
type updater = func(known []wire.UserService, changes []wire.Change) ([]wire.UserService, error)

// changer is an updater that may call the one that it replaces.
type changer = func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error)

// onChanges replaces the rule for the changes that Orange asks for.
func onChanges(update changer) partner.Seam {
	return rules(func(r *partner.Rules) {
		next := r.Update
		r.Update = func(known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
			return update(next, known, changes)
		}
	})
}

// picking chooses changes; i is the place of the change in its update.
type picking func(i int, c wire.Change) bool

// to picks the changes to one of these states.
func to(states ...wire.State) picking {
	return func(_ int, c wire.Change) bool { return slices.Contains(states, c.ExternalState) }
}

// swaps picks the changes of offering.
func swaps(_ int, c wire.Change) bool { return c.ProductOfferingOperation.Action == wire.Swap }

// butFirst picks all of these changes but an update's first.
func butFirst(p picking) picking {
	return func(i int, c wire.Change) bool { return i > 0 && p(i, c) }
}

// in reports whether an update holds such a change.
func (p picking) in(changes []wire.Change) bool {
	for i, c := range changes {
		if p(i, c) {
			return true
		}
	}
	return false
}

// finding is the place of the change that names a licence; -1 if there is none.
func finding(changes []wire.Change, id string) int {
	return slices.IndexFunc(changes, func(c wire.Change) bool { return c.ID == id })
}

// ignoring completes updates without carrying out the changes picked.
func ignoring(p picking) partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		return slices.DeleteFunc(changed, func(l wire.UserService) bool {
			i := finding(changes, l.ID)
			return i >= 0 && p(i, changes[i])
		}), err
	})
}

// refusing fails updates that hold a change picked.
func refusing(p picking) partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		if p.in(changes) {
			return nil, errRefused
		}
		return next(known, changes)
	})
}

// altering carries out the changes picked in another way: alter gets the licence before and after.
func altering(p picking, alter func(before, after wire.UserService) wire.UserService) partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		for j, l := range changed {
			i := finding(changes, l.ID)
			k := slices.IndexFunc(known, func(old wire.UserService) bool { return old.ID == l.ID })
			if i >= 0 && k >= 0 && p(i, changes[i]) {
				changed[j] = alter(known[k], l)
			}
		}
		return changed, err
	})
}

// spreading alters, with the licences that a change picked names, those of the same fleet that no change names.
func spreading(p picking, alter func(l wire.UserService) wire.UserService) partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		if err != nil || !p.in(changes) {
			return changed, err
		}
		for _, l := range known {
			if finding(changes, l.ID) < 0 && l.State != wire.Deleted {
				changed = append(changed, alter(l))
			}
		}
		return changed, nil
	})
}

// inState is a licence in that state.
func inState(s wire.State) func(wire.UserService) wire.UserService {
	return func(l wire.UserService) wire.UserService {
		l.State, l.ExternalState = s, s
		return l
	}
}

// oneByOne carries out each change as a transaction of its own; the error is the last one's that failed.
func oneByOne(next updater, known []wire.UserService, changes []wire.Change) (changed []wire.UserService, failure error) {
	for _, c := range changes {
		done, err := next(known, []wire.Change{c})
		if err != nil {
			failure = err
			continue
		}
		changed = append(changed, done...)
	}
	return changed, failure
}

// halfApplying carries out updates with a change picked one licence after the other. forgiving ones are then completed
// although something failed.
func halfApplying(p picking, forgiving bool) partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		if !p.in(changes) {
			return next(known, changes)
		}
		changed, err := oneByOne(next, known, changes)
		if forgiving && len(changed) > 0 {
			err = nil
		}
		return changed, err
	})
}

// sentStates reports whether a request is an update to one of these states.
func sentStates(states ...string) func(r *http.Request, sent []byte) bool {
	return func(r *http.Request, sent []byte) bool {
		asked := gjson.GetBytes(sent, "userServices.#.externalState").Array()
		return isUpdate(r) && slices.ContainsFunc(asked, func(s gjson.Result) bool { return slices.Contains(states, s.String()) })
	}
}

// sentItem tells an order of licences from one that makes a customer.
func sentItem(r *http.Request, sent []byte) bool { return isOrder(r) && has(sent, "orderItem.0") }

func sentCustomer(r *http.Request, sent []byte) bool { return isOrder(r) && !has(sent, "orderItem.0") }

// wait reports whether d went by before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// marks remembers texts.
type marks struct {
	mu    sync.Mutex
	known map[string]string
}

func newMarks() *marks { return &marks{known: map[string]string{}} }

func (m *marks) put(key, value string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known[key] = value
}

func (m *marks) get(key string) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.known[key]
	return v, ok
}

// first reports whether key comes for the first time.
func (m *marks) first(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, again := m.known[key]
	m.known[key] = ""
	return !again
}

// reference is Orange's reference of the order or the update that an event is about.
func reference(d *partner.Delivery) string { return text(d.Body, "resource.externalReference.id") }
