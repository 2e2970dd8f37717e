package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/billing"
)

// suspendedLabel marks the line of a subscription that counts licences which are suspended while others are not: they
// cost nothing.
const suspendedLabel = " (suspended)"

// million is one in a Decimal6.
const million = 1_000_000

// project makes the subscriptions bill what was touched, from the day on. What billing refuses is noted, not tried again:
// it would be refused for ever.
func (b *billed) project(ctx context.Context) error {
	for _, k := range b.places() {
		p, err := b.at(ctx, k.fleet, k.offering)
		if err != nil {
			return err
		}
		o, err := offeringOn(ctx, b.tx, k.offering, b.day)
		if err != nil {
			return err
		}
		if !o.priced {
			b.note("offering %s had no price when this was applied: it is billed from the day on that it gets one", o.code)
			continue
		}
		err = b.subscribe(ctx, p, o)
		var refused *billing.InvalidError
		if errors.As(err, &refused) {
			b.note("billing refuses %s of fleet %s: %v", o.code, k.fleet, refused)
			continue
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// subscribe brings the subscription of a position to what it holds: nothing ends it; some active licences are its
// quantity; where all are suspended it is held.
func (b *billed) subscribe(ctx context.Context, p position, o offering) error {
	s, err := b.current(ctx, p)
	if err != nil {
		return err
	}
	held := p.active == 0
	switch {
	case p.active+p.suspended == 0 && s == nil:
		return nil
	case p.active+p.suspended == 0:
		return b.end(ctx, p, s)
	case s == nil:
		s, err = b.create(ctx, p, o)
	default:
		if s, err = b.room(ctx, p, s); err == nil {
			s, err = b.revise(ctx, p, o, s)
		}
	}
	if err != nil {
		return err
	}
	return b.hold(ctx, s, held)
}

// current is the subscription that bills a position now; nil if there is none, or one that has ended before. One that
// ended on this very day goes on, since the day has not been without licences.
func (b *billed) current(ctx context.Context, p position) (*billing.Subscription, error) {
	var id billing.SubscriptionID
	err := b.tx.QueryRow(ctx, "SELECT subscription FROM ledger_subscription WHERE customer = ? AND fleet = ? AND offering = ?",
		b.customer.num, p.fleet, p.offering).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the subscription of fleet %s: %w", p.fleet, err)
	}
	s, err := b.books.Subscription(ctx, b.scope, id)
	if errors.Is(err, billing.ErrNotFound) {
		return nil, nil // somebody has deleted it in the back-office
	}
	if err != nil {
		return nil, err
	}
	nothing := p.active+p.suspended == 0
	switch {
	case s.Term.To < b.day, s.Term.To == b.day && nothing:
		return nil, nil
	case s.Term.To == b.day:
		if s, err = b.books.End(ctx, b.actor, b.scope, id, 0, billing.Forever); err != nil {
			return nil, fmt.Errorf("going on with subscription %s: %w", id, err)
		}
	}
	return &s, nil
}

func (b *billed) create(ctx context.Context, p position, o offering) (*billing.Subscription, error) {
	code, err := b.offer(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := b.envelope(ctx); err != nil {
		return nil, err
	}
	n := billing.NewSubscription{
		Offer: code, Envelope: b.customer.envelope, Reference: referenceOf(p.fleet), Label: o.name, Periodicity: o.periodicity,
		Rule: ruleOf(o.periodicity), Term: billing.Interval{From: b.day, To: billing.Forever}, Lines: linesOf(p, o),
	}
	s, err := b.books.CreateSubscription(ctx, b.actor, b.scope, n)
	var duplicate *billing.DuplicateError
	if errors.As(err, &duplicate) {
		// Another fleet whose id billing takes for the same, or a subscription that a person has made.
		n.Reference = clip(n.Reference, 100) + " " + codeOf(p.fleet+"\n")
		s, err = b.books.CreateSubscription(ctx, b.actor, b.scope, n)
	}
	if err != nil {
		return nil, fmt.Errorf("subscribing fleet %s to %s: %w", p.fleet, o.code, err)
	}
	return &s, b.remember(ctx, p, s.ID)
}

func (b *billed) remember(ctx context.Context, p position, id billing.SubscriptionID) error {
	_, err := b.tx.Exec(ctx, `INSERT INTO ledger_subscription (customer, fleet, offering, subscription) VALUES (?, ?, ?, ?)
		ON CONFLICT (customer, fleet, offering) DO UPDATE SET subscription = excluded.subscription`,
		b.customer.num, p.fleet, p.offering, id)
	if err != nil {
		return fmt.Errorf("storing the subscription of fleet %s: %w", p.fleet, err)
	}
	return nil
}

// referenceOf is the fleet, as long as billing takes it.
func referenceOf(fleet string) string {
	const longest = 200
	if len([]rune(fleet)) <= longest {
		return fleet
	}
	return clip(fleet, longest/2) + " " + codeOf(fleet)
}

// ruleOf lets a change act on its day: a month is paid for by its days, a week and a day as a whole.
func ruleOf(p billing.Periodicity) billing.Rule {
	if p == billing.Monthly {
		return billing.DaysOfMonth
	}
	return billing.OnDate
}

// linesOf are the licences that cost something, and those that are suspended beside them. Where all are suspended the
// lines are those of all: the hold makes them cost nothing.
func linesOf(p position, o offering) []billing.Line {
	line := func(n int64, price billing.Decimal6, label string) billing.Line {
		return billing.Line{Label: label, Quantity: billing.Decimal6(n * million), UnitPrice: price}
	}
	if p.active == 0 {
		return []billing.Line{line(p.suspended, o.price, o.name)}
	}
	lines := []billing.Line{line(p.active, o.price, o.name)}
	if p.suspended > 0 {
		lines = append(lines, line(p.suspended, 0, o.name+suspendedLabel))
	}
	return lines
}

func (b *billed) revise(ctx context.Context, p position, o offering, s *billing.Subscription) (*billing.Subscription, error) {
	lines := linesOf(p, o)
	if sameLines(s.RevisionOn(b.day).Lines, lines) {
		return s, nil
	}
	revised, err := b.books.Revise(ctx, b.actor, b.scope, s.ID, 0, b.day, lines)
	if err != nil {
		return nil, fmt.Errorf("revising subscription %s: %w", s.ID, err)
	}
	return &revised, nil
}

func sameLines(have, want []billing.Line) bool {
	return slices.EqualFunc(have, want, func(x, y billing.Line) bool {
		return x.Label == y.Label && x.Quantity == y.Quantity && x.UnitPrice == y.UnitPrice && x.Leaf()
	})
}

// hold holds a subscription from the day on, or ends its hold.
func (b *billed) hold(ctx context.Context, s *billing.Subscription, held bool) error {
	var open *billing.Hold
	for i, h := range s.Holds {
		if h.To >= s.Term.To {
			open = &s.Holds[i]
		}
	}
	switch {
	case held == (open != nil):
		return nil
	case held:
		return b.holdFor(ctx, s.ID, billing.Interval{From: b.day, To: billing.Forever})
	}
	if _, err := b.books.RemoveHold(ctx, b.actor, b.scope, s.ID, 0, open.ID); err != nil {
		return fmt.Errorf("ending the hold of subscription %s: %w", s.ID, err)
	}
	if open.From >= b.day {
		return nil // held and active again within a day
	}
	return b.holdFor(ctx, s.ID, billing.Interval{From: open.From, To: b.day})
}

func (b *billed) holdFor(ctx context.Context, id billing.SubscriptionID, i billing.Interval) error {
	h := billing.Hold{Interval: i, Reason: "all licences suspended"}
	if _, err := b.books.AddHold(ctx, b.actor, b.scope, id, 0, h); err != nil {
		return fmt.Errorf("holding subscription %s: %w", id, err)
	}
	return nil
}

// end ends a subscription, or takes it away if it began on the very day: it has cost nothing.
func (b *billed) end(ctx context.Context, p position, s *billing.Subscription) error {
	if s.Term.From < b.day {
		if _, err := b.books.End(ctx, b.actor, b.scope, s.ID, 0, b.day); err != nil {
			return fmt.Errorf("ending subscription %s: %w", s.ID, err)
		}
		return nil
	}
	if err := b.books.DeleteSubscription(ctx, b.actor, b.scope, s.ID, 0); err != nil {
		return fmt.Errorf("deleting subscription %s: %w", s.ID, err)
	}
	_, err := b.tx.Exec(ctx, "DELETE FROM ledger_subscription WHERE customer = ? AND fleet = ? AND offering = ?",
		b.customer.num, p.fleet, p.offering)
	return err
}
