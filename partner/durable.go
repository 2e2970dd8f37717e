package partner

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/outbox"
	"github.com/clementine-ope/clementine/wire"
)

//go:embed migrations
var migrations embed.FS

// Durable is the store of a partner that must not forget: on SQLite or PostgreSQL, and there for several processes.
type Durable struct {
	db           *database.DB
	jobs, events *outbox.Outbox
}

// OpenDurable brings the tables in db to what this program knows. Whoever opened db closes it, after the partner.
func OpenDurable(ctx context.Context, db *database.DB, log *slog.Logger) (*Durable, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, database.Component{Name: "partner", Files: files}); err != nil {
		return nil, err
	}
	s := &Durable{db: db}
	if s.jobs, err = outbox.Open(ctx, db, outbox.Options{Queue: "partner jobs", Log: log}); err != nil {
		return nil, err
	}
	s.events, err = outbox.Open(ctx, db, outbox.Options{Queue: "partner events", Log: log})
	return s, err
}

// Name names the database for a person, without secrets.
func (s *Durable) Name() string { return s.db.Name() }

// Parked lists up to n events that could not be delivered, and as many jobs that could not be done, the oldest first.
func (s *Durable) Parked(ctx context.Context, n int) (events, jobs []outbox.Parked, err error) {
	if events, err = s.events.Parked(ctx, n); err != nil {
		return nil, nil, err
	}
	jobs, err = s.jobs.Parked(ctx, n)
	return events, jobs, err
}

// Resend has a parked event delivered, or a parked job done, after all: outbox.ErrNotParked if it is not parked.
func (s *Durable) Resend(ctx context.Context, id string) error {
	err := s.events.Resend(ctx, id)
	if errors.Is(err, outbox.ErrNotParked) {
		return s.jobs.Resend(ctx, id)
	}
	return err
}

// ResendAll is Resend for all that is parked, and says how much that is.
func (s *Durable) ResendAll(ctx context.Context) (int, error) {
	events, err := s.events.ResendAll(ctx)
	if err != nil {
		return 0, err
	}
	jobs, err := s.jobs.ResendAll(ctx)
	return events + jobs, err
}

// Update implements store. On PostgreSQL the customers that fn reads anything of are locked until the end; SQLite has one
// writer at a time.
func (s *Durable) Update(ctx context.Context, fn func(tx) error) error {
	return s.db.Write(ctx, func(sqlTx *database.Tx) error {
		t := &durableTx{durableReader: durableReader{ctx: ctx, sql: sqlTx, locks: sqlTx.Dialect() == database.PostgreSQL}, store: s}
		if err := errors.Join(fn(t), t.err); err != nil {
			return err
		}
		err := t.flush()
		if database.IsUnique(err) {
			// Somebody else has just stored the same reference: run again, and find it.
			return errors.Join(database.ErrLostRace, err)
		}
		return err
	})
}

// View implements store.
func (s *Durable) View(ctx context.Context, fn func(reader) error) error {
	return s.db.Read(ctx, func(sqlTx *database.Tx) error {
		r := &durableReader{ctx: ctx, sql: sqlTx}
		return errors.Join(fn(r), r.err)
	})
}

// durableReader reads within one transaction, of which ctx is. An error makes it read nothing more, and is the
// transaction's: what was decided without knowing is rolled back.
type durableReader struct {
	ctx   context.Context
	sql   *database.Tx
	locks bool // what is read
	err   error
}

// each hands the bodies of rows to read.
func (r *durableReader) each(what string, read func([]byte) error, query string, args ...any) {
	if r.err != nil {
		return
	}
	err := r.sql.Each(r.ctx, func(row database.Scanner) error {
		var body []byte
		if err := row.Scan(&body); err != nil {
			return err
		}
		return read(body)
	}, query, args...)
	if err != nil {
		r.err = fmt.Errorf("read %s: %w", what, err)
	}
}

