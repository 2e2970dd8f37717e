package console

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/reports/archive"
)

// maxUnfinished is how many runs of one owner wait to be resumed; the oldest go first.
const maxUnfinished = 20

// The states of a run that is not over.
const (
	runUnderWay = "running"
	runStopped  = "stopped" // by a person
	runClosed   = "closed"  // with the program
	runFailed   = "failed"  // could not go on; Problem says why
	runCutOff   = "cut"     // its program is gone; never stored
)

var (
	// errHeld is a run that is under way, here or in another program.
	errHeld = errors.New("the run is under way")
	// errLeaseLost ends a run that another program has taken over, or that a person has discarded.
	errLeaseLost = errors.New("the run is another program's by now")
)

// choices are what a person chose for a run, beside the profile.
type choices struct {
	Only        []string `json:"only,omitempty"`
	Lang        string   `json:"lang"`
	Seed        uint64   `json:"seed,omitempty"` // 0 = arbitrary
	Challenge   string   `json:"challenge,omitempty"`
	Resilience  bool     `json:"resilience,omitempty"`
	NoReference bool     `json:"noReference,omitempty"`
	Baseline    string   `json:"baseline,omitempty"`
}

// begun is a run that is not over, as it is stored while it is under way and until it is resumed to its end, or discarded:
// all that going on with it takes.
type begun struct {
	archive.Run
	Profile, Client string // id of the set-up; application of the mock Orange
	Document        string // the profile as it was then, with its secrets
	Choices         choices
	State, Problem  string
	Holder          string // program that runs it, or ran it last
	Done, Total     int    // scenarios
	token           int64  // of the lease: it grows with each holder, so that a late one is known
	until           time.Time
}

// unfinished keeps runs that are not over, and their journals. Whoever runs one holds a lease that it renews, so that
// several programs on one database do not run it twice; who has died holds none soon after.
type unfinished struct {
	db     *database.DB
	now    func() time.Time
	lease  time.Duration
	holder string // this program
}

