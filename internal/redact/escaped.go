package redact

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// view is a text with its escapes undone. The byte plain[i] is written in the text from at[i] to at[i+1].
type view struct {
	plain []byte
	at    []int
}

// unescaped undoes the escapes of a text, those that undo knows. undo is asked at each byte: it returns what stands
// there, and in how many bytes of the text it is written; 0 if it is no escape.
func unescaped(text string, undo func(rest string) (plain string, written int)) view {
	v := view{plain: make([]byte, 0, len(text)), at: make([]int, 0, len(text)+1)}
	for i := 0; i < len(text); {
		plain, n := undo(text[i:])
		if n == 0 {
			plain, n = text[i:i+1], 1
		}
		for range len(plain) {
			v.at = append(v.at, i)
		}
		v.plain = append(v.plain, plain...)
		i += n
	}
	v.at = append(v.at, len(text))
	return v
}

// masked is the text of the view with each of the forms masked, however it was escaped. Of two that begin at one place
// the longer wins: forms are sorted so.
func (v view) masked(text string, forms []string, masks map[string]string) string {
	type match struct {
		from int
		form string
	}
	var matches []match
	plain := string(v.plain)
	for _, form := range forms {
		for from := 0; ; {
			i := strings.Index(plain[from:], form)
			if i < 0 {
				break
			}
			matches = append(matches, match{from + i, form})
			from += i + len(form)
		}
	}
	slices.SortStableFunc(matches, func(a, b match) int { return cmp.Compare(a.from, b.from) })
	var b strings.Builder
	done := 0 // of plain
	for _, m := range matches {
		if m.from < done {
			continue
		}
		b.WriteString(text[v.at[done]:v.at[m.from]])
		b.WriteString(masks[m.form])
		done = m.from + len(m.form)
	}
	b.WriteString(text[v.at[done]:])
	return b.String()
}

// jsonEscape undoes one escape of a JSON string.
func jsonEscape(rest string) (plain string, written int) {
	if len(rest) < 2 || rest[0] != '\\' {
		return "", 0
	}
	switch c := rest[1]; c {
	case '"', '\\', '/':
		return rest[1:2], 2
	case 'u':
		return unicodeEscape(rest)
	}
	return "", 0
}

func unicodeEscape(rest string) (plain string, written int) {
	r, ok := hexRune(rest)
	if !ok {
		return "", 0
	}
	if !utf16.IsSurrogate(r) {
		return string(r), 6
	}
	if low, ok := hexRune(rest[6:]); ok && strings.HasPrefix(rest[6:], `\u`) {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return string(pair), 12
		}
	}
	return "", 0
}

// hexRune reads the four digits behind two bytes.
func hexRune(rest string) (rune, bool) {
	if len(rest) < 6 {
		return 0, false
	}
	r, err := strconv.ParseUint(rest[2:6], 16, 16)
	return rune(r), err == nil
}

// percentEscape undoes one escape of a URL.
func percentEscape(rest string) (plain string, written int) {
	if len(rest) < 3 || rest[0] != '%' {
		return "", 0
	}
	b, err := strconv.ParseUint(rest[1:3], 16, 8)
	if err != nil {
		return "", 0
	}
	return string([]byte{byte(b)}), 3
}
