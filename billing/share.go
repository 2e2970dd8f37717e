package billing

// Share is what the lines of one revision cost in a month.
type Share struct {
	Revision int   // index in Revisions
	Charges  int64 // due in the month; under DaysOfMonth, the days that are charged for
	Amount   Minor
	// Lines are those of the revision, each Amount being its part of the month.
	Lines []Line
}

// MonthShares breaks the cost of a month down to the lines: the shares add up to CostMonth, the lines of each share to its
// amount, and every group to its leaves. Under DaysOfMonth a leaf gets the rounded running total up to it less the one
// before it, which is within one minor unit of its exact part, whatever the signs.
func (s *Subscription) MonthShares(m Month) []Share {
	var shares []Share
	month := m.Interval()
	for g := range s.Segments() {
		part := g.Intersect(month)
		if part.Empty() {
			continue
		}
		n := part.Days()
		if s.Rule != DaysOfMonth {
			n = s.ChargesBefore(part.To) - s.ChargesBefore(part.From)
		}
		if last := len(shares) - 1; last >= 0 && shares[last].Revision == g.Revision {
			shares[last].Charges += n
			continue
		}
		shares = append(shares, Share{Revision: g.Revision, Charges: n})
	}
	a := allocation{parts: 1}
	if s.Rule == DaysOfMonth {
		a.parts = int64(m.Days())
	}
	for i := range shares {
		shares[i].Lines, shares[i].Amount = a.lines(s.Revisions[shares[i].Revision].Lines, shares[i].Charges)
	}
	return shares
}

// allocation is one walk over the leaves of a month.
type allocation struct {
	parts   int64 // in the whole month
	running int64 // parts times minor units of the leaves so far
}

func (a *allocation) lines(lines []Line, n int64) ([]Line, Minor) {
	if len(lines) == 0 {
		return nil, 0
	}
	shares := make([]Line, len(lines))
	var total Minor
	for i, l := range lines {
		if l.Leaf() {
			before := divide(a.running, a.parts)
			a.running += int64(l.Amount) * n
			l.Amount = divide(a.running, a.parts) - before
		} else {
			l.Lines, l.Amount = a.lines(l.Lines, n)
		}
		total += l.Amount
		shares[i] = l
	}
	return shares, total
}
