// Package outbox keeps work that was promised until it is done: tasks that are stored in the same transaction as what
// they follow from, leased to whoever does them, tried again later and later, and parked in the end for a person.
//
// It owns the table of tasks, on both engines, and who may work on which. It does not own what a task means: whoever
// adds it gives the function that does it, and ends it in a transaction of its own.
package outbox

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/clementine-ope/clementine/internal/database"
)

//go:embed migrations
var migrations embed.FS

// ErrLeaseLost is the end of a task that another worker holds by now, or has ended: whatever was to be written with it
// must be rolled back.
var ErrLeaseLost = errors.New("the lease of the task was lost")

// ErrNotParked is a resend of a task that is not parked, or not there.
var ErrNotParked = errors.New("no task of that id is parked")

// Options are the choices of whoever opens an outbox. Only Queue is required.
type Options struct {
	Queue    string           // names the tasks that belong together; others in the same table are not seen
	Lease    time.Duration    // how long one attempt may take, and how long a dead worker's task waits; 0 = 30 s
	First    time.Duration    // pause before the second attempt, doubled each time, with jitter; 0 = 50 ms
	Longest  time.Duration    // the longest pause; 0 = 5 min
	GiveUp   time.Duration    // a task that is tried in vain for so long is parked; 0 = 24 h
	Attempts int              // so is one that was begun so often, because it may be what ends the process; 0 = 1,000
	Workers  int              // tasks in hand at a time; 0 = 64
	Poll     time.Duration    // how often to look for what others have added; 0 = 1 s
	Now      func() time.Time // nil = time.Now
	Log      *slog.Logger     // nil = silent
}

func (o *Options) defaults() {
	set := func(d *time.Duration, value time.Duration) {
		if *d == 0 {
			*d = value
		}
	}
	set(&o.Lease, 30*time.Second)
	set(&o.First, 50*time.Millisecond)
	set(&o.Longest, 5*time.Minute)
	set(&o.GiveUp, 24*time.Hour)
	set(&o.Poll, time.Second)
	if o.Attempts == 0 {
		o.Attempts = 1000
	}
	if o.Workers == 0 {
		o.Workers = 64
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Task is one piece of work. Tasks of one lane are done in the order in which they were added, lanes side by side.
type Task struct {
	ID       string // unique within the queue; without NUL, as all text here
	Lane     string
	Body     []byte
	Delay    time.Duration // before the first attempt; read by Add only
	Attempts int           // this one included
	Since    time.Time     // when it was added, or sent again by a person
	token    int64         // of the lease: it grows with each, so that a late worker is known
}

// Parked is a task that waits for a person.
type Parked struct {
	Task
	Reason string
}

// Outbox is one queue of tasks. It is safe for concurrent use.
type Outbox struct {
	db      *database.DB
	opts    Options
	runner  runner
	metrics metrics
}

// Open brings the table to what this program knows and returns the queue, which does nothing until Start.
func Open(ctx context.Context, db *database.DB, o Options) (*Outbox, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, database.Component{Name: "outbox", Files: files}); err != nil {
		return nil, err
	}
	o.defaults()
	return &Outbox{db: db, opts: o, runner: newRunner(), metrics: newMetrics(o.Queue)}, nil
}

// Add stores a task with whatever else tx writes. Wake after its commit saves waiting for the next poll.
func (o *Outbox) Add(ctx context.Context, tx *database.Tx, t Task) error {
	now := o.opts.Now()
	_, err := tx.Exec(ctx, "INSERT INTO outbox (queue, id, lane, body, due_at, since) VALUES (?, ?, ?, ?, ?, ?)",
		o.opts.Queue, t.ID, t.Lane, t.Body, now.Add(t.Delay).UnixMilli(), now.UnixMilli())
	if err != nil {
		return fmt.Errorf("add %s to %s: %w", t.ID, o.opts.Queue, err)
	}
	return nil
}

// Done removes a task with whatever else tx writes. ErrLeaseLost must roll that back.
func (o *Outbox) Done(ctx context.Context, tx *database.Tx, t Task) error {
	return o.settle(ctx, tx, t, "DELETE FROM outbox")
}

// The head of each lane is claimed, unless it waits or is held: then its lane waits behind it. A claim is a lease, by a
// due time in the future; SKIP LOCKED keeps several claimants out of each other's way. The limit is a sum because SQLite
// plans by the value of a bare parameter, which is to prepare the statement anew at each claim.
const claimSQL = `
WITH head AS MATERIALIZED (
  SELECT t.seq FROM outbox t WHERE t.queue = ? AND t.parked IS NULL AND t.due_at <= ? AND NOT EXISTS (
    SELECT 1 FROM outbox e WHERE e.queue = t.queue AND e.lane = t.lane AND e.seq < t.seq AND e.parked IS NULL)
  ORDER BY t.due_at LIMIT ? + 0%s)
UPDATE outbox SET due_at = ?, attempts = attempts + 1, token = token + 1 WHERE seq IN (SELECT seq FROM head)
RETURNING id, lane, body, attempts, since, token`

// Claim leases up to n tasks that are due, each the first of its lane.
func (o *Outbox) Claim(ctx context.Context, n int) ([]Task, error) {
	lock := ""
	if o.db.Dialect() == database.PostgreSQL {
		lock = " FOR UPDATE SKIP LOCKED"
	}
	now := o.opts.Now()
	var tasks []Task
	err := o.db.Write(ctx, func(tx *database.Tx) error {
		tasks = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			t, err := scan(row, nil)
			tasks = append(tasks, t)
			return err
		}, fmt.Sprintf(claimSQL, lock), o.opts.Queue, now.UnixMilli(), n, now.Add(o.opts.Lease).UnixMilli())
	})
	if err != nil {
		return nil, fmt.Errorf("claim tasks of %s: %w", o.opts.Queue, err)
	}
	return tasks, nil
}

