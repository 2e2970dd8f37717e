package soak

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// reread starts the server again on its database, reads the newest entries of the journal from the store, and returns how many
// they were.
func (l *ledger) reread(ctx context.Context, o GatewayOptions) (read int, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s, err := startServe(ctx, o.Clementine, o.Log, "--database", o.Database)
	if err != nil {
		return 0, fmt.Errorf("after the kill: %w", err)
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	last := l.lastShown()
	from := max(0, last-rereadEntries)
	following, endFollowing := context.WithCancel(ctx)
	defer endFollowing()
	entries, err := control.NewClient(s.control, "", &http.Client{Timeout: callLimit}).Subscribe(following, from)
	if err != nil {
		return 0, fmt.Errorf("after the kill: %w", err)
	}
	left := l.expected(from)
	for left > 0 {
		silence := time.NewTimer(o.Patience)
		select {
		case e, open := <-entries:
			silence.Stop()
			if !open {
				return read, errors.New("after the kill: the journal's stream ended early")
			}
			read++
			if l.keeps(e) {
				left--
			}
		case <-silence.C:
			return read, nil // what is missing is a finding
		}
	}
	return read, nil
}

func (l *ledger) lastShown() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := int64(0)
	for i := range l.calls {
		last = max(last, l.calls[i].seq)
	}
	return last
}

// expected is how many calls that were answered 201 stand in the journal after that number; the others need not be read again.
func (l *ledger) expected(from int64) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.calls {
		switch c := &l.calls[i]; {
		case c.status != http.StatusCreated:
		case 0 < c.seq && c.seq <= from:
			c.kept = true
		default:
			n++
		}
	}
	return n
}

// keeps takes an entry that was read again, and says whether it is one of those expected, and had not been read yet.
func (l *ledger) keeps(e control.Entry) bool {
	if e.Kind != control.KindEvent {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.callOf(e)
	if c == nil || c.kept || e.Status != http.StatusCreated || c.status != http.StatusCreated {
		return false
	}
	c.kept = true
	return true
}

// sumUp judges every call, and sums up.
func (l *ledger) sumUp(r *GatewayResult) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var steady, all []time.Duration
	for i := range l.calls {
		c := &l.calls[i]
		l.judge(i, c)
		switch c.status {
		case 0:
			r.Unheard++
		case http.StatusCreated:
		default:
			r.Refused++
		}
		if c.late {
			continue
		}
		if all = append(all, c.latency); c.status == http.StatusCreated && !c.entry.fault {
			steady = append(steady, c.latency)
		}
	}
	for event, taken := range l.taken {
		if !taken {
			l.count(&l.findings.Undelivered, "event %d was never taken", event)
		}
	}
	r.Events, r.Calls, r.Tokens = len(l.taken), len(l.calls), len(l.tokens)
	r.Steady, r.All, r.Findings = latencyOf(steady), latencyOf(all), l.findings
}

// judge holds what a sender was answered against what the journal says. A call without an answer promises nothing.
func (l *ledger) judge(number int, c *sent) {
	switch {
	case !c.made:
		l.count(&l.findings.Undelivered, "call %d was not made", number)
	case c.status == 0:
	case c.entries == 0:
		l.count(l.lostOr(c), "call %d was answered %d and does not stand in the journal", number, c.status)
	case c.entry.status != c.status:
		l.count(l.lostOr(c), "call %d was answered %d and stands in the journal as %d", number, c.status, c.entry.status)
	case c.entry.requestID != c.requestID || !c.entry.same:
		l.count(&l.findings.Misreported, "call %d: request id %q, in the journal %q; body as sent: %t", number, c.requestID, c.entry.requestID, c.entry.same)
	case c.status == http.StatusCreated && !c.kept:
		l.count(&l.findings.Lost, "call %d was answered 201, and is gone after the kill", number)
	}
}

// lostOr is the count of what was promised and is missing, or of what was only told wrong.
func (l *ledger) lostOr(c *sent) *int {
	if c.status == http.StatusCreated {
		return &l.findings.Lost
	}
	return &l.findings.Misreported
}
