package schemas

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Echoes says whether a violation only gives back what the request itself held: the value stands at the same place of the
// request, or the request lacks the same member in what the body otherwise repeats. at is where in the body the request's
// counterpart lies: "$", or "$.resource" in an event. What Orange sent wrong on purpose is not its receiver's fault.
func (v Violation) Echoes(body []byte, at string, request []byte) bool {
	whole, ok := tokensOf(v.Path)
	base, okBase := tokensOf(at)
	if !ok || !okBase || len(whole) <= len(base) || !slices.Equal(whole[:len(base)], base) {
		return false
	}
	// What follows the value does not matter here: the tree is nil where there is none.
	got, _ := parseTree(body)
	sent, _ := parseTree(request)
	got = got.at(base)
	tokens := whole[len(base):]
	value, theirs := got.at(tokens), sent.at(tokens)
	if value != nil {
		return theirs != nil && value.same(theirs)
	}
	// A missing member: the root is the answer's own, and no echo.
	parent := tokens[:len(tokens)-1]
	return theirs == nil && len(parent) > 0 && got.at(parent).extends(sent.at(parent))
}

var pathStep = regexp.MustCompile(`^(?:\.([^.\[\]"]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\])`)

// tokensOf reads a path as path.String writes it, as the tokens of a pointer; a name that was cut leads nowhere.
func tokensOf(text string) (tokens []string, ok bool) {
	rest, ok := strings.CutPrefix(text, "$")
	for ok && rest != "" {
		m := pathStep.FindStringSubmatch(rest)
		if m == nil {
			return nil, false
		}
		rest = rest[len(m[0]):]
		name := m[1] + m[2]
		if m[3] != "" {
			var err error
			if name, err = strconv.Unquote(m[3]); err != nil {
				return nil, false
			}
		}
		tokens = append(tokens, name)
	}
	return tokens, ok
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
