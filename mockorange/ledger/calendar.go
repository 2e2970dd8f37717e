package ledger

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

//go:embed migrations
var migrations embed.FS

// Calendar is the day that it is for billing: the system's, in UTC, until it is moved; then the day that it was moved to,
// until it is moved again. It is kept in the database. It is safe for concurrent use.
type Calendar struct {
	db     *database.DB
	system func() time.Time
	// stands is the day that it was moved to, or follows. What reads it may be inside a transaction, where an in-memory
	// database has no second connection to ask.
	stands atomic.Int64
}

// follows is a calendar that was not moved.
const follows = int64(billing.Forever)

// OpenCalendar brings the ledger's tables up to date and reads where the calendar stands. A nil now is time.Now.
func OpenCalendar(ctx context.Context, db *database.DB, now func() time.Time) (*Calendar, error) {
	if now == nil {
		now = time.Now
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, database.Component{Name: "ledger", Files: files}); err != nil {
		return nil, err
	}
	c := &Calendar{db: db, system: now}
	// Whatever is told from now on is closed from today on.
	err = db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE ledger_clock SET reached = ? WHERE reached IS NULL", c.dayOf(follows))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("opening the billing calendar: %w", err)
	}
	return c, c.refresh(ctx)
}

// Now is the system's time of day on the calendar's day: the clock of whatever shows or stores days of billing.
func (c *Calendar) Now() time.Time {
	now := c.system().UTC()
	stands := c.stands.Load()
	if stands == follows {
		return now
	}
	y, m, d := billing.Day(stands).Civil()
	return time.Date(y, time.Month(m), d, now.Hour(), now.Minute(), now.Second(), now.Nanosecond(), time.UTC)
}

// Today is the calendar's day.
func (c *Calendar) Today() billing.Day { return c.dayOf(c.stands.Load()) }

func (c *Calendar) dayOf(stands int64) billing.Day {
	if stands != follows {
		return billing.Day(stands)
	}
	y, m, d := c.system().UTC().Date()
	return billing.NewDay(y, int(m), d)
}

// clockRow is the one row of ledger_clock.
type clockRow struct {
	stands  int64
	reached billing.Day // periods that end on this day or before are closed, or have their tasks
	journal string
	seen    int64
}

func readClock(ctx context.Context, tx *database.Tx, lock string) (clockRow, error) {
	var r clockRow
	var day sql.NullInt64
	err := tx.QueryRow(ctx, "SELECT day, reached, journal, seen FROM ledger_clock WHERE id = 1"+lock).
		Scan(&day, &r.reached, &r.journal, &r.seen)
	if err != nil {
		return r, fmt.Errorf("reading the billing calendar: %w", err)
	}
	if r.stands = follows; day.Valid {
		r.stands = day.Int64
	}
	return r, nil
}

// mostMonths bounds a move by months, and mostClosings what any move makes documents for: parts of months of customers.
const (
	mostMonths   = 1200
	mostClosings = 50_000
)
