package billing

import (
	"slices"
	"strings"
)

// RollupOnly says that the filter bounds nothing but offers and envelopes, so that costs can be read from the roll-up.
func (f Filter) RollupOnly() bool {
	rest := len(f.Periodicities) + len(f.Rules) + len(f.Statuses) + len(f.Clients)
	bounds := [...]DateBounds{f.Start, f.End, f.Anchor, f.Created, f.Updated}
	return rest == 0 && f.Reference == "" && f.Text == "" && f.Period == nil && f.Amount == AmountBounds{} &&
		bounds == [len(bounds)]DateBounds{}
}

// Matches says whether the filter keeps s: what every store answers by, whatever it asks its engine.
func (f Filter) Matches(s *Subscription) bool {
	return oneOf(f.Offers, s.Offer) && oneOf(f.Envelopes, s.Envelope) && oneOf(f.Periodicities, s.Periodicity) &&
		oneOf(f.Rules, s.Rule) && oneOf(f.Clients, s.CreatedBy) && oneOf(f.Statuses, s.StatusOn(f.AsOf)) &&
		f.matchesText(s) && f.Amount.Has(s.Amount()) &&
		(f.Period == nil || s.ChargedIn(f.Period.Interval())) &&
		f.matchesDates(s)
}

func (f Filter) matchesText(s *Subscription) bool {
	reference := NormalText(s.Reference)
	if f.Reference != "" && reference != NormalText(f.Reference) {
		return false
	}
	text := NormalText(f.Text)
	return strings.Contains(reference, text) || strings.Contains(NormalText(s.Label), text)
}

func (f Filter) matchesDates(s *Subscription) bool {
	last, _ := s.Term.Last()
	return f.Start.Has(s.Term.From) && f.End.Has(last) && f.Anchor.Has(s.Anchor) &&
		f.Created.Has(s.CreatedOn) && f.Updated.Has(s.UpdatedOn)
}

// Has says whether d is within the bounds; Forever is after all of them.
func (b DateBounds) Has(d Day) bool {
	return (b.After == nil || d >= *b.After) && (b.StrictlyAfter == nil || d > *b.StrictlyAfter) &&
		(b.Before == nil || d <= *b.Before) && (b.StrictlyBefore == nil || d < *b.StrictlyBefore)
}

// Has says whether a is within the bounds.
func (b AmountBounds) Has(a Minor) bool {
	return (b.AtLeast == nil || a >= *b.AtLeast) && (b.MoreThan == nil || a > *b.MoreThan) &&
		(b.AtMost == nil || a <= *b.AtMost) && (b.LessThan == nil || a < *b.LessThan)
}

// oneOf says whether v is wanted: no value wanted is any.
func oneOf[T comparable](wanted []T, v T) bool { return len(wanted) == 0 || slices.Contains(wanted, v) }
