package schemas

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strconv"
	"strings"
)

// maxViolations bounds what one body can report.
const maxViolations = 20

// maxExponent bounds a number's decimal exponent: beyond it no double can hold the number, and working it out exactly
// would cost a reader memory without end.
const (
	maxExponent     = 400
	maxNumberLength = 1000
)

// Violation is one breach of the contract by a body, in words for a developer.
type Violation struct {
	Requirement string `json:"requirement"` // empty where the body is one that Clementine itself sends
	Path        string `json:"path"`        // $.orderItem[0].productRef.id
	Expected    string `json:"expected"`
	Seen        string `json:"seen"`
	Keyword     string `json:"keyword"` // of JSON Schema, or content-type, json, duplicate, empty
	Remedy      Remedy `json:"-"`
}

// Remedy is what mends a violation, where the schema leaves no choice. The zero value says that it does.
type Remedy struct {
	// Op is set (Value in place of what is there), omit (the empty member), text (the number or boolean as a string),
	// number (the string as a number), or content-type (Value as the header).
	Op    string
	Value string // JSON text; for content-type the header's value
}

// Validate judges a body by a schema alone. A body that is not JSON is a violation too. No violation is nil.
func (p *Pack) Validate(schema string, body []byte) []Violation {
	c := &collector{}
	root := c.wire(body)
	if root != nil {
		c.schema(p, schema, root)
	}
	return c.violations()
}

// Judge judges a body as received: its content type and wire form (GEN-12), members without value (GEN-02), then the
// schema. What lies in a member without value is not reported again. Violations are sorted by path; those that differ
// in their array index only are one, which says how many more there are. No violation is nil.
func (p *Pack) Judge(schema, contentType string, body []byte) []Violation {
	c := &collector{}
	c.contentType(contentType)
	root := c.wire(body)
	if root != nil {
		c.empties(root, nil)
		c.schema(p, schema, root)
	}
	return c.violations()
}

// collector gathers what is wrong with one body.
type collector struct {
	found []located
	// settled are places with a violation already: what the schema says at or below them has the same cause.
	settled []path
}

type located struct {
	Violation
	at path
}

func (c *collector) add(requirement string, at path, keyword, expected, seen string) {
	c.found = append(c.found, located{
		Violation: Violation{Requirement: requirement, Expected: expected, Seen: seen, Keyword: keyword}, at: slices.Clone(at),
	})
}

func (c *collector) contentType(value string) {
	seen := "Content-Type " + clip(value)
	if strings.TrimSpace(value) == "" {
		seen = "no Content-Type"
	}
	mediaType, params, err := mime.ParseMediaType(value)
	wellFormed := err == nil || errors.Is(err, mime.ErrInvalidMediaParameter)
	isJSON := mediaType == "application/json" ||
		strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")
	if !wellFormed || !isJSON {
		c.add(wireForm, nil, "content-type", "Content-Type application/json", seen)
		c.found[len(c.found)-1].Remedy = Remedy{Op: "content-type", Value: "application/json"}
		return
	}
	switch strings.ToLower(params["charset"]) {
	case "", "utf-8", "utf8", "us-ascii":
	default:
		c.add(wireForm, nil, "content-type", "Content-Type application/json in UTF-8", seen)
	}
}

// wire reads the body strictly. It gives nil where there is no value to judge.
func (c *collector) wire(body []byte) *node {
	if rest, ok := bytes.CutPrefix(body, []byte("\xef\xbb\xbf")); ok {
		c.add(wireForm, nil, "json", "JSON without a byte order mark", "a byte order mark before the JSON")
		body = rest
	}
	if len(bytes.TrimSpace(body)) == 0 {
		c.add(wireForm, nil, "json", "a JSON body", "an empty body")
		return nil
	}
	root, err := parseTree(body)
	var trailing *trailingError
	switch {
	case errors.Is(err, errDepth):
		c.add(wireForm, nil, "json", fmt.Sprintf("JSON nested at most %d levels", maxDepth), "deeper nesting")
	case errors.As(err, &trailing):
		c.add(wireForm, nil, "json", "one JSON value", trailing.Error())
	case err != nil:
		c.add(wireForm, nil, "json", "JSON in UTF-8", "not JSON: "+err.Error())
	}
	if root != nil {
		c.readable(root, nil)
	}
	return root
}

