package french_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What may stand in a hole of a sentence: known from the verb that makes it.
const (
	holeAny    = "\x00s"
	holeQuoted = "\x00q"
	holeNumber = "\x00d"
)

// mostForms bounds what one expression may say.
const mostForms = 400

// walker reads the sentences that a package's code can say: constants, formats, what helpers return, put together.
type walker struct {
	fset   *token.FileSet
	consts map[string]ast.Expr
	funcs  map[string][]*ast.FuncDecl
	found  map[string]string // sentence -> where it is made
	busy   map[ast.Node]bool
}

// sentences walks a package. sinks says which arguments of which calls, and which fields, are for readers.
func sentences(t *testing.T, dir string, s sinks) map[string]string {
	t.Helper()
	w := &walker{fset: token.NewFileSet(), consts: map[string]ast.Expr{}, funcs: map[string][]*ast.FuncDecl{}, found: map[string]string{}, busy: map[ast.Node]bool{}}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no code in %s: %v", dir, err)
	}
	var decls []ast.Decl
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") || s.files != nil && !slices.Contains(s.files, filepath.Base(name)) {
			continue
		}
		f, err := parser.ParseFile(w.fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		decls = append(decls, f.Decls...)
	}
	for _, d := range decls {
		w.declare(d)
	}
	for _, d := range decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			w.function(fn, s)
		}
	}
	return w.found
}

func (w *walker) declare(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		w.funcs[d.Name.Name] = append(w.funcs[d.Name.Name], d)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for i, n := range v.Names {
					if i < len(v.Values) {
						w.consts[n.Name] = v.Values[i]
					}
				}
			}
		}
	}
}

// sinks are the places where a sentence goes to a reader.
type sinks struct {
	calls  map[string][]int // by name: the arguments; -1 is a format that comes first, -2 one that comes second
	fields []string
	lists  map[string]int // composite literals without field names: which element
	files  []string       // all of the package if there are none
	says   []string       // functions that return a sentence
}

func (w *walker) function(fn *ast.FuncDecl, s sinks) {
	if slices.Contains(s.says, fn.Name.Name) {
		inspectOwn(fn.Body, func(r *ast.ReturnStmt) { w.keep(r, w.eval(fn, r.Results[0])) })
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			for _, i := range s.calls[calledName(n)] {
				if i < 0 {
					w.keep(n, w.format(fn, n.Args, -i-1))
				} else if i < len(n.Args) {
					w.keep(n, w.eval(fn, n.Args[i]))
				}
			}
		case *ast.CompositeLit:
			if at, ok := s.lists[typeName(n.Type)]; ok && at < len(n.Elts) {
				if _, named := n.Elts[at].(*ast.KeyValueExpr); !named {
					w.keep(n, w.eval(fn, n.Elts[at]))
				}
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && slices.Contains(s.fields, key.Name) {
				w.keep(n, w.eval(fn, n.Value))
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				sel, ok := left.(*ast.SelectorExpr)
				if !ok || !slices.Contains(s.fields, sel.Sel.Name) {
					continue
				}
				values := w.assigned(fn, n, i)
				if n.Tok == token.ADD_ASSIGN {
					values = cross([]string{"\x00m"}, values)
				}
				w.keep(n, values)
			}
		}
		return true
	})
}

func (w *walker) keep(n ast.Node, texts []string) {
	for _, text := range texts {
		if strings.Trim(strings.NewReplacer(holeAny, "", holeQuoted, "", holeNumber, "", "\x00m", "").Replace(text), " ,.:;()#\"[]$={}/<>-") == "" {
			continue // nothing of it is words
		}
		if _, known := w.found[text]; !known {
			at := w.fset.Position(n.Pos())
			w.found[text] = filepath.Base(at.Filename) + ":" + strconv.Itoa(at.Line)
		}
	}
}

func calledName(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok && (x.Name == "fmt" || x.Name == "errors" || x.Name == "strconv" || x.Name == "strings" || x.Name == "cmp") {
			return x.Name + "." + f.Sel.Name
		}
		return f.Sel.Name
	}
	return ""
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// eval lists what an expression may say.
func (w *walker) eval(fn *ast.FuncDecl, e ast.Expr) []string {
	if w.busy[e] {
		return []string{holeAny}
	}
	w.busy[e] = true
	defer delete(w.busy, e)
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return []string{s}
		}
		return []string{holeNumber}
	case *ast.ParenExpr:
		return w.eval(fn, e.X)
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return cross(w.eval(fn, e.X), w.eval(fn, e.Y))
		}
	case *ast.CallExpr:
		return w.call(fn, e, 0)
	case *ast.IndexExpr:
		if m, ok := e.X.(*ast.CompositeLit); ok {
			return w.elements(fn, m)
		}
	case *ast.Ident:
		return w.ident(fn, e.Name)
	}
	return []string{holeAny}
}

