// Package store keeps the billing domain in SQLite or PostgreSQL: it is the billing.Store that the program uses.
//
// It owns the tables, the scope in every query, the transaction of each write (row, roll-up, audit, idempotency) and
// the comparison of the roll-up with what it is made of. It does not own rules: money, dates and duplicates are decided by
// package billing.
package store

import (
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

//go:embed migrations
var migrations embed.FS

// Options are the choices of whoever opens a store. The zero value serves.
type Options struct {
	Log *slog.Logger
	// Now is the clock; nil is the system's. Days are taken in UTC, wherever the program runs.
	Now func() time.Time
	// NewID makes the id of what is created at an instant; nil makes ids that sort by it and end in 80 random bits.
	NewID func(billing.Instant) string
	// ScanLimit bounds the subscriptions that one report reads when the roll-up cannot answer; 0 stands for 250,000.
	ScanLimit int
}

const defaultScanLimit = 250_000

// Store is a billing.Store. It is safe for concurrent use.
type Store struct {
	db    *database.DB
	opts  Options
	owned bool
	// tx is set in the Store that Once gives away: all its calls are one transaction.
	tx *database.Tx
}

var _ billing.Store = (*Store)(nil)

// Open opens the database at address (see database.Open), brings its tables up to date, and closes it with the store.
func Open(ctx context.Context, address string, dbOpts database.Options, opts Options) (*Store, error) {
	if dbOpts.Log == nil {
		dbOpts.Log = opts.Log
	}
	db, err := database.Open(ctx, address, dbOpts)
	if err != nil {
		return nil, err
	}
	s, err := New(ctx, db, opts)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	s.owned = true
	return s, nil
}

// New makes a store of an open database, which others may share and the caller closes, and brings its tables up to date.
func New(ctx context.Context, db *database.DB, opts Options) (*Store, error) {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.NewID == nil {
		opts.NewID = newID
	}
	if opts.ScanLimit == 0 {
		opts.ScanLimit = defaultScanLimit
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, database.Component{Name: "billing", Files: files}); err != nil {
		return nil, err
	}
	return &Store{db: db, opts: opts}, nil
}

// Close closes the database that Open opened.
func (s *Store) Close() error {
	if !s.owned {
		return nil
	}
	return s.db.Close()
}

func newID(at billing.Instant) string {
	const randomDigits = 16 // of 5 bits
	return fmt.Sprintf("%012x%s", int64(at), strings.ToLower(rand.Text()[:randomDigits]))
}

// moment is when a write happens: one instant for all that it stores.
type moment struct {
	at billing.Instant
	on billing.Day
}

func (s *Store) moment() moment {
	now := s.opts.Now().UTC()
	return moment{billing.Instant(now.UnixMilli()), billing.NewDay(now.Year(), int(now.Month()), now.Day())}
}

// write runs fn in a transaction that commits if fn returns nil; in the Store that Once gives away, in its own.
func (s *Store) write(ctx context.Context, fn func(*database.Tx) error) error {
	if s.tx != nil {
		return fn(s.tx)
	}
	return s.db.Write(ctx, fn)
}

// readBatch runs statements that read and need no common snapshot; they are made anew for each attempt.
func (s *Store) readBatch(ctx context.Context, statements func() []database.Statement) error {
	if s.tx != nil {
		return s.tx.Batch(ctx, statements()...)
	}
	return s.db.ReadBatch(ctx, statements)
}

// readTogether is readBatch on one snapshot.
func (s *Store) readTogether(ctx context.Context, statements func() []database.Statement) error {
	return s.read(ctx, func(tx *database.Tx) error { return tx.Batch(ctx, statements()...) })
}

// read runs fn on one snapshot; in the Store that Once gives away, in its transaction.
func (s *Store) read(ctx context.Context, fn func(*database.Tx) error) error {
	if s.tx != nil {
		return fn(s.tx)
	}
	return s.db.Read(ctx, fn)
}
