package schemas

import (
	"cmp"
	"net/url"
	"strconv"
	"strings"
)

// segment is one step into a JSON value: a member or an array index.
type segment struct {
	name    string
	index   int
	isIndex bool
}

// path leads from the root to a value.
type path []segment

// String writes the path as $.orderItem[0].id.
func (p path) String() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, s := range p {
		switch {
		case s.isIndex:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case plainName(s.name):
			b.WriteString("." + s.name)
		default:
			b.WriteString("[" + strconv.Quote(clip(s.name)) + "]")
		}
	}
	return b.String()
}

// pattern is the path with every index open.
func (p path) pattern() string {
	open := make(path, len(p))
	for i, s := range p {
		if s.isIndex {
			s.index = 0
		}
		open[i] = s
	}
	return open.String()
}

func plainName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r != '-' && (r < '0' || r > '9')) {
			return false
		}
	}
	return name != "" && len(name) <= maxShown
}

// compare orders paths by their text, indexes by number, a value before what it holds.
func (p path) compare(q path) int {
	for i := range min(len(p), len(q)) {
		if c := cmp.Or(cmp.Compare(p[i].name, q[i].name), cmp.Compare(p[i].index, q[i].index)); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(p), len(q))
}

// below says whether p is q or lies in it.
func (p path) below(q path) bool { return len(p) >= len(q) && p[:len(q)].compare(q) == 0 }

// pointer splits a JSON pointer as the validator writes it: escaped twice, for the pointer and for a URL.
func pointer(text string) []string {
	text = strings.TrimPrefix(text, "/")
	if text == "" {
		return nil
	}
	tokens := strings.Split(text, "/")
	for i, t := range tokens {
		if plain, err := url.PathUnescape(t); err == nil {
			t = plain
		}
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(t, "~1", "/"), "~0", "~")
	}
	return tokens
}

// pathTo turns the tokens of a pointer into a path through root.
func pathTo(root *node, tokens []string) path {
	p := make(path, 0, len(tokens)+1)
	at := root
	for _, t := range tokens {
		if at != nil && at.kind == kindArray {
			i, err := strconv.Atoi(t)
			if err == nil && i >= 0 && i < len(at.items) {
				p, at = append(p, segment{index: i, isIndex: true}), at.items[i]
				continue
			}
		}
		p, at = append(p, segment{name: t}), at.member(t)
	}
	return p
}
