package customerspace

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/clementine-ope/clementine/internal/database"
)

//go:embed migrations
var migrations embed.FS

// Store keeps the customer space in a database. It is safe for concurrent use.
//
// What a user of the API asks for goes through methods that take a Scope, and reaches nothing beyond it. PutContract,
// ContractFor and PutDocument are Orange's own side, as are the accounts: no scope applies to them.
type Store struct {
	db  *database.DB
	now func() time.Time
	tx  *database.Tx // set by In: all calls are part of it
}

// NewStore makes a store of an open database, which others may share and the caller closes, and brings its tables up to
// date. A nil now is time.Now.
func NewStore(ctx context.Context, db *database.DB, now func() time.Time) (*Store, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, database.Component{Name: "customerspace", Files: files}); err != nil {
		return nil, err
	}
	if now == nil {
		now = time.Now
	}
	return &Store{db: db, now: now}, nil
}

// In is the store with all its calls inside tx, which the caller commits. It must not outlive tx.
func (s *Store) In(tx *database.Tx) *Store { return &Store{db: s.db, now: s.now, tx: tx} }

func (s *Store) write(ctx context.Context, fn func(*database.Tx) error) error {
	if s.tx != nil {
		return fn(s.tx)
	}
	return s.db.Write(ctx, fn)
}

func (s *Store) read(ctx context.Context, fn func(*database.Tx) error) error {
	if s.tx != nil {
		return fn(s.tx)
	}
	return s.db.Read(ctx, fn)
}

// raced turns the violation of a unique key, which another transaction has just written, into a reason to run the
// transaction again.
func raced(err error) error {
	if database.IsUnique(err) {
		return fmt.Errorf("%w: %w", database.ErrLostRace, err)
	}
	return err
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// storable says whether a database takes a text: PostgreSQL takes neither NUL nor what is no UTF-8.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