// begin stores a new run and takes its lease. errSame if one of the same set-up or application is under way.
func (u *unfinished) begin(ctx context.Context, b *begun) error {
	chosen, err := json.Marshal(b.Choices)
	if err != nil {
		return fmt.Errorf("write the choices of a run: %w", err)
	}
	b.State, b.Holder, b.token, b.until = runUnderWay, u.holder, 1, u.now().Add(u.lease)
	err = u.db.Write(ctx, func(tx *database.Tx) error {
		if err := u.alone(ctx, tx, b); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO console_run (id, owner, profile, client, started_by, partner, contract, mode, offer, selection, suite, document,
			choices, started_at, state, problem, holder, token, lease_until, stopping, done, total)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, 0, 0, 0)`,
			b.ID, b.Owner, b.Profile, b.Client, b.StartedBy, b.Partner, b.Contract, b.Mode, b.Offer, b.Selection, b.Suite, b.Document,
			string(chosen), b.StartedAt.UnixMilli(), b.State, b.Holder, b.token, b.until.UnixMilli())
		if err != nil {
			return err
		}
		return u.trim(ctx, tx, b.Owner)
	})
	return naming("keep a run that begins", err)
}

// alone takes the turn of those who begin runs, and refuses a run beside another one of its set-up or application.
func (u *unfinished) alone(ctx context.Context, tx *database.Tx, b *begun) error {
	if _, err := tx.Exec(ctx, "UPDATE console_turn SET turn = turn + 1 WHERE id = 1"); err != nil {
		return err
	}
	var others int
	err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM console_run WHERE id <> ? AND (profile = ? OR client = ?) AND lease_until > ?",
		b.ID, b.Profile, b.Client, u.now().UnixMilli()).Scan(&others)
	if err == nil && others > 0 {
		err = errSame
	}
	return err
}

// trim removes the oldest runs of an owner that nobody has gone on with.
func (u *unfinished) trim(ctx context.Context, tx *database.Tx, owner string) error {
	return u.drop(ctx, tx, `owner = ? AND lease_until <= ? AND id NOT IN
		(SELECT id FROM console_run WHERE owner = ? ORDER BY started_at DESC, id LIMIT ?)`, owner, u.now().UnixMilli(), owner, maxUnfinished)
}

// take takes the lease of a run that nobody holds, and returns the run with who held it before. errHeld, errSame.
func (u *unfinished) take(ctx context.Context, owner, id string) (b begun, before string, err error) {
	err = u.db.Write(ctx, func(tx *database.Tx) error {
		if b, err = u.read(ctx, tx, owner, id); err != nil {
			return err
		}
		before = b.Holder
		if err := u.alone(ctx, tx, &b); err != nil {
			return err
		}
		b.token, b.until, b.Holder, b.State, b.Problem = b.token+1, u.now().Add(u.lease), u.holder, runUnderWay, ""
		done, err := tx.Exec(ctx, "UPDATE console_run SET token = ?, lease_until = ?, holder = ?, state = ?, problem = '', stopping = 0 WHERE id = ? AND token = ? AND lease_until <= ?",
			b.token, b.until.UnixMilli(), b.Holder, b.State, id, b.token-1, u.now().UnixMilli())
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errHeld)
		}
		return nil
	})
	return b, before, naming("take up a run", err)
}

// changed is errLeaseLost where a statement of whoever holds a lease has met no run.
func (u *unfinished) changed(done sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, errLeaseLost)
	}
	return nil
}

// release lets go of a run that is not over, within tx. One whose set-up was removed meanwhile goes with it.
func (u *unfinished) release(ctx context.Context, tx *database.Tx, b *begun, state, problem string) error {
	done, err := tx.Exec(ctx, "UPDATE console_run SET lease_until = 0, state = ?, problem = ?, done = ?, total = ? WHERE id = ? AND token = ?",
		state, problem, b.Done, b.Total, b.ID, b.token)
	if err := u.changed(done, err); err != nil {
		return err
	}
	return u.drop(ctx, tx, "id = ? AND profile NOT IN (SELECT id FROM console_profile)", b.ID)
}

// finish forgets a run that is over, within tx.
func (u *unfinished) finish(ctx context.Context, tx *database.Tx, b *begun) error {
	if _, err := tx.Exec(ctx, "DELETE FROM console_journal WHERE run = ?", b.ID); err != nil {
		return err
	}
	done, err := tx.Exec(ctx, "DELETE FROM console_run WHERE id = ? AND token = ?", b.ID, b.token)
	return u.changed(done, err)
}

// drop forgets the runs that a condition selects, and their journals.
func (u *unfinished) drop(ctx context.Context, tx *database.Tx, where string, args ...any) error {
	_, err := tx.Exec(ctx, "DELETE FROM console_journal WHERE run IN (SELECT id FROM console_run WHERE "+where+")", args...)
	if err == nil {
		_, err = tx.Exec(ctx, "DELETE FROM console_run WHERE "+where, args...)
	}
	return err
}

// discard forgets a run that nobody holds; errHeld where somebody does. One that is not there is gone already.
func (u *unfinished) discard(ctx context.Context, owner, id string) error {
	return naming("discard a run", u.db.Write(ctx, func(tx *database.Tx) error {
		b, err := u.read(ctx, tx, owner, id)
		if errors.Is(err, archive.ErrNotFound) {
			return nil
		}
		if err == nil && b.until.After(u.now()) {
			return errHeld
		}
		if err != nil {
			return err
		}
		return u.drop(ctx, tx, "id = ? AND token = ?", id, b.token)
	}))
}

// discardOf forgets the runs of a set-up that nobody holds.
func (u *unfinished) discardOf(ctx context.Context, profile string) error {
	return naming("discard runs", u.db.Write(ctx, func(tx *database.Tx) error {
		return u.drop(ctx, tx, "profile = ? AND lease_until <= ?", profile, u.now().UnixMilli())
	}))
}

// stop asks the program that runs it to stop a run.
func (u *unfinished) stop(ctx context.Context, id string) error {
	return naming("stop a run", u.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE console_run SET stopping = 1 WHERE id = ?", id)
		return err
	}))
}

// renew stores more of the journal and renews the lease, with how far the run has come. It says whether somebody wants the
// run to stop. The same part may be stored again, after an error that came when it was stored already.
func (u *unfinished) renew(ctx context.Context, b *begun, part int64, lines []byte, done, total int) (stop bool, err error) {
	err = u.db.Write(ctx, func(tx *database.Tx) error {
		var stopping int64
		err := tx.QueryRow(ctx, "UPDATE console_run SET lease_until = ?, done = ?, total = ? WHERE id = ? AND token = ? RETURNING stopping",
			u.now().Add(u.lease).UnixMilli(), done, total, b.ID, b.token).Scan(&stopping)
		if errors.Is(err, sql.ErrNoRows) {
			return errLeaseLost
		}
		if stop = stopping != 0; err != nil || len(lines) == 0 {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO console_journal (run, part, lines) VALUES (?, ?, ?) ON CONFLICT (run, part) DO NOTHING", b.ID, part, lines)
		return err
	})
	return stop, naming("keep the journal of a run", err)
}

// naming names what failed, except for what callers tell apart.
func naming(what string, err error) error {
	for _, known := range []error{nil, errSame, errHeld, errLeaseLost, archive.ErrNotFound} {
		if errors.Is(err, known) {
			return known
		}
	}
	return fmt.Errorf("%s: %w", what, err)
}
