package ledger

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/outbox"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// PutOfferings adds offerings to the catalogue. A price holds from today on, for the licences that are there too; what
// has been billed stays. *InvalidError if an offering would change its currency or its periodicity.
func (l *Ledger) PutOfferings(ctx context.Context, offerings []control.Offering) error {
	for i, o := range offerings {
		if err := checkOffering(fmt.Sprintf("[%d]", i), o); err != nil {
			return err
		}
	}
	err := l.db.Write(ctx, func(tx *database.Tx) error {
		day, err := l.lockDay(ctx, tx)
		if err != nil {
			return err
		}
		for i, o := range offerings {
			if err := l.learn(ctx, tx, o, day, true); err != nil {
				return at(err, fmt.Sprintf("[%d]", i))
			}
		}
		return nil
	})
	if err == nil {
		l.tasks.Wake()
	}
	return err
}

// at puts a path before the field of an *InvalidError.
func at(err error, path string) error {
	var bad *InvalidError
	if errors.As(err, &bad) {
		return &InvalidError{path + "." + bad.Field, bad.Message}
	}
	return err
}

// learn takes what an offering says of itself into the catalogue. What an order says counts where nothing was known; what
// the catalogue is told (set) replaces it.
func (l *Ledger) learn(ctx context.Context, tx *database.Tx, o control.Offering, day billing.Day, set bool) error {
	t, err := termsOf("offering", o)
	if err != nil {
		return err
	}
	name := o.Name
	if name == "" {
		name = o.Code
	}
	_, err = tx.Exec(ctx, "INSERT INTO ledger_offering (code, name) VALUES (?, ?) ON CONFLICT (code) DO NOTHING", o.Code, name)
	if err != nil {
		return fmt.Errorf("storing offering %s: %w", o.Code, err)
	}
	if set && o.Name != "" {
		if _, err := tx.Exec(ctx, "UPDATE ledger_offering SET name = ? WHERE code = ?", o.Name, o.Code); err != nil {
			return fmt.Errorf("storing offering %s: %w", o.Code, err)
		}
	}
	known, err := offeringOn(ctx, tx, o.Code, day)
	switch {
	case err != nil:
		return err
	case !t.priced || known.priced && !set:
		return nil
	case known.currency != "" && known.currency != t.currency && set:
		return invalid("currency", "%s is sold in %s already", o.Code, known.currency)
	case known.periodicity != "" && known.periodicity != t.periodicity && set:
		return invalid("periodicity", "%s is sold %s already", o.Code, known.periodicity)
	case known.currency != "" && (known.currency != t.currency || known.periodicity != t.periodicity):
		return nil
	case known.priced && known.price == t.price:
		return nil
	}
	return l.price(ctx, tx, o.Code, t, day)
}

// price stores a new price, with a task for each customer that it changes something for.
func (l *Ledger) price(ctx context.Context, tx *database.Tx, code string, t terms, day billing.Day) error {
	_, err := tx.Exec(ctx, "UPDATE ledger_offering SET currency = ?, periodicity = ? WHERE code = ?", t.currency, t.periodicity, code)
	if err != nil {
		return fmt.Errorf("storing offering %s: %w", code, err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO ledger_price (offering, day, price) VALUES (?, ?, ?)
		ON CONFLICT (offering, day) DO UPDATE SET price = excluded.price`, code, day, int64(t.price))
	if err != nil {
		return fmt.Errorf("storing the price of %s: %w", code, err)
	}
	var customers []int64
	err = tx.Each(ctx, func(row database.Scanner) error {
		var num int64
		err := row.Scan(&num)
		customers = append(customers, num)
		return err
	}, "SELECT DISTINCT customer FROM ledger_position WHERE offering = ? ORDER BY customer", code)
	if err != nil {
		return fmt.Errorf("looking for who has %s: %w", code, err)
	}
	for _, num := range customers {
		job := job{Kind: jobPrice, Customer: num, Offering: code, Day: day}
		if err := l.add(ctx, tx, "price/"+rand.Text(), job); err != nil {
			return err
		}
	}
	return nil
}

// offering is one of the catalogue on a day.
type offering struct {
	code, name string
	terms
}

// offeringOn is an offering at its price on a day; one that the catalogue does not know has no price.
func offeringOn(ctx context.Context, tx *database.Tx, code string, day billing.Day) (offering, error) {
	o := offering{code: code, name: code}
	var price sql.NullInt64
	err := tx.QueryRow(ctx, `SELECT name, currency, periodicity,
		(SELECT price FROM ledger_price WHERE offering = code AND day <= ? ORDER BY day DESC LIMIT 1)
		FROM ledger_offering WHERE code = ?`, day, code).Scan(&o.name, &o.currency, &o.periodicity, &price)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return o, fmt.Errorf("reading offering %s: %w", code, err)
	}
	o.price, o.priced = billing.Decimal6(price.Int64), price.Valid
	return o, nil
}

// codeOf is a text as a code of billing: itself where billing takes it, else what it takes of it and a fingerprint.
func codeOf(s string) string {
	const most, print = 64, 8
	usable := strings.Map(func(r rune) rune {
		if r < 0x80 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)) {
			return r
		}
		return '-'
	}, s)
	usable = strings.TrimLeft(usable, "._-")
	if usable == s && len(s) <= most {
		return s
	}
	usable = usable[:min(len(usable), most-1-print)]
	sum := sha256.Sum256([]byte(s))
	return strings.TrimLeft(usable+"-"+hex.EncodeToString(sum[:])[:print], "-")
}

// add stores a task with whatever else tx writes. Tasks of one customer are done in their order.
func (l *Ledger) add(ctx context.Context, tx *database.Tx, id string, j job) error {
	body, err := j.encode()
	if err != nil {
		return err
	}
	return l.tasks.Add(ctx, tx, outbox.Task{ID: id, Lane: fmt.Sprintf("customer/%d", j.Customer), Body: body})
}
