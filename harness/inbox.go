package harness

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// The classes of an event, by what it holds first, by its type and path after that.
const (
	classOrder      = "order"
	classUpdate     = "update"
	classOperations = "operations"
)

// event is one event call as the mock Orange journalled it, with what is needed to match it.
type event struct {
	control.Entry
	seen     time.Time // by our own clock; the mock Orange may run on another machine
	index    int
	exchange int
	json     gjson.Result
	kind     string // the event's type
	resource gjson.Result
	class    string
	licences []string
}

// delivered reports that the gateway took the event and the partner was told so.
func (e *event) delivered() bool { return e.Status >= 200 && e.Status < 300 && !e.Cut }

// refusedByFault reports that Clementine turned the event away on purpose.
func (e *event) refusedByFault() bool { return e.Fault != "" && e.Status >= 300 }

// deniedByFault reports that Clementine refused the event's token on purpose: a new one is the right reaction.
func (e *event) deniedByFault() bool {
	return e.Fault != "" && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}

// inbox holds every event call of the run in order of arrival, and wakes whoever waits for one.
type inbox struct {
	run   *Run
	done  chan struct{}
	taken int // calls so far; only follow looks at it

	mu      sync.Mutex
	events  []*event
	tokens  []tokenCall
	changed chan struct{}
	lost    bool
}

type tokenCall struct {
	control.Entry
	exchange int
}

func newInbox(r *Run) *inbox {
	return &inbox{run: r, done: make(chan struct{}), changed: make(chan struct{})}
}

func (b *inbox) follow(entries <-chan control.Entry) {
	defer close(b.done)
	for en := range entries {
		b.take(en)
	}
	b.mu.Lock()
	b.lost = true
	close(b.changed)
	b.changed = make(chan struct{})
	b.mu.Unlock()
}

func (b *inbox) take(en control.Entry) {
	if b.taken++; b.taken > callLimit {
		return
	}
	if !b.run.bounds.keepEvent(len(en.Body)) {
		en.Body, en.Truncated = nil, true
	}
	exchange := b.run.script.entry(en)
	en.Header, en.ResponseHeader, en.ResponseBody = nil, nil, nil // the record has them; every event is kept to the end
	b.put(en, exchange)
}

// put adds one call of the journal.
func (b *inbox) put(en control.Entry, exchange int) {
	var ev *event
	if en.Kind == control.KindEvent {
		ev = b.run.parseEvent(en, exchange)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if ev != nil {
		ev.index = len(b.events)
		b.events = append(b.events, ev)
	} else {
		b.tokens = append(b.tokens, tokenCall{Entry: en, exchange: exchange})
	}
	close(b.changed)
	b.changed = make(chan struct{})
}

// empty reports that the partner has called neither the token server nor the gateway.
func (b *inbox) empty() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.events) == 0 && len(b.tokens) == 0
}

// mark is the place in the inbox from which later events count.
func (b *inbox) mark() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.events)
}

// since returns the events from a mark on.
func (b *inbox) since(from int) []*event {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*event(nil), b.events[from:]...)
}

func (b *inbox) tokenCalls() []tokenCall {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]tokenCall(nil), b.tokens...)
}

// await returns the first event from the mark on that matches, as soon as it is there; nil once the deadline has
// passed. The error is the run's end or the loss of the mock Orange.
func (b *inbox) await(ctx context.Context, from int, deadline time.Time, match func(*event) bool) (*event, error) {
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	for expired := false; ; {
		b.mu.Lock()
		news, changed, lost := b.events[from:], b.changed, b.lost
		b.mu.Unlock()
		for _, ev := range news {
			if match(ev) {
				return ev, nil
			}
		}
		from += len(news)
		switch {
		case expired:
			return nil, nil
		case lost:
			return nil, errOrangeLost
		}
		select {
		case <-changed:
		case <-timer.C:
			expired = true
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// parseEvent reads what matching needs; the judging is the scenario's.
func (r *Run) parseEvent(en control.Entry, exchange int) *event {
	ev := &event{Entry: en, seen: time.Now(), exchange: exchange, json: firstValue(en.Body)}
	ev.kind = r.text(ev.json, "event.type")
	ev.resource = ev.json.Get(r.pack.Path("event.resource"))
	if !ev.resource.Exists() {
		ev.resource = ev.json // an order or update sent bare; its schema says so
	}
	list := ev.resource.Get(r.pack.Path("update.licences"))
	operations := false
	list.ForEach(func(_, l gjson.Result) bool {
		if id := r.text(l, "update.licence.id"); id != "" {
			ev.licences = append(ev.licences, id)
		}
		for _, role := range []string{"operations.wrapper", "operations.user", "operations.resource", "operations.right", "operations.characteristic"} {
			operations = operations || l.Get(r.pack.Path(role)).Exists()
		}
		return true
	})
	path := strings.ToLower(en.Path)
	switch {
	case operations:
		ev.class = classOperations
	case list.Exists():
		ev.class = classUpdate
	case ev.resource.Get(r.pack.Path("order.items")).Exists(), ev.resource.Get(r.pack.Path("order.customer")).Exists():
		ev.class = classOrder
	case ev.kind == r.pack.Value("event.orderCompleted"), ev.kind == r.pack.Value("event.orderFailed"):
		ev.class = classOrder
	case ev.kind == r.pack.Value("event.update"), strings.Contains(path, "userservice"):
		ev.class = classUpdate
	default:
		ev.class = classOrder
	}
	return ev
}

// text reads a string by role; "" where it is absent or no text. A number reads as it is written: that it should be a
// string is the schema's finding (GEN-12), and what it says can be judged all the same.
func (r *Run) text(doc gjson.Result, role string) string {
	switch v := doc.Get(r.pack.Path(role)); v.Type {
	case gjson.String:
		return v.String()
	case gjson.Number:
		return v.Raw
	}
	return ""
}

// present reports that the partner sent the member at all, empty or not: emptiness is GEN-02's.
func (r *Run) present(doc gjson.Result, role string) bool { return doc.Get(r.pack.Path(role)).Exists() }
