package harness

import (
	"context"
	"sync"
	"time"
)

// pace bounds what a partner has to carry at a time, in two ways: calls in flight (the profile's concurrency) and
// acknowledged requests whose event is still out.
//
// A partner may work its acknowledged requests off one by one, and that is legal; with the whole suite in its queue
// the last event would come after the profile's delay and look like a breach. So the number of open requests starts
// small, grows with each event that arrives well in time, and halves when events come late because of a queue, that is
// much later than the quickest one did: a partner that works in parallel soon has the whole suite in flight, however
// slow its work; a serial one is never flooded.
type pace struct {
	calls chan struct{}

	mu     sync.Mutex
	window float64
	open   int
	limit  time.Duration // the profile's event delay
	least  time.Duration // the quickest event so far: what the work takes without a queue
	wake   chan struct{} // closed and replaced whenever a place may be free
}

const (
	paceStart = 4
	paceLeast = 2
	paceMost  = 512
)

func newPace(calls int, limit time.Duration) *pace {
	return &pace{calls: make(chan struct{}, calls), window: paceStart, limit: limit, wake: make(chan struct{})}
}

// call takes a place for one HTTP call; the returned func gives it back.
func (p *pace) call(ctx context.Context) (func(), error) {
	select {
	case p.calls <- struct{}{}:
		return func() { <-p.calls }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Begin takes a place for a request that may be answered by an event.
func (p *pace) Begin(ctx context.Context) error {
	for {
		p.mu.Lock()
		if p.open < int(p.window) {
			p.open++
			p.mu.Unlock()
			return nil
		}
		wake := p.wake
		p.mu.Unlock()
		select {
		case <-wake:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// End gives the place back. waited is the time the event took; zero or less says nothing about the partner's pace.
func (p *pace) End(waited time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
	if waited > 0 && (p.least == 0 || waited < p.least) {
		p.least = waited
	}
	queued := waited > p.limit/3 && waited > 4*p.least
	switch {
	case waited <= 0:
	case queued:
		p.window = max(p.window/2, paceLeast)
	case waited < p.limit/2:
		p.window = min(p.window+1, paceMost)
	}
	close(p.wake)
	p.wake = make(chan struct{})
}
