package billing_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
)

// T1: the closed form is what walking every day gives.
func TestClosedFormEqualsOracle(t *testing.T) {
	t.Parallel()
	count := 2000
	if long() {
		count = 100_000
	}
	p := seeded(20260823)
	for n := range count {
		s := p.subscription()
		first := s.Term.From.Month() - 3 + billing.Month(p(0, 6))
		for m := first; m < first+36; m++ {
			year, month := m.Civil()
			if got, want := s.CostMonth(m), oracleMonth(&s, year, time.Month(month)); got != want {
				t.Fatalf("subscription %d: %s costs %d, the oracle says %d: %+v", n, m, got, want, s)
			}
		}
	}
}

func TestCostOfWindowEqualsOracle(t *testing.T) {
	t.Parallel()
	property(t, func(t rapid.TB, p picker) {
		s := p.subscription()
		w := billing.Interval{From: s.Term.From - billing.Day(p(-90, 40))}
		w.To = w.From + billing.Day(p(0, 500))
		if s.Rule == billing.DaysOfMonth {
			s.Rule = billing.OnDate
		}
		if got, want := s.Cost(w), oracleDays(&s, w.From, w.To); got != want {
			t.Fatalf("%v costs %d, the oracle says %d: %+v", w, got, want, s)
		}
	})
}

// T2: adjacent windows add up under both rules, months make a window, years are their months.
func TestCostIsAdditive(t *testing.T) {
	t.Parallel()
	property(t, func(t rapid.TB, p picker) {
		s := p.subscription()
		u := s.Term.From - billing.Day(p(-60, 60))
		v := u + billing.Day(p(0, 500))
		w := v + billing.Day(p(0, 500))
		whole := s.Cost(billing.Interval{From: u, To: w})
		if parts := s.Cost(billing.Interval{From: u, To: v}) + s.Cost(billing.Interval{From: v, To: w}); parts != whole {
			t.Fatalf("[%s,%s) and [%s,%s) cost %d, together %d: %+v", u, v, v, w, parts, whole, s)
		}
		first := u.Month()
		var months billing.Minor
		for m := first; m < first+24; m++ {
			months += s.CostMonth(m)
		}
		if window := s.Cost(billing.Interval{From: first.First(), To: (first + 24).First()}); window != months {
			t.Fatalf("24 months cost %d, their window %d: %+v", months, window, s)
		}
		year, _ := first.Civil()
		if got, want := s.CostYear(year), s.Cost(billing.Interval{From: billing.NewDay(year, 1, 1), To: billing.NewDay(year+1, 1, 1)}); got != want {
			t.Fatalf("%d costs %d, its window %d: %+v", year, got, want, s)
		}
	})
}

// T2: an ended term costs its amount times its charge dates.
func TestEndedTermCostsItsChargeDates(t *testing.T) {
	t.Parallel()
	property(t, func(t rapid.TB, p picker) {
		s := p.subscription()
		s.Rule, s.Holds, s.Revisions = billing.OnDate, nil, s.Revisions[:1]
		s.Term.To = s.Term.From + billing.Day(p(1, 2000))
		dates := int64(0)
		for k := s.ChargesBefore(s.Term.From); s.ChargeDate(k) < s.Term.To; k++ {
			dates++
		}
		if got, want := s.Cost(billing.Interval{From: billing.FirstDay, To: billing.Forever}), s.Amount()*billing.Minor(dates); got != want {
			t.Fatalf("%d charge dates cost %d, not %d: %+v", dates, got, want, s)
		}
	})
}

// T4: cutting a term anywhere, with the same anchor, changes no month.
func TestSplittingATermChangesNoMonth(t *testing.T) {
	t.Parallel()
	property(t, func(t rapid.TB, p picker) {
		s := p.subscription()
		s.Rule = billing.OnDate
		if reach(s.Term).Days() < 2 {
			return
		}
		cut := s.Term.From + billing.Day(p(1, int(reach(s.Term).Days())-1))
		before, err := s.WithEnd(cut)
		if err != nil {
			t.Fatal(err)
		}
		after := from(s, cut)
		first := s.Term.From.Month() - 1
		for m := first; m < first+48; m++ {
			if got, want := before.CostMonth(m)+after.CostMonth(m), s.CostMonth(m); got != want {
				t.Fatalf("cut at %s, %s costs %d, not %d: %+v", cut, m, got, want, s)
			}
		}
	})
}

