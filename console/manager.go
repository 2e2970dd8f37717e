package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/steps"
)

// The reasons not to start a run.
var (
	errBusy    = errors.New("as many runs are under way as may be")
	errSame    = errors.New("a run of this partner, or of its application, is under way")
	errClosing = errors.New("the console is closing")
)

// errStopped is the end of a run that a person has stopped.
var errStopped = errors.New("the run was stopped")

// manager holds the runs under way. Each program has its own: behind a load balancer a run is followed where it was
// started or resumed.
type manager struct {
	c    *Console
	rows *unfinished

	mu      sync.Mutex
	all     map[string]*live
	closing bool
	running sync.WaitGroup
}

func newManager(c *Console, rows *unfinished) *manager {
	return &manager{c: c, rows: rows, all: map[string]*live{}}
}

// find is a run under way that the owner may see; nil if there is none.
func (m *manager) find(owner, id string) *live {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.all[id]
	if l == nil || (owner != "" && l.run.Owner != owner) {
		return nil
	}
	return l
}

func (m *manager) list(owner string) []*live {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*live
	for _, l := range m.all {
		if owner == "" || l.run.Owner == owner {
			out = append(out, l)
		}
	}
	return out
}

// start begins a run and returns it. Two runs of one application would each take in the other's calls.
func (m *manager) start(ctx context.Context, b *begun, o steps.Options) (*live, error) {
	l, under, err := m.admit(b, b.Run, o.Profile)
	if err != nil {
		return nil, err
	}
	if err := m.rows.begin(ctx, b); err != nil {
		m.leave(l)
		return nil, err
	}
	return l, m.run(under, l, o, 0, nil)
}

// resume goes on with a run that is not over; run is what is known of it. *steps.ConfigError says why that can't be; the
// run then waits as before.
func (m *manager) resume(ctx context.Context, b begun, run archive.Run, o steps.Options) (*live, error) {
	l, under, err := m.admit(&b, run, o.Profile)
	if err != nil {
		return nil, err
	}
	taken, before, err := m.rows.take(ctx, b.Owner, b.ID)
	if err != nil {
		m.leave(l)
		return nil, err
	}
	*l.begun = taken
	l.done, l.total = taken.Done, taken.Total
	lines, parts, err := m.rows.journal(ctx, b.ID)
	if err != nil {
		m.leave(l)
		return nil, err
	}
	// What the mock Orange had answered when the other program ended may not have arrived.
	o.OrangeRestarted = before != m.rows.holder
	return l, m.run(under, l, o, parts, lines)
}

