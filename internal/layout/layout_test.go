package layout_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/internal/layout"
)

// source is one Go file of the module, by its path from the root.
type source struct {
	path   string
	dir    string
	test   bool
	syntax *ast.File
	lines  int
}

type tree struct {
	root    string
	module  string
	fset    *token.FileSet
	sources []source
}

func load(t *testing.T) tree {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(mod), "module ")
	module, _, _ := strings.Cut(rest, "\n")
	tr := tree{root: root, module: strings.TrimSpace(module), fset: token.NewFileSet()}
	err = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(file, root), string(filepath.Separator)))
		if d.IsDir() {
			if skipped(file, rel, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") {
			return nil
		}
		return tr.add(file, rel)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.sources) < 10 {
		t.Fatalf("only %d Go files found below %s", len(tr.sources), root)
	}
	return tr
}

func skipped(file, rel, name string) bool {
	if rel == "" {
		return false
	}
	if name == "testdata" || name == "node_modules" || rel == ".git" || rel == "bin" || rel == "dist" {
		return true
	}
	_, err := os.Stat(filepath.Join(file, "go.mod"))
	return err == nil
}

func (tr *tree) add(file, rel string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading %s: %w", rel, err)
	}
	syntax, err := parser.ParseFile(tr.fset, file, data, parser.ParseComments)
	if err != nil {
		return fmt.Errorf("parsing %s: %w", rel, err)
	}
	tr.sources = append(tr.sources, source{
		path: rel, dir: path.Dir(rel), test: strings.HasSuffix(rel, "_test.go"), syntax: syntax,
		lines: bytes.Count(data, []byte("\n")),
	})
	return nil
}

// within says whether dir is folder, or lies below it.
func within(dir, folder string) bool {
	return dir == folder || strings.HasPrefix(dir, folder+"/")
}

func rowOf(dir string) (layout.Folder, bool) {
	var found layout.Folder
	for _, f := range layout.Folders() {
		if within(dir, f.Path) && len(f.Path) > len(found.Path) {
			found = f
		}
	}
	return found, found.Path != ""
}

func allowed(row layout.Folder, to string) bool {
	for _, pattern := range row.MayImport {
		if pattern == "..." || pattern == to {
			return true
		}
		if below, ok := strings.CutSuffix(pattern, "/..."); ok && within(to, below) {
			return true
		}
	}
	return false
}

// edgeFault says what is wrong with from importing to, both folders of the module; "" if nothing is.
func edgeFault(from, to string, test bool) string {
	for _, pair := range layout.Strangers() {
		if within(from, pair[0]) && within(to, pair[1]) {
			return fmt.Sprintf("%s must never import %s, not even in a test: they meet over HTTP", from, to)
		}
	}
	row, ok := rowOf(from)
	switch {
	case !ok:
		return fmt.Sprintf("folder %s is not in the import table", from)
	case test || from == to || allowed(row, to):
		return ""
	}
	return fmt.Sprintf("%s must not import %s (it may import: %s)", from, to, strings.Join(row.MayImport, ", "))
}

func TestImportsFollowTheTable(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for _, s := range tr.sources {
		for _, spec := range s.syntax.Imports {
			target, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			to, ours := strings.CutPrefix(target, tr.module+"/")
			if !ours {
				if fault := doorFault(s, target); fault != "" {
					t.Errorf("%s: %s", s.path, fault)
				}
				continue
			}
			if fault := edgeFault(s.dir, to, s.test); fault != "" {
				t.Errorf("%s: %s", s.path, fault)
			}
		}
	}
}

func doorFault(s source, target string) string {
	if within(s.dir, "wire") && !s.test && strings.Contains(strings.Split(target, "/")[0], ".") {
		return fmt.Sprintf("wire uses the standard library only, not %s", target)
	}
	if s.test || s.dir == "internal/deps" {
		return ""
	}
	for module, doors := range layout.Doors() {
		if !within(target, module) {
			continue
		}
		if !slices.ContainsFunc(doors, func(door string) bool { return within(s.dir, door) }) {
			return fmt.Sprintf("%s must not use %s (its doors: %s)", s.dir, module, strings.Join(doors, ", "))
		}
	}
	return ""
}

