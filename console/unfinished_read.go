package console

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/reports/archive"
)

const begunColumns = `id, owner, profile, client, started_by, partner, contract, mode, offer, selection, suite, document, choices, started_at,
	state, problem, holder, token, lease_until, done, total`

func (u *unfinished) read(ctx context.Context, tx *database.Tx, owner, id string) (begun, error) {
	b, err := u.scan(tx.QueryRow(ctx, "SELECT "+begunColumns+" FROM console_run WHERE id = ? AND (? = '' OR owner = ?)", id, owner, owner))
	if errors.Is(err, sql.ErrNoRows) {
		err = archive.ErrNotFound
	}
	return b, err
}

func (u *unfinished) scan(row database.Scanner) (begun, error) {
	var b begun
	var started, until int64
	var chosen string
	err := row.Scan(&b.ID, &b.Owner, &b.Profile, &b.Client, &b.StartedBy, &b.Partner, &b.Contract, &b.Mode, &b.Offer, &b.Selection, &b.Suite, &b.Document, &chosen,
		&started, &b.State, &b.Problem, &b.Holder, &b.token, &until, &b.Done, &b.Total)
	if err != nil {
		return b, err
	}
	b.StartedAt, b.until = time.UnixMilli(started).UTC(), time.UnixMilli(until).UTC()
	if b.State == runUnderWay && !b.until.After(u.now()) {
		b.State = runCutOff
	}
	return b, json.Unmarshal([]byte(chosen), &b.Choices)
}

// get reads one; an empty owner is anybody. archive.ErrNotFound.
func (u *unfinished) get(ctx context.Context, owner, id string) (b begun, err error) {
	err = u.db.Read(ctx, func(tx *database.Tx) error {
		b, err = u.read(ctx, tx, owner, id)
		return err
	})
	return b, naming("read a run that is not over", err)
}

// list reads all, newest first: 200 at most.
func (u *unfinished) list(ctx context.Context, owner string) ([]begun, error) {
	var out []begun
	err := u.db.Read(ctx, func(tx *database.Tx) error {
		out = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			b, err := u.scan(row)
			out = append(out, b)
			return err
		}, "SELECT "+begunColumns+" FROM console_run WHERE (? = '' OR owner = ?) ORDER BY started_at DESC, id LIMIT 200", owner, owner)
	})
	return out, naming("list runs that are not over", err)
}

// journal reads what is stored of a run's journal, and how many parts that is.
func (u *unfinished) journal(ctx context.Context, id string) (lines *bytes.Buffer, parts int64, err error) {
	err = u.db.Read(ctx, func(tx *database.Tx) error {
		lines, parts = &bytes.Buffer{}, 0
		return tx.Each(ctx, func(row database.Scanner) error {
			var part []byte
			if err := row.Scan(&part); err != nil {
				return err
			}
			parts++
			lines.Write(part)
			return nil
		}, "SELECT lines FROM console_journal WHERE run = ? ORDER BY part", id)
	})
	return lines, parts, naming("read the journal of a run", err)
}
