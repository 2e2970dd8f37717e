package billing_test

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
)

// pathsOf are the paths and codes of the violations of err, sorted.
func pathsOf(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var invalid *billing.InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("%v is not an *InvalidError", err)
	}
	var paths []string
	for _, v := range invalid.Violations {
		if v.Message == "" {
			t.Errorf("%s has no message", v.Path)
		}
		paths = append(paths, v.Path+" "+v.Code)
	}
	slices.Sort(paths)
	return paths
}

func leaf(quantity, price billing.Decimal6) billing.Line {
	return billing.Line{Label: "leaf", Quantity: quantity, UnitPrice: price}
}

func nested(levels int) billing.Line {
	l := leaf(1_000_000, 1_000_000)
	for range levels - 1 {
		l = billing.Line{Label: "group", Lines: []billing.Line{l}}
	}
	return l
}

func TestPriceLines(t *testing.T) {
	t.Parallel()
	group := billing.Line{Label: "group", Lines: []billing.Line{leaf(2_000_000, 1_000_000), leaf(1_000_000, -500_000)}}
	lines := []billing.Line{leaf(3_000_000, 9_990_000), group}
	got, total, err := billing.PriceLines(lines, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	if total != 2997+200-50 || got[0].Amount != 2997 || got[1].Amount != 150 || got[1].Lines[1].Amount != -50 {
		t.Errorf("total %d: %+v", total, got)
	}
	if lines[0].Amount != 0 || lines[1].Lines[0].Amount != 0 {
		t.Error("what was given was written to")
	}
}

func TestPriceLinesRefuses(t *testing.T) {
	t.Parallel()
	many := make([]billing.Line, billing.MaxLines+1)
	for i := range many {
		many[i] = leaf(0, 0)
	}
	tests := map[string]struct {
		lines []billing.Line
		want  []string
	}{
		"none":          {nil, []string{"lines required"}},
		"most":          {many[1:], nil},
		"too many":      {many, []string{"lines too_many"}},
		"deepest":       {[]billing.Line{nested(billing.MaxDepth)}, nil},
		"too deep":      {[]billing.Line{nested(billing.MaxDepth + 1)}, []string{"lines[0].lines[0].lines[0].lines[0].lines[0].lines[0].lines[0].lines[0].lines too_deep"}},
		"priced group":  {[]billing.Line{{Label: "g", Quantity: 1, Lines: []billing.Line{leaf(1, 1)}}}, []string{"lines[0] conflict"}},
		"no label":      {[]billing.Line{{Label: "g", Lines: []billing.Line{{Label: " \u200b"}}}}, []string{"lines[0].lines[0].label required"}},
		"control":       {[]billing.Line{{Label: "a\x00b"}, {Label: "a\xff"}}, []string{"lines[0].label format", "lines[1].label format"}},
		"most money":    {[]billing.Line{leaf(1_000_000, 10_000_000_000_000_000)}, nil},
		"too much":      {[]billing.Line{leaf(1_000_000, 10_000_000_000_010_000)}, []string{"lines[0] out_of_range"}},
		"sum too much":  {[]billing.Line{leaf(-1_000_000, 10_000_000_000_000_000), leaf(-1_000_000, 10_000)}, []string{"lines out_of_range"}},
		"quantity":      {[]billing.Line{leaf(billing.MaxDecimal6+1, 0)}, []string{"lines[0].quantity out_of_range"}},
		"unit price":    {[]billing.Line{leaf(0, -billing.MaxDecimal6-1)}, []string{"lines[0].unitPrice out_of_range"}},
		"65th bit":      {[]billing.Line{leaf(100_000<<32, 100_000<<32)}, []string{"lines[0] out_of_range"}},
		"beyond 64 bit": {[]billing.Line{leaf(billing.MaxDecimal6, billing.MaxDecimal6)}, []string{"lines[0] out_of_range"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := billing.PriceLines(tt.lines, "EUR")
			if diff := cmp.Diff(tt.want, pathsOf(t, err)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, _, err := billing.PriceLines([]billing.Line{leaf(1, 1)}, "XXX"); err == nil {
		t.Error("lines are priced in a currency that there is not")
	}
}

// A leaf is the exact product rounded half to even, whatever signs and digits.
func TestLeafEqualsExactProduct(t *testing.T) {
	t.Parallel()
	digits := map[billing.Currency]int64{"XOF": 1, "EUR": 100, "TND": 1000, "CLF": 10_000}
	property(t, func(t rapid.TB, p picker) {
		l := leaf(billing.Decimal6(p(-40_000_000, 40_000_000)), billing.Decimal6(p(-40_000_000, 40_000_000)))
		if p(0, 2) == 0 {
			l.Quantity, l.UnitPrice = l.Quantity/500_000*500_000, l.UnitPrice/10_000*10_000
		}
		for currency, unit := range digits {
			exact := new(big.Rat).Mul(big.NewRat(int64(l.Quantity), 1_000_000), big.NewRat(int64(l.UnitPrice)*unit, 1_000_000))
			_, total, err := billing.PriceLines([]billing.Line{l}, currency)
			if want := oracleRound(exact); err != nil || total != want {
				t.Fatalf("%s times %s is %d %s, %v, want %d", l.Quantity, l.UnitPrice, total, currency, err, want)
			}
		}
	})
}
