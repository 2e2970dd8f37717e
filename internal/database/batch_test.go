package database_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// numbered is a database with a table of numbers from 1 to n.
func numbered(t *testing.T, address string, n int) *database.DB {
	t.Helper()
	db := databasetest.Open(t, address, database.Options{})
	err := db.Write(t.Context(), func(tx *database.Tx) error {
		list := []database.Statement{{Query: "CREATE TABLE number (n BIGINT PRIMARY KEY)"}}
		for i := range n {
			list = append(list, database.Statement{Query: "INSERT INTO number (n) VALUES (?)", Args: []any{i + 1}})
		}
		// A statement that is sent with others cannot stand on a table that one of them makes.
		if err := tx.Batch(t.Context(), list[:1]...); err != nil {
			return err
		}
		return tx.Batch(t.Context(), list[1:]...)
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

func collect(to *[]int64) func(database.Scanner) error {
	return func(row database.Scanner) error {
		var n int64
		err := row.Scan(&n)
		*to = append(*to, n)
		return err
	}
}

const above = "SELECT n FROM number WHERE n > ? ORDER BY n"

func TestBatchRunsInOrderAndEndsAtTheFirstError(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			db, ctx := numbered(t, engine.Address(t), 3), t.Context()
			var before, after []int64
			err := db.Write(ctx, func(tx *database.Tx) error {
				before, after = nil, nil
				return tx.Batch(ctx,
					database.Statement{Query: above, Args: []any{1}, Row: collect(&before)},
					database.Statement{Query: "DELETE FROM number WHERE n = ?", Args: []any{2}},
					database.Statement{Query: above, Args: []any{1}, Row: collect(&after)},
				)
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]int64{{2, 3}, {3}}, [][]int64{before, after}); diff != "" {
				t.Errorf("read before and after the deletion (-want +got):\n%s", diff)
			}
			taken := errors.New("taken")
			insert := database.Statement{Query: "INSERT INTO number (n) VALUES (?)", Args: []any{3}, Failed: func(err error) error {
				if !database.IsUnique(err) {
					return err
				}
				return taken
			}}
			never := database.Statement{Query: above, Args: []any{0}, Row: func(database.Scanner) error { return errors.New("run after an error") }}
			if err := db.Write(ctx, func(tx *database.Tx) error { return tx.Batch(ctx, insert, never) }); !errors.Is(err, taken) {
				t.Errorf("a number that is there = %v, want %v", err, taken)
			}
			stop := errors.New("stop")
			err = db.Read(ctx, func(tx *database.Tx) error {
				return tx.Batch(ctx, database.Statement{Query: above, Args: []any{0}, Row: func(database.Scanner) error { return stop }})
			})
			if !errors.Is(err, stop) {
				t.Errorf("an error of Row = %v, want %v", err, stop)
			}
			err = db.Read(ctx, func(tx *database.Tx) error { return tx.Batch(ctx, database.Statement{Query: "DELETE FROM number"}) })
			if err == nil {
				t.Error("a transaction that reads has written")
			}
		})
	}
}

func TestReadBatchAndTheListsOfArguments(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			db, ctx := numbered(t, engine.Address(t), 5), t.Context()
			in, list := database.In(db.Dialect(), "n", []int64{2, 4, 9})
			var some, all []int64
			err := db.ReadBatch(ctx, func() []database.Statement {
				some, all = nil, nil
				return []database.Statement{
					{Query: "SELECT n FROM number WHERE " + in + " ORDER BY n", Args: []any{list}, Row: collect(&some)},
					{Query: above, Args: []any{0}, Row: collect(&all)},
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]int64{{2, 4}, {1, 2, 3, 4, 5}}, [][]int64{some, all}); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
			if err := db.ReadBatch(ctx, func() []database.Statement { return []database.Statement{{Query: "DELETE FROM number"}} }); err == nil {
				t.Error("ReadBatch has written")
			}
		})
	}
}

// A connection of SQLite keeps its statements: one whose rows are being read is not run over again, many push out the oldest, and a
// changed table is seen.
func TestPreparedStatementsAreAsFresh(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server)[:2] {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			db, ctx := numbered(t, engine.Address(t), 3), t.Context()
			var pairs []string
			err := db.Read(ctx, func(tx *database.Tx) error {
				pairs = nil
				return tx.Each(ctx, func(outer database.Scanner) error {
					var a int64
					if err := outer.Scan(&a); err != nil {
						return err
					}
					return tx.Each(ctx, func(inner database.Scanner) error {
						var b int64
						err := inner.Scan(&b)
						pairs = append(pairs, fmt.Sprint(a, "-", b))
						return err
					}, above, a)
				}, above, 0)
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"1-2", "1-3", "2-3"}, pairs); diff != "" {
				t.Errorf("one statement within itself (-want +got):\n%s", diff)
			}
			err = db.Write(ctx, func(tx *database.Tx) error { return manyStatements(ctx, tx) })
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func manyStatements(ctx context.Context, tx *database.Tx) error {
	for round := range 2 {
		for i := range 200 {
			var n int
			if err := tx.QueryRow(ctx, fmt.Sprintf("SELECT count(*) + %d FROM number", i)).Scan(&n); err != nil {
				return err
			}
			if n != 3+i {
				return fmt.Errorf("round %d, statement %d counted %d", round, i, n)
			}
		}
	}
	if _, err := tx.Exec(ctx, "ALTER TABLE number ADD COLUMN name TEXT NOT NULL DEFAULT 'x'"); err != nil {
		return err
	}
	var columns int
	err := tx.Each(ctx, func(row database.Scanner) error {
		columns++
		var n int64
		var name string
		return row.Scan(&n, &name)
	}, "SELECT * FROM number")
	if err == nil && columns != 3 {
		err = fmt.Errorf("%d rows after a column was added", columns)
	}
	return err
}
