package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/wire"
)

// request is what the driver sent, and what has come of it.
type request struct {
	reference, customer, path string
	quantity                  int        // of an order
	fleet                     string     // of an update, and of an order as its event says
	licences                  []string   // of an update
	state                     wire.State // that they get

	acknowledgement []byte
	event           []byte
	id              string // the partner's, from the acknowledgement
}

// ledger is what the driver knows by itself.
type ledger struct {
	log io.Writer

	mu          sync.Mutex
	requests    map[string]*request
	order       []*request     // as they were sent
	next        map[string]int // by customer: how many of its events have arrived
	of          map[string][]*request
	changed     chan struct{} // closed at the next event
	events      int
	redelivered int
	refused     int

	lost, doubled, halfApplied, invented, disordered int
}

func newLedger(log io.Writer) *ledger {
	return &ledger{
		log: log, requests: map[string]*request{}, next: map[string]int{}, of: map[string][]*request{},
		changed: make(chan struct{}),
	}
}

// fault counts one; l.mu must not be held.
func (l *ledger) fault(count *int, format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count(count, format, args...)
}

func (l *ledger) count(count *int, format string, args ...any) {
	*count++
	fmt.Fprintf(l.log, format+"\n", args...)
}

func (l *ledger) sent(r *request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests[r.reference] = r
	l.order = append(l.order, r)
	l.of[r.customer] = append(l.of[r.customer], r)
}

// answered takes an answer: each to the same request must be the same.
func (l *ledger) answered(r *request, status int, body []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case status/100 == 5:
		l.refused++
	case status != http.StatusAccepted:
		l.count(&l.lost, "%s: answered %d %s", r.reference, status, body)
	case r.acknowledgement == nil:
		var ack struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(body, &ack); err != nil || ack.ID == "" {
			l.count(&l.lost, "%s: acknowledged without an id: %s", r.reference, body)
		}
		r.acknowledgement, r.id = body, ack.ID
	case !bytes.Equal(r.acknowledgement, body):
		l.count(&l.doubled, "%s: acknowledged as %s, then as %s", r.reference, r.acknowledgement, body)
	}
}

// follow takes the events that Orange has accepted, as its journal shows them.
func (l *ledger) follow(entries <-chan control.Entry) {
	for e := range entries {
		if accepted(e) {
			l.arrived(e.Body)
		}
	}
}

func accepted(e control.Entry) bool { return e.Kind == control.KindEvent && e.Status/100 == 2 }

func (l *ledger) arrived(body []byte) {
	var event struct {
		Resource struct {
			ID                string           `json:"id"`
			ExternalReference wire.Reference   `json:"externalReference"`
			State             wire.State       `json:"state"`
			OrderItem         []wire.OrderItem `json:"orderItem"`
		} `json:"resource"`
	}
	err := json.Unmarshal(body, &event)
	l.mu.Lock()
	defer l.mu.Unlock()
	defer func() {
		close(l.changed)
		l.changed = make(chan struct{})
	}()
	r, known := l.requests[event.Resource.ExternalReference.ID]
	switch {
	case err != nil, !known:
		l.count(&l.invented, "an event of nothing that was sent: %s", body)
	case r.event != nil && bytes.Equal(r.event, body):
		l.redelivered++
	case r.event != nil:
		l.count(&l.doubled, "%s: event %s, then %s", r.reference, r.event, body)
	default:
		l.events++
		r.event = body
		if event.Resource.State != wire.Completed {
			l.count(&l.halfApplied, "%s: ended as %s: %s", r.reference, event.Resource.State, body)
		}
		if r.id != "" && r.id != event.Resource.ID {
			l.count(&l.doubled, "%s: acknowledged as %s, announced as %s", r.reference, r.id, event.Resource.ID)
		}
		if items := event.Resource.OrderItem; len(items) == 1 {
			r.fleet = items[0].ProductRef.ID
		}
		place := l.next[r.customer]
		l.next[r.customer]++
		if expected := l.of[r.customer][place]; expected != r {
			l.count(&l.disordered, "%s: its event came where that of %s was due", r.reference, expected.reference)
		}
	}
}

// fleetOf waits for an order's event and returns its fleet.
func (l *ledger) fleetOf(ctx context.Context, reference string, patience time.Duration) (string, bool) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		l.mu.Lock()
		fleet, changed := l.requests[reference].fleet, l.changed
		l.mu.Unlock()
		if fleet != "" {
			return fleet, true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "", false
		}
	}
}

// settle waits until each request has its event, or none has come for that long.
func (l *ledger) settle(ctx context.Context, quiet time.Duration) {
	for {
		l.mu.Lock()
		missing, changed := len(l.requests)-l.events, l.changed
		l.mu.Unlock()
		if missing <= 0 {
			return
		}
		timer := time.NewTimer(quiet)
		select {
		case <-changed:
			timer.Stop()
		case <-timer.C:
			return
		case <-ctx.Done():
			timer.Stop()
			return
		}
	}
}

// result sums up, after compare.
func (l *ledger) result() Result {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Result{
		Requests: len(l.requests), Events: l.events, Redelivered: l.redelivered, Refused: l.refused, Lost: l.lost, Doubled: l.doubled,
		HalfApplied: l.halfApplied, Invented: l.invented, Disordered: l.disordered,
	}
}
