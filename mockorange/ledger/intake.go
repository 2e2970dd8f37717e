package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// told says by which way an order came.
type told string

const (
	byControl told = "control"
	byEvent   told = "event"
)

// Take stores an order that was posted, with the task to bill it, and says where it stands. One that is known counts
// once, but what it says more than was known is taken. *InvalidError if it cannot be taken.
func (l *Ledger) Take(ctx context.Context, o control.Order) (control.OrderStatus, error) {
	return l.take(ctx, o, byControl, nil)
}

// take does also what else belongs into the transaction.
func (l *Ledger) take(
	ctx context.Context, o control.Order, by told, also func(*database.Tx) error,
) (status control.OrderStatus, err error) {
	if err := checkOrder(o); err != nil {
		return status, err
	}
	err = l.db.Write(ctx, func(tx *database.Tx) error {
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		status, err = l.record(ctx, tx, o, by)
		return err
	})
	if err != nil {
		return status, fmt.Errorf("taking %s %s: %w", o.Kind, o.Reference, err)
	}
	l.tasks.Wake()
	return status, nil
}

// lockDay is the day on which what is told now acts. Until the end of the transaction the calendar does not move, and
// nobody else is told anything: so tasks are in the order of their days.
func (l *Ledger) lockDay(ctx context.Context, tx *database.Tx) (billing.Day, error) {
	row, err := readClock(ctx, tx, tx.Dialect().ForUpdate())
	if err != nil {
		return 0, err
	}
	return l.calendar.dayOf(row.stands), nil
}

// storedOrder is a row of ledger_order.
type storedOrder struct {
	seq   int64
	order control.Order
	control.OrderStatus
}

func (l *Ledger) record(ctx context.Context, tx *database.Tx, o control.Order, by told) (control.OrderStatus, error) {
	day, err := l.lockDay(ctx, tx)
	if err != nil {
		return control.OrderStatus{}, err
	}
	if err := l.learnAll(ctx, tx, o, day); err != nil {
		return control.OrderStatus{}, err
	}
	known, found, err := orderBy(ctx, tx, "o.kind = ? AND o.reference = ?", o.Kind, o.Reference)
	if err != nil {
		return control.OrderStatus{}, err
	}
	if found && (known.State != control.OrderIncomplete || by == byEvent) {
		return known.OrderStatus, nil
	}
	s := storedOrder{seq: known.seq, order: o, OrderStatus: control.OrderStatus{
		Reference: o.Reference, Kind: o.Kind, Day: day.String(), Told: string(by), State: control.OrderPending,
	}}
	customer, err := customerOf(ctx, tx, o, day)
	switch {
	case errors.Is(err, errUnknownCustomer):
		s.State, s.Notes = control.OrderIncomplete, []string{"for whom it is is not known yet"}
	case err != nil:
		return s.OrderStatus, err
	default:
		s.Customer = customer.reference
	}
	if err := s.store(ctx, tx, customer.num, day); err != nil || s.State == control.OrderIncomplete {
		return s.OrderStatus, err
	}
	job := job{Kind: jobOrder, Customer: customer.num, Day: day, Order: s.seq}
	return s.OrderStatus, l.add(ctx, tx, fmt.Sprintf("%s/%d/%d", o.Kind, s.seq, day), job)
}

// learnAll takes the prices that an order names into the catalogue.
func (l *Ledger) learnAll(ctx context.Context, tx *database.Tx, o control.Order, day billing.Day) error {
	if o.Offering != nil {
		return l.learn(ctx, tx, *o.Offering, day, false)
	}
	for _, licence := range o.Licences {
		if licence.Swap == nil {
			continue
		}
		if err := l.learn(ctx, tx, *licence.Swap, day, false); err != nil {
			return err
		}
	}
	return nil
}

// store writes a new order, or what is known by now of one that was incomplete.
func (s *storedOrder) store(ctx context.Context, tx *database.Tx, customer int64, day billing.Day) error {
	body, err := json.Marshal(s.order)
	if err != nil {
		return err
	}
	notes, err := json.Marshal(append([]string{}, s.Notes...))
	if err != nil {
		return err
	}
	who := sql.NullInt64{Int64: customer, Valid: customer != 0}
	err = tx.QueryRow(ctx, `INSERT INTO ledger_order (kind, reference, customer, day, body, told, state, notes)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, reference) DO UPDATE SET customer = excluded.customer,
		day = excluded.day, body = excluded.body, told = excluded.told, state = excluded.state, notes = excluded.notes
		RETURNING seq`, s.Kind, s.Reference, who, day, body, s.Told, s.State, string(notes)).Scan(&s.seq)
	if err != nil {
		return fmt.Errorf("storing %s %s: %w", s.Kind, s.Reference, err)
	}
	return nil
}

const orderColumns = `SELECT o.seq, o.kind, o.reference, coalesce(c.reference, ''), o.day, o.body, o.told, o.state, o.notes
	FROM ledger_order o LEFT JOIN ledger_customer c ON c.num = o.customer WHERE `

func scanOrder(row database.Scanner) (storedOrder, error) {
	var s storedOrder
	var day billing.Day
	var body []byte
	var notes string
	err := row.Scan(&s.seq, &s.Kind, &s.Reference, &s.Customer, &day, &body, &s.Told, &s.State, &notes)
	if err != nil {
		return s, err
	}
	s.Day = day.String()
	return s, errors.Join(json.Unmarshal(body, &s.order), json.Unmarshal([]byte(notes), &s.Notes))
}

func orderBy(ctx context.Context, tx *database.Tx, where string, args ...any) (s storedOrder, found bool, err error) {
	s, err = scanOrder(tx.QueryRow(ctx, orderColumns+where, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return storedOrder{}, false, nil
	}
	if err != nil {
		return s, false, fmt.Errorf("reading an order: %w", err)
	}
	return s, true, nil
}

// mostListed bounds a list of orders.
const mostListed = 1000

// Orders are those that were told, the newest first, 1,000 at most; of one customer if customer is not "".
func (l *Ledger) Orders(ctx context.Context, customer string) ([]control.OrderStatus, error) {
	orders := []control.OrderStatus{}
	err := l.db.Read(ctx, func(tx *database.Tx) error {
		orders = orders[:0]
		return tx.Each(ctx, func(row database.Scanner) error {
			s, err := scanOrder(row)
			orders = append(orders, s.OrderStatus)
			return err
		}, orderColumns+fmt.Sprintf("(? = '' OR c.reference = ?) ORDER BY o.seq DESC LIMIT %d", mostListed), customer, customer)
	})
	if err != nil {
		return nil, fmt.Errorf("listing orders: %w", err)
	}
	return orders, nil
}
