package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// change is a write to one stored subscription.
type change struct {
	actor    billing.Actor
	scope    billing.Scope
	id       billing.SubscriptionID
	expected int
	action   string
	// lines says that the act is about the lines, which the audit then keeps.
	lines bool
	// apply is what the domain makes of the subscription.
	apply func(ctx context.Context, b *batch, s *billing.Subscription) (billing.Subscription, error)
}

// change runs c in one transaction: the row is locked, read, changed by the domain, checked, and stored with the difference
// that it makes to the roll-up.
func (s *Store) change(ctx context.Context, c change) (changed billing.Subscription, err error) {
	err = s.write(ctx, func(tx *database.Tx) error {
		before, err := s.locked(ctx, tx, c.scope, c.id, c.expected)
		if err != nil {
			return err
		}
		b := s.newBatch(tx, c.actor, c.scope)
		after := *before
		if after.Subscription, err = c.apply(ctx, b, &before.Subscription); err != nil {
			return err
		}
		if err := b.move(ctx, before, &after); err != nil {
			return err
		}
		after.Version, after.UpdatedAt, after.UpdatedOn = before.Version+1, b.now.at, b.now.on
		if err := b.replace(ctx, before, &after); err != nil {
			return err
		}
		changed = after.Subscription
		return s.audit(ctx, tx, entry{
			actor: c.actor, action: c.action, kind: billing.AuditSubscription, id: string(c.id),
			before: documentOf(&before.Subscription, c.lines), after: documentOf(&after.Subscription, c.lines),
			offers: touchedBy(before, &after),
		})
	})
	if err != nil {
		return billing.Subscription{}, err
	}
	return changed, nil
}

func touchedBy(before, after *record) []touched {
	if before.offer == after.offer {
		return []touched{{before.offer, true, true}}
	}
	return []touched{{before.offer, true, false}, {after.offer, false, true}}
}

// locked reads a subscription that nobody else writes until the transaction ends: ErrNotFound outside of the scope,
// ErrForbidden if it is for reading only, *ConflictError if it is another version than expected.
func (s *Store) locked(
	ctx context.Context, tx *database.Tx, sc billing.Scope, id billing.SubscriptionID, expected int,
) (*record, error) {
	if lock := tx.Dialect().ForUpdate(); lock != "" {
		if _, err := tx.Exec(ctx, "SELECT 1 FROM subscription WHERE id = ?"+lock, id); err != nil {
			return nil, fmt.Errorf("locking subscription %s: %w", id, err)
		}
	}
	r, err := s.record(ctx, tx, sc, id)
	if err != nil {
		return nil, err
	}
	if !sc.Writes(r.Offer) {
		return nil, billing.ErrForbidden
	}
	if expected != 0 && expected != r.Version {
		return nil, &billing.ConflictError{Version: r.Version}
	}
	return r, nil
}

// move looks up where a changed subscription belongs now.
func (b *batch) move(ctx context.Context, before, after *record) error {
	if after.Offer != before.Offer {
		known, err := b.offer(ctx, after.Offer)
		if err != nil {
			return err
		}
		after.offer = known.id
	}
	if after.Envelope != before.Envelope {
		id, err := b.envelope(ctx, after.Envelope)
		if err != nil {
			return err
		}
		after.envelope = id
	}
	return nil
}

// replace stores after in the place of before, with the difference in the roll-up.
func (b *batch) replace(ctx context.Context, before, after *record) error {
	if err := billing.Check(&after.Subscription); err != nil {
		return err
	}
	if err := refuseDuplicate(ctx, b.tx, after); err != nil {
		return err
	}
	args := append(changeable(after), after.num)
	if _, err := b.tx.Exec(ctx, "UPDATE subscription SET ("+changeableColumns+") = "+rows(1, len(args)-1)+" WHERE num = ?", args...); err != nil {
		return raced(fmt.Errorf("storing subscription %s: %w", after.ID, err))
	}
	if err := b.replaceParts(ctx, before, after); err != nil {
		return err
	}
	sums := deltas{}
	if err := errors.Join(sums.remove(before), sums.add(after)); err != nil {
		return err
	}
	return b.tx.Batch(ctx, sums.apply()...)
}

// replaceParts rewrites what differs: holds as a whole, revisions one by one.
func (b *batch) replaceParts(ctx context.Context, before, after *record) error {
	fresh := *after
	fresh.Holds, fresh.Revisions = nil, nil
	if !slices.Equal(before.Holds, after.Holds) {
		if _, err := b.tx.Exec(ctx, "DELETE FROM hold WHERE subscription = ?", after.num); err != nil {
			return fmt.Errorf("removing holds: %w", err)
		}
		fresh.Holds = after.Holds
	}
	for _, r := range before.Revisions {
		if containsRevision(after.Revisions, r) {
			continue
		}
		if _, err := b.tx.Exec(ctx, "DELETE FROM revision WHERE subscription = ? AND start = ?", after.num, r.From); err != nil {
			return fmt.Errorf("removing a revision: %w", err)
		}
	}
	for _, r := range after.Revisions {
		if !containsRevision(before.Revisions, r) {
			fresh.Revisions = append(fresh.Revisions, r)
		}
	}
	return b.tx.Batch(ctx, insertParts([]*record{&fresh})...)
}

func containsRevision(revisions []billing.Revision, r billing.Revision) bool {
	return slices.ContainsFunc(revisions, func(o billing.Revision) bool {
		return o.From == r.From && o.Amount == r.Amount && slices.EqualFunc(flatten(o.Lines), flatten(r.Lines), equalLines)
	})
}

func equalLines(a, b flatLine) bool {
	return a.depth == b.depth && a.line.Label == b.line.Label && a.line.Quantity == b.line.Quantity &&
		a.line.UnitPrice == b.line.UnitPrice && a.line.Amount == b.line.Amount
}

// remove deletes a locked subscription with its part of the roll-up; what it was suspected of has no object any more.
func (b *batch) remove(ctx context.Context, r *record) error {
	for _, query := range []string{
		"DELETE FROM suspect WHERE decision = 'open' AND (subscription = ? OR twin = ?)",
		"DELETE FROM subscription WHERE id = ? AND id = ?",
	} {
		if _, err := b.tx.Exec(ctx, query, r.ID, r.ID); err != nil {
			return fmt.Errorf("deleting subscription %s: %w", r.ID, err)
		}
	}
	sums := deltas{}
	if err := sums.remove(r); err != nil {
		return err
	}
	if err := b.tx.Batch(ctx, sums.apply()...); err != nil {
		return err
	}
	return b.s.audit(ctx, b.tx, entry{
		actor: b.actor, action: "delete", kind: billing.AuditSubscription, id: string(r.ID),
		before: documentOf(&r.Subscription, true), offers: []touched{{offer: r.offer, inBefore: true}},
	})
}
