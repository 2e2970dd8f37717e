package state

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange/fault"
)

// view is what changes seldom, as it was at one moment.
type view struct {
	generation int64
	expired    int64 // Unix nanoseconds
	faults     []fault.Spec

	mu           sync.Mutex
	applications map[string]oauth.Stored // those that were looked up
}

// rememberedApplications bounds what a view remembers.
const rememberedApplications = 20_000

func (v *view) remembered(id string) (oauth.Stored, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	a, ok := v.applications[id]
	return a, ok
}

func (v *view) remember(a oauth.Stored) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.applications == nil || len(v.applications) >= rememberedApplications {
		v.applications = map[string]oauth.Stored{}
	}
	v.applications[a.ID] = a
}

// refresher gives each call a view that was read after the call came, so that what one process has changed holds at once
// in all. Calls that come while one view is read share the next.
type refresher struct {
	read func(ctx context.Context, last *view) (*view, error)
	last atomic.Pointer[view]

	mu      sync.Mutex
	running bool
	next    *reading
}

type reading struct {
	done chan struct{}
	view *view
	err  error
}

func (r *refresher) get(ctx context.Context) (*view, error) {
	r.mu.Lock()
	if r.next == nil {
		r.next = &reading{done: make(chan struct{})}
	}
	mine := r.next
	if !r.running {
		r.running = true
		go r.run() // #nosec G118 -- it reads for all who wait, and bounds itself
	}
	r.mu.Unlock()
	select {
	case <-mine.done:
		return mine.view, mine.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (r *refresher) run() {
	for {
		r.mu.Lock()
		now := r.next
		r.next = nil
		r.running = now != nil
		r.mu.Unlock()
		if now == nil {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		now.view, now.err = r.read(ctx, r.last.Load())
		cancel()
		if now.err == nil {
			r.last.Store(now.view)
		}
		close(now.done)
	}
}
