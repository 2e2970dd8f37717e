package database_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// One server serves all tests of the binary.
var server databasetest.Server

func TestMain(m *testing.M) { os.Exit(databasetest.Run(m, &server)) }

func component(name string, versions int) database.Component {
	files := fstest.MapFS{}
	for v := 1; v <= versions; v++ {
		up := fmt.Sprintf("CREATE TABLE %s%d (id BIGINT PRIMARY KEY, note TEXT NOT NULL)", name, v)
		for folder, end := range map[string]string{"sqlite": " WITHOUT ROWID;", "postgresql": ";"} {
			files[fmt.Sprintf("%s/%05d_x.sql", folder, v)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + up + end + "\n")}
		}
	}
	return database.Component{Name: name, Files: files}
}

func onEachEngine(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			test(t, engine.Address(t))
		})
	}
}

func count(t *testing.T, db *database.DB, table string) int {
	t.Helper()
	n := 0
	err := db.Read(t.Context(), func(tx *database.Tx) error {
		return tx.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWriteCommitsAllOrNothing(t *testing.T) {
	t.Parallel()
	crash := errors.New("crash")
	onEachEngine(t, func(t *testing.T, address string) {
		var dying atomic.Bool
		db := databasetest.Open(t, address, database.Options{BeforeCommit: func() error {
			if dying.Load() {
				return crash
			}
			return nil
		}})
		if err := db.Migrate(t.Context(), component("a", 1)); err != nil {
			t.Fatal(err)
		}
		insert := func(id int) error {
			return db.Write(t.Context(), func(tx *database.Tx) error {
				_, err := tx.Exec(t.Context(), "INSERT INTO a1 (id, note) VALUES (?, 'what?')", id)
				return err
			})
		}
		if err := insert(1); err != nil {
			t.Fatal(err)
		}
		if err := insert(1); !database.IsUnique(err) {
			t.Errorf("the same row twice: %v, not a unique violation", err)
		}
		dying.Store(true)
		if err := insert(2); !errors.Is(err, crash) {
			t.Errorf("crash before commit: %v", err)
		}
		if got := count(t, db, "a1"); got != 1 {
			t.Errorf("%d rows, not 1", got)
		}
	})
}

func TestReadCannotWrite(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, address string) {
		db := databasetest.Open(t, address, database.Options{})
		if err := db.Migrate(t.Context(), component("a", 1)); err != nil {
			t.Fatal(err)
		}
		err := db.Read(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(t.Context(), "DELETE FROM a1")
			return err
		})
		if err == nil {
			t.Error("a read transaction has written")
		}
	})
}

