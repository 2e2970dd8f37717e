package billing

// CostMonth is the cost of a month: exact, in closed form, from the stored row alone. It fits whatever satisfies I6.
func (s *Subscription) CostMonth(m Month) Minor {
	if s.Rule == DaysOfMonth {
		return divide(s.moneyDays(m.Interval()), int64(m.Days()))
	}
	return s.costOnDate(m.Interval())
}

// Cost is the cost of the days of w, under both rules such that adjacent windows add up: Cost of [u,v) and of [v,w) are
// together Cost of [u,w), and the months of a window are its cost. Under DaysOfMonth a part of a month is what the month
// cost up to the end of the part, less what it cost up to its start. Days after LastDay cost nothing.
func (s *Subscription) Cost(w Interval) Minor {
	w = w.Intersect(Interval{FirstDay, LastDay + 1})
	w = w.Intersect(s.Term)
	if w.Empty() {
		return 0
	}
	if s.Rule != DaysOfMonth {
		return s.costOnDate(w)
	}
	var total Minor
	for m := w.From.Month(); m.First() < w.To; m++ {
		part := m.Interval().Intersect(w)
		days := int64(m.Days())
		total += divide(s.moneyDays(Interval{m.First(), part.To}), days) - divide(s.moneyDays(Interval{m.First(), part.From}), days)
	}
	return total
}

// CostYear is the sum of the twelve months of a year, under both rules.
func (s *Subscription) CostYear(year int) Minor {
	var total Minor
	for m := NewMonth(year, 1); m <= NewMonth(year, 12); m++ {
		total += s.CostMonth(m)
	}
	return total
}

// ChargedIn says whether w holds a charge that is due or, under DaysOfMonth, a day that is charged for.
func (s *Subscription) ChargedIn(w Interval) bool {
	for g := range s.Segments() {
		part := g.Intersect(w)
		if part.Empty() {
			continue
		}
		if s.Rule == DaysOfMonth || s.ChargesBefore(part.To) > s.ChargesBefore(part.From) {
			return true
		}
	}
	return false
}

func (s *Subscription) costOnDate(w Interval) Minor {
	var total Minor
	for g := range s.Segments() {
		if part := g.Intersect(w); !part.Empty() {
			total += g.Amount * Minor(s.ChargesBefore(part.To)-s.ChargesBefore(part.From))
		}
	}
	return total
}

// moneyDays is the sum over the days of w of the amount in force: what DaysOfMonth divides by the days of the month.
func (s *Subscription) moneyDays(w Interval) int64 {
	var sum int64
	for g := range s.Segments() {
		sum += int64(g.Amount) * g.Intersect(w).Days()
	}
	return sum
}
