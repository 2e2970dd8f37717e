package billing_test

import (
	"math/big"
	"time"

	"github.com/clementine-ope/clementine/billing"
)

// The oracle walks every day with the standard library and exact fractions. It shares no code with the closed form: not
// the calendar, not the counting, not the rounding.

func timeOf(d billing.Day) time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func dayOf(t time.Time) billing.Day { return billing.Day(t.Unix() / 86400) }

// lastOfMonth is the number of days of t's month.
func lastOfMonth(t time.Time) int {
	return time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func oracleDue(s *billing.Subscription, d billing.Day, t time.Time) bool {
	anchor := timeOf(s.Anchor)
	if t.Before(anchor) {
		return false
	}
	switch s.Periodicity {
	case billing.Daily:
		return true
	case billing.Weekly:
		return t.Weekday() == anchor.Weekday()
	}
	return t.Day() == min(anchor.Day(), lastOfMonth(t))
}

// oracleActive is the amount in force on d, and whether anything is.
func oracleActive(s *billing.Subscription, d billing.Day) (billing.Minor, bool) {
	if d < s.Term.From || d >= s.Term.To {
		return 0, false
	}
	for _, h := range s.Holds {
		if d >= h.From && d < h.To {
			return 0, false
		}
	}
	var amount billing.Minor
	for _, r := range s.Revisions {
		if r.From <= d {
			amount = r.Amount
		}
	}
	return amount, true
}

// oracleDays is the cost of the days from a day on, which must be of one month under DaysOfMonth.
func oracleDays(s *billing.Subscription, from, to billing.Day) billing.Minor {
	exact := new(big.Rat)
	for d := from; d < to; d++ {
		amount, active := oracleActive(s, d)
		if !active {
			continue
		}
		t := timeOf(d)
		switch {
		case s.Rule == billing.DaysOfMonth:
			exact.Add(exact, big.NewRat(int64(amount), int64(lastOfMonth(t))))
		case oracleDue(s, d, t):
			exact.Add(exact, new(big.Rat).SetInt64(int64(amount)))
		}
	}
	return oracleRound(exact)
}

func oracleMonth(s *billing.Subscription, year int, month time.Month) billing.Minor {
	first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	return oracleDays(s, dayOf(first), dayOf(first.AddDate(0, 1, 0)))
}

// oracleRound rounds half to even by looking at both neighbours.
func oracleRound(x *big.Rat) billing.Minor {
	below := new(big.Int).Div(x.Num(), x.Denom())
	above := new(big.Int).Add(below, big.NewInt(1))
	down := new(big.Rat).Sub(x, new(big.Rat).SetInt(below))
	up := new(big.Rat).Sub(new(big.Rat).SetInt(above), x)
	switch c := down.Cmp(up); {
	case c < 0, c == 0 && below.Bit(0) == 0:
		return billing.Minor(below.Int64())
	}
	return billing.Minor(above.Int64())
}
