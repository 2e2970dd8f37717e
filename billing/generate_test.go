package billing_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
)

// picker draws a number from lo to hi, both included: from a seeded source, or from rapid, which shrinks.
type picker func(lo, hi int) int

func seeded(seed uint64) picker {
	r := rand.New(rand.NewPCG(seed, 4))
	return func(lo, hi int) int { return lo + r.IntN(hi-lo+1) }
}

func drawn(t *rapid.T) picker {
	return func(lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, "n") }
}

// property checks many seeded cases, which spread over the whole range, then some of rapid's, which keep to the edges and
// shrink.
func property(t *testing.T, check func(t rapid.TB, p picker)) {
	t.Helper()
	p := seeded(11)
	for range 1000 {
		check(t, p)
	}
	rapid.Check(t, func(t *rapid.T) { check(t, drawn(t)) })
}

// long says that the long form of the tests was asked for.
func long() bool { return os.Getenv("CLEMENTINE_LONG") != "" }

// day is a day of 1999 to 2101, often one around the end of a month.
func (p picker) day() billing.Day {
	m := billing.NewMonth(p(1999, 2101), p(1, 12))
	if p(0, 2) == 0 {
		return m.First() + billing.Day(m.Days()) - billing.Day(p(0, 3))
	}
	return m.First() + billing.Day(p(0, m.Days()-1))
}

// amount is below zero, zero, or above.
func (p picker) amount() billing.Minor {
	switch p(0, 5) {
	case 0:
		return 0
	case 1:
		return -billing.Minor(p(1, 500_000))
	case 2:
		return billing.Minor(p(1, 99))
	}
	return billing.Minor(p(1, 500_000))
}

func (p picker) term() billing.Interval {
	from := p.day()
	switch p(0, 4) {
	case 0:
		return billing.Interval{From: from, To: billing.Forever}
	case 1:
		return billing.Interval{From: from, To: from + billing.Day(p(1, 40))}
	}
	return billing.Interval{From: from, To: from + billing.Day(p(1, 1500))}
}

// reach is a bounded part of the term, so that what lies in it can be drawn.
func reach(term billing.Interval) billing.Interval {
	return term.Intersect(billing.Interval{From: term.From, To: term.From + 1200})
}

// dayIn is a day of a bounded interval.
func (p picker) dayIn(i billing.Interval) billing.Day {
	return i.From + billing.Day(p(0, int(i.Days())-1))
}

func (p picker) holds(term billing.Interval) []billing.Hold {
	var holds []billing.Hold
	next := reach(term)
	for range p(0, 3) {
		if next.Empty() {
			break
		}
		from := p.dayIn(next)
		to := from + billing.Day(p(1, 70))
		if p(0, 9) == 0 {
			to = billing.Forever
		}
		to = min(to, term.To)
		holds = append(holds, billing.Hold{Interval: billing.Interval{From: from, To: to}})
		next.From = to
	}
	return holds
}

func (p picker) revisions(term billing.Interval) []billing.Revision {
	days := []billing.Day{term.From}
	for range p(0, 3) {
		days = append(days, p.dayIn(reach(term)))
	}
	slices.Sort(days)
	var revisions []billing.Revision
	for _, d := range slices.Compact(days) {
		amount := p.amount()
		lines := []billing.Line{{Label: "line", Quantity: 1_000_000, UnitPrice: billing.Decimal6(amount) * 10_000, Amount: amount}}
		revisions = append(revisions, billing.Revision{From: d, Amount: amount, Lines: lines})
	}
	return revisions
}

// subscription satisfies every invariant; TestGeneratedSubscriptionsAreValid says so.
func (p picker) subscription() billing.Subscription {
	s := billing.Subscription{
		Offer: "offer", Envelope: "envelope", Currency: "EUR", Reference: "reference", Label: "label",
		Rule: billing.OnDate, Term: p.term(),
	}
	s.Periodicity = []billing.Periodicity{billing.Monthly, billing.Monthly, billing.Weekly, billing.Daily}[p(0, 3)]
	if s.Periodicity == billing.Monthly && p(0, 1) == 0 {
		s.Rule = billing.DaysOfMonth
	}
	s.Anchor = s.Term.From
	switch p(0, 3) {
	case 0:
		s.Anchor -= billing.Day(p(0, 400))
	case 1:
		s.Anchor -= billing.Day(p(0, 12_000))
	}
	s.Holds = p.holds(s.Term)
	s.Revisions = p.revisions(s.Term)
	return s
}

func TestGeneratedSubscriptionsAreValid(t *testing.T) {
	t.Parallel()
	p := seeded(1)
	seen := map[string]int{}
	for range 3000 {
		s := p.subscription()
		if err := billing.Check(&s); err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
		seen[string(s.Periodicity)+string(s.Rule)]++
		if len(s.Holds) > 1 {
			seen["holds"]++
		}
		if len(s.Revisions) > 1 {
			seen["revisions"]++
		}
		if s.Term.Open() {
			seen["open"]++
		}
	}
	for _, kind := range []string{"monthlyonDate", "monthlydaysOfMonth", "weeklyonDate", "dailyonDate", "holds", "revisions", "open"} {
		if seen[kind] < 100 {
			t.Errorf("only %d of %q were generated", seen[kind], kind)
		}
	}
}
