package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// customer is whom licences are billed to: an envelope in billing, and one contract in the customer space.
type customer struct {
	num       int64
	reference string // Orange's
	envelope  billing.EnvelopeCode
	name      string
	country   string
	offering  string // that was ordered first
	since     billing.Day
}

// errUnknownCustomer is an order that does not say for whom it is, and whose fleet or licences don't either.
var errUnknownCustomer = errors.New("the customer is not known")

// customerOf is whom an order is for, stored if it is new: by its reference, else by the fleet or the licences. The fleet
// of an order is the customer's from now on.
func customerOf(ctx context.Context, tx *database.Tx, o control.Order, day billing.Day) (customer, error) {
	c, err := customerNamed(ctx, tx, o)
	if errors.Is(err, errUnknownCustomer) && o.Customer.Reference != "" && o.Offering != nil {
		c, err = createCustomer(ctx, tx, o, day)
	}
	if err != nil || o.Fleet == "" {
		return c, err
	}
	_, err = tx.Exec(ctx, "INSERT INTO ledger_fleet (customer, fleet) VALUES (?, ?) ON CONFLICT DO NOTHING", c.num, o.Fleet)
	if err != nil {
		return c, fmt.Errorf("storing fleet %s: %w", o.Fleet, err)
	}
	return c, nil
}

func customerNamed(ctx context.Context, tx *database.Tx, o control.Order) (customer, error) {
	if o.Customer.Reference != "" {
		return customerWhere(ctx, tx, "reference = ?", o.Customer.Reference)
	}
	if o.Fleet != "" {
		return customerWhere(ctx, tx, "num IN (SELECT customer FROM ledger_fleet WHERE fleet = ?)", o.Fleet)
	}
	for _, l := range o.Licences {
		c, err := customerWhere(ctx, tx, "num IN (SELECT customer FROM ledger_licence WHERE licence = ?)", l.ID)
		if errors.Is(err, errUnknownCustomer) && l.Fleet != "" {
			c, err = customerWhere(ctx, tx, "num IN (SELECT customer FROM ledger_fleet WHERE fleet = ?)", l.Fleet)
		}
		if !errors.Is(err, errUnknownCustomer) {
			return c, err
		}
	}
	return customer{}, errUnknownCustomer
}

// customerWhere is the one customer that satisfies a condition; none if there are several, since a partner's ids may be
// anybody's.
func customerWhere(ctx context.Context, tx *database.Tx, where string, arg any) (customer, error) {
	var c customer
	n := 0
	err := tx.Each(ctx, func(row database.Scanner) error {
		n++
		return row.Scan(&c.num, &c.reference, &c.envelope, &c.name, &c.country, &c.offering, &c.since)
	}, "SELECT num, reference, envelope, name, country, offering, since FROM ledger_customer WHERE "+where+" LIMIT 2", arg)
	switch {
	case err != nil:
		return customer{}, fmt.Errorf("reading a customer: %w", err)
	case n != 1:
		return customer{}, errUnknownCustomer
	}
	return c, nil
}

func createCustomer(ctx context.Context, tx *database.Tx, o control.Order, day billing.Day) (customer, error) {
	c := customer{
		reference: o.Customer.Reference, envelope: billing.EnvelopeCode(codeOf(o.Customer.Reference)), name: o.Customer.Name,
		country: o.Customer.Country, offering: o.Offering.Code, since: day,
	}
	if c.name == "" {
		c.name = c.reference
	}
	err := tx.QueryRow(ctx, `INSERT INTO ledger_customer (reference, envelope, name, country, offering, since)
		VALUES (?, ?, ?, ?, ?, ?) RETURNING num`, c.reference, c.envelope, c.name, c.country, c.offering, c.since).Scan(&c.num)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("storing customer %s: %w", c.reference, err)
	}
	return c, nil
}
