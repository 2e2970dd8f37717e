package billing_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
)

// The coefficients of one subscription give its cost in every month, however far.
func TestContributionsFoldToCosts(t *testing.T) {
	t.Parallel()
	count := 2000
	if long() {
		count = 100_000
	}
	p := seeded(7)
	for n := range count {
		s := p.subscription()
		rows := s.Contributions()
		for i, r := range rows {
			if r.Delta == (billing.Delta{}) || i > 0 && rows[i-1].Month >= r.Month {
				t.Fatalf("rows are not sorted, or hold a zero: %+v", rows)
			}
		}
		first := s.Term.From.Month() - billing.Month(p(0, 3)) + billing.Month(p(0, 40))
		costs, err := billing.Fold(rows, first, 40)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range costs {
			if want := s.CostMonth(first + billing.Month(i)); got != want {
				t.Fatalf("subscription %d: %s folds to %d, not %d: %+v, rows %+v", n, first+billing.Month(i), got, want, s, rows)
			}
		}
	}
}

// An uninterrupted term writes few rows: that is what makes the roll-up worth it.
func TestContributionsAreFew(t *testing.T) {
	t.Parallel()
	p := seeded(8)
	for range 2000 {
		s := p.subscription()
		s.Holds, s.Revisions = nil, s.Revisions[:1]
		if rows := s.Contributions(); len(rows) > 4 {
			t.Fatalf("%d rows: %+v", len(rows), rows)
		}
		s.Term.From, s.Term.To = s.Term.From.Month().First(), billing.Forever
		s.Anchor, s.Revisions[0].From = s.Term.From, s.Term.From
		if rows := s.Contributions(); s.Amount() != 0 && (len(rows) != 1 || rows[0].Adjust != 0) {
			t.Fatalf("whole months without an end: %+v", rows)
		}
	}
}

type ledgerKey struct {
	envelope billing.EnvelopeCode
	offer    billing.OfferCode
}

// model is a store in memory: subscriptions, and the roll-up that only ever adds differences.
type model struct {
	subscriptions []billing.Subscription
	rollup        map[ledgerKey]map[billing.Month]billing.Delta
}

func (m *model) add(t rapid.TB, s billing.Subscription, minus bool) {
	for _, key := range []ledgerKey{{s.Envelope, s.Offer}, {"", s.Offer}} {
		rows := m.rollup[key]
		if rows == nil {
			rows = map[billing.Month]billing.Delta{}
			m.rollup[key] = rows
		}
		for _, c := range s.Contributions() {
			combine := rows[c.Month].Plus
			if minus {
				combine = rows[c.Month].Minus
			}
			sum, err := combine(c.Delta)
			if err != nil {
				t.Fatal(err)
			}
			rows[c.Month] = sum
			if sum == (billing.Delta{}) {
				delete(rows, c.Month)
			}
		}
	}
}

// change does what a store does on an update: the old contributions out, the new ones in.
func (m *model) change(t rapid.TB, i int, to billing.Subscription) {
	m.add(t, m.subscriptions[i], true)
	m.subscriptions[i] = to
	m.add(t, to, false)
}

func (m *model) rows(keep func(ledgerKey) bool) []billing.MonthDelta {
	var rows []billing.MonthDelta
	for key, months := range m.rollup {
		if !keep(key) {
			continue
		}
		for month, d := range months {
			rows = append(rows, billing.MonthDelta{Month: month, Delta: d})
		}
	}
	slices.SortFunc(rows, func(a, b billing.MonthDelta) int { return int(a.Month - b.Month) })
	return rows
}

// T7: after any sequence of creations, changes, moves and deletions, the roll-up folds to the sum of the closed forms.
func TestRollupIsTheSumOfClosedForms(t *testing.T) {
	t.Parallel()
	property(t, func(t rapid.TB, p picker) {
		m := &model{rollup: map[ledgerKey]map[billing.Month]billing.Delta{}}
		for range p(1, 25) {
			m.step(t, p)
		}
		m.check(t, p)
		for len(m.subscriptions) > 0 {
			m.remove(t, 0)
		}
		for key, rows := range m.rollup {
			if len(rows) != 0 {
				t.Fatalf("nothing is left, but %v holds %+v", key, rows)
			}
		}
	})
}

func (m *model) remove(t rapid.TB, i int) {
	m.add(t, m.subscriptions[i], true)
	m.subscriptions = slices.Delete(m.subscriptions, i, i+1)
}

