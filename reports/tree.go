package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// treeKind is the JSON type of a node.
type treeKind int

const (
	treeScalar treeKind = iota
	treeObject
	treeArray
)

// tree is a JSON value for comparing. What is wrong with its form beyond the types is in faults.
type tree struct {
	kind    treeKind
	raw     string // a scalar as it is written, a string in a form that equals for equal strings
	text    string // a string's text
	members map[string]*tree
	items   []*tree
	twice   []string // members that stand there twice
}

// treeDepth is the deepest nesting that is compared: messages of the contract have a dozen levels.
const treeDepth = 100

// parseTree reads the first JSON value of a text and names, in a few words each, what is wrong with the text's form; the
// value is nil where there is none.
func parseTree(text string) (*tree, []string) {
	var faults []string
	if bom := "\ufeff"; strings.HasPrefix(text, bom) {
		text = strings.TrimPrefix(text, bom)
		faults = append(faults, "byte order mark")
	}
	if !utf8.ValidString(text) {
		faults = append(faults, "not UTF-8")
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	root, err := readTree(d, 0)
	if err != nil {
		return nil, append(faults, "not JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		faults = append(faults, "more after the JSON value")
	}
	return root, faults
}

var errTooDeep = fmt.Errorf("nested deeper than %d", treeDepth)

func readTree(d *json.Decoder, depth int) (*tree, error) {
	if depth > treeDepth {
		return nil, errTooDeep
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case json.Delim:
		if v == '[' {
			return readArray(d, depth)
		}
		return readObject(d, depth)
	case string:
		return &tree{raw: quoted(v), text: v}, nil
	case nil:
		return &tree{raw: "null"}, nil
	default:
		return &tree{raw: fmt.Sprint(v)}, nil
	}
}

func readArray(d *json.Decoder, depth int) (*tree, error) {
	n := &tree{kind: treeArray}
	for d.More() {
		item, err := readTree(d, depth+1)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, item)
	}
	_, err := d.Token()
	return n, err
}

func readObject(d *json.Decoder, depth int) (*tree, error) {
	n := &tree{kind: treeObject, members: map[string]*tree{}}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		m, err := readTree(d, depth+1)
		if err != nil {
			return nil, err
		}
		if n.members[name] != nil {
			n.twice = append(n.twice, name)
		}
		n.members[name] = m
	}
	_, err := d.Token()
	return n, err
}

// String is the value in one line of JSON, members sorted.
func (n *tree) String() string { return n.write(nil, nil) }

// write is String with another text in place of each scalar that mask hides.
func (n *tree) write(path []string, mask func(path []string, n *tree) (string, bool)) string {
	var parts []string
	switch n.kind {
	case treeObject:
		for _, name := range slices.Sorted(maps.Keys(n.members)) {
			parts = append(parts, quoted(name)+": "+n.members[name].write(append(path[:len(path):len(path)], name), mask))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case treeArray:
		for i, item := range n.items {
			parts = append(parts, item.write(append(path[:len(path):len(path)], fmt.Sprintf("[%d]", i)), mask))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	if mask != nil {
		if text, hidden := mask(path, n); hidden {
			return "~" + text
		}
	}
	return n.raw
}

func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return s
	}
	return strings.TrimSuffix(b.String(), "\n")
}
