package billing

import (
	"errors"
	"slices"
)

// Subscribe is the subscription that n asks for on the offer, with its amounts, without what the store gives it (id,
// version, creator, instants). The error is an *InvalidError with every violation; whether the envelope exists and whether
// it is a duplicate is the store's to say.
func Subscribe(n NewSubscription, o Offer) (Subscription, error) {
	s := Subscription{
		Offer: o.Code, Envelope: n.Envelope, Currency: o.Currency, Reference: n.Reference, Label: n.Label,
		Periodicity: n.Periodicity, Rule: n.Rule, Anchor: n.Term.From, Term: n.Term,
	}
	if s.Rule == "" {
		s.Rule = OnDate
	}
	if n.Anchor != nil {
		s.Anchor = *n.Anchor
	}
	var v violations
	v.code("envelope", string(s.Envelope))
	v.text("reference", s.Reference, longestReference, true)
	v.text("label", s.Label, longestLabel, true)
	v.rhythm(&s)
	v.term(&s)
	lines, amount := v.priced(n.Lines, o.Currency)
	if err := v.err(); err != nil {
		return Subscription{}, err
	}
	s.Revisions = []Revision{{From: s.Term.From, Amount: amount, Lines: lines}}
	return s, nil
}

// priced is PriceLines, its violations added to v.
func (v *violations) priced(lines []Line, c Currency) ([]Line, Minor) {
	priced, amount, err := PriceLines(lines, c)
	var invalid *InvalidError
	if errors.As(err, &invalid) {
		*v = append(*v, invalid.Violations...)
	}
	return priced, amount
}

// Clone is a copy that shares nothing with s that can be written to; the trees of lines, which are never written to, are
// shared.
func (s *Subscription) Clone() Subscription {
	c := *s
	c.Holds = slices.Clone(s.Holds)
	c.Revisions = slices.Clone(s.Revisions)
	return c
}
