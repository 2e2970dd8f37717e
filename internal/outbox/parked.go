package outbox

import (
	"context"
	"fmt"
	"strings"

	"github.com/clementine-ope/clementine/internal/database"
)

// Parked lists up to n tasks that wait for a person, the oldest first.
func (o *Outbox) Parked(ctx context.Context, n int) ([]Parked, error) {
	var parked []Parked
	err := o.db.Read(ctx, func(tx *database.Tx) error {
		parked = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			var p Parked
			var err error
			p.Task, err = scan(row, &p.Reason)
			parked = append(parked, p)
			return err
		}, `SELECT id, lane, body, attempts, since, token, parked FROM outbox
			WHERE queue = ? AND parked IS NOT NULL ORDER BY seq LIMIT ?`, o.opts.Queue, n)
	})
	if err != nil {
		return nil, fmt.Errorf("list what is parked of %s: %w", o.opts.Queue, err)
	}
	return parked, nil
}

// Resend makes a parked task due again, with all its attempts: ErrNotParked if it is not parked.
func (o *Outbox) Resend(ctx context.Context, id string) error {
	now := o.opts.Now().UnixMilli()
	err := o.db.Write(ctx, func(tx *database.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE outbox SET parked = NULL, attempts = 0, due_at = ?, since = ?
			WHERE queue = ? AND id = ? AND parked IS NOT NULL`, now, now, o.opts.Queue, id)
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err == nil && n == 0 {
			return ErrNotParked
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("send %s of %s again: %w", id, o.opts.Queue, err)
	}
	o.Wake()
	return nil
}

// ResendAll is Resend for all that is parked, and says how many tasks that is.
func (o *Outbox) ResendAll(ctx context.Context) (int, error) {
	now := o.opts.Now().UnixMilli()
	var n int64
	err := o.db.Write(ctx, func(tx *database.Tx) error {
		done, err := tx.Exec(ctx, `UPDATE outbox SET parked = NULL, attempts = 0, due_at = ?, since = ?
			WHERE queue = ? AND parked IS NOT NULL`, now, now, o.opts.Queue)
		if err != nil {
			return err
		}
		n, err = done.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("send all parked of %s again: %w", o.opts.Queue, err)
	}
	o.Wake()
	return int(n), nil
}

// Count is how many tasks wait to be done or are in hand, and how many are parked.
func (o *Outbox) Count(ctx context.Context) (waiting, parked int, err error) {
	err = o.db.Read(ctx, func(tx *database.Tx) error {
		return tx.QueryRow(ctx, "SELECT count(*) - count(parked), count(parked) FROM outbox WHERE queue = ?", o.opts.Queue).
			Scan(&waiting, &parked)
	})
	if err != nil {
		return 0, 0, fmt.Errorf("count the tasks of %s: %w", o.opts.Queue, err)
	}
	return waiting, parked, nil
}

// text is what both engines store: PostgreSQL takes no NUL, and a reason need not be long.
func text(s string) string {
	const most = 2000
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", `\0`), "\uFFFD")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
