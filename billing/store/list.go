package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// Subscription is part of billing.Store.
func (s *Store) Subscription(ctx context.Context, sc billing.Scope, id billing.SubscriptionID) (sub billing.Subscription, err error) {
	err = s.read(ctx, func(tx *database.Tx) error {
		r, err := s.record(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		sub = r.Subscription
		return nil
	})
	return sub, err
}

// record is a subscription in the scope with all its parts, else ErrNotFound.
func (s *Store) record(ctx context.Context, tx *database.Tx, sc billing.Scope, id billing.SubscriptionID) (*record, error) {
	c := s.filtered(sc, billing.Filter{})
	c.add("s.id = ?", id)
	records, err := selectRecords(ctx, tx, c.where(), c.args...)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, billing.ErrNotFound
	}
	if err := fill(ctx, tx, records, true); err != nil {
		return nil, err
	}
	return &records[0], nil
}

// Subscriptions is part of billing.Store: two statements, and one more if the total is asked for.
func (s *Store) Subscriptions(
	ctx context.Context, sc billing.Scope, f billing.Filter, o billing.Order, p billing.Page,
) (page billing.SubscriptionPage, err error) {
	l, err := s.subscriptionList(sc, f, o)
	if err != nil {
		return page, err
	}
	w, err := l.window(p)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(tx *database.Tx) error {
		page = billing.SubscriptionPage{}
		records, err := l.records(ctx, tx, w)
		if err != nil {
			return err
		}
		if records, page.Pages, err = cut(w, records, l.keyOf); err != nil {
			return err
		}
		if err := fill(ctx, tx, records, true); err != nil {
			return err
		}
		page.Items = plain(records)
		if p.Count {
			page.Total, err = total(ctx, tx, "subscription s", l.conditions)
		}
		return err
	})
	return page, err
}

func total(ctx context.Context, tx *database.Tx, from string, c *conditions) (*int64, error) {
	var n int64
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM "+from+c.where(), c.args...).Scan(&n); err != nil {
		return nil, fmt.Errorf("counting: %w", err)
	}
	return &n, nil
}

// subscriptionList is a list of subscriptions in its order.
type subscriptionList struct {
	*list
	by billing.OrderField
}

func (s *Store) subscriptionList(sc billing.Scope, f billing.Filter, o billing.Order) (*subscriptionList, error) {
	if o.By == "" {
		o.By = billing.OrderByCreated
	}
	columns := map[billing.OrderField]string{
		billing.OrderByCreated: "s.created_at", billing.OrderByUpdated: "s.updated_at", billing.OrderByStart: "s.start",
		billing.OrderByEnd: "s.finish", billing.OrderByReference: "s.reference", billing.OrderByLabel: "s.label",
		billing.OrderByOffer: "o.code", billing.OrderByEnvelope: "e.code", billing.OrderByAmount: "s.amount",
	}
	column, ok := columns[o.By]
	if !ok {
		return nil, billing.Invalid("order", billing.CodeUnknown, "%q is not a field to order by", string(o.By))
	}
	if len(f.Statuses) == 0 {
		// Otherwise a cursor would expire at midnight for nothing.
		f.AsOf = 0
	}
	l, err := newList(s.filtered(sc, f), column, "s.id", o.Ascending, sc, "subscriptions", f, o)
	if err != nil {
		return nil, err
	}
	l.byOffer = o.By == billing.OrderByCreated
	return &subscriptionList{l, o.By}, nil
}

func (l *subscriptionList) records(ctx context.Context, tx *database.Tx, w window) ([]record, error) {
	rest, args := w.query()
	return selectRecords(ctx, tx, rest, args...)
}

// keyOf is where a record stands in the order.
func (l *subscriptionList) keyOf(r record) key {
	switch l.by {
	case billing.OrderByUpdated:
		return numberKey(int64(r.UpdatedAt), string(r.ID))
	case billing.OrderByStart:
		return numberKey(int64(r.Term.From), string(r.ID))
	case billing.OrderByEnd:
		return numberKey(int64(r.Term.To), string(r.ID))
	case billing.OrderByReference:
		return textKey(r.Reference, string(r.ID))
	case billing.OrderByLabel:
		return textKey(r.Label, string(r.ID))
	case billing.OrderByOffer:
		return textKey(string(r.Offer), string(r.ID))
	case billing.OrderByEnvelope:
		return textKey(string(r.Envelope), string(r.ID))
	case billing.OrderByAmount:
		return numberKey(int64(r.amount), string(r.ID))
	}
	return numberKey(int64(r.CreatedAt), string(r.ID))
}

// streamedAtOnce is how many subscriptions a stream holds in memory.
const streamedAtOnce = 500

// StreamSubscriptions is part of billing.Store: every 500 subscriptions take two statements.
func (s *Store) StreamSubscriptions(
	ctx context.Context, sc billing.Scope, f billing.Filter, o billing.Order, each func(*billing.Subscription) error,
) error {
	l, err := s.subscriptionList(sc, f, o)
	if err != nil {
		return err
	}
	begun := false
	return s.read(ctx, func(tx *database.Tx) error {
		if begun {
			return errors.New("streaming subscriptions: interrupted by the database")
		}
		w := window{list: l.list, size: streamedAtOnce}
		for {
			records, err := l.records(ctx, tx, w)
			if err != nil {
				return err
			}
			more := len(records) > w.size
			if more {
				records = records[:w.size]
			}
			if err := fill(ctx, tx, records, true); err != nil {
				return err
			}
			begun = true
			for i := range records {
				if err := each(&records[i].Subscription); err != nil {
					return err
				}
			}
			if !more {
				return nil
			}
			at := l.keyOf(records[len(records)-1])
			w.from = &at
		}
	})
}
