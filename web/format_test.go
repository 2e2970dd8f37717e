package web_test

import (
	"math"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/web"
)

func TestAmount(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		minor    int64
		digits   int
		currency string
		en, fr   string
	}{
		{123456, 2, "EUR", "€1,234.56", "1\u202f234,56\u00a0€"},
		{0, 2, "EUR", "€0.00", "0,00\u00a0€"},
		{-5, 2, "EUR", "\u2212€0.05", "\u22120,05\u00a0€"},
		{99, 2, "EUR", "€0.99", "0,99\u00a0€"},
		{100000000, 2, "CHF", "CHF\u00a01,000,000.00", "1\u202f000\u202f000,00\u00a0CHF"},
		{300, 0, "XOF", "XOF\u00a0300", "300\u00a0XOF"},
		{-1234567, 3, "KWD", "KWD\u00a0\u22121,234.567", "\u22121\u202f234,567\u00a0KWD"},
		{math.MinInt64, 2, "EUR", "\u2212€92,233,720,368,547,758.08", "\u221292\u202f233\u202f720\u202f368\u202f547\u202f758,08\u00a0€"},
	} {
		if got := web.English.Amount(tt.minor, tt.digits, tt.currency); got != tt.en {
			t.Errorf("English %d of %s: %q, want %q", tt.minor, tt.currency, got, tt.en)
		}
		if got := web.French.Amount(tt.minor, tt.digits, tt.currency); got != tt.fr {
			t.Errorf("French %d of %s: %q, want %q", tt.minor, tt.currency, got, tt.fr)
		}
	}
}

func TestDatesAndNumbers(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 8, 23, 23, 59, 58, 0, time.FixedZone("", -3*3600))
	for _, tt := range []struct{ name, got, want string }{
		{"date", web.English.Date("2026-08-03"), "3\u00a0Aug\u00a02026"},
		{"date in French", web.French.Date("2026-08-03"), "03/08/2026"},
		{"no date", web.French.Date("soon"), "soon"},
		{"month", web.English.Month("2026-02"), "February\u00a02026"},
		{"month in French", web.French.Month("2026-02"), "février\u00a02026"},
		{"month's short name", web.French.ShortMonth("2026-12"), "déc."},
		{"no month", web.English.ShortMonth("2026-13"), "2026-13"},
		{"instant", web.English.Instant(at), "24\u00a0Aug\u00a02026\u00a002:59:58\u00a0UTC"},
		{"number", web.French.Number("-1234.5"), "\u22121\u202f234,5"},
		{"whole number", web.English.Number("1234567"), "1,234,567"},
		{"fraction below one", web.English.Number("-0.5"), "\u22120.5"},
		{"no number", web.English.Number("1e5"), "1e5"},
		{"integer", web.French.Integer(-1000), "\u22121\u202f000"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}
