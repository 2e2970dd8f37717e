package mockorange

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// The room of the journal: entries, and the bytes that they weigh. The oldest entries go first.
const (
	journalEntries = 100_000
	journalBytes   = 24 << 20
	// entryItself is what an entry without body and headers weighs.
	entryItself = 1 << 10
)

// subscriptionBatch is how many entries a subscriber takes out of the journal at once.
const subscriptionBatch = 256

// errGap says that entries which were asked for have been dropped for want of room.
var errGap = errors.New("the journal no longer holds these entries")

// journal keeps the calls in the order in which their answers were begun. So a call that was made because of another
// call's answer always stands behind it, though both are added only after their answers have been sent. Writers never
// wait, neither for readers nor for one another: a reader looks for itself, and is told by a closed channel that there
// is more.
type journal struct {
	id         string // of this journal, so that a reader notices a restart
	maxEntries int
	maxBytes   int64

	mu      sync.Mutex
	places  int64 // taken so far
	turn    int64 // the place whose entry comes next
	early   map[int64]control.Entry
	entries []control.Entry // Seq is contiguous and ends at last
	bytes   int64
	last    int64 // Seq of the newest entry ever
	dropped int64 // Seq of the newest entry dropped for want of room
	more    chan struct{}
	closed  bool
}

func newJournal(maxEntries int, maxBytes int64) *journal {
	return &journal{
		id: rand.Text(), maxEntries: maxEntries, maxBytes: maxBytes,
		early: map[int64]control.Entry{}, more: make(chan struct{}),
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

// place takes the place in the journal of a call that is about to be answered. Each place must be filled by add, or
// no later entry is ever seen.
func (j *journal) place() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.places++
	return j.places - 1
}

// add fills a place. The entry is numbered and shown to the readers once all places before it are filled. After close
// nothing is added: a call that had to be cut on the way down has no reader any more.
func (j *journal) add(place int64, e control.Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
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
		return nil, nil, fmt.Errorf("read journal after %d, dropped up to %d: %w", after, j.dropped, errGap)
	}
	first := j.last - int64(len(j.entries)) + 1
	from := min(max(after+1-first, 0), int64(len(j.entries)))
	to := min(from+int64(limit), int64(len(j.entries)))
	if j.closed {
		return slices.Clone(j.entries[from:to]), nil, nil
	}
	return slices.Clone(j.entries[from:to]), j.more, nil
}

// all returns every entry with Seq > after.
func (j *journal) all(after int64) ([]control.Entry, error) {
	entries, _, err := j.read(after, j.maxEntries)
	return entries, err
}

// subscribe delivers the entries with Seq > after. The channel closes when ctx ends, when the journal is closed, and
// when the reader has fallen so far behind that entries it has not seen were dropped: a gap is never passed over.
func (j *journal) subscribe(ctx context.Context, after int64) (<-chan control.Entry, error) {
	if _, _, err := j.read(after, 0); err != nil {
		return nil, err
	}
	out := make(chan control.Entry)
	go func() {
		defer close(out)
		for {
			batch, more, err := j.read(after, subscriptionBatch)
			if err != nil {
				return
			}
			for _, e := range batch {
				select {
				case out <- e:
					after = e.Seq
				case <-ctx.Done():
					return
				}
			}
			if len(batch) > 0 {
				continue
			}
			if more == nil {
				return
			}
			select {
			case <-more:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, nil
}
