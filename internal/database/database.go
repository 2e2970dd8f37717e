// Package database opens the store that a part of the program asks for, SQLite by default or PostgreSQL by URL, and
// runs whole transactions on it.
//
// It owns pools, pragmas, isolation, retries, placeholders, migrations and the words for a database that cannot be
// used. It does not own any table: each component brings its migrations and its SQL.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options are the choices of whoever opens a database. The zero value serves.
type Options struct {
	// Log receives what an operator should know; nothing is logged if it is nil.
	Log *slog.Logger
	// Durable makes every commit of SQLite survive the loss of power, at a third of the speed; without it a commit
	// survives the death of the process. PostgreSQL follows its own synchronous_commit.
	Durable bool
	// Connections limits what is open at PostgreSQL, and the readers of SQLite; 0 stands for a sensible number.
	Connections int
	// CacheKiB is the page cache of each SQLite connection; 0 stands for 16 MiB.
	CacheKiB int
	// Statement, if set, is told every statement before it is run, as it was written.
	Statement func(query string)
	// BeforeCommit, if set, is asked before each commit of Write; its error rolls back. It is how a crash is played.
	BeforeCommit func() error
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect Dialect
	write   *sql.DB
	read    *sql.DB
	keep    io.Closer
	config  *pgx.ConnConfig // of PostgreSQL, for connections beside the pool
	name    string
	opts    Options
	log     *slog.Logger
}

// Open opens the database at address: a file's path or a file: URL (SQLite), "" or ":memory:" (SQLite that ends with the DB), or a
// postgres:// or postgresql:// URL. The error names the address, without its password.
func Open(ctx context.Context, address string, opts Options) (*DB, error) {
	db := &DB{opts: opts, log: opts.Log}
	if db.log == nil {
		db.log = slog.New(slog.DiscardHandler)
	}
	var err error
	switch {
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		err = db.openPostgreSQL(address)
	case address == "" || address == ":memory:":
		err = db.openMemory(ctx)
	case strings.Contains(address, "://") && !strings.HasPrefix(address, "file:"):
		scheme, _, _ := strings.Cut(address, "://")
		return nil, fmt.Errorf("database %s://…: a database is a file's path, :memory: or a postgres:// URL", scheme)
	default:
		err = db.openFile(address)
	}
	if err != nil {
		return nil, err
	}
	for _, pool := range []*sql.DB{db.write, db.read} {
		if err := pool.PingContext(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("opening database %s: %w", db.name, err), db.Close())
		}
	}
	return db, nil
}

// Close ends all connections; a database in memory is gone.
func (db *DB) Close() error {
	errs := []error{db.write.Close()}
	if db.read != db.write {
		errs = append(errs, db.read.Close())
	}
	if db.keep != nil {
		errs = append(errs, db.keep.Close())
	}
	return errors.Join(errs...)
}

// Dialect says which SQL the database speaks.
func (db *DB) Dialect() Dialect { return db.dialect }

// Name names the database for a person, without secrets.
func (db *DB) Name() string { return db.name }

// Ping says whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.read.PingContext(ctx); err != nil {
		return fmt.Errorf("database %s: %w", db.name, err)
	}
	return nil
}

// Writer is the pool that writes, for what needs a connection of its own (listening, copying in bulk).
func (db *DB) Writer() *sql.DB { return db.write }

func (db *DB) connections() int {
	if db.opts.Connections > 0 {
		return db.opts.Connections
	}
	return max(8, 2*runtime.GOMAXPROCS(0))
}

func limit(pool *sql.DB, connections int) {
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	pool.SetConnMaxIdleTime(5 * time.Minute)
}
