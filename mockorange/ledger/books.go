package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/clementine-ope/clementine/billing"
)

// offer is billing's offer for an offering, made if there is none. One of another currency, which somebody else has made,
// is refused.
func (b *billed) offer(ctx context.Context, o offering) (billing.OfferCode, error) {
	code := billing.OfferCode(codeOf(o.code))
	_, err := b.books.CreateOffer(ctx, b.actor, b.scope, billing.Offer{Code: code, Name: o.name, Currency: o.currency})
	var taken *billing.TakenError
	switch {
	case err == nil:
		return code, nil
	case !errors.As(err, &taken):
		return code, fmt.Errorf("creating offer %s: %w", code, err)
	}
	known, err := b.books.Offer(ctx, b.scope, code)
	if err != nil {
		return code, fmt.Errorf("reading offer %s: %w", code, err)
	}
	if known.Currency != o.currency {
		return code, billing.Invalid("currency", billing.CodeConflict, "offer %s is in %s", string(code), string(known.Currency))
	}
	return code, nil
}

func (b *billed) envelope(ctx context.Context) error {
	e := billing.Envelope{Code: b.customer.envelope, Label: b.customer.name}
	_, err := b.books.CreateEnvelope(ctx, b.actor, b.scope, e)
	var taken *billing.TakenError
	if err != nil && !errors.As(err, &taken) {
		return fmt.Errorf("creating envelope %s: %w", e.Code, err)
	}
	return nil
}

// room is a subscription that takes one more revision and one more hold. Billing bounds their number; a subscription that
// has reached it goes on as another one from the first day of the month, so that no month is split: nothing of what it
// costs changes.
func (b *billed) room(ctx context.Context, p position, s *billing.Subscription) (*billing.Subscription, error) {
	if len(s.Revisions) < billing.MaxRevisions && len(s.Holds) < billing.MaxHolds {
		return s, nil
	}
	from := b.day.Month().First()
	rest := s.Clone()
	if _, err := b.books.End(ctx, b.actor, b.scope, s.ID, 0, from); err != nil {
		return nil, fmt.Errorf("ending subscription %s: %w", s.ID, err)
	}
	next, err := b.books.CreateSubscription(ctx, b.actor, b.scope, billing.NewSubscription{
		Offer: rest.Offer, Envelope: rest.Envelope, Reference: rest.Reference, Label: rest.Label, Periodicity: rest.Periodicity,
		Rule: rest.Rule, Anchor: &rest.Anchor, Term: billing.Interval{From: from, To: billing.Forever},
		Lines: rest.RevisionOn(from).Lines,
	})
	if err != nil {
		return nil, fmt.Errorf("going on with subscription %s: %w", s.ID, err)
	}
	for _, r := range rest.Revisions {
		if r.From <= from {
			continue
		}
		if next, err = b.books.Revise(ctx, b.actor, b.scope, next.ID, 0, r.From, r.Lines); err != nil {
			return nil, fmt.Errorf("going on with subscription %s: %w", s.ID, err)
		}
	}
	for _, h := range rest.Holds {
		i := h.Intersect(next.Term)
		if i.Empty() {
			continue
		}
		if next, err = b.books.AddHold(ctx, b.actor, b.scope, next.ID, 0, billing.Hold{Interval: i, Reason: h.Reason}); err != nil {
			return nil, fmt.Errorf("going on with subscription %s: %w", s.ID, err)
		}
	}
	return &next, b.remember(ctx, p, next.ID)
}
