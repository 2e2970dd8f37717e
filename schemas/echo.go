package schemas

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
)

// Echoes says whether a violation only gives back what the request itself held: the value stands at the same place of the
// request, or the request lacks the same member in what the body otherwise repeats. at is where in the body the request's
// counterpart lies: "$", or "$.resource" in an event. What Orange sent wrong on purpose is not its receiver's fault.
func (v Violation) Echoes(body []byte, at string, request []byte) bool {
	whole, ok := parsePath(v.Path)
	base, okBase := parsePath(at)
	if !ok || !okBase || len(whole) <= len(base) || !whole.below(base) {
		return false
	}
	// What follows the value does not matter here: the tree is nil where there is none.
	got, _ := parseTree(body)
	sent, _ := parseTree(request)
	got = got.follow(base)
	p := whole[len(base):]
	value, theirs := got.follow(p), sent.follow(p)
	if value != nil {
		return theirs != nil && value.same(theirs)
	}
	// A missing member: the root is the answer's own, and no echo.
	parent := p[:len(p)-1]
	return theirs == nil && len(parent) > 0 && got.follow(parent).extends(sent.follow(parent))
}

var pathStep = regexp.MustCompile(`^(?:\.([^.\[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\])`)

// parsePath reads a path as String writes it; of a name that was cut, it is the path of nothing.
func parsePath(text string) (path, bool) {
	if text == "" || text[0] != '$' {
		return nil, false
	}
	p := path{}
	for rest := text[1:]; rest != ""; {
		m := pathStep.FindStringSubmatch(rest)
		if m == nil {
			return nil, false
		}
		rest = rest[len(m[0]):]
		switch {
		case m[1] != "":
			p = append(p, segment{name: m[1]})
		case m[2] != "":
			i, err := strconv.Atoi(m[2])
			if err != nil {
				return nil, false
			}
			p = append(p, segment{index: i, isIndex: true})
		default:
			name, err := strconv.Unquote(m[3])
			if err != nil {
				return nil, false
			}
			p = append(p, segment{name: name})
		}
	}
	return p, true
}

// follow is the value that p leads to from n, nil where there is none.
func (n *node) follow(p path) *node {
	for _, s := range p {
		switch {
		case n == nil:
			return nil
		case !s.isIndex:
			n = n.member(s.name)
		case n.kind == kindArray && s.index < len(n.items):
			n = n.items[s.index]
		default:
			return nil
		}
	}
	return n
}

// same says whether two values are equal as JSON: members in any order, numbers by their value.
func (n *node) same(other *node) bool {
	if n.kind != other.kind {
		return false
	}
	switch n.kind {
	case kindArray:
		return slices.EqualFunc(n.items, other.items, (*node).same)
	case kindObject:
		return len(n.members) == len(other.members) && n.extends(other)
	case kindNumber:
		if n.text == other.text {
			return true
		}
		return sameNumber(n.text, other.text)
	}
	return n.text == other.text
}

// longNumber is the most digits that a number is compared by value with: an exponent may stand for any length.
const longNumber = 30

func sameNumber(a, b string) bool {
	if len(a) > longNumber || len(b) > longNumber {
		return false
	}
	x, _, errX := big.ParseFloat(a, 10, 128, big.ToNearestEven)
	y, _, errY := big.ParseFloat(b, 10, 128, big.ToNearestEven)
	return errX == nil && errY == nil && x.Cmp(y) == 0
}

// extends says whether n is an object with all that other has, and maybe more.
func (n *node) extends(other *node) bool {
	if n == nil || other == nil || n.kind != kindObject || other.kind != kindObject {
		return false
	}
	for _, m := range other.members {
		if value := n.member(m.name); value == nil || !value.same(m.value) {
			return false
		}
	}
	return true
}
