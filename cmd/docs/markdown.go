package main

import (
	"fmt"
	"strings"
)

// generated stands on every page that is written whole.
const generated = "<!-- Written by `make docs`: change what it is made from. -->\n"

// replaced puts a text between the two marks of a part, which both must be there once.
func replaced(page, part, text string) (string, error) {
	from, to := "<!-- "+part+": written by `make docs` -->\n", "<!-- end of "+part+" -->"
	before, rest, opened := strings.Cut(page, from)
	_, after, closed := strings.Cut(rest, to)
	if !opened || !closed || strings.Contains(after, from) {
		return "", fmt.Errorf("%q and %q must be there once, in this order", strings.TrimSpace(from), to)
	}
	return before + from + text + to + after, nil
}

// row is one line of a table.
func row(cells ...string) string {
	for i, c := range cells {
		cells[i] = strings.ReplaceAll(c, "|", `\|`)
	}
	return "| " + strings.Join(cells, " | ") + " |\n"
}

// head is the head of a table.
func head(cells ...string) string {
	return row(cells...) + strings.Repeat("|---", len(cells)) + "|\n"
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

func codes(texts []string) string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = code(t)
	}
	return strings.Join(out, ", ")
}
