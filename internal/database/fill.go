package database

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// filledAtOnce is how many rows one statement of SQLite takes.
const filledAtOnce = 100

// Fill inserts many rows into a table, all or none, in the fastest way that the engine has: COPY in PostgreSQL, whose rows must
// hold the columns' own types. It is for sets of data that are made, not for what users send: names are not quoted.
func (db *DB) Fill(ctx context.Context, table string, columns []string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	fill := db.fillSQLite
	if db.dialect == PostgreSQL {
		fill = db.fillPostgreSQL
	}
	if err := fill(ctx, table, columns, rows); err != nil {
		return fmt.Errorf("filling %s: %w", table, err)
	}
	return nil
}

func (db *DB) fillSQLite(ctx context.Context, table string, columns []string, rows [][]any) error {
	return db.Write(ctx, func(tx *Tx) error {
		row := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ") + ")"
		into := fmt.Sprintf("INSERT INTO %s (%s) VALUES %s", table, strings.Join(columns, ", "), row)
		for chunk := range slices.Chunk(rows, filledAtOnce) {
			if _, err := tx.Exec(ctx, into+strings.Repeat(", "+row, len(chunk)-1), slices.Concat(chunk...)...); err != nil {
				return err
			}
		}
		return nil
	})
}

func (db *DB) fillPostgreSQL(ctx context.Context, table string, columns []string, rows [][]any) (err error) {
	connection, err := db.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, connection.Close()) }()
	return connection.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("%T cannot copy", driver)
		}
		_, err := c.Conn().CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows))
		return err
	})
}
