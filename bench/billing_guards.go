package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/clementine-ope/clementine/internal/database"
)

// filled are the tables that are written past the store, in an order in which each one refers to those before it.
func filled() []string { return []string{"subscription", "hold", "revision", "line"} }

// unguarded runs fill without what would check each row against others and keep every index in order meanwhile: ten million
// rows are checked and sorted much faster at once. All of it is there again afterwards.
func (b *billingBench) unguarded(ctx context.Context, fill func() error) (err error) {
	indexes, err := b.indexes(ctx)
	if err != nil {
		return err
	}
	before, after := []string{"PRAGMA foreign_keys = 0", "PRAGMA synchronous = 0"}, []string{"PRAGMA foreign_keys = 1", "PRAGMA synchronous = 1"}
	if b.db.Dialect() == database.PostgreSQL {
		before, after = nil, nil
		for _, table := range filled() {
			before = append(before, "ALTER TABLE "+table+" DISABLE TRIGGER ALL")
			after = append(after, "ALTER TABLE "+table+" ENABLE TRIGGER ALL")
		}
	}
	for _, index := range indexes {
		before, after = append(before, index.drop), append(after, index.create)
	}
	if err := b.run(ctx, before); err != nil {
		return err
	}
	return errors.Join(fill(), b.run(ctx, after))
}

func (b *billingBench) run(ctx context.Context, statements []string) error {
	for _, statement := range statements {
		if _, err := b.db.Writer().ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

type guard struct{ drop, create string }

// indexes are those of subscriptions that the engine does not need to find a row by its key.
func (b *billingBench) indexes(ctx context.Context) (guards []guard, err error) {
	queries := []string{`SELECT 'DROP INDEX ' || name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'subscription' AND sql IS NOT NULL`}
	if b.db.Dialect() == database.PostgreSQL {
		queries = []string{
			`SELECT 'ALTER TABLE subscription DROP CONSTRAINT ' || conname, 'ALTER TABLE subscription ADD CONSTRAINT ' || conname || ' ' ||
				pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'subscription'::regclass AND contype = 'x'`,
			`SELECT 'DROP INDEX ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = 'subscription'::regclass
				AND NOT i.indisunique AND NOT i.indisexclusion`,
		}
	}
	err = b.db.Read(ctx, func(tx *database.Tx) error {
		guards = nil
		for _, query := range queries {
			err := tx.Each(ctx, func(row database.Scanner) error {
				var g guard
				err := row.Scan(&g.drop, &g.create)
				guards = append(guards, g)
				return err
			}, query)
			if err != nil {
				return fmt.Errorf("reading the indexes: %w", err)
			}
		}
		return nil
	})
	return guards, err
}
