package console

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/clementine-ope/clementine/reports"
)

var _ reports.JournalStore = (*runJournal)(nil)

// runJournal keeps the journal of a run in the database, as a reports.JournalStore, and holds the run's lease. Lines go
// there at once, those that come while others are being stored go together. A run that loses its lease, or can't be stored
// for as long as the lease is, ends before another scenario begins.
type runJournal struct {
	rows *unfinished
	run  *begun
	far  func() (done, total int)
	end  func(cause error) // ends the run

	mu       sync.Mutex
	pending  []byte
	appended int64 // bytes
	stored   int64
	part     int64 // that comes next
	err      error
	changed  chan struct{} // closed when stored or err has changed
	wake     chan struct{}
	quit     chan struct{}
	done     chan struct{}
}

// openJournal holds the lease of a run from now on, until release. part is how many parts of its journal are stored.
func openJournal(rows *unfinished, run *begun, part int64, far func() (done, total int), end func(error)) *runJournal {
	j := &runJournal{
		rows: rows, run: run, far: far, end: end, part: part,
		changed: make(chan struct{}), wake: make(chan struct{}, 1), quit: make(chan struct{}), done: make(chan struct{}),
	}
	go j.pump()
	return j
}

// Begin stores the first lines.
func (j *runJournal) Begin(lines []byte) error {
	if err := j.Append(lines); err != nil {
		return err
	}
	return j.Sync()
}

// Append takes a line, to be stored at once.
func (j *runJournal) Append(line []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.pending = append(j.pending, line...)
	j.appended += int64(len(line))
	select {
	case j.wake <- struct{}{}:
	default:
	}
	return j.err
}

// Sync returns once all that was taken is stored.
func (j *runJournal) Sync() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for upTo := j.appended; j.stored < upTo && j.err == nil; {
		changed := j.changed
		j.mu.Unlock()
		<-changed
		j.mu.Lock()
	}
	return j.err
}

// Close does nothing: the lease is held until release.
func (j *runJournal) Close() error { return nil }

// Remove does nothing: after an error no scenario begins any more, and what is stored stands.
func (j *runJournal) Remove() error { return nil }

// release ends the work on the journal; the lease lasts a little longer.
func (j *runJournal) release() {
	close(j.quit)
	<-j.done
}

func (j *runJournal) pump() {
	defer close(j.done)
	renewal := time.NewTicker(j.rows.lease / 3)
	defer renewal.Stop()
	for {
		select {
		case <-j.wake:
		case <-renewal.C:
		case <-j.quit:
			return
		}
		if !j.store() {
			<-j.quit
			return
		}
	}
}

// store stores what is pending and renews the lease; false if there is no use in going on.
func (j *runJournal) store() bool {
	j.mu.Lock()
	lines := j.pending
	j.pending = nil
	j.mu.Unlock()
	stop, err := j.write(lines)
	if err != nil {
		// The run ends before anybody learns that a line is not stored.
		j.end(err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err = err; err == nil && len(lines) > 0 {
		j.stored += int64(len(lines))
		j.part++
	}
	close(j.changed)
	j.changed = make(chan struct{})
	if stop {
		j.end(errStopped)
	}
	return err == nil
}

// write tries for as long as the lease surely holds.
func (j *runJournal) write(lines []byte) (stop bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), j.rows.lease)
	defer cancel()
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = 50*time.Millisecond, time.Second
	return backoff.Retry(ctx, func() (bool, error) {
		done, total := j.far()
		stop, err := j.rows.renew(ctx, j.run, j.part, lines, done, total)
		if errors.Is(err, errLeaseLost) {
			return false, backoff.Permanent(err)
		}
		return stop, err
	}, backoff.WithBackOff(pace), backoff.WithMaxElapsedTime(j.rows.lease))
}
