package schemas

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a body, so that a hostile one can't exhaust the stack.
const maxDepth = 200

type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
	kindArray
	kindObject
)

// node is one JSON value with its byte offset. Members keep the order of the text, duplicates included.
type node struct {
	kind    kind
	offset  int
	text    string // string: its value; number, true, false, null: the literal
	items   []*node
	members []member
}

type member struct {
	name   string
	offset int
	value  *node
}

// syntaxError says at which byte a text stops being JSON.
type syntaxError struct {
	offset int
	msg    string
}

func (e *syntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.msg, e.offset) }

// parseTree reads one JSON value by RFC 8259, strictly: UTF-8 only, no BOM, nothing after the value. Where the value
// itself is whole but something follows it, the tree comes back together with the error.
func parseTree(data []byte) (*node, error) {
	p := scanner{data: data}
	p.space()
	root, err := p.value(0)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos < len(data) {
		return root, &trailingError{offset: p.pos}
	}
	return root, nil
}

// trailingError reports bytes after the JSON value.
type trailingError struct{ offset int }

func (e *trailingError) Error() string {
	return fmt.Sprintf("data after the JSON value at byte %d", e.offset)
}

var errDepth = errors.New("nested too deep")

type scanner struct {
	data []byte
	pos  int
}

func (p *scanner) fail(msg string) error { return &syntaxError{offset: p.pos, msg: msg} }

func (p *scanner) space() {
	for p.pos < len(p.data) {
		switch p.data[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return
		}
	}
}

func (p *scanner) value(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	if p.pos >= len(p.data) {
		return nil, p.fail("the text ends")
	}
	start := p.pos
	switch c := p.data[p.pos]; {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		text, err := p.str()
		return &node{kind: kindString, offset: start, text: text}, err
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c == 't':
		return p.literal("true", kindBool)
	case c == 'f':
		return p.literal("false", kindBool)
	case c == 'n':
		return p.literal("null", kindNull)
	}
	return nil, p.fail("no JSON value starts with " + shown(p.data[p.pos:]))
}

// shown quotes the first character of what is left.
func shown(rest []byte) string {
	r, size := utf8.DecodeRune(rest)
	if r == utf8.RuneError && size <= 1 {
		return fmt.Sprintf("byte 0x%02x", rest[0])
	}
	return strconv.Quote(string(r))
}

func (p *scanner) literal(word string, k kind) (*node, error) {
	if !strings.HasPrefix(string(p.data[p.pos:min(len(p.data), p.pos+len(word))]), word) {
		return nil, p.fail("expected " + word)
	}
	n := &node{kind: k, offset: p.pos, text: word}
	p.pos += len(word)
	return n, nil
}

func (p *scanner) object(depth int) (*node, error) {
	n := &node{kind: kindObject, offset: p.pos}
	p.pos++
	for p.space(); ; p.space() {
		if p.at('}') && len(n.members) == 0 {
			p.pos++
			return n, nil
		}
		if !p.at('"') {
			return nil, p.fail("expected a member name in double quotes")
		}
		offset := p.pos
		name, err := p.str()
		if err != nil {
			return nil, err
		}
		if p.space(); !p.at(':') {
			return nil, p.fail(`expected ":"`)
		}
		p.pos++
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.members = append(n.members, member{name: name, offset: offset, value: v})
		p.space()
		switch {
		case p.at(','):
			p.pos++
		case p.at('}'):
			p.pos++
			return n, nil
		default:
			return nil, p.fail(`expected "," or "}"`)
		}
	}
}

func (p *scanner) array(depth int) (*node, error) {
	n := &node{kind: kindArray, offset: p.pos}
	p.pos++
	for p.space(); ; p.space() {
		if p.at(']') && len(n.items) == 0 {
			p.pos++
			return n, nil
		}
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, v)
		p.space()
		switch {
		case p.at(','):
			p.pos++
		case p.at(']'):
			p.pos++
			return n, nil
		default:
			return nil, p.fail(`expected "," or "]"`)
		}
	}
}

func (p *scanner) at(c byte) bool { return p.pos < len(p.data) && p.data[p.pos] == c }

