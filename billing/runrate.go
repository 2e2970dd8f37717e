package billing

import (
	"fmt"
	"math/big"
)

// RunRate sums up what subscriptions of one currency cost in a month of average length: exact, by the 400 years after
// which the Gregorian calendar repeats, rounded once. It is an equivalent, never the cost of a month. The zero value is
// ready for use.
type RunRate struct {
	monthly, weekly, daily Minor
}

// Add counts s in if it is active on day d; ErrOverflow if a sum leaves 64 bits.
func (r *RunRate) Add(s *Subscription, d Day) error {
	if s.StatusOn(d) != StatusActive {
		return nil
	}
	sum := &r.monthly
	switch s.Periodicity {
	case Daily:
		sum = &r.daily
	case Weekly:
		sum = &r.weekly
	}
	next, err := Add(*sum, s.RevisionOn(d).Amount)
	if err != nil {
		return err
	}
	*sum = next
	return nil
}

// Amount is the equivalent per month, rounded half to even; ErrOverflow if it leaves 64 bits.
func (r *RunRate) Amount() (Minor, error) {
	const monthsPerCycle, daysPerWeek = 4800, 7
	num := new(big.Int)
	for _, part := range []struct {
		sum    Minor
		factor int64
	}{{r.monthly, monthsPerCycle * daysPerWeek}, {r.weekly, daysPerCycle}, {r.daily, daysPerCycle * daysPerWeek}} {
		num.Add(num, new(big.Int).Mul(big.NewInt(int64(part.sum)), big.NewInt(part.factor)))
	}
	den := big.NewInt(monthsPerCycle * daysPerWeek)
	q, rest := new(big.Int).DivMod(num, den, new(big.Int))
	if c := rest.Lsh(rest, 1).Cmp(den); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	if !q.IsInt64() {
		return 0, fmt.Errorf("summing up the run rate: %w", ErrOverflow)
	}
	return Minor(q.Int64()), nil
}
