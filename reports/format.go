package reports

import (
	"fmt"
	"strings"
	"time"
)

// instant is a moment in UTC, as a reader of the language writes dates.
func (l labels) instant(t time.Time) string {
	if l.lang == 1 {
		return t.UTC().Format("02/01/2006 15:04:05 UTC")
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// day is a day that is stored as YYYY-MM-DD, as a reader of the language writes it.
func (l labels) day(stored string) string {
	if at, err := time.Parse(time.DateOnly, stored); err == nil && l.lang == 1 {
		return at.Format("02/01/2006")
	}
	return stored
}

// decimal writes a decimal fraction with the language's mark.
func (l labels) decimal(text string) string {
	if l.lang == 1 {
		return strings.ReplaceAll(text, ".", ",")
	}
	return text
}

// duration is a length of time given in milliseconds, in the unit that suits it.
func (l labels) duration(ms int64) string {
	switch {
	case ms < 1000:
		return fmt.Sprintf("%d ms", ms)
	case ms < 60_000:
		return l.decimal(fmt.Sprintf("%.2f s", float64(ms)/1000))
	}
	return fmt.Sprintf("%d min %d s", ms/60_000, ms%60_000/1000)
}

func (l labels) milliseconds(ms float64) string {
	if ms > 0 && ms < 10 {
		return l.decimal(fmt.Sprintf("%.1f ms", ms))
	}
	return fmt.Sprintf("%.0f ms", ms)
}
