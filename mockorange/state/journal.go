package state

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// entryItself is what an entry without body and headers weighs.
const entryItself = 1 << 10

// journal keeps the calls in the order in which their answers were begun. So a call that was made because of another
// call's answer always stands behind it, though both are shown only after their answers have been sent. Writers never
// wait, neither for readers nor for one another: a reader looks for itself, and is told by a closed channel that there
// is more.
type journal struct {
	id         string // of this journal, so that a reader notices a restart
	maxEntries int
	maxBytes   int64

	mu      sync.Mutex
	places  int64                   // taken so far
	turn    int64                   // the place whose entry comes next
	begun   map[int64]control.Entry // not answered yet
	early   map[int64]control.Entry // answered before their turn
	entries []control.Entry         // Seq is contiguous and ends at last
	bytes   int64
	last    int64 // Seq of the newest entry ever
	dropped int64 // Seq of the newest entry dropped for want of room
	more    chan struct{}
	closed  bool
}

func newJournal(maxEntries int, maxBytes int64) *journal {
	return &journal{
		id: rand.Text(), maxEntries: maxEntries, maxBytes: maxBytes,
		begun: map[int64]control.Entry{}, early: map[int64]control.Entry{}, more: make(chan struct{}),
	}
}

// size is what an entry weighs in memory, in bytes, about.
func size(e control.Entry) int64 {
	bytes := entryItself + len(e.Body) + len(e.ResponseBody)
	for name, values := range e.Header {
		for _, v := range values {
			bytes += len(name) + len(v)
		}
	}
	return int64(bytes)
}

// begin takes the place in the journal of a call that is about to be answered. Each place must be ended, or no later
// entry is ever seen.
func (j *journal) begin(e control.Entry) (Place, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return 0, ErrClosed
	}
	place := j.places
	j.places++
	j.begun[place] = e
	return Place(place), nil
}

// end shows an entry to the readers, once all before it have ended. After close nothing is added: a call that had to be
// cut on the way down has no reader any more.
func (j *journal) end(p Place) {
	j.mu.Lock()
	defer j.mu.Unlock()
	place := int64(p)
	e, ok := j.begun[place]
	delete(j.begun, place)
	if j.closed || !ok {
		return
	}
	j.early[place] = e
	if place != j.turn {
		return
	}
	for next, ok := j.early[j.turn]; ok; next, ok = j.early[j.turn] {
		delete(j.early, j.turn)
		j.turn++
		j.append(next)
	}
	close(j.more)
	j.more = make(chan struct{})
}

func (j *journal) append(e control.Entry) {
	j.last++
	e.Seq = j.last
	j.entries = append(j.entries, e)
	j.bytes += size(e)
	for len(j.entries) > j.maxEntries || (j.bytes > j.maxBytes && len(j.entries) > 1) {
		j.bytes -= size(j.entries[0])
		j.dropped = j.entries[0].Seq
		j.entries[0] = control.Entry{}
		j.entries = j.entries[1:]
	}
}

// settle is described at State.
func (j *journal) settle(ctx context.Context) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for begun := j.places; j.turn < begun && !j.closed; {
		more := j.more
		j.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
		}
		j.mu.Lock()
		if ctx.Err() != nil {
			return
		}
	}
}

// clear empties the journal. Numbers go on, so that no reader takes a new entry for one it has seen.
func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries, j.bytes, j.dropped = nil, 0, 0
}

// close ends all subscriptions once they have delivered what is there, and what waits behind a call that will not end
// any more.
func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return
	}
	for _, place := range slices.Sorted(maps.Keys(j.early)) {
		j.append(j.early[place])
	}
	j.early = nil
	j.closed = true
	close(j.more)
}

// read returns up to limit entries with Seq > after, and a channel that closes when there may be more; the channel is
// nil once nothing more can come.
func (j *journal) read(after int64, limit int) ([]control.Entry, <-chan struct{}, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if after < j.dropped {
		return nil, nil, fmt.Errorf("read journal after %d: %w: %w", after, ErrGap, &control.GapError{Dropped: j.dropped})
	}
	first := j.last - int64(len(j.entries)) + 1
	from := min(max(after+1-first, 0), int64(len(j.entries)))
	to := min(from+int64(limit), int64(len(j.entries)))
	if j.closed {
		return slices.Clone(j.entries[from:to]), nil, nil
	}
	return slices.Clone(j.entries[from:to]), j.more, nil
}