func TestTheTableIsEnforced(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to string
		test     bool
		fault    bool
	}{
		{"partner", "wire", false, false},
		{"partner/defect", "partner", false, false},
		{"partner", "schemas", false, true},
		{"partner", "schemas", true, false},
		{"partner", "mockorange", true, true},
		{"mockorange/fault", "partner/defect", true, true},
		{"mockorange", "mockorange/control", false, false},
		{"mockorange/control", "mockorange", false, true},
		{"steps", "harness", false, false},
		{"harness", "steps", false, true},
		{"reports", "schemas", false, true},
		{"internal/profile", "internal/redact", false, false},
		{"internal/profile", "harness", false, true},
		{"cmd/clementine", "partner", false, false},
		{"billing/store", "billing", false, false},
		{"billing", "billing/store", false, true},
		{"utils", "schemas", false, true},
	}
	for _, tt := range tests {
		if fault := edgeFault(tt.from, tt.to, tt.test); (fault != "") != tt.fault {
			t.Errorf("%s -> %s (test %t): fault %q, want one: %t", tt.from, tt.to, tt.test, fault, tt.fault)
		}
	}
}

func TestTopLevelFoldersAreKnown(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(load(t).root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		built := slices.Contains([]string{".git", "bin", "dist", "node_modules"}, e.Name())
		if _, ok := rowOf(e.Name()); e.IsDir() && !built && !ok {
			t.Errorf("folder %s is not in the import table: give it a line there, and a reason", e.Name())
		}
	}
}

var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

func isGenerated(f *ast.File) bool {
	return len(f.Comments) > 0 && generated.MatchString(f.Comments[0].List[0].Text)
}

func TestFilesAndFunctionsStayShort(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for _, s := range tr.sources {
		if s.test || isGenerated(s.syntax) {
			continue
		}
		if s.lines > layout.MaxFileLines {
			t.Errorf("%s has %d lines, more than %d", s.path, s.lines, layout.MaxFileLines)
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			switch f := n.(type) {
			case *ast.FuncDecl:
				if f.Body != nil && !isTable(f.Body) {
					tr.checkLength(t, s, n, f.Name.Name)
				}
			case *ast.FuncLit:
				tr.checkLength(t, s, n, "a function literal")
			}
			return true
		})
	}
}

func (tr *tree) checkLength(t *testing.T, s source, n ast.Node, name string) {
	t.Helper()
	first, last := tr.fset.Position(n.Pos()).Line, tr.fset.Position(n.End()).Line
	if lines := last - first + 1; lines > layout.MaxFunctionLines {
		t.Errorf("%s:%d: %s has %d lines, more than %d", s.path, first, name, lines, layout.MaxFunctionLines)
	}
}

// isTable says whether a body is one return of one composite literal, or of a call that is given one: data with a name.
func isTable(body *ast.BlockStmt) bool {
	if len(body.List) != 1 {
		return false
	}
	ret, ok := body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	if call, ok := ret.Results[0].(*ast.CallExpr); ok {
		return slices.ContainsFunc(call.Args, isComposite)
	}
	return isComposite(ret.Results[0])
}

func isComposite(e ast.Expr) bool {
	_, ok := e.(*ast.CompositeLit)
	return ok
}

func TestEveryPackageHasAComment(t *testing.T) {
	t.Parallel()
	commented := map[string]bool{}
	for _, s := range load(t).sources {
		if !s.test {
			commented[s.dir] = commented[s.dir] || s.syntax.Doc != nil
		}
	}
	for dir, ok := range commented {
		if !ok && dir != "internal/deps" {
			t.Errorf("package %s has no package comment", dir)
		}
	}
}

func TestNobodySleeps(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for _, s := range tr.sources {
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Sleep" {
				return true
			}
			if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" {
				t.Errorf("%s:%d: waits end on an event, not after a sleep", s.path, tr.fset.Position(n.Pos()).Line)
			}
			return true
		})
	}
}

// A path of one developer's machine works nowhere else.
func TestNoMachinePaths(t *testing.T) {
	t.Parallel()
	machine := regexp.MustCompile(`(?:^|[\s"'` + "`" + `(=:])/(?:wo` + `rk|tm` + `p|ro` + `ot|ho` + `me|Use` + `rs)/[A-Za-z0-9_.-]`)
	tr := load(t)
	err := filepath.WalkDir(tr.root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := filepath.ToSlash(strings.TrimPrefix(strings.TrimPrefix(file, tr.root), string(filepath.Separator)))
		if d.IsDir() {
			name := d.Name()
			if name == ".git" || name == "bin" || name == "node_modules" || rel == "dist" || rel == "reports/out" {
				return fs.SkipDir
			}
			return nil
		}
		if rel == ".git" {
			return nil // of a linked work tree: a file that says where git keeps it
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for number, line := range strings.Split(string(data), "\n") {
			if found := machine.FindString(line); found != "" {
				t.Errorf("%s:%d: names a path of one machine: %s", rel, number+1, strings.TrimSpace(found))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
