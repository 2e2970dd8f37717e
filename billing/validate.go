package billing

import "fmt"

// CheckOffer is nil, or an *InvalidError.
func CheckOffer(o Offer) error {
	var v violations
	v.code("code", string(o.Code))
	v.text("name", o.Name, longestName, true)
	if _, ok := o.Currency.Digits(); !ok {
		v.add("currency", CodeUnknown, "%q is not a currency of ISO 4217", string(o.Currency))
	}
	return v.err()
}

// CheckEnvelope is nil, or an *InvalidError.
func CheckEnvelope(e Envelope) error {
	var v violations
	v.code("code", string(e.Code))
	v.text("label", e.Label, longestLabel, true)
	return v.err()
}

// CheckClient is nil, or an *InvalidError. Whether the offers exist is the store's to say.
func CheckClient(n NewClient) error {
	var v violations
	v.text("name", n.Name, longestName, true)
	v.role("role", n.Role)
	for i, o := range n.Offers {
		v.code(fmt.Sprintf("offers[%d]", i), string(o))
	}
	if n.Expires != nil {
		v.day("expires", *n.Expires)
	}
	return v.err()
}

// CheckRole is nil, or an *InvalidError.
func CheckRole(r Role) error {
	var v violations
	v.role("role", r)
	return v.err()
}

func (v *violations) role(path string, r Role) {
	switch r {
	case "", RoleReader, RoleWriter, RoleAdmin:
	default:
		v.add(path, CodeUnknown, "%q is none of reader, writer, admin", string(r))
	}
}

// Check is nil if s satisfies I1 to I6, or an *InvalidError. A store checks what it is about to write.
func Check(s *Subscription) error {
	var v violations
	v.code("offer", string(s.Offer))
	v.code("envelope", string(s.Envelope))
	v.text("reference", s.Reference, longestReference, true)
	v.text("label", s.Label, longestLabel, true)
	v.rhythm(s)
	v.term(s)
	v.holds(s)
	v.revisions(s)
	return v.err()
}

// rhythm checks periodicity and rule (I3).
func (v *violations) rhythm(s *Subscription) {
	switch s.Periodicity {
	case Daily, Weekly, Monthly:
	default:
		v.add("periodicity", CodeUnknown, "%q is none of daily, weekly, monthly", string(s.Periodicity))
		return
	}
	switch s.Rule {
	case OnDate:
	case DaysOfMonth:
		if s.Periodicity != Monthly {
			v.add("rule", CodeConflict, "daysOfMonth is for monthly subscriptions only")
		}
	default:
		v.add("rule", CodeUnknown, "%q is none of onDate, daysOfMonth", string(s.Rule))
	}
}

// day checks that d can be written.
func (v *violations) day(path string, d Day) bool {
	if d < FirstDay || d > LastDay {
		v.add(path, CodeOutOfRange, "must be between %s and %s", FirstDay, LastDay)
		return false
	}
	return true
}

// end checks the end of an interval, which is the last day included on the wire.
func (v *violations) end(path string, i Interval) bool {
	if i.Open() {
		return true
	}
	if !v.day(path, i.To-1) {
		return false
	}
	if i.Empty() {
		v.add(path, CodeOrder, "must not be before %s", i.From)
		return false
	}
	return true
}

// term checks term and anchor (I1).
func (v *violations) term(s *Subscription) {
	if v.day("startDate", s.Term.From) {
		v.end("endDate", s.Term)
	}
	if v.day("anchor", s.Anchor) && s.Anchor > s.Term.From {
		v.add("anchor", CodeOrder, "must not be after startDate")
	}
}

// holds checks that holds are sorted, disjoint and inside the term (I1).
func (v *violations) holds(s *Subscription) {
	if len(s.Holds) > MaxHolds {
		v.add("holds", CodeTooMany, "must be at most %d", MaxHolds)
	}
	for i, h := range s.Holds {
		path := fmt.Sprintf("holds[%d]", i)
		v.text(path+".reason", h.Reason, longestReason, false)
		if !v.day(path+".from", h.From) || !v.end(path+".to", h.Interval) {
			continue
		}
		if h.From < s.Term.From || h.To > s.Term.To {
			v.add(path, CodeOutOfRange, "must lie inside the term")
		}
		if i > 0 && h.From < s.Holds[i-1].To {
			v.add(path+".from", CodeOverlap, "must not be before the end of the hold before it")
		}
	}
}

// revisions checks that revisions rise from the start of the term, and that amounts are those of the lines (I2, I4, I6).
func (v *violations) revisions(s *Subscription) {
	switch {
	case len(s.Revisions) == 0:
		v.add("revisions", CodeRequired, "must hold at least one")
		return
	case len(s.Revisions) > MaxRevisions:
		v.add("revisions", CodeTooMany, "must be at most %d", MaxRevisions)
	case s.Revisions[0].From != s.Term.From:
		v.add("revisions[0].from", CodeConflict, "must be the start of the term")
	}
	for i, r := range s.Revisions {
		path := fmt.Sprintf("revisions[%d]", i)
		if i > 0 && r.From <= s.Revisions[i-1].From {
			v.add(path+".from", CodeOrder, "must be after the revision before it")
		}
		if r.From >= s.Term.To {
			v.add(path+".from", CodeOutOfRange, "must lie inside the term")
		}
		_, sum, err := PriceLines(r.Lines, s.Currency)
		switch {
		case err != nil:
			v.add(path+".lines", CodeFormat, "%s", err)
		case sum != r.Amount:
			v.add(path+".amount", CodeConflict, "must be the sum of the lines")
		}
	}
}
