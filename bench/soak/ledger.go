package soak

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// callQuery starts the query string by which a call is known again, in the generator's results and in the journal.
const callQuery = "call="

// rereadEntries bounds what is read again from the store: less than a journal keeps, entries being of 1 to 2 KB.
const rereadEntries = 500_000

// sent is a call, what its sender was answered, and what the journal shows of it.
type sent struct {
	event     int
	token     int  // by number
	late      bool // after the last new event
	made      bool
	status    int // 0 where no answer came
	requestID string
	latency   time.Duration

	entries int // of the journal
	seq     int64
	entry   struct {
		status    int
		requestID string
		fault     bool
		same      bool // the body is what was sent
	}
	kept bool // still there after the kill
}

// ledger is what the driver knows by itself, and what the journal has shown it.
type ledger struct {
	log io.Writer

	mu       sync.Mutex
	changed  chan struct{} // closed at the next news
	calls    []sent
	taken    []bool // by event: answered 201
	missing  int    // events that have not been
	queue    []int  // events to be sent again
	tokens   []string
	findings Findings
}

func newLedger(log io.Writer) *ledger { return &ledger{log: log, changed: make(chan struct{})} }

func eventBody(n int) []byte {
	return fmt.Appendf(nil, `{"type":"completedStateNotification","time":"2026-11-23T10:00:00.000Z","resource":{"id":"ord-%d",`+
		`"externalReference":{"type":"orange","id":"ref-%d"},"state":"completed","category":"production",`+
		`"customer":{"id":"cus-%d","externalReference":{"type":"orange","id":"buyer-%d"}},`+
		`"orderItem":[{"id":"itm-%d","action":"add","state":"completed","productRef":{"id":"flt-%d","userServiceQuantity":2},`+
		`"productOffering":{"name":"Notes Standard","externalReference":{"type":"orange","id":"NOTES-S"}}}]}}`, n, n, n, n, n, n)
}

func (l *ledger) news() {
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *ledger) count(count *int, format string, args ...any) {
	*count++
	fmt.Fprintf(l.log, format+"\n", args...)
}

// renew has the calls from now on carry another token.
func (l *ledger) renew(token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tokens = append(l.tokens, token)
}

// add is a new event.
func (l *ledger) add() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.taken = append(l.taken, false)
	l.missing++
	return len(l.taken) - 1
}

// again takes an event that has to be sent again, if there is one.
func (l *ledger) again() (event int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		return 0, false
	}
	event, l.queue = l.queue[0], l.queue[1:]
	return event, true
}

// call is the number and the token of a call that is about to be made.
func (l *ledger) call(event int, late bool) (number int, token string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls = append(l.calls, sent{event: event, token: len(l.tokens) - 1, late: late})
	return len(l.calls) - 1, l.tokens[len(l.tokens)-1]
}

// answered takes a call that was made. It says whether another token is needed.
func (l *ledger) answered(s shot) (stale bool, err error) {
	_, query, _ := strings.Cut(s.URL, "?"+callQuery)
	number, err := strconv.Atoi(query)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil || number >= len(l.calls) {
		return false, fmt.Errorf("the generator made a call that it was not given: %s", s.URL)
	}
	defer l.news()
	c := &l.calls[number]
	c.made, c.status, c.latency, c.requestID = true, s.Code, s.Latency, s.Headers.Get("X-OAPI-Request-Id")
	switch {
	case s.Code != http.StatusCreated:
		if !l.taken[c.event] {
			l.queue = append(l.queue, c.event)
		}
	case !l.taken[c.event]:
		l.taken[c.event] = true
		l.missing--
	}
	return s.Code == http.StatusUnauthorized && c.token == len(l.tokens)-1, nil
}

// waiting says whether events have to be sent again: true as soon as there are any, false once all have been taken, or when there
// has been no news for so long.
func (l *ledger) waiting(ctx context.Context, patience time.Duration) bool {
	return l.until(ctx, patience, func() bool { return len(l.queue) > 0 || l.missing == 0 }) && l.more()
}

func (l *ledger) more() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue) > 0
}

// settle waits until the journal has shown every call that was answered, or nothing more for so long.
func (l *ledger) settle(ctx context.Context, patience time.Duration) {
	l.until(ctx, patience, func() bool {
		for i := range l.calls {
			if l.calls[i].status != 0 && l.calls[i].entries == 0 {
				return false
			}
		}
		return true
	})
}

// until waits for a condition, which is asked with l.mu held; false if there has been no news for so long.
func (l *ledger) until(ctx context.Context, patience time.Duration, condition func() bool) bool {
	for {
		l.mu.Lock()
		met, changed := condition(), l.changed
		l.mu.Unlock()
		if met {
			return true
		}
		timer := time.NewTimer(patience)
		select {
		case <-changed:
			timer.Stop()
		case <-timer.C:
			return false
		case <-ctx.Done():
			timer.Stop()
			return false
		}
	}
}

// follow takes the journal's entries.
func (l *ledger) follow(entries <-chan control.Entry) {
	for e := range entries {
		if e.Kind == control.KindEvent {
			l.shown(e)
		}
	}
}

func (l *ledger) shown(e control.Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.news()
	c := l.callOf(e)
	if c == nil {
		return
	}
	if c.entries++; c.entries > 1 {
		l.count(&l.findings.Doubled, "%s stands in the journal as %d and as %d", e.Query, c.seq, e.Seq)
	}
	c.seq, c.entry.status, c.entry.requestID, c.entry.fault = e.Seq, e.Status, e.RequestID, e.Fault != ""
	c.entry.same = bytes.Equal(e.Body, eventBody(c.event))
}

// callOf is the call that an entry is of; nil, and a finding, if none was made.
func (l *ledger) callOf(e control.Entry) *sent {
	number, err := strconv.Atoi(strings.TrimPrefix(e.Query, callQuery))
	if err != nil || number < 0 || number >= len(l.calls) {
		l.count(&l.findings.Invented, "entry %d is of no call: %s?%s", e.Seq, e.Path, e.Query)
		return nil
	}
	return &l.calls[number]
}
