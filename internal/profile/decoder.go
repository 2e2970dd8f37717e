package profile

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/clementine-ope/clementine/internal/nearest"
)

// decoder turns nodes into a Profile and collects every complaint instead of stopping at the first.
type decoder struct {
	file string
	errs []*Error
}

// members names the settings of one object and how each is read.
type members map[string]func(n *node, field string)

func (d *decoder) failf(n *node, field, format string, args ...any) {
	e := &Error{File: d.file, Field: field, Msg: fmt.Sprintf(format, args...)}
	if n != nil {
		e.Line, e.Column = n.line, n.column
	}
	d.errs = append(d.errs, e)
}

func (d *decoder) is(n *node, field string, want kind) bool {
	switch n.kind {
	case want:
		return true
	case kindNull:
		d.failf(n, field, "has no value: give one, or leave the line out")
	default:
		hint := ""
		if want == kindText && (n.kind == kindNumber || n.kind == kindBool) {
			hint = fmt.Sprintf(": write %q", n.text)
		}
		d.failf(n, field, "must be %s, is %s%s", want, n.kind, hint)
	}
	return false
}

// object reads a mapping; an empty one (every line commented out) counts as absent.
func (d *decoder) object(n *node, field string, known members) bool {
	if n == nil || n.kind == kindNull {
		return false
	}
	if !d.is(n, field, kindObject) {
		return false
	}
	for _, m := range n.members {
		read, ok := known[m.key]
		if !ok {
			d.unknown(m, field, known)
			continue
		}
		read(m.node, join(field, m.key))
	}
	return true
}

func (d *decoder) unknown(m member, field string, known members) {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	sort.Strings(names)
	msg := fmt.Sprintf("is no setting of a profile; known here: %s", strings.Join(names, ", "))
	if near := nearest.Names(m.key, names, 1); len(near) > 0 {
		msg = fmt.Sprintf("is no setting of a profile; did you mean %s?", near[0])
	}
	d.failf(&node{line: m.line, column: m.col}, join(field, m.key), "%s", msg)
}

func join(field, key string) string {
	if field == "" {
		return key
	}
	return field + "." + key
}

func (d *decoder) text(to *string) func(*node, string) {
	return func(n *node, field string) {
		if d.is(n, field, kindText) {
			*to = n.text
		}
	}
}

// filled is text that says something.
func (d *decoder) filled(to *string) func(*node, string) {
	return func(n *node, field string) {
		if !d.is(n, field, kindText) {
			return
		}
		if n.text == "" {
			d.failf(n, field, "must not be empty")
			return
		}
		*to = n.text
	}
}

// longestName is of a name that pages and files are headed with, in characters.
const longestName = 200

func (d *decoder) named(to *string) func(*node, string) {
	filled := d.filled(to)
	return func(n *node, field string) {
		if n.kind == kindText && utf8.RuneCountInString(n.text) > longestName {
			d.failf(n, field, "must have at most %d characters", longestName)
			return
		}
		filled(n, field)
	}
}

func (d *decoder) enum(to *string, values ...string) func(*node, string) {
	return func(n *node, field string) {
		if n.kind != kindText || !slices.Contains(values, n.text) {
			d.failf(n, field, "must be %s, is %s", alternatives(values), shown(n))
			return
		}
		*to = n.text
	}
}

func alternatives(values []string) string {
	last := len(values) - 1
	if last == 0 {
		return values[0]
	}
	return strings.Join(values[:last], ", ") + " or " + values[last]
}

func shown(n *node) string {
	switch n.kind {
	case kindText:
		return strconv.Quote(n.text)
	case kindNumber, kindBool:
		return n.text
	default:
		return n.kind.String()
	}
}

func (d *decoder) boolean(to *bool) func(*node, string) {
	return func(n *node, field string) {
		plain := n.kind == kindBool || n.filled
		switch {
		case plain && strings.EqualFold(n.text, "true"):
			*to = true
		case plain && strings.EqualFold(n.text, "false"):
			*to = false
		default:
			d.failf(n, field, "must be true or false, is %s", shown(n))
		}
	}
}

func (d *decoder) integer(to *int, low, high int) func(*node, string) {
	return func(n *node, field string) {
		value, err := strconv.Atoi(n.text)
		if (n.kind != kindNumber && !n.filled) || err != nil || value < low || value > high {
			d.failf(n, field, "must be a whole number from %d to %d, is %s", low, high, shown(n))
			return
		}
		*to = value
	}
}

func (d *decoder) duration(to *Duration, zeroAllowed bool) func(*node, string) {
	return func(n *node, field string) {
		var value Duration
		if n.kind != kindText {
			d.failf(n, field, "must be a duration such as 10s or 250ms, is %s", shown(n))
			return
		}
		if err := value.UnmarshalText([]byte(n.text)); err != nil {
			d.failf(n, field, "%s", err)
			return
		}
		if value == 0 && !zeroAllowed {
			d.failf(n, field, "must be longer than zero")
			return
		}
		*to = value
	}
}

func (d *decoder) texts(to *[]string) func(*node, string) {
	return func(n *node, field string) {
		d.each(n, field, func(item *node, field string) {
			var value string
			d.filled(&value)(item, field)
			*to = append(*to, value)
		})
	}
}

func (d *decoder) each(n *node, field string, read func(item *node, field string)) {
	if n.kind == kindNull || !d.is(n, field, kindList) {
		return
	}
	for i, item := range n.items {
		read(item, fmt.Sprintf("%s[%d]", field, i))
	}
}