// Each transaction reads and then writes what it read plus one: lost updates, deadlocks and busy errors all show.
func TestConcurrentWritesLoseNothing(t *testing.T) {
	t.Parallel()
	const workers, rounds = 4, 10
	onEachEngine(t, func(t *testing.T, address string) {
		ctx := t.Context()
		db := databasetest.Open(t, address, database.Options{})
		if err := db.Migrate(ctx, component("a", 1)); err != nil {
			t.Fatal(err)
		}
		err := db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO a1 (id, note) VALUES (1, '0'), (2, '0')")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		var group sync.WaitGroup
		for w := range workers {
			group.Go(func() {
				// One of them takes the rows the other way round, which deadlocks PostgreSQL now and then.
				first, second := 1, 2
				if w == 0 {
					first, second = second, first
				}
				for range rounds {
					if err := addOne(ctx, db, first, second); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		total := 0
		err = db.Read(ctx, func(tx *database.Tx) error {
			return tx.QueryRow(ctx, "SELECT sum(CAST(note AS INTEGER)) FROM a1").Scan(&total)
		})
		if err != nil || total != 2*workers*rounds {
			t.Errorf("%d, %v: not %d", total, err, 2*workers*rounds)
		}
	})
}

func addOne(ctx context.Context, db *database.DB, ids ...int) error {
	return db.Write(ctx, func(tx *database.Tx) error {
		for _, id := range ids {
			n := 0
			query := "SELECT CAST(note AS INTEGER) FROM a1 WHERE id = ?" + tx.Dialect().ForUpdate()
			if err := tx.QueryRow(ctx, query, id).Scan(&n); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "UPDATE a1 SET note = ? WHERE id = ?", fmt.Sprint(n+1), id); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestComponentsShareADatabase(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, address string) {
		db := databasetest.Open(t, address, database.Options{})
		for _, c := range []database.Component{component("a", 2), component("b", 1), component("a", 3)} {
			if err := db.Migrate(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		for _, table := range []string{"a1", "a3", "b1"} {
			if got := count(t, db, table); got != 0 {
				t.Errorf("%s has %d rows", table, got)
			}
		}
		err := db.Migrate(t.Context(), component("a", 2))
		var newer *database.NewerSchemaError
		if !errors.As(err, &newer) || newer.Found != 3 || newer.Known != 2 || newer.Component != "a" {
			t.Errorf("older program: %v", err)
		}
	})
}

func TestManyMigrateAtOnce(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server)[1:] {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			address := engine.Address(t)
			var group sync.WaitGroup
			for range 4 {
				db := databasetest.Open(t, address, database.Options{})
				group.Go(func() {
					if err := db.Migrate(t.Context(), component("a", 3)); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
		})
	}
}

func TestInMatchesAnyNumber(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, address string) {
		ctx := t.Context()
		db := databasetest.Open(t, address, database.Options{})
		for _, values := range [][]int64{nil, {1}, {1, 2, 3}} {
			condition, arg := database.In(db.Dialect(), "n", values)
			got := 0
			err := db.Read(ctx, func(tx *database.Tx) error {
				query := "SELECT count(*) FROM (SELECT 1 AS n UNION SELECT 3 UNION SELECT 5) t WHERE " + condition
				return tx.QueryRow(ctx, query, arg).Scan(&got)
			})
			if want := (len(values) + 1) / 2; err != nil || got != want {
				t.Errorf("in %v: %d, %v, not %d", values, got, err, want)
			}
		}
	})
}

func TestOpenNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tests := []struct{ name, address, want string }{
		{"a folder", dir, "is a folder"},
		{"no such folder", filepath.Join(dir, "none", "x.db"), "its folder cannot be used"},
		{"another engine", "mysql://root:hunter2@db/x", "a file's path, :memory: or a postgres:// URL"},
		{"nobody answers", "postgres://me:hunter2@127.0.0.1:1/x?connect_timeout=2", "opening database postgres://127.0.0.1:1/x"},
		{"not a URL", "postgres://me:hunter2@127.0.0.1:port/x", "not a URL that PostgreSQL understands"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			db, err := database.Open(t.Context(), test.address, database.Options{})
			if err == nil {
				db.Close()
				t.Fatal("opened")
			}
			if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%v: want %q, and no password", err, test.want)
			}
		})
	}
}

func TestFileIsBounded(t *testing.T) {
	t.Parallel()
	ctx, file := t.Context(), "file:"+filepath.Join(t.TempDir(), "x.db")
	db := databasetest.Open(t, file, database.Options{})
	if err := db.Migrate(ctx, component("a", 1)); err != nil {
		t.Fatal(err)
	}
	bounded := databasetest.Open(t, file+"?max_page_count=1", database.Options{})
	fill := func(db *database.DB, id int) error {
		return db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO a1 (id, note) VALUES (?, ?)", id, strings.Repeat("x", 1<<20))
			return err
		})
	}
	if err := fill(bounded, 1); err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("a megabyte in a file that may not grow: %v", err)
	}
	if err := fill(db, 2); err != nil || count(t, db, "a1") != 1 {
		t.Errorf("the file is of no use any more: %v", err)
	}
	for _, most := range []string{"0", "-1", "many"} {
		if _, err := database.Open(ctx, file+"?max_page_count="+most, database.Options{}); err == nil {
			t.Errorf("max_page_count=%s is taken", most)
		}
	}
}

func TestRebind(t *testing.T) {
	t.Parallel()
	query := `SELECT '?', "a?" FROM t WHERE a = ? AND b = 'it''s ?' AND c = ?`
	want := `SELECT '?', "a?" FROM t WHERE a = $1 AND b = 'it''s ?' AND c = $2`
	if got := database.PostgreSQL.Rebind(query); got != want {
		t.Errorf("%s", got)
	}
	if got := database.SQLite.Rebind(query); got != query {
		t.Errorf("%s", got)
	}
}

func TestFillIsAllOrNothing(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, address string) {
		db := databasetest.Open(t, address, database.Options{})
		if err := db.Migrate(t.Context(), component("filled", 1)); err != nil {
			t.Fatal(err)
		}
		const n = 250
		rows := make([][]any, 0, n+1)
		for i := range n {
			rows = append(rows, []any{int64(i), fmt.Sprint("note ", i)})
		}
		columns := []string{"id", "note"}
		twice := append(rows[:n:n], rows[0])
		if err := db.Fill(t.Context(), "filled1", columns, twice); !database.IsUnique(err) || count(t, db, "filled1") != 0 {
			t.Errorf("a row twice: %v, and %d rows are stored", err, count(t, db, "filled1"))
		}
		if err := db.Fill(t.Context(), "filled1", columns, rows); err != nil || count(t, db, "filled1") != n {
			t.Errorf("%v, and %d of %d rows are stored", err, count(t, db, "filled1"), n)
		}
	})
}
