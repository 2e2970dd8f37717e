package web

import (
	"strconv"
	"strings"
	"time"
)

// The characters that keep a figure on one line and in its column.
const (
	narrowSpace = "\u202f" // between thousands in French
	hardSpace   = "\u00a0" // between a figure and its unit
	minus       = "\u2212" // as wide as a digit, unlike the hyphen
)

// Integer is a whole number with its thousands set apart.
func (l Lang) Integer(n int64) string {
	return l.decimal(n, 0)
}

// Amount is an amount of money as it is read: "1 234,56 €" in French, "€1,234.56" in English. minor counts units of
// 10^-digits of the currency (ISO 4217).
func (l Lang) Amount(minor int64, digits int, currency string) string {
	figure := l.decimal(minor, digits)
	symbol, known := map[string]string{"EUR": "€", "GBP": "£", "USD": "$"}[currency]
	switch {
	case l == French && known:
		return figure + hardSpace + symbol
	case l == French:
		return figure + hardSpace + currency
	case known:
		if rest, negative := strings.CutPrefix(figure, minus); negative {
			return minus + symbol + rest
		}
		return symbol + figure
	}
	return currency + hardSpace + figure
}

// decimal is n·10^-digits. It works on the text of n, because the smallest int64 has no opposite.
func (l Lang) decimal(n int64, digits int) string {
	text, sign := strconv.FormatInt(n, 10), ""
	if rest, negative := strings.CutPrefix(text, "-"); negative {
		text, sign = rest, minus
	}
	if missing := digits + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	whole, fraction := text[:len(text)-digits], text[len(text)-digits:]
	separator, point := ",", "."
	if l == French {
		separator, point = narrowSpace, ","
	}
	var b strings.Builder
	b.WriteString(sign)
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(digit)
	}
	if fraction != "" {
		b.WriteString(point + fraction)
	}
	return b.String()
}

// Number is a decimal text such as "1234.5" as it is read in the language; what is not one is left as it is.
func (l Lang) Number(text string) string {
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil || strings.ContainsAny(text, "+_") {
		return text
	}
	return l.decimal(n, len(fraction))
}

// Date is a civil date given as YYYY-MM-DD: "23/08/2026" in French, "23 Aug 2026" in English, which no reader takes for
// another day. What is no date is left as it is.
func (l Lang) Date(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	if l == French {
		return t.Format("02/01/2006")
	}
	return strconv.Itoa(t.Day()) + hardSpace + t.Format("Jan") + hardSpace + t.Format("2006")
}

// Month is a month given as YYYY-MM, in words: "août 2026".
func (l Lang) Month(iso string) string {
	t, err := time.Parse("2006-01", iso)
	if err != nil {
		return iso
	}
	name := t.Month().String()
	if l == French {
		name = frenchMonths()[t.Month()-1]
	}
	return name + hardSpace + t.Format("2006")
}

// ShortMonth is the name of the month of YYYY-MM, three or four letters, as an axis has room for it.
func (l Lang) ShortMonth(iso string) string {
	t, err := time.Parse("2006-01", iso)
	if err != nil {
		return iso
	}
	if l == French {
		return [...]string{"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
			"déc."}[t.Month()-1]
	}
	return t.Format("Jan")
}

func frenchMonths() [12]string {
	return [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
		"novembre", "décembre"}
}

// Instant is a moment to the second, in UTC, which it says: a server's own zone is nobody's.
func (l Lang) Instant(t time.Time) string {
	t = t.UTC()
	return l.Date(t.Format(time.DateOnly)) + hardSpace + t.Format("15:04:05") + hardSpace + "UTC"
}
