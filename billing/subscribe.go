package billing

import (
	"errors"
	"fmt"
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
	if n.Currency != "" && n.Currency != o.Currency {
		v.add("currency", CodeConflict, "is not the offer's, which is %s", string(o.Currency))
	}
	lines, amount := v.priced(n.Lines, o.Currency)
	if err := v.err(); err != nil {
		return Subscription{}, err
	}
	s.Revisions = []Revision{{From: s.Term.From, Amount: amount, Lines: lines}}
	return s.withPast(n)
}

// withPast is s with the later revisions and the holds of n.
func (s *Subscription) withPast(n NewSubscription) (Subscription, error) {
	past := *s
	var all violations
	for i, r := range n.Revisions {
		if r.From <= past.Revisions[len(past.Revisions)-1].From {
			all.add(fmt.Sprintf("revisions[%d].from", i+1), CodeOutOfRange, "must be after that of the one before")
			break
		}
		next, err := past.WithRevision(r.From, r.Lines)
		if all.within(fmt.Sprintf("revisions[%d]", i+1), err) {
			past = next
		}
	}
	for i, h := range n.Holds {
		next, err := past.WithHold(h)
		if all.within(fmt.Sprintf("holds[%d]", i), err) {
			past = next
		}
	}
	if err := all.err(); err != nil {
		return Subscription{}, err
	}
	return past, nil
}

// within adds the violations of a part, by their paths in the whole; ok says that there were none.
func (v *violations) within(path string, err error) (ok bool) {
	var invalid *InvalidError
	if errors.As(err, &invalid) {
		for _, part := range invalid.Violations {
			part.Path = path + "." + part.Path
			*v = append(*v, part)
		}
	}
	return err == nil
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
