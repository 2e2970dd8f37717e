package profile

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxBytes  = 1 << 20
	maxDepth  = 40
	maxTokens = 50_000
)

type kind int

const (
	kindNull kind = iota
	kindText
	kindNumber
	kindBool
	kindObject
	kindList
)

func (k kind) String() string {
	return [...]string{"empty", "text", "a number", "true or false", "an object", "a list"}[k]
}

// node is one value of the file with its place: what the decoder walks, so that every complaint has a line.
type node struct {
	kind    kind
	text    string // as written; for text, unquoted and with the environment filled in
	filled  bool   // a variable of the environment was filled in: the text may stand for a number or a boolean
	line    int
	column  int
	members []member
	items   []*node
}

type member struct {
	key  string
	line int
	col  int
	node *node
}

func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for _, m := range n.members {
		if m.key == key {
			return m.node
		}
	}
	return nil
}

// parseYAML reads one document. Anchors, aliases and merge keys are refused: a profile needs none, and they are how
// a small file becomes a large one.
func parseYAML(name string, data []byte, getenv func(string) string) (*node, []*Error) {
	if len(data) > maxBytes {
		return nil, []*Error{{File: name, Msg: fmt.Sprintf("is larger than %d bytes", maxBytes)}}
	}
	tokens := lexer.Tokenize(string(data))
	if e := checkTokens(name, tokens); e != nil {
		return nil, []*Error{e}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, []*Error{syntaxError(name, err)}
	}
	r := &reader{file: name, getenv: getenv}
	var root *node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if root != nil {
			r.failf(doc.Body.GetToken(), "a second document starts here: a profile is one document")
			return nil, r.errs
		}
		root = r.read(doc.Body, 0)
	}
	return root, r.errs
}

// checkTokens bounds the nesting before the recursive parser sees it.
func checkTokens(name string, tokens token.Tokens) *Error {
	if len(tokens) > maxTokens {
		return &Error{File: name, Line: tokens[maxTokens].Position.Line, Msg: "is too long for a profile"}
	}
	flow, line, onLine := 0, 0, 0
	for _, tk := range tokens {
		at := func(msg string) *Error {
			return &Error{File: name, Line: tk.Position.Line, Column: tk.Position.Column, Msg: msg}
		}
		if tk.Position.Line != line {
			line, onLine = tk.Position.Line, 0
		}
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType, token.TagType:
			onLine++
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return at("anchors, aliases and merge keys are not supported: write the value out")
		}
		if flow > maxDepth || onLine > maxDepth || tk.Position.Column > maxBytes/64 && tk.Type == token.SequenceEntryType {
			return at(fmt.Sprintf("is nested deeper than %d", maxDepth))
		}
	}
	return nil
}

func syntaxError(name string, err error) *Error {
	var located yaml.Error
	if errors.As(err, &located) {
		e := &Error{File: name, Msg: "is not YAML: " + located.GetMessage()}
		if tk := located.GetToken(); tk != nil && tk.Position != nil {
			e.Line, e.Column = tk.Position.Line, tk.Position.Column
		}
		return e
	}
	return &Error{File: name, Msg: "is not YAML: " + err.Error()}
}

type reader struct {
	file   string
	getenv func(string) string
	errs   []*Error
}

func (r *reader) failf(tk *token.Token, format string, args ...any) {
	e := &Error{File: r.file, Msg: fmt.Sprintf(format, args...)}
	if tk != nil && tk.Position != nil {
		e.Line, e.Column = tk.Position.Line, tk.Position.Column
	}
	r.errs = append(r.errs, e)
}

func (r *reader) read(n ast.Node, depth int) *node {
	tk := n.GetToken()
	if depth > maxDepth {
		r.failf(tk, "is nested deeper than %d", maxDepth)
		return nil
	}
	out := &node{line: 1, column: 1}
	if tk != nil && tk.Position != nil {
		out.line, out.column = tk.Position.Line, tk.Position.Column
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		out.kind = kindObject
		for _, pair := range n.Values {
			r.readPair(out, pair, depth)
		}
		if len(out.members) > 0 && !n.IsFlowStyle {
			out.line, out.column = out.members[0].line, out.members[0].col
		}
	case *ast.MappingValueNode:
		out.kind = kindObject
		r.readPair(out, n, depth)
	case *ast.SequenceNode:
		out.kind = kindList
		for _, item := range n.Values {
			if item == nil {
				continue
			}
			if child := r.read(item, depth+1); child != nil {
				out.items = append(out.items, child)
			}
		}
	default:
		r.readScalar(out, n)
	}
	return out
}

func (r *reader) readPair(out *node, pair *ast.MappingValueNode, depth int) {
	keyToken := pair.Key.GetToken()
	key, ok := pair.Key.(*ast.StringNode)
	if !ok {
		r.failf(keyToken, "the name of a setting must be text")
		return
	}
	m := member{key: key.Value}
	if keyToken.Position != nil {
		m.line, m.col = keyToken.Position.Line, keyToken.Position.Column
	}
	if out.get(key.Value) != nil {
		r.failf(keyToken, "%s is there twice", key.Value)
		return
	}
	if m.node = r.read(pair.Value, depth+1); m.node == nil {
		return
	}
	if m.node.kind == kindNull {
		m.node.line, m.node.column = m.line, m.col
	}
	out.members = append(out.members, m)
}

func (r *reader) readScalar(out *node, n ast.Node) {
	tk := n.GetToken()
	switch n := n.(type) {
	case *ast.NullNode:
		out.kind = kindNull
	case *ast.StringNode:
		out.kind = kindText
		out.text, out.filled = r.expand(tk, n.Value)
	case *ast.LiteralNode:
		out.kind = kindText
		out.text, out.filled = r.expand(tk, n.Value.Value)
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		out.kind, out.text = kindNumber, tk.Value
	case *ast.BoolNode:
		out.kind, out.text = kindBool, tk.Value
	default:
		out.kind = kindNull
		r.failf(tk, "%s is not supported in a profile", n.Type())
	}
}
