package store

import (
	"context"
	"errors"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// CreateSubscription is part of billing.Store.
func (s *Store) CreateSubscription(
	ctx context.Context, a billing.Actor, sc billing.Scope, n billing.NewSubscription,
) (billing.Subscription, error) {
	var created billing.Subscription
	err := s.write(ctx, func(tx *database.Tx) error {
		b := s.newBatch(tx, a, sc)
		r, err := b.check(ctx, n)
		if err != nil {
			return err
		}
		if err := refuseDuplicate(ctx, tx, r); err != nil {
			return err
		}
		created = r.Subscription
		return b.store(ctx, []*record{r})
	})
	if err != nil {
		return billing.Subscription{}, err
	}
	return created, nil
}

// batch is what creating subscriptions needs within one transaction: one, or the rows of an import.
type batch struct {
	s         *Store
	tx        *database.Tx
	actor     billing.Actor
	scope     billing.Scope
	now       moment
	offers    map[billing.OfferCode]knownOffer
	envelopes map[billing.EnvelopeCode]int64
}

type knownOffer struct {
	id    int64
	offer billing.Offer
}

func (s *Store) newBatch(tx *database.Tx, a billing.Actor, sc billing.Scope) *batch {
	return &batch{
		s: s, tx: tx, actor: a, scope: sc, now: s.moment(),
		offers: map[billing.OfferCode]knownOffer{}, envelopes: map[billing.EnvelopeCode]int64{},
	}
}

// check is the record that n asks for, not yet stored: *InvalidError, or ErrForbidden if the scope only sees the offer.
func (b *batch) check(ctx context.Context, n billing.NewSubscription) (*record, error) {
	offer, err := b.offer(ctx, n.Offer)
	if errors.Is(err, billing.ErrNotFound) {
		return nil, billing.Invalid("offer", billing.CodeUnknown, "%q is not an offer", string(n.Offer))
	}
	if err != nil {
		return nil, err
	}
	if !b.scope.Writes(n.Offer) {
		return nil, billing.ErrForbidden
	}
	sub, err := billing.Subscribe(n, offer.offer)
	if err != nil {
		return nil, err
	}
	envelope, err := b.envelope(ctx, n.Envelope)
	if err != nil {
		return nil, err
	}
	sub.ID, sub.Version, sub.CreatedBy = billing.SubscriptionID(b.s.opts.NewID(b.now.at)), 1, b.actor.Client
	sub.CreatedAt, sub.UpdatedAt, sub.CreatedOn, sub.UpdatedOn = b.now.at, b.now.at, b.now.on, b.now.on
	return &record{Subscription: sub, offer: offer.id, envelope: envelope}, nil
}

// offer is ErrNotFound outside the scope, as if there were none.
func (b *batch) offer(ctx context.Context, code billing.OfferCode) (knownOffer, error) {
	if o, ok := b.offers[code]; ok {
		return o, nil
	}
	if !b.scope.Sees(code) {
		return knownOffer{}, billing.ErrNotFound
	}
	id, o, err := offerByCode(ctx, b.tx, code)
	if err != nil {
		return knownOffer{}, err
	}
	b.offers[code] = knownOffer{id, o}
	return b.offers[code], nil
}

// envelope is the number of an envelope; every writer may charge to any. An unknown one is an *InvalidError.
func (b *batch) envelope(ctx context.Context, code billing.EnvelopeCode) (int64, error) {
	if id, ok := b.envelopes[code]; ok {
		return id, nil
	}
	var id int64
	err := b.tx.QueryRow(ctx, "SELECT id FROM envelope WHERE code = ?", code).Scan(&id)
	if err = notFound(err, "envelope", string(code)); errors.Is(err, billing.ErrNotFound) {
		return 0, billing.Invalid("envelope", billing.CodeUnknown, "%q is not an envelope", string(code))
	}
	if err != nil {
		return 0, err
	}
	b.envelopes[code] = id
	return id, nil
}

// store writes checked records with their part of the roll-up, the audit and suspected duplicates. Lines are priced
// already; a row that breaks an invariant all the same is refused here, whatever wrote it.
func (b *batch) store(ctx context.Context, records []*record) error {
	sums, entries := deltas{}, make([]entry, 0, len(records))
	for _, r := range records {
		if err := billing.Check(&r.Subscription); err != nil {
			return err
		}
		if err := sums.add(r); err != nil {
			return err
		}
		entries = append(entries, entry{
			actor: b.actor, action: "create", kind: billing.AuditSubscription, id: string(r.ID),
			after: documentOf(&r.Subscription, true), offers: []touched{{offer: r.offer, inAfter: true}},
		})
	}
	if err := insertRecords(ctx, b.tx, records); err != nil {
		return err
	}
	if err := b.suspect(ctx, records); err != nil {
		return err
	}
	if err := sums.apply(ctx, b.tx); err != nil {
		return err
	}
	return b.s.audit(ctx, b.tx, entries...)
}
