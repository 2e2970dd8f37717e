package billing_test

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
)

// tree draws lines of any sign, groups within groups.
func (p picker) tree(depth int) []billing.Line {
	lines := make([]billing.Line, p(1, 4))
	for i := range lines {
		lines[i].Label = fmt.Sprint("line ", depth, i)
		if depth < billing.MaxDepth && p(0, 3) == 0 {
			lines[i].Lines = p.tree(depth + 1)
			continue
		}
		lines[i].Quantity = billing.Decimal6(p(-3_000_000, 9_000_000))
		lines[i].UnitPrice = billing.Decimal6(p(-2_000_000, 90_000_000))
	}
	return lines
}

// T10: shares add up to the month at every node, each leaf is within one minor unit of its exact part, and leaves that are
// all paid back cost nothing.
func TestSharesAddUp(t *testing.T) {
	t.Parallel()
	property(t, func(t rapid.TB, p picker) {
		s := p.subscription()
		for i := range s.Revisions {
			lines, amount, err := billing.PriceLines(p.tree(1), "EUR")
			if err != nil {
				t.Fatal(err)
			}
			s.Revisions[i].Lines, s.Revisions[i].Amount = lines, amount
		}
		if err := billing.Check(&s); err != nil {
			t.Fatal(err)
		}
		first := s.Term.From.Month() - 1
		for m := first; m < first+16; m++ {
			checkShares(t, &s, m)
		}
	})
}

func checkShares(t rapid.TB, s *billing.Subscription, m billing.Month) {
	var total billing.Minor
	for _, share := range s.MonthShares(m) {
		parts := int64(1)
		if s.Rule == billing.DaysOfMonth {
			parts = int64(m.Days())
		}
		if sum := checkTree(t, s.Revisions[share.Revision].Lines, share.Lines, big.NewRat(share.Charges, parts)); sum != share.Amount {
			t.Fatalf("%s: lines sum up to %d, their share is %d", m, sum, share.Amount)
		}
		total += share.Amount
	}
	if want := s.CostMonth(m); total != want {
		t.Fatalf("%s: shares sum up to %d, the month costs %d: %+v", m, total, want, s)
	}
}

func checkTree(t rapid.TB, lines, shares []billing.Line, factor *big.Rat) billing.Minor {
	if len(lines) != len(shares) {
		t.Fatalf("%d lines have %d shares", len(lines), len(shares))
	}
	var total billing.Minor
	for i, share := range shares {
		total += share.Amount
		if !share.Leaf() {
			if sum := checkTree(t, lines[i].Lines, share.Lines, factor); sum != share.Amount {
				t.Fatalf("group %q has %d, its lines %d", share.Label, share.Amount, sum)
			}
			continue
		}
		exact := new(big.Rat).Mul(new(big.Rat).SetInt64(int64(lines[i].Amount)), factor)
		off := exact.Sub(exact, new(big.Rat).SetInt64(int64(share.Amount)))
		if off.Abs(off).Cmp(big.NewRat(1, 1)) > 0 {
			t.Fatalf("line %q of %d has %d, off by %s", share.Label, lines[i].Amount, share.Amount, off)
		}
	}
	return total
}

func priced(t testing.TB, lines []billing.Line) billing.Subscription {
	t.Helper()
	s, err := billing.Subscribe(billing.NewSubscription{
		Envelope: "envelope", Reference: "reference", Label: "label", Periodicity: billing.Monthly, Rule: billing.DaysOfMonth,
		Term: billing.Interval{From: date(t, "2026-01-20"), To: billing.Forever}, Lines: lines,
	}, billing.Offer{Code: "offer", Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sumOf(lines []billing.Line) billing.Minor {
	var sum billing.Minor
	for _, l := range lines {
		sum += l.Amount
	}
	return sum
}

// autumn#3407: 81 prorated lines lost two cents. lago-api#4313, cg#1220: sums of lines drifted from the total.
func TestRegression81LinesLoseNothing(t *testing.T) {
	t.Parallel()
	lines := make([]billing.Line, 81)
	for i := range lines {
		lines[i] = billing.Line{Label: fmt.Sprint("line ", i), Quantity: 1_000_000, UnitPrice: billing.Decimal6(1_010_000 + 10_000*i)}
	}
	s := priced(t, lines)
	m := billing.NewMonth(2026, 1)
	shares := s.MonthShares(m)
	if len(shares) != 1 || sumOf(shares[0].Lines) != s.CostMonth(m) {
		t.Errorf("the lines sum up to %d, the month costs %d", sumOf(shares[0].Lines), s.CostMonth(m))
	}
}

// invoiceninja#3195: a full discount left a cent below zero. odoo#36675: rounding is per line, then integers are added.
func TestRegressionFullDiscountCostsNothing(t *testing.T) {
	t.Parallel()
	s := priced(t, []billing.Line{
		{Label: "a", Quantity: 3_000_000, UnitPrice: 3_335_000},
		{Label: "b", Quantity: 1_000_000, UnitPrice: 7_770_000},
		{Label: "discount", Quantity: -1_000_000, UnitPrice: 17_770_000},
	})
	if s.Amount() != 0 || s.Lines()[0].Amount != 1000 {
		t.Fatalf("the lines are %+v", s.Lines())
	}
	for m := billing.NewMonth(2026, 1); m < billing.NewMonth(2027, 1); m++ {
		if got := sumOf(s.MonthShares(m)[0].Lines); got != 0 || s.CostMonth(m) != 0 {
			t.Errorf("%s costs %d, its lines %d", m, s.CostMonth(m), got)
		}
	}
}

func TestSharesOfChangeWithinMonth(t *testing.T) {
	t.Parallel()
	s := priced(t, []billing.Line{{Label: "a", Quantity: 1_000_000, UnitPrice: 10_000_000}})
	s, err := s.WithRevision(date(t, "2026-06-15"), []billing.Line{{Label: "b", Quantity: 1_000_000, UnitPrice: 12_000_000}})
	if err != nil {
		t.Fatal(err)
	}
	s, err = s.WithHold(billing.Hold{Interval: billing.Until(date(t, "2026-06-20"), date(t, "2026-06-24"))})
	if err != nil {
		t.Fatal(err)
	}
	shares := s.MonthShares(billing.NewMonth(2026, 6))
	if len(shares) != 2 || shares[0].Charges != 14 || shares[0].Amount != 467 || shares[1].Charges != 11 || shares[1].Amount != 440 {
		t.Errorf("14 days at 10.00 and 11 at 12.00 are %+v", shares)
	}
}
