package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// CreateOffer is part of billing.Store.
func (s *Store) CreateOffer(ctx context.Context, a billing.Actor, sc billing.Scope, o billing.Offer) (billing.Offer, error) {
	if !sc.Administers() {
		return billing.Offer{}, billing.ErrForbidden
	}
	if err := billing.CheckOffer(o); err != nil {
		return billing.Offer{}, err
	}
	err := s.write(ctx, func(tx *database.Tx) error {
		id, err := insertCode(ctx, tx, "INSERT INTO offer (code, name, currency) VALUES (?, ?, ?)", o.Code, o.Name, o.Currency)
		if err != nil {
			return taken(err, "offer", string(o.Code))
		}
		return s.audit(ctx, tx, entry{
			actor: a, action: "create", kind: billing.AuditOffer, id: string(o.Code), after: offerDocument(o),
			offers: []touched{{offer: id, inAfter: true}},
		})
	})
	if err != nil {
		return billing.Offer{}, err
	}
	return o, nil
}

// CreateEnvelope is part of billing.Store.
func (s *Store) CreateEnvelope(ctx context.Context, a billing.Actor, sc billing.Scope, e billing.Envelope) (billing.Envelope, error) {
	if !sc.Administers() {
		return billing.Envelope{}, billing.ErrForbidden
	}
	if err := billing.CheckEnvelope(e); err != nil {
		return billing.Envelope{}, err
	}
	err := s.write(ctx, func(tx *database.Tx) error {
		if _, err := insertCode(ctx, tx, "INSERT INTO envelope (code, label) VALUES (?, ?)", e.Code, e.Label); err != nil {
			return taken(err, "envelope", string(e.Code))
		}
		return s.audit(ctx, tx, entry{
			actor: a, action: "create", kind: billing.AuditEnvelope, id: string(e.Code), after: envelopeDocument(e),
		})
	})
	if err != nil {
		return billing.Envelope{}, err
	}
	return e, nil
}

var errTaken = errors.New("code exists")

// insertCode inserts a row unless its code exists, which must not end the transaction: the caller may be in Once.
func insertCode(ctx context.Context, tx *database.Tx, insert string, args ...any) (id int64, err error) {
	err = tx.QueryRow(ctx, insert+" ON CONFLICT (code) DO NOTHING RETURNING id", args...).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errTaken
	}
	return id, err
}

func taken(err error, kind, code string) error {
	if errors.Is(err, errTaken) {
		return &billing.TakenError{Kind: kind, Code: code}
	}
	return fmt.Errorf("storing %s %s: %w", kind, code, err)
}

// Offer is part of billing.Store.
func (s *Store) Offer(ctx context.Context, sc billing.Scope, code billing.OfferCode) (o billing.Offer, err error) {
	if !sc.Sees(code) {
		return o, billing.ErrNotFound
	}
	err = s.read(ctx, func(tx *database.Tx) error {
		_, o, err = offerByCode(ctx, tx, code)
		return err
	})
	return o, err
}

// offerByCode is whatever the scope: callers have asked it. ErrNotFound if there is none.
func offerByCode(ctx context.Context, tx *database.Tx, code billing.OfferCode) (id int64, o billing.Offer, err error) {
	row := tx.QueryRow(ctx, "SELECT id, code, name, currency FROM offer WHERE code = ?", code)
	err = row.Scan(&id, &o.Code, &o.Name, &o.Currency)
	return id, o, notFound(err, "offer", string(code))
}

func notFound(err error, kind, code string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return billing.ErrNotFound
	}
	return fmt.Errorf("reading %s %s: %w", kind, code, err)
}

// Offers is part of billing.Store.
func (s *Store) Offers(ctx context.Context, sc billing.Scope) ([]billing.Offer, error) {
	c := &conditions{dialect: s.db.Dialect()}
	c.offers("id", sc, nil)
	offers := []billing.Offer{}
	err := s.read(ctx, func(tx *database.Tx) error {
		offers = offers[:0]
		return tx.Each(ctx, func(row database.Scanner) error {
			var o billing.Offer
			if err := row.Scan(&o.Code, &o.Name, &o.Currency); err != nil {
				return err
			}
			offers = append(offers, o)
			return nil
		}, "SELECT code, name, currency FROM offer"+c.where()+" ORDER BY code", c.args...)
	})
	if err != nil {
		return nil, fmt.Errorf("listing offers: %w", err)
	}
	return offers, nil
}

// Envelope is part of billing.Store.
func (s *Store) Envelope(ctx context.Context, sc billing.Scope, code billing.EnvelopeCode) (e billing.Envelope, err error) {
	c := s.envelopesIn(sc)
	c.add("e.code = ?", code)
	err = s.read(ctx, func(tx *database.Tx) error {
		row := tx.QueryRow(ctx, "SELECT e.code, e.label FROM envelope e"+c.where(), c.args...)
		return notFound(row.Scan(&e.Code, &e.Label), "envelope", string(code))
	})
	return e, err
}

// Envelopes is part of billing.Store.
func (s *Store) Envelopes(ctx context.Context, sc billing.Scope) ([]billing.Envelope, error) {
	c := s.envelopesIn(sc)
	envelopes := []billing.Envelope{}
	err := s.read(ctx, func(tx *database.Tx) error {
		envelopes = envelopes[:0]
		return tx.Each(ctx, func(row database.Scanner) error {
			var e billing.Envelope
			if err := row.Scan(&e.Code, &e.Label); err != nil {
				return err
			}
			envelopes = append(envelopes, e)
			return nil
		}, "SELECT e.code, e.label FROM envelope e"+c.where()+" ORDER BY e.code", c.args...)
	})
	if err != nil {
		return nil, fmt.Errorf("listing envelopes: %w", err)
	}
	return envelopes, nil
}

// envelopesIn keeps the envelopes that a scope may know of: those that its offers are charged to, or have a budget of (F8-9).
func (s *Store) envelopesIn(sc billing.Scope) *conditions {
	c := &conditions{dialect: s.db.Dialect()}
	if sc.All() {
		return c
	}
	charged, meant := &conditions{dialect: c.dialect}, &conditions{dialect: c.dialect}
	charged.offers("s.offer_id", sc, nil)
	meant.offers("b.offer_id", sc, nil)
	c.add("(EXISTS (SELECT 1 FROM subscription s WHERE s.envelope_id = e.id AND "+charged.parts[0]+
		") OR EXISTS (SELECT 1 FROM budget b WHERE b.envelope_id = e.id AND "+meant.parts[0]+"))", slices.Concat(charged.args, meant.args)...)
	return c
}
