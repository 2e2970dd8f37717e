package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/internal/layout"
)

// diagram draws who may import whom, as the table of internal/layout has it: a node for each top-level folder, and one
// for the types of the control port, which are what the judge knows of the mock Orange.
func diagram() string {
	var b strings.Builder
	b.WriteString("```mermaid\nflowchart TD\n  control[\"mockorange/control\"]\n")
	for _, e := range edges() {
		fmt.Fprintf(&b, "  %s --> %s\n", e[0], e[1])
	}
	for _, s := range layout.Strangers() {
		if s[0] < s[1] { // it stands there in both directions
			fmt.Fprintf(&b, "  %s <-. HTTP only .-> %s\n", s[0], s[1])
		}
	}
	b.WriteString("```\n")
	return b.String()
}

// node is the place of a folder in the diagram; empty for those that are left out.
func node(folder string) string {
	if folder == "mockorange/control" {
		return "control" // an id has no slash
	}
	top, _, _ := strings.Cut(folder, "/")
	if slices.Contains([]string{"cmd", "bench", "internal", "..."}, top) {
		return ""
	}
	return top
}

// edges are those of the table between nodes, sorted.
func edges() [][2]string {
	var out [][2]string
	for _, f := range layout.Folders() {
		for _, pattern := range f.MayImport {
			e := [2]string{node(f.Path), node(strings.TrimSuffix(pattern, "/..."))}
			if e[0] != "" && e[1] != "" && e[0] != e[1] && !slices.Contains(out, e) {
				out = append(out, e)
			}
		}
	}
	slices.SortFunc(out, func(a, b [2]string) int { return strings.Compare(a[0]+" "+a[1], b[0]+" "+b[1]) })
	return out
}
