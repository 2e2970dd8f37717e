package french

import (
	"fmt"
	"strconv"
	"strings"
)

// pattern is an English sentence with holes:
//
//	%s  text that is not the suite's own, kept as it is
//	%w  one word of it
//	%q  a text in double quotes, as Go quotes it
//	%d  a whole number; the first one chooses between singular and plural
//	%t  a length of time, as Go writes it: 1m30s
//	%y  a day or a moment: 2026-12-31, 2026-12-31 09:30:00 UTC
//	%m  a sentence of the catalogue, translated in its turn
type pattern struct {
	source  string
	pieces  []piece
	longest string // of its literals: a text without it is another sentence, or was cut
}

// piece is literal text, or a hole where literal is empty.
type piece struct {
	literal string
	hole    byte
}

const holes = "swqdtym"

func parsePattern(source string) pattern {
	p := pattern{source: source}
	literal := ""
	flush := func() {
		if literal != "" {
			p.pieces = append(p.pieces, piece{literal: literal})
		}
		literal = ""
	}
	for i := 0; i < len(source); i++ {
		switch {
		case source[i] != '%' || i+1 == len(source):
			literal += source[i : i+1]
		case source[i+1] == '%':
			literal += "%"
			i++
		case strings.IndexByte(holes, source[i+1]) >= 0:
			flush()
			p.pieces = append(p.pieces, piece{hole: source[i+1]})
			i++
		default:
			literal += source[i : i+1]
		}
	}
	flush()
	for _, q := range p.pieces {
		if len(q.literal) > len(p.longest) {
			p.longest = q.literal
		}
	}
	return p
}

// weight is how particular a pattern is: its own letters, and then what its holes leave open.
func (p pattern) weight() int {
	sum := 0
	for _, q := range p.pieces {
		switch {
		case q.hole == 0:
			sum += 100 * len(q.literal)
		case q.hole == 'q' || q.hole == 'd' || q.hole == 't' || q.hole == 'y':
			sum += 20
		case q.hole == 'w' || q.hole == 'm':
			sum += 10
		}
	}
	return sum
}

func (p pattern) holes() string {
	out := ""
	for _, q := range p.pieces {
		if q.hole != 0 {
			out += string(q.hole)
		}
	}
	return out
}

// cutMark ends a text that was cut where it is made: what is missing may be any of the last pieces.
const cutMark = "…"

// match finds the values of a pattern's holes in a whole text.
func (r *reading) match(p pattern, text string, depth int) ([]string, bool) {
	whole := strings.Contains(text, p.longest)
	switch {
	case !whole && !strings.HasSuffix(text, cutMark):
		return nil, false
	case p.pieces[0].hole == 0 && !strings.HasPrefix(text, p.pieces[0].literal):
		return nil, false
	}
	m := matching{r: r, pieces: p.pieces, text: text, depth: depth, failed: map[[2]int]bool{}}
	if values, ok := m.from(0, 0); ok {
		return values, true
	}
	return m.cut(p)
}

type matching struct {
	r      *reading
	pieces []piece
	text   string
	depth  int
	failed map[[2]int]bool // piece and place, known to lead nowhere
}

func (m *matching) from(i, at int) ([]string, bool) {
	if i == len(m.pieces) {
		return nil, at == len(m.text)
	}
	if m.failed[[2]int{i, at}] {
		return nil, false
	}
	if p := m.pieces[i]; p.hole == 0 {
		if strings.HasPrefix(m.text[at:], p.literal) {
			if rest, ok := m.from(i+1, at+len(p.literal)); ok {
				return rest, true
			}
		}
	} else {
		for _, end := range m.ends(i, at) {
			value, ok := m.value(p.hole, m.text[at:end])
			if !ok {
				continue
			}
			if rest, ok := m.from(i+1, end); ok {
				return append([]string{value}, rest...), true
			}
		}
	}
	m.failed[[2]int{i, at}] = true
	return nil, false
}

