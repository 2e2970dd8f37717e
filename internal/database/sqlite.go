package database

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const defaultCacheKiB = 16 << 10

// openFile opens one connection that writes and a pool that reads: SQLite has one writer at a time anyway, and a
// transaction that begins as a reader and then writes fails at once under load, whatever the busy timeout.
func (db *DB) openFile(address string) error {
	path, pages, err := filePath(address)
	if err != nil {
		return err
	}
	db.dialect, db.name = SQLite, path
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("database %s is a folder: name a file in it", path)
	}
	if _, err := os.Stat(filepath.Dir(path)); err != nil {
		return fmt.Errorf("database %s: its folder cannot be used: %w", path, err)
	}
	source := url.URL{Scheme: "file", Path: slashed(path)}
	pragmas := []string{"journal_mode(WAL)"}
	if pages > 0 {
		pragmas = append(pragmas, fmt.Sprintf("max_page_count(%d)", pages))
	}
	if db.write, err = db.openSQLite(source, pragmas...); err != nil {
		return err
	}
	limit(db.write, 1)
	if db.read, err = db.openSQLite(source, "query_only(1)"); err != nil {
		return errors.Join(err, db.write.Close())
	}
	limit(db.read, db.connections())
	return nil
}

// openMemory keeps a connection aside, because the database lives as long as one is open; reads and writes share
// another, because a database in memory has no write-ahead log to keep them apart.
func (db *DB) openMemory(ctx context.Context) error {
	db.dialect, db.name = SQLite, ":memory:"
	source := url.URL{Scheme: "file", Path: "/" + rand.Text(), RawQuery: "vfs=memdb"}
	pool, err := db.openSQLite(source, "foreign_keys(1)")
	if err != nil {
		return err
	}
	keep, err := pool.Conn(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("opening a database in memory: %w", err), pool.Close())
	}
	limit(pool, 2)
	db.write, db.read, db.keep = pool, pool, keep
	return nil
}

func (db *DB) openSQLite(source url.URL, pragmas ...string) (*sql.DB, error) {
	synchronous, cache := "NORMAL", db.opts.CacheKiB
	if db.opts.Durable {
		synchronous = "FULL"
	}
	if cache == 0 {
		cache = defaultCacheKiB
	}
	query := source.Query()
	query.Set("_txlock", "immediate")
	if strings.HasPrefix(pragmas[0], "query_only") {
		query.Set("_txlock", "deferred")
	}
	query["_pragma"] = append(append([]string{"busy_timeout(10000)"}, pragmas...), "foreign_keys(1)",
		"synchronous("+synchronous+")", fmt.Sprintf("cache_size(-%d)", cache), "temp_store(MEMORY)")
	source.RawQuery = query.Encode()
	connector, err := sqlite.NewConnector(source.String())
	if err != nil {
		return nil, fmt.Errorf("opening database %s: %w", db.name, err)
	}
	return sql.OpenDB(preparing{connector}), nil
}

// filePath is the file that an address names, and how many pages it may have; 0 is no limit.
func filePath(address string) (path string, pages int, err error) {
	path = address
	if rest, ok := strings.CutPrefix(address, "file:"); ok {
		source, err := url.Parse(address)
		if err != nil {
			return "", 0, fmt.Errorf("database address: %w", err)
		}
		path = source.Path
		if path == "" {
			path, _, _ = strings.Cut(rest, "?")
		}
		if most := source.Query().Get("max_page_count"); most != "" {
			if pages, err = strconv.Atoi(most); err != nil || pages < 1 {
				return "", 0, fmt.Errorf("database %s: max_page_count must be a whole number from 1", path)
			}
		}
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", 0, fmt.Errorf("database %s: %w", path, err)
	}
	return absolute, pages, nil
}

func slashed(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return path
}

func sqliteCode(err error) (int, bool) {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code(), true
	}
	return 0, false
}

func sqliteAgain(err error) bool {
	code, ok := sqliteCode(err)
	return ok && (code&0xff == sqlite3.SQLITE_BUSY || code&0xff == sqlite3.SQLITE_LOCKED)
}

func sqliteUnique(err error) bool {
	code, ok := sqliteCode(err)
	return ok && (code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// sqliteOverflow: a sum that overflows becomes a REAL, which a column of a STRICT table refuses (or its CHECK, where it has
// one); that of the aggregate sum() is known by its words only.
func sqliteOverflow(err error) bool {
	code, ok := sqliteCode(err)
	if !ok {
		return false
	}
	return code == sqlite3.SQLITE_CONSTRAINT_DATATYPE || code == sqlite3.SQLITE_CONSTRAINT_CHECK ||
		strings.Contains(err.Error(), "integer overflow")
}
