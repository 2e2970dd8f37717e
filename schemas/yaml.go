package schemas

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Bounds of contract.yaml: the YAML parser recurses, and a pack may come from anywhere.
const (
	maxContractBytes = 1 << 20
	maxContractDepth = 64
)

// yamlNode is a YAML value with its line: a scalar, a sequence or a mapping.
type yamlNode struct {
	line   int
	isText bool // a scalar
	text   string
	isList bool
	items  []*yamlNode
	fields []yamlField // a mapping, in order
}

type yamlField struct {
	name  string
	line  int
	value *yamlNode
}

func (n *yamlNode) describe() string {
	switch {
	case n.isText && n.text == "":
		return "nothing"
	case n.isText:
		return fmt.Sprintf("%q", n.text)
	case n.isList:
		return "a list"
	}
	return "a mapping"
}

// lineError is a problem at a line of one file.
type lineError struct {
	line int
	msg  string
}

func (e *lineError) Error() string { return fmt.Sprintf("%d: %s", e.line, e.msg) }

// parseYAML reads one YAML document without anchors, aliases, tags or merge keys: a pack needs none, and without
// them its size bounds the work.
func parseYAML(data []byte) (n *yamlNode, err error) {
	if len(data) > maxContractBytes {
		return nil, &lineError{1, fmt.Sprintf("larger than %d bytes", maxContractBytes)}
	}
	if line := tooDeep(data); line > 0 {
		return nil, &lineError{line, "nested too deep"}
	}
	// The parser is not ours: on a malformed text it may panic where it should report.
	defer func() {
		if r := recover(); r != nil {
			n, err = nil, &lineError{1, fmt.Sprintf("not readable as YAML: %v", r)}
		}
	}()
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, yamlError(err)
	}
	docs := file.Docs
	if len(docs) == 0 || docs[0].Body == nil {
		return nil, &lineError{1, "the file is empty"}
	}
	if len(docs) > 1 {
		return nil, &lineError{lineOfNode(docs[1].Body, 1), "more than one YAML document"}
	}
	return convert(docs[0].Body, 0)
}

// tooDeep gives the first line whose brackets or dashes nest deeper than a pack may, 0 if there is none.
func tooDeep(data []byte) int {
	depth := 0
	for i, line := range strings.Split(string(data), "\n") {
		depth += strings.Count(line, "[") + strings.Count(line, "{") - strings.Count(line, "]") - strings.Count(line, "}")
		if depth > maxContractDepth || strings.Count(line, "- ") > maxContractDepth || strings.Count(line, "? ") > maxContractDepth {
			return i + 1
		}
	}
	return 0
}

func yamlError(err error) error {
	var positioned yaml.Error
	if errors.As(err, &positioned) {
		line := 1
		if t := positioned.GetToken(); t != nil && t.Position != nil {
			line = t.Position.Line
		}
		return &lineError{line, "not readable as YAML: " + positioned.GetMessage()}
	}
	return &lineError{1, "not readable as YAML: " + err.Error()}
}

func lineOfNode(n ast.Node, otherwise int) int {
	if n == nil || n.GetToken() == nil || n.GetToken().Position == nil {
		return otherwise
	}
	return n.GetToken().Position.Line
}

func convert(n ast.Node, depth int) (*yamlNode, error) {
	line := lineOfNode(n, 1)
	if depth > maxContractDepth {
		return nil, &lineError{line, "nested too deep"}
	}
	switch n := n.(type) {
	case *ast.StringNode:
		return &yamlNode{line: line, isText: true, text: n.Value}, nil
	case *ast.LiteralNode:
		return &yamlNode{line: line, isText: true, text: n.Value.Value}, nil
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return &yamlNode{line: line, isText: true, text: n.GetToken().Value}, nil
	case *ast.NullNode:
		return &yamlNode{line: line, isText: true}, nil
	case *ast.SequenceNode:
		list := &yamlNode{line: line, isList: true}
		for _, v := range n.Values {
			item, err := convert(v, depth+1)
			if err != nil {
				return nil, err
			}
			list.items = append(list.items, item)
		}
		return list, nil
	case *ast.MappingNode:
		return convertMapping(line, n.Values, depth)
	case *ast.MappingValueNode:
		return convertMapping(line, []*ast.MappingValueNode{n}, depth)
	}
	return nil, &lineError{line, "a contract holds texts, lists and mappings only: no anchor, alias, tag or merge key"}
}

func convertMapping(line int, values []*ast.MappingValueNode, depth int) (*yamlNode, error) {
	mapping := &yamlNode{line: line}
	seen := map[string]int{}
	for _, v := range values {
		key, err := convert(v.Key, depth+1)
		if err != nil {
			return nil, err
		}
		if !key.isText {
			return nil, &lineError{key.line, "a key must be a text"}
		}
		if first, ok := seen[key.text]; ok {
			return nil, &lineError{key.line, fmt.Sprintf("%s is given twice, first at line %d", key.text, first)}
		}
		seen[key.text] = key.line
		value, err := convert(v.Value, depth+1)
		if err != nil {
			return nil, err
		}
		mapping.fields = append(mapping.fields, yamlField{name: key.text, line: key.line, value: value})
	}
	return mapping, nil
}
