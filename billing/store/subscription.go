package store

import (
	"context"
	"errors"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// PatchSubscription is part of billing.Store.
func (s *Store) PatchSubscription(
	ctx context.Context, a billing.Actor, sc billing.Scope, id billing.SubscriptionID, expected int, p billing.SubscriptionPatch,
) (billing.Subscription, error) {
	apply := func(ctx context.Context, b *batch, sub *billing.Subscription) (billing.Subscription, error) {
		if p.Offer == nil || *p.Offer == sub.Offer {
			return sub.WithPatch(billing.SubscriptionPatch{Envelope: p.Envelope, Reference: p.Reference, Label: p.Label}, billing.Offer{})
		}
		known, err := b.offer(ctx, *p.Offer)
		if errors.Is(err, billing.ErrNotFound) {
			return billing.Subscription{}, billing.Invalid("offer", billing.CodeUnknown, "%q is not an offer", string(*p.Offer))
		}
		if err != nil {
			return billing.Subscription{}, err
		}
		if !sc.Writes(*p.Offer) {
			return billing.Subscription{}, billing.ErrForbidden
		}
		return sub.WithPatch(p, known.offer)
	}
	return s.change(ctx, change{actor: a, scope: sc, id: id, expected: expected, action: "patch", apply: apply})
}

// pure is a change that the domain makes of the subscription alone.
func pure(apply func(*billing.Subscription) (billing.Subscription, error)) func(
	context.Context, *batch, *billing.Subscription,
) (billing.Subscription, error) {
	return func(_ context.Context, _ *batch, sub *billing.Subscription) (billing.Subscription, error) {
		return apply(sub)
	}
}

// AddHold is part of billing.Store.
func (s *Store) AddHold(
	ctx context.Context, a billing.Actor, sc billing.Scope, id billing.SubscriptionID, expected int, h billing.Hold,
) (billing.Subscription, error) {
	h.ID = billing.HoldID(strings.ToLower(s.opts.NewID(s.moment().at)))
	return s.change(ctx, change{actor: a, scope: sc, id: id, expected: expected, action: "hold",
		apply: pure(func(sub *billing.Subscription) (billing.Subscription, error) { return sub.WithHold(h) })})
}

// RemoveHold is part of billing.Store.
func (s *Store) RemoveHold(
	ctx context.Context, a billing.Actor, sc billing.Scope, id billing.SubscriptionID, expected int, hold billing.HoldID,
) (billing.Subscription, error) {
	return s.change(ctx, change{actor: a, scope: sc, id: id, expected: expected, action: "release",
		apply: pure(func(sub *billing.Subscription) (billing.Subscription, error) { return sub.WithoutHold(hold) })})
}

// Revise is part of billing.Store.
func (s *Store) Revise(
	ctx context.Context, a billing.Actor, sc billing.Scope, id billing.SubscriptionID, expected int, from billing.Day,
	lines []billing.Line,
) (billing.Subscription, error) {
	return s.change(ctx, change{actor: a, scope: sc, id: id, expected: expected, action: "revise", lines: true,
		apply: pure(func(sub *billing.Subscription) (billing.Subscription, error) { return sub.WithRevision(from, lines) })})
}

// End is part of billing.Store.
func (s *Store) End(
	ctx context.Context, a billing.Actor, sc billing.Scope, id billing.SubscriptionID, expected int, to billing.Day,
) (billing.Subscription, error) {
	return s.change(ctx, change{actor: a, scope: sc, id: id, expected: expected, action: "end",
		apply: pure(func(sub *billing.Subscription) (billing.Subscription, error) { return sub.WithEnd(to) })})
}

// DeleteSubscription is part of billing.Store.
func (s *Store) DeleteSubscription(
	ctx context.Context, a billing.Actor, sc billing.Scope, id billing.SubscriptionID, expected int,
) error {
	return s.write(ctx, func(tx *database.Tx) error {
		r, err := s.locked(ctx, tx, sc, id, expected)
		if err != nil {
			return err
		}
		return s.newBatch(tx, a, sc).remove(ctx, r)
	})
}
