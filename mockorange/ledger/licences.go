package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// position is how many licences of an offering a fleet holds.
type position struct {
	fleet, offering   string
	active, suspended int64
}

// place identifies a position of a customer.
type place struct{ fleet, offering string }

func (p position) place() place { return place{p.fleet, p.offering} }

// billed is one order, or one price, on its way into billing: all in one transaction.
type billed struct {
	*Ledger
	tx       *database.Tx
	customer customer
	day      billing.Day
	books    billing.Store
	actor    billing.Actor
	scope    billing.Scope
	touched  map[place]position
	notes    []string
}

func (l *Ledger) newBilling(tx *database.Tx, c customer, day billing.Day, act string) *billed {
	b := &billed{Ledger: l, tx: tx, customer: c, day: day, books: l.opts.Books.In(tx), touched: map[place]position{}}
	b.actor, b.scope = house(clip(act, 500))
	return b
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// mostNotes bounds what is said of one order.
const mostNotes = 20

func (b *billed) note(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	if len(b.notes) < mostNotes && !slices.Contains(b.notes, note) {
		b.notes = append(b.notes, note)
	}
}

func (b *billed) touch(p position) { b.touched[p.place()] = p }

// settle stores where the order stands.
func (b *billed) settle(ctx context.Context, order int64, state string) error {
	notes, err := json.Marshal(append([]string{}, b.notes...))
	if err != nil {
		return err
	}
	_, err = b.tx.Exec(ctx, "UPDATE ledger_order SET state = ?, notes = ? WHERE seq = ?", state, string(notes), order)
	return err
}

// at is a position as it stands, or as this order has changed it so far.
func (b *billed) at(ctx context.Context, fleet, offering string) (position, error) {
	p := position{fleet: fleet, offering: offering}
	if changed, ok := b.touched[p.place()]; ok {
		return changed, nil
	}
	err := b.tx.QueryRow(ctx, `SELECT active, suspended FROM ledger_position
		WHERE customer = ? AND fleet = ? AND offering = ? ORDER BY day DESC LIMIT 1`, b.customer.num, fleet, offering).
		Scan(&p.active, &p.suspended)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return p, fmt.Errorf("reading what fleet %s holds: %w", fleet, err)
	}
	return p, nil
}

// count adds to a position.
func (b *billed) count(ctx context.Context, fleet, offering string, active, suspended int64) error {
	p, err := b.at(ctx, fleet, offering)
	if err != nil {
		return err
	}
	p.active += active
	p.suspended += suspended
	if p.active < 0 || p.suspended < 0 {
		return fmt.Errorf("fleet %s would hold %d active and %d suspended licences of %s", fleet, p.active, p.suspended, offering)
	}
	b.touch(p)
	return nil
}

// save stores the numbers that were touched, from the day on.
func (b *billed) save(ctx context.Context) error {
	for _, k := range b.places() {
		p := b.touched[k]
		_, err := b.tx.Exec(ctx, `INSERT INTO ledger_position (customer, fleet, offering, day, active, suspended)
			VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (customer, fleet, offering, day)
			DO UPDATE SET active = excluded.active, suspended = excluded.suspended`,
			b.customer.num, p.fleet, p.offering, b.day, p.active, p.suspended)
		if err != nil {
			return fmt.Errorf("storing what fleet %s holds: %w", p.fleet, err)
		}
	}
	return nil
}

// places are sorted, so that customers who meet in the same offerings meet in the same order.
func (b *billed) places() []place {
	return slices.SortedFunc(maps.Keys(b.touched), func(x, y place) int {
		return cmp.Or(cmp.Compare(x.offering, y.offering), cmp.Compare(x.fleet, y.fleet))
	})
}

// addLicences applies an order (ProductOrdering UC2 and UC3).
func (b *billed) addLicences(ctx context.Context, o control.Order) error {
	if err := b.count(ctx, o.Fleet, o.Offering.Code, int64(o.Quantity), 0); err != nil {
		return err
	}
	return b.save(ctx)
}

// licence is one that has a name.
type licence struct {
	id, fleet, offering string
	state               control.LicenceState // active, suspended or deleted
}

// unclearError is an event that leaves open what it changes.
type unclearError struct{ message string }

func (e *unclearError) Error() string { return e.message }

// changeLicences applies an update (UserService UC2 to UC4). Of what an event leaves open nothing is applied at all.
func (b *billed) changeLicences(ctx context.Context, o control.Order, by told) error {
	changed := map[string]licence{}
	n := naming{billed: b, by: by, free: map[string][]unnamed{}, taken: map[place]int64{}}
	for _, change := range o.Licences {
		l, twice := changed[change.ID]
		var err error
		if !twice {
			l, err = n.licence(ctx, change)
		}
		var unclear *unclearError
		if errors.As(err, &unclear) && by == byControl {
			b.note("%s", unclear.message)
			continue
		}
		if err != nil {
			return err
		}
		if changed[l.id], err = b.become(ctx, l, change); err != nil {
			return err
		}
	}
	for _, l := range changed {
		_, err := b.tx.Exec(ctx, `INSERT INTO ledger_licence (customer, licence, fleet, offering, state) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (licence, customer) DO UPDATE SET offering = excluded.offering, state = excluded.state`,
			b.customer.num, l.id, l.fleet, l.offering, l.state)
		if err != nil {
			return fmt.Errorf("storing licence %s: %w", l.id, err)
		}
	}
	return b.save(ctx)
}

// become moves a licence from the number where it was to the one where it is now.
func (b *billed) become(ctx context.Context, l licence, change control.LicenceChange) (licence, error) {
	if l.state == control.LicenceDeleted {
		if change.State != control.LicenceDeleted {
			b.note("licence %s was deleted before: nothing of it is billed", l.id)
		}
		return l, nil
	}
	after := l
	switch change.State {
	case control.LicenceActive, control.LicenceDeleted:
		after.state = change.State
	case control.LicenceSuspended, control.LicenceInactive:
		after.state = control.LicenceSuspended
	}
	if change.Swap != nil {
		after.offering = change.Swap.Code
	}
	if after == l {
		return l, nil
	}
	if err := b.move(ctx, l, -1); err != nil {
		return l, err
	}
	return after, b.move(ctx, after, 1)
}

func (b *billed) move(ctx context.Context, l licence, n int64) error {
	switch l.state {
	case control.LicenceActive:
		return b.count(ctx, l.fleet, l.offering, n, 0)
	case control.LicenceSuspended:
		return b.count(ctx, l.fleet, l.offering, 0, n)
	}
	return nil
}
