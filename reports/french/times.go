package french

import (
	"strings"
	"time"
)

// lengthOfTime writes a length of time as French does: 1 min 30 s.
func lengthOfTime(text string) (string, bool) {
	if _, err := time.ParseDuration(text); err != nil {
		return "", false
	}
	var parts []string
	for rest := text; rest != ""; {
		n := strings.IndexFunc(rest, func(c rune) bool { return (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' })
		if n <= 0 {
			return text, true
		}
		number := strings.ReplaceAll(rest[:n], ".", ",")
		rest = rest[n:]
		unit := strings.IndexAny(rest, "0123456789")
		if unit < 0 {
			unit = len(rest)
		}
		name := rest[:unit]
		if name == "m" {
			name = "min"
		}
		if rest = rest[unit:]; number != "0" || len(parts) == 0 && rest == "" {
			parts = append(parts, number+noBreak+name)
		}
	}
	return strings.Join(parts, noBreak), true
}

// day writes a day, with its time if there is one, as French does: 31/12/2026 09:30:00 UTC.
func day(text string) (string, bool) {
	for english, french := range map[string]string{time.DateOnly: "02/01/2006", "2006-01-02 15:04:05 UTC": "02/01/2006 15:04:05 UTC"} {
		if at, err := time.Parse(english, text); err == nil {
			return at.Format(french), true
		}
	}
	return "", false
}
