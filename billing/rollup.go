package billing

import "slices"

// Classes is the number of multiplicity classes of the roll-up: monthly, daily, and weekly by weekday of the anchor
// (Monday to Sunday).
const Classes = 9

const (
	classMonthly = 0
	classDaily   = 1
	classWeekly  = 2 // for Monday
)

// Delta is what one subscription, or a sum of them, adds to the roll-up at a month: Adjust counts in that month alone,
// Class[c] from that month on, times Multiplicity(month, c).
type Delta struct {
	Adjust Minor
	Class  [Classes]Minor
}

// Plus is the sum of two deltas, or ErrOverflow.
func (d Delta) Plus(e Delta) (Delta, error) {
	var err error
	if d.Adjust, err = Add(d.Adjust, e.Adjust); err != nil {
		return Delta{}, err
	}
	for c := range d.Class {
		if d.Class[c], err = Add(d.Class[c], e.Class[c]); err != nil {
			return Delta{}, err
		}
	}
	return d, nil
}

// Minus is the difference of two deltas, or ErrOverflow.
func (d Delta) Minus(e Delta) (Delta, error) {
	negative, err := e.negative()
	if err != nil {
		return Delta{}, err
	}
	return d.Plus(negative)
}

func (d Delta) negative() (Delta, error) {
	var err error
	if d.Adjust, err = times(d.Adjust, -1); err != nil {
		return Delta{}, err
	}
	for c := range d.Class {
		if d.Class[c], err = times(d.Class[c], -1); err != nil {
			return Delta{}, err
		}
	}
	return d, nil
}

// MonthDelta is a Delta and where it is added.
type MonthDelta struct {
	Month Month
	Delta
}

// Multiplicity is how often a subscription of a class is charged in a month that it covers in full.
func Multiplicity(m Month, class int) int64 { return multiplicities(m)[class] }

// multiplicities are those of all classes: reports need them together, thousands of times.
func multiplicities(m Month) (counts [Classes]int64) {
	const fullWeeks = 4
	days, first := m.Days(), m.First().Weekday()
	counts[classMonthly], counts[classDaily] = 1, int64(days)
	for class := classWeekly; class < Classes; class++ {
		counts[class] = fullWeeks
		if ahead := (class - classWeekly - first + 7) % 7; ahead < days-7*fullWeeks {
			counts[class]++
		}
	}
	return counts
}

// class is the multiplicity class of s.
func (s *Subscription) class() int {
	switch s.Periodicity {
	case Daily:
		return classDaily
	case Weekly:
		return classWeekly + s.Anchor.Weekday()
	}
	return classMonthly
}

// Contributions are what s adds to the roll-up, by rising month, without zeros: for each segment its amount at the first
// month that it covers in full and the opposite after the last one, and the exact cost of each month that a segment covers
// in part. Folded, they give CostMonth for every month.
func (s *Subscription) Contributions() []MonthDelta {
	sum := make([]MonthDelta, 0, 4)
	class := s.class()
	for g := range s.Segments() {
		first := g.From.Month()
		if g.From > first.First() {
			sum = s.addPartial(sum, first)
			first++
		}
		if g.Open() {
			sum = addClass(sum, first, class, g.Amount)
			continue
		}
		end := g.To.Month()
		if g.To > end.First() {
			sum = s.addPartial(sum, end)
		}
		if end > first {
			sum = addClass(sum, first, class, g.Amount)
			sum = addClass(sum, end, class, -g.Amount)
		}
	}
	return slices.DeleteFunc(sum, func(d MonthDelta) bool { return d.Delta == Delta{} })
}

// addPartial sets the adjustment of a month: its whole cost, however many segments meet in it.
func (s *Subscription) addPartial(sum []MonthDelta, m Month) []MonthDelta {
	sum, i := place(sum, m)
	if sum[i].Adjust == 0 {
		sum[i].Adjust = s.CostMonth(m)
	}
	return sum
}

func addClass(sum []MonthDelta, m Month, class int, amount Minor) []MonthDelta {
	sum, i := place(sum, m)
	sum[i].Class[class] += amount
	return sum
}

// place is the index of m in sum, which is sorted, after adding it if it was missing.
func place(sum []MonthDelta, m Month) ([]MonthDelta, int) {
	i := len(sum)
	for i > 0 && sum[i-1].Month > m {
		i--
	}
	if i > 0 && sum[i-1].Month == m {
		return sum, i - 1
	}
	return slices.Insert(sum, i, MonthDelta{Month: m}), i
}

// Fold is the cost of count months from a first one on, from the rows of the roll-up of any set of keys: all rows up to
// the last of these months, by rising month (several of one month may follow each other). ErrOverflow if a figure leaves
// 64 bits.
func Fold(rows []MonthDelta, first Month, count int) ([]Minor, error) {
	costs := make([]Minor, count)
	var running Delta
	next := 0
	for i := range costs {
		m := first + Month(i)
		adjust := Minor(0)
		for ; next < len(rows) && rows[next].Month <= m; next++ {
			var err error
			if running, err = running.Plus(Delta{Class: rows[next].Class}); err != nil {
				return nil, err
			}
			if rows[next].Month < m {
				continue
			}
			if adjust, err = Add(adjust, rows[next].Adjust); err != nil {
				return nil, err
			}
		}
		cost, err := costIn(m, running, adjust)
		if err != nil {
			return nil, err
		}
		costs[i] = cost
	}
	return costs, nil
}

func costIn(m Month, running Delta, adjust Minor) (Minor, error) {
	cost, counts := adjust, multiplicities(m)
	for c, amount := range running.Class {
		if amount == 0 {
			continue
		}
		part, err := times(amount, counts[c])
		if err != nil {
			return 0, err
		}
		if cost, err = Add(cost, part); err != nil {
			return 0, err
		}
	}
	return cost, nil
}

// FoldYear is Fold over the months of a year, and their sum.
func FoldYear(rows []MonthDelta, year int) (months [12]Minor, total Minor, err error) {
	costs, err := Fold(rows, NewMonth(year, 1), len(months))
	if err != nil {
		return months, 0, err
	}
	for i, cost := range costs {
		months[i] = cost
		if total, err = Add(total, cost); err != nil {
			return months, 0, err
		}
	}
	return months, total, nil
}
