package main_test

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
)

// markdown are the pages of the repository, by path.
func markdown(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && slices.Contains([]string{"node_modules", "testdata", "dist", "bin", "out", ".git"}, e.Name()) {
			return fs.SkipDir
		}
		if e.IsDir() || path.Ext(file) != ".md" {
			return nil
		}
		text, err := os.ReadFile(file)
		rel, _ := filepath.Rel(root, file)
		found[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// said are the lines of commands on a page, those of a console block without their "$ ".
func said(text string) []string {
	var out []string
	for _, p := range passages(text) {
		for _, line := range p.lines {
			command, prompted := strings.CutPrefix(line, "$ ")
			if p.kind == "sh" && p.file == "" || p.kind == "console" && prompted {
				out = append(out, command)
			}
		}
	}
	return out
}

var (
	token   = regexp.MustCompile(`'[^']*'|"(?:\\.|[^"\\])*"|[|;&<>]+|(?:\\.|[^\s'"|;&<>])+`)
	comment = regexp.MustCompile(`(^|\s)#.*$`)
	span    = regexp.MustCompile("`([^`\n]+)`")
)

// calls are the command lines of the program within a line of shell, as its arguments.
func calls(line string) [][]string {
	var out [][]string
	var args []string
	within := false
	first := true // of its command: variables that are set for it do not count
	end := func() {
		if within {
			out = append(out, args)
		}
		within, first, args = false, true, nil
	}
	previous := -1
	line = comment.ReplaceAllString(line, "")
	for _, at := range token.FindAllStringIndex(line, -1) {
		w := line[at[0]:at[1]]
		switch {
		case strings.ContainsAny(w[:1], "|;&<>"):
			end()
		case !within:
			within = first && (w == "clementine" || w == "bin/clementine" || w == "(clementine")
			first = first && regexp.MustCompile(`^[A-Z_]+=`).MatchString(w)
		case at[0] == previous: // the quoted part of a word
			args[len(args)-1] += strings.Trim(w, `'"`)
		default:
			args = append(args, strings.TrimSuffix(strings.Trim(w, `'"`), ")"))
		}
		previous = at[1]
	}
	end()
	return out
}

// Each command line on a page is one that the program takes: its commands, flags and their values.
func TestDocumentedCommandsParse(t *testing.T) {
	t.Parallel()
	checked := 0
	for name, text := range markdown(t) {
		for _, line := range said(text) {
			for _, args := range calls(line) {
				checked++
				if err := clementine.Parses(args); err != nil {
					t.Errorf("%s: %s: %v", name, line, err)
				}
			}
		}
		if name == "CHANGELOG.md" || strings.HasPrefix(name, "docs/adr/") {
			continue // they tell of their time
		}
		// What stands in a sentence may leave out what the sentence says; but nothing in it may be unknown.
		for _, m := range span.FindAllStringSubmatch(text, -1) {
			if !strings.HasPrefix(m[1], "clementine ") || strings.ContainsAny(m[1], "|…") {
				continue
			}
			for _, args := range calls(m[1]) {
				checked++
				if err := clementine.Parses(args); err != nil && strings.Contains(err.Error(), "unexpected") || err != nil && strings.Contains(err.Error(), "unknown") {
					t.Errorf("%s: `%s`: %v", name, m[1], err)
				}
			}
		}
	}
	if checked < 150 {
		t.Errorf("only %d command lines found", checked)
	}
}

// Each target of make that a page names is there.
func TestDocumentedTargets(t *testing.T) {
	t.Parallel()
	makefile := readPage(t, "Makefile")
	checked := 0
	for name, text := range markdown(t) {
		for _, line := range append(said(text), spans(text)...) {
			for _, m := range regexp.MustCompile(`(?:^|[\s;&])make ([a-z][a-z-]*)`).FindAllStringSubmatch(line, -1) {
				checked++
				if !regexp.MustCompile(`(?m)^` + m[1] + `:`).MatchString(makefile) {
					t.Errorf("%s: make %s: there is no such target", name, m[1])
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d targets found", checked)
	}
}

func spans(text string) []string {
	var out []string
	for _, m := range span.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// Each command on a page is run by a test, or stands in notRun with the reason; and each of these tests is there.
func TestEveryDocumentedCommand(t *testing.T) {
	t.Parallel()
	tests := ""
	for _, folder := range []string{".", "../../mockorange", "../../cmd/docs"} {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tests += string(text)
		}
	}
	all := markdown(t)
	for page, test := range followed() {
		if _, there := all[page]; !there || !strings.Contains(tests, "func "+test+"(t *testing.T)") {
			t.Errorf("%s is said to be run by %s: one of them is not there", page, test)
		}
	}
	for name, text := range all {
		for line, reason := range notRun(name) {
			for _, test := range regexp.MustCompile(`\bTest\w+`).FindAllString(reason, -1) {
				if !strings.Contains(tests, "func "+test+"(t *testing.T)") {
					t.Errorf("%s: %q: there is no %s", name, line, test)
				}
			}
		}
		if followed()[name] != "" {
			continue
		}
		lines := said(text)
		for _, line := range lines {
			if line != "" && notRun(name)[line] == "" {
				t.Errorf("%s: no test runs %q, and no reason is given", name, line)
			}
		}
		for line := range notRun(name) {
			if !slices.Contains(lines, line) {
				t.Errorf("%s: %q is said not to be run, and is not there", name, line)
			}
		}
	}
}
