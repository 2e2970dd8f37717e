package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

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