// elements are the values of a map or a list.
func (w *walker) elements(fn *ast.FuncDecl, m *ast.CompositeLit) []string {
	var out []string
	for _, x := range m.Elts {
		if kv, ok := x.(*ast.KeyValueExpr); ok {
			x = kv.Value
		}
		out = union(out, w.eval(fn, x))
	}
	return out
}

func (w *walker) ident(fn *ast.FuncDecl, name string) []string {
	if e, ok := w.consts[name]; ok {
		return w.eval(fn, e)
	}
	var out []string
	if fn == nil {
		return []string{holeAny}
	}
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if id, ok := left.(*ast.Ident); ok && id.Name == name && n.Tok != token.ADD_ASSIGN {
					out = union(out, w.assigned(fn, n, i))
				}
			}
		case *ast.ValueSpec:
			for i, id := range n.Names {
				if id.Name == name && i < len(n.Values) {
					out = union(out, w.eval(fn, n.Values[i]))
				}
			}
		}
		return true
	})
	if len(out) == 0 {
		return []string{holeAny}
	}
	return out
}

func (w *walker) assigned(fn *ast.FuncDecl, n *ast.AssignStmt, i int) []string {
	if len(n.Rhs) == len(n.Lhs) {
		return w.eval(fn, n.Rhs[i])
	}
	if c, ok := n.Rhs[0].(*ast.CallExpr); ok {
		return w.call(fn, c, i)
	}
	return []string{holeAny}
}

// call is what result i of a call may say.
func (w *walker) call(fn *ast.FuncDecl, c *ast.CallExpr, i int) []string {
	name := calledName(c)
	switch name {
	case "fmt.Sprintf", "fmt.Errorf":
		return w.format(fn, c.Args, 0)
	case "errors.New", "clip", "clipTo", "Plain", "string":
		return w.eval(fn, c.Args[0])
	case "strconv.Quote":
		return []string{holeQuoted}
	case "cmp.Or":
		var out []string
		for _, a := range c.Args {
			out = union(out, w.eval(fn, a))
		}
		return out
	case "Path", "Value", "Error", "String", "text", "role":
		return []string{holeAny}
	}
	var out []string
	for _, f := range w.funcs[name] {
		if f.Body == nil || w.busy[f] {
			continue
		}
		w.busy[f] = true
		inspectOwn(f.Body, func(r *ast.ReturnStmt) {
			if i < len(r.Results) {
				if len(r.Results) == 1 && i > 0 {
					return
				}
				out = union(out, w.eval(f, r.Results[i]))
			}
		})
		delete(w.busy, f)
	}
	if len(out) == 0 {
		return []string{holeAny}
	}
	return out
}

// inspectOwn visits a function's own return statements, not those of the functions in it.
func inspectOwn(body *ast.BlockStmt, visit func(*ast.ReturnStmt)) {
	ast.Inspect(body, func(n ast.Node) bool {
		if _, other := n.(*ast.FuncLit); other {
			return false
		}
		if r, ok := n.(*ast.ReturnStmt); ok {
			visit(r)
		}
		return true
	})
}

// format puts into a format what its arguments may say.
func (w *walker) format(fn *ast.FuncDecl, args []ast.Expr, at int) []string {
	if at >= len(args) {
		return nil
	}
	var out []string
	for _, f := range w.eval(fn, args[at]) {
		texts, next := []string{""}, at+1
		for rest := f; rest != ""; {
			before, after, found := strings.Cut(rest, "%")
			texts = cross(texts, []string{before})
			if rest = after; !found {
				break
			}
			if strings.HasPrefix(rest, "%") {
				texts, rest = cross(texts, []string{"%"}), rest[1:]
				continue
			}
			n := strings.IndexFunc(rest, func(r rune) bool { return strings.ContainsRune("sqdvwtfxT", r) })
			if n < 0 {
				break
			}
			values := []string{holeAny}
			switch verb := rest[n]; {
			case verb == 'q':
				values = []string{holeQuoted}
			case verb == 'd':
				values = []string{holeNumber}
			case next < len(args):
				values = w.eval(fn, args[next])
			}
			texts, rest, next = cross(texts, values), rest[n+1:], next+1
		}
		out = union(out, texts)
	}
	return out
}

func cross(a, b []string) []string {
	var out []string
	for _, x := range a {
		for _, y := range b {
			if out = append(out, x+y); len(out) >= mostForms {
				return out
			}
		}
	}
	return out
}

func union(a, b []string) []string {
	for _, x := range b {
		if !slices.Contains(a, x) && len(a) < mostForms {
			a = append(a, x)
		}
	}
	return a
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
