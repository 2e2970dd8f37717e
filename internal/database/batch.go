package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Statement is one of several that are run together.
type Statement struct {
	Query string
	Args  []any
	// Row, if set, is handed every row.
	Row func(Scanner) error
	// Failed, if set, makes of this statement's error what the caller of Batch gets.
	Failed func(error) error
}

func (s Statement) failed(err error) error {
	if err != nil && s.Failed != nil {
		return s.Failed(err)
	}
	return err
}

// Batch runs statements one after the other and ends at the first error. PostgreSQL is sent all of them at once, so they take
// as long as one round trip; none can use what another one reads.
func (t *Tx) Batch(ctx context.Context, statements ...Statement) error {
	for _, s := range statements {
		if t.readOnly && s.Row == nil {
			return errReadOnly
		}
		t.observe(s.Query)
	}
	if t.db.dialect == PostgreSQL {
		return t.pipeline(ctx, statements)
	}
	for _, s := range statements {
		var err error
		if s.Row != nil {
			err = t.each(ctx, s.Row, s.Query, s.Args...)
		} else {
			_, err = t.tx.ExecContext(ctx, s.Query, s.Args...)
		}
		if err != nil {
			return s.failed(err)
		}
	}
	return nil
}

// ReadBatch is Batch outside of a transaction, for what reads and needs no common snapshot: each statement has one of its own, and
// PostgreSQL is spared the round trips of a transaction. They are made anew for each attempt.
func (db *DB) ReadBatch(ctx context.Context, statements func() []Statement) error {
	return db.again(ctx, func() (err error) {
		conn, err := db.read.Conn(ctx)
		if err != nil {
			return fmt.Errorf("reading: %w", err)
		}
		defer func() { err = errors.Join(err, conn.Close()) }()
		return (&Tx{conn: conn, tx: conn, db: db, readOnly: true}).Batch(ctx, statements()...)
	})
}

func (t *Tx) pipeline(ctx context.Context, statements []Statement) error {
	return t.conn.Raw(func(connection any) error {
		c, ok := connection.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("%T cannot send a batch", connection)
		}
		var batch pgx.Batch
		for _, s := range statements {
			batch.Queue(t.db.dialect.Rebind(s.Query), plainArgs(s.Args)...)
		}
		results := c.Conn().SendBatch(ctx, &batch)
		for _, s := range statements {
			if err := s.failed(s.take(results)); err != nil {
				// What comes after the first error says the same once more.
				_ = results.Close()
				return err
			}
		}
		return results.Close()
	})
}

// take reads the result of s, whose turn it is.
func (s Statement) take(results pgx.BatchResults) error {
	if s.Row == nil {
		_, err := results.Exec()
		return err
	}
	rows, err := results.Query()
	if err != nil {
		return err
	}
	var failed error
	for failed == nil && rows.Next() {
		failed = s.Row(rows)
	}
	rows.Close()
	return errors.Join(failed, rows.Err())
}

// plainArgs are args as database/sql would hand them to a driver, with lists, which it does not know, as they are.
func plainArgs(args []any) []any {
	plain := make([]any, len(args))
	for i, arg := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			value = arg
		}
		plain[i] = value
	}
	return plain
}
