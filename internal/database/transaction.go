package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// maxTries bounds how often a transaction that lost a race is run again, as a whole.
const maxTries = 10

// Tx is a transaction. Queries are written with ? for each argument, on both engines.
type Tx struct {
	conn     *sql.Conn
	tx       querier
	db       *DB
	readOnly bool
}

// querier is a *sql.Tx, or the *sql.Conn of what needs none.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// ErrLostRace is what the function of Write returns (wrapped, if it likes) to be run again: it has seen another
// transaction win. It comes back to the caller of Write only when all tries are used up.
var ErrLostRace = errors.New("another transaction was faster")

var errReadOnly = errors.New("a transaction that reads cannot write")

// Write runs fn in one transaction that commits if fn returns nil. fn is run again, from its beginning, when the
// engine says that it lost a race (serialization, deadlock, busy): it must change nothing but the database, or set
// what it sets anew each time.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.again(ctx, func() error {
		return db.run(ctx, db.write, &sql.TxOptions{}, fn, db.opts.BeforeCommit)
	})
}

// Read runs fn on one snapshot of the database; it cannot write.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if db.dialect == PostgreSQL {
		opts.Isolation = sql.LevelRepeatableRead
	}
	return db.again(ctx, func() error { return db.run(ctx, db.read, opts, fn, nil) })
}

func (db *DB) again(ctx context.Context, attempt func() error) error {
	pace := backoff.NewExponentialBackOff()
	pace.InitialInterval, pace.MaxInterval = 5*time.Millisecond, 500*time.Millisecond
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		err := attempt()
		if err != nil && !lostRace(err) {
			return struct{}{}, backoff.Permanent(err)
		}
		return struct{}{}, err
	}, backoff.WithBackOff(pace), backoff.WithMaxTries(maxTries))
	// The wrapper that ends the retries is no part of what went wrong.
	var permanent *backoff.PermanentError
	if errors.As(err, &permanent) {
		return permanent.Unwrap()
	}
	return err
}

func lostRace(err error) bool {
	code := postgresCode(err)
	return errors.Is(err, ErrLostRace) || code == codeSerialization || code == codeDeadlock || sqliteAgain(err)
}

func (db *DB) run(
	ctx context.Context, pool *sql.DB, opts *sql.TxOptions, fn func(*Tx) error, beforeCommit func() error,
) (err error) {
	conn, err := pool.Conn(ctx)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer func() {
		// It goes back to the pool; one that is broken already says so where it broke.
		_ = conn.Close()
	}()
	tx, err := conn.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	defer func() {
		// After a commit this does nothing; after an error or a panic in fn it frees the connection, and the first
		// error is the one that counts.
		_ = tx.Rollback()
	}()
	if err := fn(&Tx{conn: conn, tx: tx, db: db, readOnly: opts.ReadOnly}); err != nil {
		return err
	}
	if beforeCommit != nil {
		if err := beforeCommit(); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// Dialect says which SQL the transaction speaks.
func (t *Tx) Dialect() Dialect { return t.db.dialect }

// Exec runs a statement without rows.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	// In memory, SQLite's readers and its writer share a connection, which would let this pass.
	if t.readOnly {
		return nil, errReadOnly
	}
	t.observe(query)
	return t.tx.ExecContext(ctx, t.db.dialect.Rebind(query), args...)
}

// Query runs a statement with rows, which the caller closes.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	t.observe(query)
	return t.tx.QueryContext(ctx, t.db.dialect.Rebind(query), args...)
}

// QueryRow runs a statement with one row at most; sql.ErrNoRows is Scan's.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	t.observe(query)
	return t.tx.QueryRowContext(ctx, t.db.dialect.Rebind(query), args...)
}

// Each runs a statement and hands every row to scan. The first error ends it.
func (t *Tx) Each(ctx context.Context, scan func(Scanner) error, query string, args ...any) error {
	t.observe(query)
	return t.each(ctx, scan, query, args...)
}

func (t *Tx) each(ctx context.Context, scan func(Scanner) error, query string, args ...any) error {
	rows, err := t.tx.QueryContext(ctx, t.db.dialect.Rebind(query), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Scanner is one row: *sql.Row and *sql.Rows.
type Scanner interface{ Scan(dest ...any) error }

func (t *Tx) observe(query string) {
	if t.db.opts.Statement != nil {
		t.db.opts.Statement(query)
	}
}