// admit takes a place for a run.
func (m *manager) admit(b *begun, run archive.Run, p *profile.Profile) (*live, context.Context, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closing {
		return nil, nil, errClosing
	}
	if m.all[run.ID] != nil {
		return nil, nil, errHeld
	}
	for _, other := range m.all {
		if other.profile == b.Profile || other.client == b.Client {
			return nil, nil, errSame
		}
	}
	if len(m.all) >= m.c.options.MaxRuns {
		return nil, nil, errBusy
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	l := &live{run: run, profile: b.Profile, client: b.Client, waits: m.c.options.Patience, parties: partiesOf(p), cancel: cancel, begun: b, changed: make(chan struct{})}
	m.all[run.ID] = l
	m.running.Add(1)
	return l, ctx, nil
}

// leave gives the place back.
func (m *manager) leave(l *live) {
	l.cancel(nil)
	m.mu.Lock()
	delete(m.all, l.run.ID)
	m.mu.Unlock()
	l.change(func() { l.over = true })
	m.running.Done()
}

// run has the run journalled, on top of the parts that there are, and judged. Where it can't go on it waits as before.
func (m *manager) run(ctx context.Context, l *live, o steps.Options, parts int64, lines io.Reader) (err error) {
	o.Progress, o.Watch, o.Ask = l.progress, l.watch, l.ask
	l.store = openJournal(m.rows, l.begun, parts, l.far, func(cause error) { l.cancel(cause) })
	if parts > 0 {
		l.journal, err = steps.ResumeIn(&o, l.store, lines)
	} else {
		l.journal, err = steps.KeepIn(&o, l.store)
	}
	if err == nil {
		go m.judge(ctx, l, o)
		return nil
	}
	l.store.release()
	kept, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err = errors.Join(err, m.write(kept, m.waits(l, err)))
	m.leave(l)
	return err
}

func (m *manager) judge(ctx context.Context, l *live, o steps.Options) {
	defer m.leave(l)
	err := m.keep(ctx, l, o)
	switch {
	case errors.Is(err, errLeaseLost):
		m.c.log.Warn("a run is another program's by now", "run", l.run.ID)
	case err != nil:
		m.c.log.Error("keep a run", "run", l.run.ID, "error", err)
	}
}

// patience is how long keeping what a run came to may take.
const patience = 30 * time.Second

// keep runs the suite and stores what comes of it, also where it was stopped.
func (m *manager) keep(ctx context.Context, l *live, o steps.Options) (err error) {
	stays, done := context.WithTimeout(context.WithoutCancel(ctx), 24*time.Hour)
	defer done()
	released := false
	release := func() {
		if !released {
			released = true
			l.store.release()
		}
	}
	defer func() {
		if broke := recover(); broke != nil {
			release()
			err = errors.Join(fmt.Errorf("the run panicked: %v", broke), m.c.archive.PutProblem(stays, l.run, "Clementine broke down in this run. It has been logged.", m.over(l)))
		}
	}()
	results, err := steps.Run(ctx, o)
	if lost := l.journal.Close(); lost != nil {
		m.c.log.Error("the journal of a run", "run", l.run.ID, "error", lost)
	}
	release()
	l.begun.Done, l.begun.Total = l.far()
	kept, cancel := context.WithTimeout(stays, patience)
	defer cancel()
	return m.settle(kept, l, results, context.Cause(ctx), err)
}

// settle stores what a run came to, and in the same transaction that it is over, or waits to be resumed.
func (m *manager) settle(ctx context.Context, l *live, results reports.Results, cause, failed error) error {
	var config *steps.ConfigError
	var cannot *steps.CannotJudgeError
	var err error
	switch {
	case errors.Is(cause, errLeaseLost):
		return cause // it is not this program's to keep
	case failed != nil && cause != nil:
		return m.write(ctx, m.waits(l, cause))
	case (errors.As(failed, &config) || errors.As(failed, &cannot)) && l.journal.Kept():
		return m.write(ctx, m.waits(l, failed))
	case failed != nil:
		err = m.c.archive.PutProblem(ctx, l.run, failed.Error(), m.over(l))
	case results.Interrupted:
		err = m.c.archive.Put(ctx, l.run, results, m.waits(l, cause))
	default:
		err = m.c.archive.Put(ctx, l.run, results, m.over(l))
	}
	if errors.Is(err, archive.ErrTooLarge) {
		err = m.c.archive.PutProblem(ctx, l.run, fmt.Sprintf("The recording of this run is larger than %d MiB and was not kept: run it by clementine run.", archive.MaxBundle>>20), m.over(l))
	}
	if errors.Is(err, archive.ErrKept) {
		err = errors.Join(err, m.write(ctx, m.over(l)))
	}
	if failed != nil && config == nil && cannot == nil {
		err = errors.Join(failed, err)
	}
	return err
}

func (m *manager) write(ctx context.Context, also archive.Also) error {
	return m.rows.db.Write(ctx, func(tx *database.Tx) error { return also(ctx, tx) })
}

// over forgets that the run is not over.
func (m *manager) over(l *live) archive.Also {
	return func(ctx context.Context, tx *database.Tx) error { return m.rows.finish(ctx, tx, l.begun) }
}

// waits lets go of the run, to be resumed; cause is what ended it.
func (m *manager) waits(l *live, cause error) archive.Also {
	state, problem := runFailed, ""
	switch {
	case errors.Is(cause, errStopped):
		state = runStopped
	case errors.Is(cause, errClosing):
		state = runClosed
	default:
		problem = cause.Error()
	}
	return func(ctx context.Context, tx *database.Tx) error {
		return m.rows.release(ctx, tx, l.begun, state, problem)
	}
}

func (m *manager) close(ctx context.Context) error {
	m.mu.Lock()
	m.closing = true
	for _, l := range m.all {
		l.cancel(errClosing)
	}
	m.mu.Unlock()
	return ended(ctx, &m.running, "runs of the console are under way")
}

// ended waits for what is going on; where that takes too long, the error says what it is.
func ended(ctx context.Context, going *sync.WaitGroup, what string) error {
	over := make(chan struct{})
	go func() { going.Wait(); close(over) }()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", what, ctx.Err())
	}
}
