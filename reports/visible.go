package reports

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// visible writes what a terminal, a browser or an XML reader would act on rather than show (escapes, NUL, bidirectional
// overrides, bytes that are no UTF-8) as \x1b or \u202e. Every text of the partner passes here before it is shown.
func visible(s string) string { return escapeControls(s, "") }

// visibleLines is visible, with line breaks and tabs kept.
func visibleLines(s string) string {
	return escapeControls(strings.ReplaceAll(s, "\r\n", "\n"), "\n\t")
}

func escapeControls(s, keep string) string {
	plain := 0
	for plain < len(s) && (s[plain] >= ' ' && s[plain] < 0x7f || strings.IndexByte(keep, s[plain]) >= 0) {
		plain++
	}
	if plain == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:plain])
	for i := plain; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f {
			b.WriteByte(c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			fmt.Fprintf(&b, `\x%02x`, c)
		case strings.ContainsRune(keep, r):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < 0xa0:
			fmt.Fprintf(&b, `\x%02x`, r)
		case hidden(r) && r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		case hidden(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// hidden is true for what shows nothing of its own but changes how the rest looks, and for what XML 1.0 refuses.
func hidden(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || r&0xfffe == 0xfffe
}

// shortened cuts s to at most limit runes and says how long it was.
func shortened(s string, limit int) string { return labels{}.shortened(s, limit) }

func (l labels) shortened(s string, limit int) string {
	n := utf8.RuneCountInString(s)
	if n <= limit {
		return s
	}
	seen := 0
	for i := range s {
		if seen == limit {
			return s[:i] + l.f("characters", n)
		}
		seen++
	}
	return s
}

// Plain is text of the partner's or of a file as it may be printed: what a terminal would act on is written out, and
// what is very long is cut.
func Plain(s string) string { return shortened(visible(s), textField) }
