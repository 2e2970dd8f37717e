package billing_test

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
)

// What a budget is held against is what the closed form says of each month, of the year and of the one before.
func TestABudgetIsHeldAgainstTheClosedForm(t *testing.T) {
	t.Parallel()
	property(t, func(t rapid.TB, p picker) {
		s := p.subscription()
		year, current := p(1998, 2103), billing.NewMonth(p(1998, 2103), p(1, 12))
		b := billing.Budget{BudgetKey: billing.BudgetKey{Offer: "O", Envelope: "E", Year: year}, Currency: "EUR", Amount: billing.Minor(p(0, 2_000_000))}
		r, err := b.Against(s.Contributions(), current)
		if err != nil {
			t.Fatal(err)
		}
		var actual, forecast billing.Minor
		for i := range r.Months {
			m := billing.NewMonth(year, i+1)
			cost := s.CostMonth(m)
			if r.Months[i] != cost {
				t.Fatalf("%s costs %d, the closed form says %d, of %+v", m, r.Months[i], cost, s)
			}
			forecast += cost
			if m < current {
				actual += cost
			}
		}
		if r.Actual != actual || r.Forecast != forecast || r.Previous != s.CostYear(year-1) {
			t.Fatalf("actual %d, forecast %d, the year before %d; want %d, %d, %d", r.Actual, r.Forecast, r.Previous, actual, forecast, s.CostYear(year-1))
		}
		if remaining, err := r.Remaining(); err != nil || remaining != b.Amount-forecast {
			t.Fatalf("%d remain (%v), want %d", remaining, err, b.Amount-forecast)
		}
	})
}

func TestStatesOfABudget(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		amount, actual, forecast billing.Minor
		want                     billing.BudgetState
	}{
		{100, 100, 100, billing.BudgetWithin},
		{100, 100, 101, billing.BudgetExpected},
		{100, 101, 101, billing.BudgetExceeded},
		{100, 101, 90, billing.BudgetExceeded}, // a credit to come does not undo what was spent
		{0, 0, 0, billing.BudgetWithin},
		{0, -5, -5, billing.BudgetWithin},
	} {
		r := billing.BudgetReport{Budget: billing.Budget{Amount: test.amount}, Actual: test.actual, Forecast: test.forecast}
		if got := r.State(); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

func TestBudgetsThatAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		year   int
		amount billing.Minor
		paths  []string
	}{
		{2026, 0, nil}, {9999, billing.MaxBudget, nil}, {1000, 1, nil},
		{999, 1, []string{"year"}}, {10_000, 1, []string{"year"}}, {2026, -1, []string{"amount"}},
		{0, billing.MaxBudget + 1, []string{"year", "amount"}},
	} {
		err := billing.CheckBudget(billing.BudgetKey{Year: test.year}, test.amount)
		var invalid *billing.InvalidError
		if errors.As(err, &invalid) != (len(test.paths) > 0) {
			t.Errorf("%+v: %v", test, err)
			continue
		}
		for i, path := range test.paths {
			if len(invalid.Violations) != len(test.paths) || invalid.Violations[i].Path != path {
				t.Errorf("%+v: %v", test, err)
			}
		}
	}
	least := billing.BudgetReport{Forecast: math.MinInt64}
	if _, err := least.Remaining(); !errors.Is(err, billing.ErrOverflow) {
		t.Errorf("the opposite of the least integer: %v", err)
	}
}
