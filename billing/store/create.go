package store

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

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
		if err := b.know(ctx, []billing.ImportRow{{NewSubscription: n}}); err != nil {
			return err
		}
		r, err := b.check(n)
		if err != nil {
			return err
		}
		around, err := b.look(ctx, []*record{r})
		if err != nil {
			return err
		}
		if err := around.refuse(r); err != nil {
			return err
		}
		created = r.Subscription
		return b.store(ctx, []*record{r}, around)
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

// know looks up the offers and envelopes that rows name, those of the scope at once.
func (b *batch) know(ctx context.Context, rows []billing.ImportRow) error {
	offers, envelopes := map[string]bool{}, map[string]bool{}
	for _, r := range rows {
		offers[string(r.Offer)], envelopes[string(r.Envelope)] = true, true
	}
	inOffers, offerCodes := database.In(b.tx.Dialect(), "code", slices.Collect(maps.Keys(offers)))
	inEnvelopes, envelopeCodes := database.In(b.tx.Dialect(), "code", slices.Collect(maps.Keys(envelopes)))
	return b.tx.Batch(ctx, database.Statement{
		Query: "SELECT id, code, name, currency FROM offer WHERE " + inOffers, Args: []any{offerCodes}, Failed: doing("reading offers"),
		Row: func(row database.Scanner) error {
			var o knownOffer
			err := row.Scan(&o.id, &o.offer.Code, &o.offer.Name, &o.offer.Currency)
			if b.scope.Sees(o.offer.Code) {
				b.offers[o.offer.Code] = o
			}
			return err
		},
	}, database.Statement{
		Query: "SELECT id, code FROM envelope WHERE " + inEnvelopes, Args: []any{envelopeCodes}, Failed: doing("reading envelopes"),
		Row: func(row database.Scanner) error {
			var id int64
			var code billing.EnvelopeCode
			err := row.Scan(&id, &code)
			b.envelopes[code] = id
			return err
		},
	})
}

// surroundings are what creating subscriptions depends on, as it is stored.
type surroundings struct {
	terms
	twins twins
	nums  []int64
}

// look reads the surroundings of records.
func (b *batch) look(ctx context.Context, records []*record) (*surroundings, error) {
	s, d := &surroundings{terms: terms{}, twins: twins{}}, b.tx.Dialect()
	if len(records) == 0 {
		return s, nil
	}
	statements := append(s.terms.read(d, records), s.twins.read(d, records)...)
	return s, b.tx.Batch(ctx, append(statements, numbers(d, len(records), &s.nums))...)
}

// check is the record that n asks for, not yet stored: *InvalidError, or ErrForbidden if the scope only sees the offer. What
// n names is known already, or is not there.
func (b *batch) check(n billing.NewSubscription) (*record, error) {
	offer, ok := b.offers[n.Offer]
	if !ok {
		return nil, billing.Invalid("offer", billing.CodeUnknown, "%q is not an offer", string(n.Offer))
	}
	if !b.scope.Writes(n.Offer) {
		return nil, billing.ErrForbidden
	}
	sub, err := billing.Subscribe(n, offer.offer)
	if err != nil {
		return nil, err
	}
	envelope, ok := b.envelopes[n.Envelope]
	if !ok {
		return nil, unknownEnvelope(n.Envelope)
	}
	sub.ID, sub.Version, sub.CreatedBy = billing.SubscriptionID(b.s.opts.NewID(b.now.at)), 1, b.actor.Client
	for i := range sub.Holds {
		sub.Holds[i].ID = billing.HoldID(strings.ToLower(b.s.opts.NewID(b.now.at)))
	}
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
		return 0, unknownEnvelope(code)
	}
	if err != nil {
		return 0, err
	}
	b.envelopes[code] = id
	return id, nil
}

func unknownEnvelope(code billing.EnvelopeCode) error {
	return billing.Invalid("envelope", billing.CodeUnknown, "%q is not an envelope", string(code))
}

// store writes checked records with their part of the roll-up, the audit and suspected duplicates. Lines are priced
// already; a row that breaks an invariant all the same is refused here, whatever wrote it.
func (b *batch) store(ctx context.Context, records []*record, around *surroundings) error {
	sums, entries := deltas{}, make([]entry, 0, len(records))
	for i, r := range records {
		r.num = around.nums[i]
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
	audit, err := b.s.auditing(b.tx.Dialect(), entries)
	if err != nil {
		return err
	}
	return b.tx.Batch(ctx, slices.Concat(insertRecords(records), b.suspect(records, around.twins), sums.apply(), audit)...)
}