func all[T any](r *durableReader, what, query string, args ...any) []T {
	var found []T
	r.each(what, func(body []byte) error {
		var v T
		err := json.Unmarshal(body, &v)
		found = append(found, v)
		return err
	}, query, args...)
	return found
}

func one[T any](r *durableReader, what, query string, args ...any) (T, bool) {
	found := all[T](r, what, query, args...)
	if r.err != nil || len(found) == 0 {
		var none T
		return none, false
	}
	return found[0], true
}

// lock locks the customer whose id a query finds: fleets and licences are locked with the customer that they belong to, so
// that two transactions can't wait for each other's.
func (r *durableReader) lock(query string, args ...any) {
	if r.err != nil || !r.locks {
		return
	}
	err := r.sql.Each(r.ctx, func(row database.Scanner) error { return row.Scan(new(string)) },
		"SELECT id FROM partner_customer WHERE id = ("+query+")"+r.sql.Dialect().ForUpdate(), args...)
	if err != nil {
		r.err = fmt.Errorf("lock a customer: %w", err)
	}
}

func (r *durableReader) Answer(key string) (answer, bool) {
	if r.err != nil {
		return answer{}, false
	}
	var a answer
	var found bool
	r.err = r.sql.Each(r.ctx, func(row database.Scanner) error {
		found = true
		return row.Scan(&a.Status, &a.Body)
	}, "SELECT status, body FROM partner_answer WHERE key = ?", column(key))
	return a, found && r.err == nil
}

func (r *durableReader) Customer(id string) (customer, bool) {
	r.lock("SELECT id FROM partner_customer WHERE id = ?", column(id))
	return one[customer](r, "a customer", "SELECT body FROM partner_customer WHERE id = ?", column(id))
}

func (r *durableReader) CustomerByReference(reference wire.Reference) (customer, bool) {
	r.lock("SELECT id FROM partner_customer WHERE reference = ?", referenceColumn(reference))
	return one[customer](r, "a customer", "SELECT body FROM partner_customer WHERE reference = ?", referenceColumn(reference))
}

func (r *durableReader) Fleet(id string) (fleet, bool) {
	r.lock("SELECT customer FROM partner_fleet WHERE id = ?", column(id))
	return one[fleet](r, "a fleet", "SELECT body FROM partner_fleet WHERE id = ?", column(id))
}

func (r *durableReader) Licence(id string) (wire.UserService, bool) {
	r.lock("SELECT f.customer FROM partner_fleet f JOIN partner_licence l ON l.fleet = f.id WHERE l.id = ?", column(id))
	return one[wire.UserService](r, "a licence", "SELECT body FROM partner_licence WHERE id = ?", column(id))
}

func (r *durableReader) Licences(fleet string) []wire.UserService {
	r.lock("SELECT customer FROM partner_fleet WHERE id = ?", column(fleet))
	return all[wire.UserService](r, "licences", "SELECT body FROM partner_licence WHERE fleet = ? ORDER BY seq", column(fleet))
}

func (r *durableReader) LicencesOf(customer string) []wire.UserService {
	r.lock("SELECT id FROM partner_customer WHERE id = ?", column(customer))
	return all[wire.UserService](r, "licences", `SELECT l.body FROM partner_fleet f JOIN partner_licence l ON l.fleet = f.id
		WHERE f.customer = ? ORDER BY f.seq, l.seq`, column(customer))
}

// column is a text that others chose as both engines store and index it: PostgreSQL takes no NUL, no broken UTF-8, and
// no long index entry.
func column(s string) string {
	const longest = 500
	s = strings.ToValidUTF8(strings.NewReplacer(`\`, `\\`, "\x00", `\0`).Replace(s), "\uFFFD")
	if len(s) > longest {
		sum := sha256.Sum256([]byte(s))
		return `\sha256 ` + hex.EncodeToString(sum[:])
	}
	return s
}

func referenceColumn(reference wire.Reference) string {
	return column(fmt.Sprintf("%q %q", reference.Type, reference.ID))
}
