package crash

import (
	"context"
	"slices"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/wire"
)

// compare asks the partner for every fleet and holds it against what was sent: each order has made as many licences as
// it asked for, and each licence is as the last update left it.
func (l *ledger) compare(ctx context.Context, partner *caller) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	fleets := map[string]bool{}
	for _, r := range l.order {
		if r.event == nil {
			l.count(&l.lost, "%s: acknowledged (%s), no event", r.reference, r.acknowledgement)
		}
		if r.fleet != "" {
			fleets[r.fleet] = true
		}
	}
	made := map[string]int{}
	states := map[string]wire.State{}
	for fleet := range fleets {
		licences, err := partner.licences(ctx, fleet)
		if err != nil {
			return err
		}
		for _, licence := range licences {
			made[tag(licence)]++
			states[licence.ID] = licence.ExternalState
		}
	}
	for reference := range made {
		if _, known := l.requests[reference]; !known {
			l.count(&l.invented, "licences of an order %q that was not sent", reference)
		}
	}
	last := map[string]*request{} // by licence
	for _, r := range l.order {
		if r.path == orderPath {
			l.compareOrder(r, made[r.reference])
		}
		for _, id := range r.licences {
			last[id] = r
		}
	}
	for _, r := range l.order {
		l.compareUpdate(r, last, states)
	}
	return nil
}

// bodies are the events that a journal has accepted.
func bodies(kept []control.Entry) map[string]bool {
	there := map[string]bool{}
	for _, e := range kept {
		if accepted(e) {
			there[string(e.Body)] = true
		}
	}
	return there
}

// keptAll says whether the journal has all events that it has shown.
func (l *ledger) keptAll(kept []control.Entry) bool {
	there := bodies(kept)
	l.mu.Lock()
	defer l.mu.Unlock()
	return !slices.ContainsFunc(l.order, func(r *request) bool { return r.event != nil && !there[string(r.event)] })
}

// compareJournal holds what the journal has kept against what it has shown.
func (l *ledger) compareJournal(kept []control.Entry) {
	there, shown := bodies(kept), map[string]bool{}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.order {
		if r.event == nil {
			continue
		}
		shown[string(r.event)] = true
		if !there[string(r.event)] {
			l.count(&l.lost, "%s: the journal has shown its event, and has it no more", r.reference)
		}
	}
	for body := range there {
		if !shown[body] {
			l.count(&l.invented, "an event that the journal has not shown before: %s", body)
		}
	}
}

func (l *ledger) compareOrder(r *request, made int) {
	switch {
	case made == r.quantity || r.event == nil && made == 0:
	case made == 0:
		l.count(&l.lost, "%s: none of its %d licences is there", r.reference, r.quantity)
	case made < r.quantity:
		l.count(&l.halfApplied, "%s: %d of its %d licences are there", r.reference, made, r.quantity)
	default:
		l.count(&l.doubled, "%s: %d licences are there instead of %d", r.reference, made, r.quantity)
	}
}

// compareUpdate judges the licences that no later update has changed.
func (l *ledger) compareUpdate(r *request, last map[string]*request, states map[string]wire.State) {
	mine, right := 0, 0
	for _, id := range r.licences {
		if last[id] != r {
			continue
		}
		mine++
		if states[id] == r.state {
			right++
		}
	}
	switch right {
	case mine:
	case 0:
		l.count(&l.lost, "%s: none of its %d licences is %s", r.reference, mine, r.state)
	default:
		l.count(&l.halfApplied, "%s: %d of its %d licences are %s", r.reference, right, mine, r.state)
	}
}

func tag(licence wire.UserService) string {
	for _, c := range licence.ServiceCharacteristic {
		if c.Name == tagName {
			return c.Value
		}
	}
	return ""
}
