package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cenkalti/backoff/v5"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/outbox"
)

// jobKind is what a task is to do.
type jobKind string

const (
	jobOrder jobKind = "order" // bill an order or an update
	jobPrice jobKind = "price" // bill a new price of an offering
	jobClose jobKind = "close" // make the documents of a part of a month
)

// job is the body of a task. It acts on Day, whenever it is done.
type job struct {
	Kind     jobKind       `json:"kind"`
	Customer int64         `json:"customer"`
	Day      billing.Day   `json:"day"`
	Order    int64         `json:"order,omitempty"`
	Offering string        `json:"offering,omitempty"`
	Month    billing.Month `json:"month,omitempty"`
	Part     part          `json:"part,omitempty"`
}

func (j job) encode() ([]byte, error) { return json.Marshal(j) }

// work does one task, and ends it in the transaction that it has written with: a task is done once, or not yet.
func (l *Ledger) work(ctx context.Context, t outbox.Task) error {
	defer l.notify()
	var j job
	if err := json.Unmarshal(t.Body, &j); err != nil {
		return backoff.Permanent(fmt.Errorf("reading the task: %w", err))
	}
	err := l.db.Write(ctx, func(tx *database.Tx) error {
		if err := l.do(ctx, tx, j); err != nil {
			return err
		}
		return l.tasks.Done(ctx, tx, t)
	})
	if err != nil && !errors.Is(err, outbox.ErrLeaseLost) {
		l.log.Error("ledger task", "task", t.ID, "error", err)
	}
	return err
}

func (l *Ledger) do(ctx context.Context, tx *database.Tx, j job) error {
	c, err := customerWhere(ctx, tx, "num = ?", j.Customer)
	if err != nil {
		return err
	}
	switch j.Kind {
	case jobOrder:
		return l.bill(ctx, tx, c, j)
	case jobPrice:
		return l.reprice(ctx, tx, c, j)
	case jobClose:
		return l.closePart(ctx, tx, c, j)
	}
	return backoff.Permanent(fmt.Errorf("a task of kind %q is not known", string(j.Kind)))
}

// bill applies one order or update: to the licences, to their numbers, and to the subscriptions.
func (l *Ledger) bill(ctx context.Context, tx *database.Tx, c customer, j job) error {
	s, found, err := orderBy(ctx, tx, "o.seq = ?", j.Order)
	if err != nil {
		return err
	}
	if !found {
		return backoff.Permanent(fmt.Errorf("order %d is not there", j.Order))
	}
	if _, err := l.putContract(ctx, tx, c); err != nil {
		return err
	}
	b := l.newBilling(tx, c, j.Day, fmt.Sprintf("%s %s", s.Kind, s.Reference))
	if s.order.Offering != nil {
		err = b.addLicences(ctx, s.order)
	} else {
		err = b.changeLicences(ctx, s.order, told(s.Told))
	}
	state := "applied"
	var unclear *unclearError
	switch {
	case errors.As(err, &unclear):
		// Nothing was written: what the event leaves open Orange's IT will say.
		b.notes, state = []string{unclear.Error()}, "incomplete"
	case err != nil:
		return err
	default:
		if err := b.project(ctx); err != nil {
			return err
		}
	}
	return b.settle(ctx, s.seq, state)
}

// reprice bills what a customer has of an offering at its new price.
func (l *Ledger) reprice(ctx context.Context, tx *database.Tx, c customer, j job) error {
	b := l.newBilling(tx, c, j.Day, "price of "+j.Offering)
	var fleets []string
	err := tx.Each(ctx, func(row database.Scanner) error {
		var fleet string
		err := row.Scan(&fleet)
		fleets = append(fleets, fleet)
		return err
	}, "SELECT DISTINCT fleet FROM ledger_position WHERE customer = ? AND offering = ?", c.num, j.Offering)
	if err != nil {
		return fmt.Errorf("reading what %s has of %s: %w", c.reference, j.Offering, err)
	}
	for _, fleet := range fleets {
		if err := b.count(ctx, fleet, j.Offering, 0, 0); err != nil {
			return err
		}
	}
	return b.project(ctx)
}

func (l *Ledger) putContract(ctx context.Context, tx *database.Tx, c customer) (id string, err error) {
	offer, err := offeringOn(ctx, tx, c.offering, c.since)
	if err != nil {
		return "", err
	}
	id, err = l.opts.Space.PutContract(ctx, tx, Contract{
		Reference: "ledger/" + c.reference, Name: c.name, Customer: c.reference, Label: c.name,
		Offer: offer.code, OfferName: offer.name, At: midnight(c.since),
	})
	if err != nil {
		return "", fmt.Errorf("storing the contract of %s: %w", c.reference, err)
	}
	return id, nil
}