// from is s from a day of its term on, with the same anchor.
func from(s billing.Subscription, cut billing.Day) billing.Subscription {
	c := s.Clone()
	c.Term.From = cut
	c.Holds, c.Revisions = nil, nil
	for _, h := range s.Holds {
		if h.To > cut {
			h.From = max(h.From, cut)
			c.Holds = append(c.Holds, h)
		}
	}
	first := s.RevisionOn(cut)
	first.From = cut
	c.Revisions = append(c.Revisions, first)
	for _, r := range s.Revisions {
		if r.From > cut {
			c.Revisions = append(c.Revisions, r)
		}
	}
	return c
}

// T5: where no amount is below zero, a hold never raises a cost and a later end never lowers one.
func TestHoldsLowerAndLongerTermsRaise(t *testing.T) {
	t.Parallel()
	property(t, func(t rapid.TB, p picker) {
		s := p.subscription()
		for i := range s.Revisions {
			s.Revisions[i].Amount = max(s.Revisions[i].Amount, -s.Revisions[i].Amount)
		}
		free := s.Clone()
		free.Holds = nil
		at := p.dayIn(reach(s.Term))
		held, err := free.WithHold(billing.Hold{Interval: billing.Interval{From: at, To: min(at+billing.Day(p(1, 90)), s.Term.To)}})
		if err != nil {
			t.Fatal(err)
		}
		never, err := free.WithHold(billing.Hold{Interval: s.Term})
		if err != nil {
			t.Fatal(err)
		}
		first := s.Term.From.Month() - 1
		for m := first; m < first+48; m++ {
			if held.CostMonth(m) > free.CostMonth(m) {
				t.Fatalf("the hold raises %s: %+v", m, held)
			}
			if never.CostMonth(m) != 0 {
				t.Fatalf("a hold over the whole term leaves a cost in %s: %+v", m, never)
			}
		}
		if s.Term.Open() {
			return
		}
		longer, err := s.WithEnd(s.Term.To + billing.Day(p(1, 200)))
		if err != nil {
			t.Fatal(err)
		}
		for m := first; m < first+60; m++ {
			if longer.CostMonth(m) < s.CostMonth(m) {
				t.Fatalf("a later end lowers %s: %+v", m, s)
			}
		}
	})
}

// T6: the calendar repeats after 400 years, and so do costs.
func TestCostsRepeatAfter400Years(t *testing.T) {
	t.Parallel()
	const days, months = 146097, 4800
	property(t, func(t rapid.TB, p picker) {
		s := p.subscription()
		shifted := s.Clone()
		shift := func(i billing.Interval) billing.Interval {
			i.From += days
			if !i.Open() {
				i.To += days
			}
			return i
		}
		shifted.Anchor += days
		shifted.Term = shift(s.Term)
		for i := range shifted.Holds {
			shifted.Holds[i].Interval = shift(s.Holds[i].Interval)
		}
		for i := range shifted.Revisions {
			shifted.Revisions[i].From += days
		}
		first := s.Term.From.Month() - 1
		for m := first; m < first+48; m++ {
			if got, want := shifted.CostMonth(m+months), s.CostMonth(m); got != want {
				t.Fatalf("%s costs %d, %s %d: %+v", m+months, got, m, want, s)
			}
		}
	})
}

func TestChargedInAgreesWithCost(t *testing.T) {
	t.Parallel()
	property(t, func(t rapid.TB, p picker) {
		s := p.subscription()
		for i := range s.Revisions {
			s.Revisions[i].Amount = 1000
		}
		first := s.Term.From.Month() - 2
		for m := first; m < first+40; m++ {
			if got, want := s.ChargedIn(m.Interval()), s.CostMonth(m) != 0; got != want {
				t.Fatalf("charged in %s: %t, and the cost is %d: %+v", m, got, s.CostMonth(m), s)
			}
		}
	})
}

// Rounding each part of a month by itself would lose a cent: a third of a month three times.
func TestPartsOfAMonthAddUp(t *testing.T) {
	t.Parallel()
	s := priced(t, []billing.Line{leaf(1_000_000, 1_000_000)})
	var parts billing.Minor
	for _, from := range []string{"2026-04-01", "2026-04-11", "2026-04-21"} {
		parts += s.Cost(billing.Interval{From: date(t, from), To: date(t, from) + 10})
	}
	if whole := s.CostMonth(billing.NewMonth(2026, 4)); parts != whole || whole != 100 {
		t.Errorf("three thirds cost %d, the month %d", parts, whole)
	}
}