func (p *scanner) digits() bool {
	start := p.pos
	for p.pos < len(p.data) && p.data[p.pos] >= '0' && p.data[p.pos] <= '9' {
		p.pos++
	}
	return p.pos > start
}

func (p *scanner) number() (*node, error) {
	start := p.pos
	if p.at('-') {
		p.pos++
	}
	if p.at('0') {
		p.pos++
	} else if !p.digits() {
		return nil, p.fail("expected a digit")
	}
	if p.at('.') {
		p.pos++
		if !p.digits() {
			return nil, p.fail("expected a digit")
		}
	}
	if p.at('e') || p.at('E') {
		p.pos++
		if p.at('+') || p.at('-') {
			p.pos++
		}
		if !p.digits() {
			return nil, p.fail("expected a digit")
		}
	}
	return &node{kind: kindNumber, offset: start, text: string(p.data[start:p.pos])}, nil
}

func (p *scanner) str() (string, error) {
	start, escaped := p.pos, false
	for p.pos++; p.pos < len(p.data); {
		switch c := p.data[p.pos]; {
		case c == '"':
			p.pos++
			raw := p.data[start:p.pos]
			if !escaped {
				return string(raw[1 : len(raw)-1]), nil
			}
			var s string
			if err := json.Unmarshal(raw, &s); err != nil {
				return "", &syntaxError{offset: start, msg: "a string with a broken escape"}
			}
			return s, nil
		case c == '\\':
			escaped = true
			p.pos += 2
		case c < 0x20:
			return "", p.fail("a control character in a string")
		case c < utf8.RuneSelf:
			p.pos++
		default:
			r, size := utf8.DecodeRune(p.data[p.pos:])
			if r == utf8.RuneError && size == 1 {
				return "", p.fail("a byte that is not UTF-8")
			}
			p.pos += size
		}
	}
	p.pos = len(p.data)
	return "", p.fail("the text ends inside a string")
}

// any gives the value as the schema validator wants it. Of duplicate members the last one counts, as in most readers.
func (n *node) any() any {
	switch n.kind {
	case kindNull:
		return nil
	case kindBool:
		return n.text == "true"
	case kindNumber:
		return json.Number(n.text)
	case kindString:
		return n.text
	case kindArray:
		items := make([]any, len(n.items))
		for i, item := range n.items {
			items[i] = item.any()
		}
		return items
	}
	object := make(map[string]any, len(n.members))
	for _, m := range n.members {
		object[m.name] = m.value.any()
	}
	return object
}

// member gives the last member of that name, nil if there is none.
func (n *node) member(name string) *node {
	if n == nil || n.kind != kindObject {
		return nil
	}
	for i := len(n.members) - 1; i >= 0; i-- {
		if n.members[i].name == name {
			return n.members[i].value
		}
	}
	return nil
}

// fewMembers is how many members are compared one by one sooner than by a map.
const fewMembers = 16

// repeated gives a test of whether the i-th member's name stood before it; to be asked for each i in order.
func (n *node) repeated() func(i int) bool {
	if len(n.members) <= fewMembers {
		return func(i int) bool {
			return slices.ContainsFunc(n.members[:i], func(m member) bool { return m.name == n.members[i].name })
		}
	}
	seen := make(map[string]bool, len(n.members))
	return func(i int) bool {
		before := seen[n.members[i].name]
		seen[n.members[i].name] = true
		return before
	}
}

// at follows the tokens of a JSON pointer, nil if they lead nowhere.
func (n *node) at(tokens []string) *node {
	for _, token := range tokens {
		if n == nil {
			return nil
		}
		if n.kind == kindArray {
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(n.items) {
				return nil
			}
			n = n.items[i]
			continue
		}
		n = n.member(token)
	}
	return n
}

// lineAt gives the line, from 1, of a byte offset.
func lineAt(data []byte, offset int) int {
	offset = min(max(offset, 0), len(data))
	return 1 + strings.Count(string(data[:offset]), "\n")
}

// lineOf gives the line of an error of parseTree.
func lineOf(data []byte, err error) int {
	var syntax *syntaxError
	var trailing *trailingError
	switch {
	case errors.As(err, &syntax):
		return lineAt(data, syntax.offset)
	case errors.As(err, &trailing):
		return lineAt(data, trailing.offset)
	}
	return 1
}
