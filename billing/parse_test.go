package billing_test

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/billing"
)

func TestParseDayRefuses(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "2026", "2026-02-29", "2100-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-04-31",
		"0000-01-01", "+026-01-01", "-026-01-01", "2026-1-01", "2026-01-1 ", "2026/01/01", "2026-01-01T00:00:00Z", "٢٠٢٦-01-01"} {
		if d, err := billing.ParseDay(s); err == nil {
			t.Errorf("%q is read as %s", s, d)
		} else if !strings.Contains(err.Error(), "date ") {
			t.Errorf("%q: the error does not say what is wrong: %v", s, err)
		}
	}
	for _, s := range []string{"", "2026-13", "2026-00", "2026-1", "0000-01", "2026-01-01", "2026_01", "+026-01", "2026-+1"} {
		if m, err := billing.ParseMonth(s); err == nil {
			t.Errorf("%q is read as %s", s, m)
		}
	}
}

func TestParseDecimal6(t *testing.T) {
	t.Parallel()
	valid := map[string]billing.Decimal6{
		"0": 0, "-0": 0, "1": 1_000_000, "0.5": 500_000, "29.990000": 29_990_000, "-12.000001": -12_000_001, "007": 7_000_000,
		"1000000000000": billing.MaxDecimal6, "-1000000000000": -billing.MaxDecimal6,
	}
	for s, want := range valid {
		if got, err := billing.ParseDecimal6(s); err != nil || got != want {
			t.Errorf("%q is read as %d, %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", "-", ".", "1.", ".5", "+1", "1e3", "1,5", " 1", "1 ", "--1", "1.-5", "1.2.3", "0.0000001", "1000000000000.000001",
		"99999999999999999999999", "NaN", "0x10", "1_000"} {
		if got, err := billing.ParseDecimal6(s); err == nil {
			t.Errorf("%q is read as %s", s, got)
		}
	}
}

func TestCurrencies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		currency billing.Currency
		amount   billing.Minor
		text     string
	}{
		{"EUR", 2999, "29.99"}, {"EUR", -5, "-0.05"}, {"EUR", 0, "0.00"}, {"XOF", 300, "300"}, {"JPY", -1, "-1"},
		{"TND", 1, "0.001"}, {"JOD", -12345, "-12.345"}, {"CLF", 10000, "1.0000"}, {"EUR", -1 << 63, "-92233720368547758.08"},
	}
	for _, tt := range tests {
		if got := tt.currency.Format(tt.amount); got != tt.text {
			t.Errorf("%d %s is written %s, want %s", tt.amount, tt.currency, got, tt.text)
		}
		if tt.amount == -1<<63 {
			continue
		}
		if got, err := tt.currency.Parse(tt.text); err != nil || got != tt.amount {
			t.Errorf("%s %s is read as %d, %v", tt.text, tt.currency, got, err)
		}
	}
	for _, c := range []billing.Currency{"", "EU", "EURO", "eur", "XXX", "ABC", " EU", "R U", "FN "} {
		if _, ok := c.Digits(); ok {
			t.Errorf("%q is a currency", c)
		}
		if _, err := c.Parse("1"); err == nil {
			t.Errorf("an amount in %q is read", c)
		}
	}
	for currency, s := range map[billing.Currency]string{"EUR": "0.001", "XOF": "1.0", "TND": "1.0001"} {
		if got, err := currency.Parse(s); err == nil {
			t.Errorf("%s %s is read as %d", s, currency, got)
		}
	}
}

func FuzzParseDay(f *testing.F) {
	for _, s := range []string{"2024-02-29", "2026-02-29", "9999-12-31", "0001-01-01", "2026-1-1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := billing.ParseDay(s)
		std, stdErr := time.Parse("2006-01-02", s)
		if (err == nil) != (stdErr == nil && std.Year() > 0) {
			t.Fatalf("%q: %v, the standard library says %v", s, err, stdErr)
		}
		if err == nil && (d.String() != s || timeOf(d) != std) {
			t.Fatalf("%q is read as %s", s, d)
		}
	})
}

func FuzzParseDecimal6(f *testing.F) {
	for _, s := range []string{"1", "-0.000001", "29.99", "1000000000000", "1e3", ".5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := billing.ParseDecimal6(s)
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(s)
		if !ok || want.Cmp(big.NewRat(int64(d), 1_000_000)) != 0 {
			t.Fatalf("%q is read as %s", s, d)
		}
		if again, err := billing.ParseDecimal6(d.String()); err != nil || again != d {
			t.Fatalf("%q is written %s and read back as %s, %v", s, d, again, err)
		}
	})
}