func (m *model) step(t rapid.TB, p picker) {
	kind := p(0, 6)
	if len(m.subscriptions) == 0 || kind == 0 {
		s := p.subscription()
		s.Offer = billing.OfferCode(fmt.Sprint("O", p(0, 2)))
		s.Envelope = billing.EnvelopeCode(fmt.Sprint("E", p(0, 2)))
		m.subscriptions = append(m.subscriptions, s)
		m.add(t, s, false)
		return
	}
	i := p(0, len(m.subscriptions)-1)
	s := m.subscriptions[i]
	var err error
	switch kind {
	case 1:
		m.remove(t, i)
		return
	case 2:
		offer, envelope := billing.OfferCode(fmt.Sprint("O", p(0, 2))), billing.EnvelopeCode(fmt.Sprint("E", p(0, 2)))
		s, err = s.WithPatch(billing.SubscriptionPatch{Offer: &offer, Envelope: &envelope}, billing.Offer{Code: offer, Currency: "EUR"})
	case 3:
		at := p.dayIn(reach(s.Term))
		s, err = s.WithHold(billing.Hold{Interval: billing.Interval{From: at, To: min(at+billing.Day(p(1, 40)), s.Term.To)}})
	case 4:
		s, err = s.WithRevision(p.dayIn(reach(s.Term)), []billing.Line{{Label: "line", Quantity: 1_000_000, UnitPrice: billing.Decimal6(p(-900, 900)) * 10_000}})
	case 5:
		s, err = s.WithEnd(s.Term.From + billing.Day(p(1, 900)))
	case 6:
		s, err = s.WithEnd(billing.Forever)
	}
	var invalid *billing.InvalidError
	if errors.As(err, &invalid) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := billing.Check(&s); err != nil {
		t.Fatalf("a change made %+v: %v", s, err)
	}
	m.change(t, i, s)
}

func (m *model) check(t rapid.TB, p picker) {
	year := p(1998, 2103)
	for _, offer := range []billing.OfferCode{"O0", "O1", "O2"} {
		for _, envelope := range []billing.EnvelopeCode{"", "E0", "E1", "E2"} {
			var want [12]billing.Minor
			for _, s := range m.subscriptions {
				if s.Offer != offer || envelope != "" && s.Envelope != envelope {
					continue
				}
				for i := range want {
					want[i] += s.CostMonth(billing.NewMonth(year, i+1))
				}
			}
			got, total, err := billing.FoldYear(m.rows(func(k ledgerKey) bool { return k.offer == offer && k.envelope == envelope }), year)
			if err != nil {
				t.Fatal(err)
			}
			var sum billing.Minor
			for _, cost := range want {
				sum += cost
			}
			if got != want || total != sum {
				t.Fatalf("%s %q in %d: %v, %d; the subscriptions say %v, %d", offer, envelope, year, got, total, want, sum)
			}
		}
	}
}

func TestMultiplicityCountsDays(t *testing.T) {
	t.Parallel()
	for m := billing.NewMonth(1999, 1); m <= billing.NewMonth(2101, 12); m++ {
		var byWeekday [7]int64
		for d := m.First(); d < (m + 1).First(); d++ {
			byWeekday[(int(timeOf(d).Weekday())+6)%7]++
		}
		for weekday, want := range byWeekday {
			if got := billing.Multiplicity(m, 2+weekday); got != want {
				t.Fatalf("%s has %d of weekday %s, not %d", m, got, time.Weekday((weekday+1)%7), want)
			}
		}
		if billing.Multiplicity(m, 0) != 1 || billing.Multiplicity(m, 1) != int64(m.Days()) {
			t.Fatalf("%s: once a month, and once a day", m)
		}
	}
}

func TestFoldRefusesOverflow(t *testing.T) {
	t.Parallel()
	m := billing.NewMonth(2026, 1)
	daily := billing.MonthDelta{Month: m}
	daily.Class[1] = math.MaxInt64 / 30
	most := billing.MonthDelta{Month: m}
	most.Class[1] = math.MaxInt64
	adjust := billing.MonthDelta{Month: m, Delta: billing.Delta{Adjust: math.MaxInt64}}
	monthly := billing.MonthDelta{Month: m - 5}
	monthly.Class[0] = math.MaxInt64
	for name, rows := range map[string][]billing.MonthDelta{
		"product": {daily}, "wide product": {most}, "adjustments": {adjust, adjust}, "running": {monthly, monthly}, "cost": {monthly, adjust},
	} {
		if costs, err := billing.Fold(rows, m, 1); !errors.Is(err, billing.ErrOverflow) {
			t.Errorf("%s: %v, %v", name, costs, err)
		}
	}
	if _, _, err := billing.FoldYear([]billing.MonthDelta{monthly}, 2026); !errors.Is(err, billing.ErrOverflow) {
		t.Errorf("the sum of a year: %v", err)
	}
	if got, err := billing.Fold([]billing.MonthDelta{adjust}, m, 2); err != nil || got[0] != math.MaxInt64 || got[1] != 0 {
		t.Errorf("an adjustment counts in its month alone: %v, %v", got, err)
	}
}
