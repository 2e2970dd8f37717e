package billing

import "fmt"

// ChargesBefore is the number of charge dates before day x on the infinite grid that starts at the anchor, whatever the
// term. It counts from the anchor only. A charge date that falls on a day its month doesn't have is on the last day of the
// month; no day of that month is after it, so counting needs no length of a month.
func (s *Subscription) ChargesBefore(x Day) int64 {
	if x <= s.Anchor {
		return 0
	}
	switch s.Periodicity {
	case Daily:
		return int64(x) - int64(s.Anchor)
	case Weekly:
		return (int64(x) - int64(s.Anchor) + 6) / 7
	}
	fromYear, fromMonth, fromDay := s.Anchor.Civil()
	year, month, day := x.Civil()
	n := int64(12*(year-fromYear) + month - fromMonth)
	if day > fromDay {
		n++
	}
	return n
}

// ChargeDate is charge date k of the grid, from 0: always from the anchor, never from the date before.
func (s *Subscription) ChargeDate(k int64) Day {
	switch s.Periodicity {
	case Daily:
		return s.Anchor + Day(k)
	case Weekly:
		return s.Anchor + Day(7*k)
	}
	_, _, day := s.Anchor.Civil()
	m := s.Anchor.Month() + Month(k)
	return m.First() + Day(min(day, m.Days())) - 1
}

// Period is one period of the grid: from a charge date to the next one.
type Period struct {
	Number int64 // from 0, which starts at the anchor
	Interval
	// Key is 2026-08-23, 2026-W34 or 2026-08, by the charge date. The year of a week is the ISO one: the month of a weekly
	// charge comes from From, never from the key.
	Key string
}

// PeriodOf is the period that holds day d; ok is false before the anchor. It does not look at term and holds.
func (s *Subscription) PeriodOf(d Day) (p Period, ok bool) {
	if d < s.Anchor || d > LastDay {
		return Period{}, false
	}
	k := s.ChargesBefore(d+1) - 1
	p = Period{Number: k, Interval: Interval{s.ChargeDate(k), s.ChargeDate(k + 1)}}
	switch s.Periodicity {
	case Daily:
		p.Key = p.From.String()
	case Weekly:
		year, week := p.From.ISOWeek()
		p.Key = fmt.Sprintf("%04d-W%02d", year, week)
	default:
		p.Key = p.From.Month().String()
	}
	return p, true
}
