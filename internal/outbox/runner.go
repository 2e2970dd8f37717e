package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
)

// Handler does a task and ends it, by Done in its own transaction. Its error puts the task off: a
// *backoff.PermanentError for good, a *backoff.RetryAfterError for as long as it says. Its context ends with the lease.
type Handler func(ctx context.Context, t Task) error

// runner is what Start has begun.
type runner struct {
	ctx    context.Context // of the tasks in hand
	cancel context.CancelFunc
	stop   chan struct{}
	once   sync.Once
	wake   chan struct{}
	slots  chan struct{}
	more   atomic.Bool // the last claim found work for every free hand
	wg     sync.WaitGroup
}

func newRunner() runner {
	ctx, cancel := context.WithCancel(context.Background())
	return runner{ctx: ctx, cancel: cancel, stop: make(chan struct{}), wake: make(chan struct{}, 1)}
}

// Start works on tasks in the background until Close. What a process that died has left in hand is taken at once on SQLite,
// whose file has one user, and when its lease ends on PostgreSQL.
func (o *Outbox) Start(handle Handler) {
	o.runner.slots = make(chan struct{}, o.opts.Workers)
	o.runner.wg.Go(func() {
		if err := o.takeBack(o.runner.ctx); err != nil {
			o.opts.Log.Error("tasks of an earlier process wait for their leases", "queue", o.opts.Queue, "error", err)
		}
		for o.pending() {
			o.round(handle)
		}
	})
}

// Wake says that a task may be due.
func (o *Outbox) Wake() {
	select {
	case o.runner.wake <- struct{}{}:
	default:
	}
}

// Close claims nothing more and waits for the tasks in hand; those that are left when ctx ends are handed back.
func (o *Outbox) Close(ctx context.Context) {
	o.runner.once.Do(func() { close(o.runner.stop) })
	stop := context.AfterFunc(ctx, o.runner.cancel)
	defer stop()
	o.runner.wg.Wait()
	o.runner.cancel()
}

func (o *Outbox) takeBack(ctx context.Context) error {
	if o.db.Dialect() != database.SQLite {
		return nil
	}
	now := o.opts.Now().UnixMilli()
	return o.db.Write(ctx, func(tx *database.Tx) error {
		// Only what was begun: a delay that was asked for still holds.
		_, err := tx.Exec(ctx, "UPDATE outbox SET due_at = ? WHERE queue = ? AND parked IS NULL AND due_at > ? AND token > 0",
			now, o.opts.Queue, now)
		return err
	})
}

func (o *Outbox) pending() bool {
	select {
	case <-o.runner.stop:
		return false
	default:
		return true
	}
}

// refill is the part of all hands that is free before a claim is worth it; slow tasks in the others hold it up until the
// next poll at most.
const refill = 4

// round claims as much as there are free hands for, and waits if there was less to do than that.
func (o *Outbox) round(handle Handler) {
	free := cap(o.runner.slots) - len(o.runner.slots)
	wait := o.opts.Poll
	if free > 0 {
		tasks, err := o.Claim(o.runner.ctx, free)
		for _, t := range tasks {
			o.runner.slots <- struct{}{}
			o.runner.wg.Go(func() {
				o.run(handle, t)
				<-o.runner.slots
				// While there is more to do than hands, they are filled several at a time: a claim is a transaction.
				if !o.runner.more.Load() || cap(o.runner.slots)-len(o.runner.slots) >= cap(o.runner.slots)/refill {
					o.Wake()
				}
			})
		}
		o.runner.more.Store(err == nil && len(tasks) == free)
		if err == nil && len(tasks) < free {
			wait, err = o.nextDue(o.runner.ctx)
		}
		if err != nil {
			o.opts.Log.Error("looking for tasks", "queue", o.opts.Queue, "error", err)
		}
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-o.runner.wake:
	case <-timer.C:
	case <-o.runner.stop:
	}
}

// nextDue is how long until the next task that waits for its time, at most until the next poll.
func (o *Outbox) nextDue(ctx context.Context) (time.Duration, error) {
	now := o.opts.Now().UnixMilli()
	due := now + o.opts.Poll.Milliseconds()
	err := o.db.Read(ctx, func(tx *database.Tx) error {
		return tx.QueryRow(ctx, `SELECT coalesce(min(due_at), ?) FROM outbox
			WHERE queue = ? AND parked IS NULL AND due_at > ? AND due_at < ?`, due, o.opts.Queue, now, due).Scan(&due)
	})
	if err != nil {
		return o.opts.Poll, fmt.Errorf("look for the next due task of %s: %w", o.opts.Queue, err)
	}
	return time.Duration(due-now) * time.Millisecond, nil
}

func (o *Outbox) run(handle Handler, t Task) {
	ctx, cancel := context.WithTimeout(o.runner.ctx, o.opts.Lease)
	defer cancel()
	log := o.opts.Log.With("queue", o.opts.Queue, "task", t.ID, "attempt", t.Attempts)
	failure := error(nil)
	if t.Attempts > o.opts.Attempts {
		failure = fmt.Errorf("begun %d times, never ended", t.Attempts-1)
	} else {
		failure = handle(ctx, t)
	}
	if failure == nil || errors.Is(failure, ErrLeaseLost) {
		outcome := ended
		if failure != nil {
			outcome = lost
		}
		o.metrics.attempts.WithLabelValues(outcome).Inc()
		log.Debug("task ended", "error", failure)
		return
	}
	// The process may be ending: what is written now must not end with it.
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), o.opts.Lease)
	defer cancel()
	o.metrics.attempts.WithLabelValues(o.afterFailure(ctx, log, t, failure)).Inc()
}

// afterFailure stores how an attempt has failed, and names it.
func (o *Outbox) afterFailure(ctx context.Context, log *slog.Logger, t Task, failure error) (outcome string) {
	if o.runner.ctx.Err() != nil {
		log.Warn("task handed back", "reason", failure, "error", o.release(ctx, t))
		return released
	}
	given, err := o.fail(ctx, t, failure)
	switch {
	case errors.Is(err, ErrLeaseLost):
		log.Debug("task ended", "error", err)
		return lost
	case err != nil:
		log.Error("outcome of a task not stored: it waits for its lease", "reason", failure, "error", err)
		return unstored
	case given:
		log.Error("task parked", "reason", failure)
		return parked
	default:
		log.Info("task will be tried again", "reason", failure)
		return retried
	}
}