// ends are the places where the hole i may end, if it begins at a place; the nearest first.
func (m *matching) ends(i, at int) []int {
	rest := m.text[at:]
	switch m.pieces[i].hole {
	case 'q':
		quoted, err := strconv.QuotedPrefix(rest)
		if err != nil || !strings.HasPrefix(quoted, `"`) {
			return nil
		}
		return []int{at + len(quoted)}
	case 'd':
		n := len(rest) - len(strings.TrimLeft(strings.TrimPrefix(rest, "-"), "0123456789"))
		if n == 0 || rest[:n] == "-" {
			return nil
		}
		return []int{at + n}
	}
	if i+1 == len(m.pieces) {
		return []int{len(m.text)}
	}
	var out []int
	for end := at; end <= len(m.text); end++ {
		if next := m.pieces[i+1]; next.hole != 0 || strings.HasPrefix(m.text[end:], next.literal) {
			out = append(out, end)
		}
	}
	return out
}

// value is what stands for a text in French, if it may fill the hole.
func (m *matching) value(hole byte, text string) (string, bool) {
	switch hole {
	case 'w':
		return text, text != "" && !strings.ContainsAny(text, " \t\n")
	case 't':
		return lengthOfTime(text)
	case 'y':
		return day(text)
	case 'm':
		// A sentence that is all of this one says nothing about it.
		if text == "" || len(text) == len(m.text) {
			return "", false
		}
		return m.r.text(text, m.depth+1)
	}
	return text, true
}

// cut matches a text that was cut: its last value ends with the mark, and what would follow is not known.
func (m *matching) cut(p pattern) ([]string, bool) {
	if !strings.HasSuffix(m.text, cutMark) || len(p.pieces) < 2 || p.pieces[0].hole != 0 {
		return nil, false
	}
	for last := len(p.pieces) - 1; last > 0; last-- {
		if q := p.pieces[last]; q.hole != 's' && q.hole != 'q' {
			continue
		}
		short := matching{r: m.r, text: m.text, depth: m.depth, failed: map[[2]int]bool{},
			pieces: append(append([]piece{}, p.pieces[:last]...), piece{hole: 's'})}
		if values, ok := short.from(0, 0); ok {
			for len(values) < len(p.holes()) {
				values = append(values, cutMark)
			}
			return values, true
		}
	}
	return nil, false
}

// template is French with the holes of its English, by their places.
type template struct {
	parts []string // text, hole, text, hole, … text
	order []int
}

// parseTemplate reads French. A hole is written as in English, %q, or with its place in the English where the order is
// another one, %[2]q.
func parseTemplate(french string, p pattern) (template, error) {
	var t template
	kinds, used, next := p.holes(), map[int]bool{}, 0
	text := ""
	for i := 0; i < len(french); i++ {
		if french[i] != '%' || i+1 == len(french) {
			text += french[i : i+1]
			continue
		}
		if french[i+1] == '%' {
			text += "%"
			i++
			continue
		}
		at, rest := next, french[i+1:]
		if strings.HasPrefix(rest, "[") {
			number, after, _ := strings.Cut(rest[1:], "]")
			n, err := strconv.Atoi(number)
			if err != nil {
				return t, fmt.Errorf("%q: no hole is written %%[%s]", french, number)
			}
			at, rest = n-1, after
		}
		if rest == "" || strings.IndexByte(holes, rest[0]) < 0 {
			text += "%"
			continue
		}
		if at < 0 || at >= len(kinds) || kinds[at] != rest[0] {
			return t, fmt.Errorf("%q: hole %d is not %%%c in the English %q", french, at+1, rest[0], p.source)
		}
		next, used[at] = at+1, true
		t.parts, t.order = append(t.parts, Typography(text)), append(t.order, at)
		text = ""
		i = len(french) - len(rest)
	}
	t.parts = append(t.parts, Typography(text))
	if len(used) != len(kinds) {
		return t, fmt.Errorf("%q does not have every hole of %q", french, p.source)
	}
	return t, nil
}

// fill puts the values into the French for their number.
func (e *entry) fill(values []string) string {
	t := e.plural
	if i := strings.IndexByte(e.english.holes(), 'd'); i >= 0 && (values[i] == "0" || values[i] == "1") {
		t = e.singular
	}
	var b strings.Builder
	for i, at := range t.order {
		b.WriteString(t.parts[i])
		b.WriteString(values[at])
	}
	b.WriteString(t.parts[len(t.parts)-1])
	return b.String()
}