// readable reports members given twice and numbers that no reader can hold.
func (c *collector) readable(n *node, at path) {
	switch n.kind {
	case kindNumber:
		if !representable(n.text) {
			c.add(wireForm, at, "json", "a number that a double can hold", "number "+clip(n.text))
			c.settled = append(c.settled, slices.Clone(at))
			n.text = "0"
		}
	case kindArray:
		for i, item := range n.items {
			c.readable(item, append(at, segment{index: i, isIndex: true}))
		}
	case kindObject:
		repeated := n.repeated()
		for i, m := range n.members {
			member := segment{name: m.name}
			if repeated(i) {
				c.add(wireForm, append(at, member), "duplicate", "each member once", "member "+strconv.Quote(clip(m.name))+" twice")
			}
			c.readable(m.value, append(at, member))
		}
	}
}

func representable(number string) bool {
	if len(number) > maxNumberLength {
		return false
	}
	i := strings.IndexAny(number, "eE")
	if i < 0 {
		return true
	}
	exponent, err := strconv.Atoi(strings.TrimPrefix(number[i+1:], "+"))
	return err == nil && exponent <= maxExponent && exponent >= -maxExponent
}

// empties reports null, {}, "" anywhere and [] anywhere but at the root, where an empty array is an answer.
func (c *collector) empties(n *node, at path) {
	seen := ""
	switch {
	case n.kind == kindNull:
		seen = "null"
	case n.kind == kindString && n.text == "":
		seen = "an empty string"
	case n.kind == kindObject && len(n.members) == 0:
		seen = "an empty object"
	case n.kind == kindArray && len(n.items) == 0 && len(at) > 0:
		seen = "an empty array"
	}
	if seen != "" {
		c.add(noEmpty, at, "empty", "a value, or nothing at all", seen)
		c.found[len(c.found)-1].Remedy = Remedy{Op: "omit"}
		c.settled = append(c.settled, slices.Clone(at))
		return
	}
	for i, item := range n.items {
		c.empties(item, append(at, segment{index: i, isIndex: true}))
	}
	for _, m := range n.members {
		c.empties(m.value, append(at, segment{name: m.name}))
	}
}

func (c *collector) schema(p *Pack, name string, root *node) {
	for _, v := range p.schemas.validate(name, root) {
		if !slices.ContainsFunc(c.settled, func(s path) bool { return v.at.below(s) }) {
			c.found = append(c.found, v)
		}
	}
}

// violations sorts, folds what differs in its array index only, and bounds the list.
func (c *collector) violations() []Violation {
	slices.SortStableFunc(c.found, func(a, b located) int {
		return cmp.Or(a.at.compare(b.at), cmp.Compare(a.Requirement, b.Requirement),
			cmp.Compare(a.Keyword, b.Keyword), cmp.Compare(a.Expected, b.Expected), cmp.Compare(a.Seen, b.Seen))
	})
	type key struct{ requirement, path, keyword, expected string }
	index := map[key]int{}
	var out []Violation
	var more []int
	for i, v := range c.found {
		if i > 0 && v.at.compare(c.found[i-1].at) == 0 && v.Violation == c.found[i-1].Violation {
			continue
		}
		k := key{v.Requirement, v.at.pattern(), v.Keyword, v.Expected}
		if at, ok := index[k]; ok {
			if v.at.compare(c.found[i-1].at) != 0 || v.Expected != c.found[i-1].Expected {
				more[at]++
			}
			continue
		}
		index[k] = len(out)
		v.Path = v.at.String()
		out, more = append(out, v.Violation), append(more, 0)
	}
	for i := range out {
		if more[i] > 0 {
			out[i].Seen += fmt.Sprintf(", and %d more like it", more[i])
		}
	}
	if len(out) > maxViolations {
		out = out[:maxViolations]
	}
	return out
}

// maxShown bounds a value of the partner's in a sentence.
const maxShown = 80

// clip shortens a text for a sentence.
func clip(text string) string {
	count := 0
	for i := range text {
		if count == maxShown {
			return text[:i] + "…"
		}
		count++
	}
	return text
}
