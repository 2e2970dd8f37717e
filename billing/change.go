package billing

import "slices"

// WithHold is s suspended during h, which must lie inside the term and meet no other hold; a hold without an end lasts
// until the term's. The error is an *InvalidError with the paths from, to and reason.
func (s *Subscription) WithHold(h Hold) (Subscription, error) {
	if h.Open() {
		h.To = s.Term.To
	}
	var v violations
	v.text("reason", h.Reason, longestReason, false)
	if v.day("from", h.From) && v.end("to", h.Interval) {
		if h.From < s.Term.From || h.From >= s.Term.To {
			v.add("from", CodeOutOfRange, "must lie inside the term")
		} else if h.To > s.Term.To {
			v.add("to", CodeOutOfRange, "must lie inside the term")
		}
		for _, other := range s.Holds {
			if other.Overlaps(h.Interval) {
				v.add("from", CodeOverlap, "overlaps the hold from %s", other.From)
			}
		}
	}
	if len(s.Holds) >= MaxHolds {
		v.add("from", CodeTooMany, "there are %d holds already", MaxHolds)
	}
	if err := v.err(); err != nil {
		return Subscription{}, err
	}
	c := s.Clone()
	at, _ := slices.BinarySearchFunc(c.Holds, h.From, func(o Hold, from Day) int { return int(o.From) - int(from) })
	c.Holds = slices.Insert(c.Holds, at, h)
	return c, nil
}

// WithoutHold is s without one of its holds; ErrNotFound if it has no such hold.
func (s *Subscription) WithoutHold(id HoldID) (Subscription, error) {
	at := slices.IndexFunc(s.Holds, func(h Hold) bool { return h.ID == id })
	if at < 0 {
		return Subscription{}, ErrNotFound
	}
	c := s.Clone()
	c.Holds = slices.Delete(c.Holds, at, at+1)
	return c, nil
}

// WithRevision is s with other lines from a day of its term on; on the day of another revision it takes that one's place.
// The error is an *InvalidError with the paths from and lines[i]….
func (s *Subscription) WithRevision(from Day, lines []Line) (Subscription, error) {
	var v violations
	if v.day("from", from) && !s.Term.Has(from) {
		v.add("from", CodeOutOfRange, "must lie inside the term")
	}
	at, replaces := slices.BinarySearchFunc(s.Revisions, from, func(r Revision, from Day) int { return int(r.From) - int(from) })
	if !replaces && len(s.Revisions) >= MaxRevisions {
		v.add("from", CodeTooMany, "there are %d revisions already", MaxRevisions)
	}
	priced, amount := v.priced(lines, s.Currency)
	if err := v.err(); err != nil {
		return Subscription{}, err
	}
	c := s.Clone()
	r := Revision{From: from, Amount: amount, Lines: priced}
	if replaces {
		c.Revisions[at] = r
	} else {
		c.Revisions = slices.Insert(c.Revisions, at, r)
	}
	return c, nil
}

// WithEnd is s with a term that ends before day to; Forever gives it no end. Holds and revisions that would begin after
// the end go, a hold across it is cut. The error is an *InvalidError with the path endDate.
func (s *Subscription) WithEnd(to Day) (Subscription, error) {
	c := s.Clone()
	c.Term.To = to
	var v violations
	if !v.end("endDate", c.Term) {
		return Subscription{}, v.err()
	}
	c.Holds = slices.DeleteFunc(c.Holds, func(h Hold) bool { return h.From >= to })
	if n := len(c.Holds); n > 0 {
		c.Holds[n-1].To = min(c.Holds[n-1].To, to)
	}
	c.Revisions = slices.DeleteFunc(c.Revisions, func(r Revision) bool { return r.From >= to })
	return c, nil
}

// WithPatch is s with what p changes. offer is the offer that p moves it to, which must have the same currency (I5); it is
// not looked at if p moves it to none. The error is an *InvalidError.
func (s *Subscription) WithPatch(p SubscriptionPatch, offer Offer) (Subscription, error) {
	c := s.Clone()
	var v violations
	if p.Offer != nil {
		c.Offer = offer.Code
		if offer.Currency != s.Currency {
			v.add("offer", CodeConflict, "has another currency than %s", string(s.Currency))
		}
	}
	if p.Envelope != nil {
		c.Envelope = *p.Envelope
		v.code("envelope", string(c.Envelope))
	}
	if p.Reference != nil {
		c.Reference = *p.Reference
		v.text("reference", c.Reference, longestReference, true)
	}
	if p.Label != nil {
		c.Label = *p.Label
		v.text("label", c.Label, longestLabel, true)
	}
	if err := v.err(); err != nil {
		return Subscription{}, err
	}
	return c, nil
}