func scan(row database.Scanner, reason *string) (Task, error) {
	var t Task
	var since int64
	into := []any{&t.ID, &t.Lane, &t.Body, &t.Attempts, &since, &t.token}
	if reason != nil {
		into = append(into, reason)
	}
	err := row.Scan(into...)
	t.Since = time.UnixMilli(since)
	return t, err
}

// fail puts a task off after an attempt that ended with failure, or parks it if there is no use in another
// (*backoff.PermanentError) or there were enough. A *backoff.RetryAfterError says how long to wait at least.
func (o *Outbox) fail(ctx context.Context, t Task, failure error) (parked bool, err error) {
	pause := o.pause(t.Attempts, failure)
	now := o.opts.Now()
	var permanent *backoff.PermanentError
	parked = errors.As(failure, &permanent) || t.Attempts >= o.opts.Attempts || now.Add(pause).After(t.Since.Add(o.opts.GiveUp))
	err = o.db.Write(ctx, func(tx *database.Tx) error {
		if parked {
			return o.settle(ctx, tx, t, "UPDATE outbox SET parked = ?", text(failure.Error()))
		}
		return o.settle(ctx, tx, t, "UPDATE outbox SET due_at = ?", now.Add(pause).UnixMilli())
	})
	return parked, err
}

func (o *Outbox) pause(attempts int, failure error) time.Duration {
	pause := o.opts.Longest
	// Doubling more often than that would overflow, and is beyond any longest pause.
	if doubled := max(attempts-1, 0); doubled < 30 {
		pause = min(o.opts.Longest, o.opts.First<<doubled)
	}
	pause = time.Duration(float64(pause) * (0.5 + rand.Float64()))
	var asked *backoff.RetryAfterError
	if errors.As(failure, &asked) {
		pause = max(pause, asked.Duration)
	}
	return pause
}

// release hands a task back, as if it had not been claimed.
func (o *Outbox) release(ctx context.Context, t Task) error {
	return o.db.Write(ctx, func(tx *database.Tx) error {
		return o.settle(ctx, tx, t, "UPDATE outbox SET due_at = ?, attempts = attempts - 1", o.opts.Now().UnixMilli())
	})
}

// settle runs a statement on the task, if the lease still holds.
func (o *Outbox) settle(ctx context.Context, tx *database.Tx, t Task, change string, args ...any) error {
	done, err := tx.Exec(ctx, change+" WHERE queue = ? AND id = ? AND token = ? AND parked IS NULL",
		append(args, o.opts.Queue, t.ID, t.token)...)
	if err != nil {
		return fmt.Errorf("task %s of %s: %w", t.ID, o.opts.Queue, err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return fmt.Errorf("task %s of %s: %w", t.ID, o.opts.Queue, errors.Join(err, ErrLeaseLost))
	}
	return nil
}
