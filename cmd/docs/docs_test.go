package main_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	docs "github.com/clementine-ope/clementine/cmd/docs"
)

const root = "../.."

// What is generated is what the code says now.
func TestPagesAreCurrent(t *testing.T) {
	t.Parallel()
	pages, err := docs.Pages(root)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range pages {
		got, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if d := cmp.Diff(strings.Split(string(got), "\n"), strings.Split(want, "\n")); d != "" {
			t.Errorf("%s is stale, run make docs (-it is +it should be):\n%s", name, d)
		}
	}
}

// Each import that there is between folders is drawn. That no more is drawn than the table allows, TestPagesAreCurrent sees.
func TestDiagramShowsTheImports(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(root, "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^  (\S+) --> (\S+)$`).FindAllStringSubmatch(string(page), -1) {
		drawn[m[1]+" --> "+m[2]] = true
	}
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		packages := strings.Fields(line)
		from := place(packages[0])
		for _, imported := range packages[1:] {
			to := place(imported)
			if from == "" || to == "" || from == to {
				continue
			}
			if !drawn[from+" --> "+to] {
				t.Errorf("%s imports %s, and the diagram does not show it", packages[0], imported)
			}
		}
	}
	if len(drawn) < 20 {
		t.Errorf("only %d edges are drawn", len(drawn))
	}
}

// place is the node of a package: its first folder, but the control port's types; empty for what is not drawn.
func place(pkg string) string {
	folder, ours := strings.CutPrefix(pkg, "github.com/clementine-ope/clementine/")
	if !ours {
		return ""
	}
	if folder == "mockorange/control" {
		return "control"
	}
	top, _, _ := strings.Cut(folder, "/")
	if top == "cmd" || top == "bench" || top == "internal" {
		return ""
	}
	return top
}

// pages are the Markdown files of the repository, by path, with the text outside of code blocks.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"node_modules", "testdata", "dist", "bin", "out", ".git"}, d.Name()) {
			return fs.SkipDir
		}
		if d.IsDir() || path.Ext(file) != ".md" {
			return nil
		}
		text, err := os.ReadFile(file)
		rel, _ := filepath.Rel(root, file)
		found[filepath.ToSlash(rel)] = fence.ReplaceAllString(string(text), "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 30 {
		t.Fatalf("only %d pages found", len(found))
	}
	return found
}

var (
	fence   = regexp.MustCompile("(?ms)^```.*?^```$")
	span    = regexp.MustCompile("`[^`\n]*`")
	link    = regexp.MustCompile(`\]\(([^()\s]+(?:\([^()\s]*\))?)\)`)
	heading = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
)

// anchors are the fragments of a page, as GitHub makes them of its headings.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(page, -1) {
		text := regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(h[1], "$1")
		slug := strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '-'
			case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
				return unicode.ToLower(r)
			}
			return -1
		}, text)
		found[slug] = true
	}
	return found
}

// Each relative link leads to a file of the repository, and to a heading where it names one.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	checked := 0
	for name, text := range all {
		for _, m := range link.FindAllStringSubmatch(span.ReplaceAllString(text, "`"), -1) {
			target, fragment, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue // the network is not looked at
			}
			checked++
			to := name
			if target != "" {
				to = path.Join(path.Dir(name), target)
			}
			if _, err := os.Stat(filepath.Join(root, to)); err != nil {
				t.Errorf("%s: %s leads nowhere", name, m[1])
				continue
			}
			if fragment != "" && !anchors(all[to])[fragment] {
				t.Errorf("%s: %s: %s has no such heading", name, m[1], to)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d links found", checked)
	}
}

// Every page of docs is on the index, so that nobody has to look for it.
func TestIndexNamesEveryPage(t *testing.T) {
	t.Parallel()
	all := pages(t)
	for name := range all {
		if path.Dir(name) == "docs" && name != "docs/README.md" && !strings.Contains(all["docs/README.md"], "("+path.Base(name)) {
			t.Errorf("docs/README.md does not name %s", name)
		}
	}
}
