package main_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

var (
	fenced   = regexp.MustCompile("(?ms)^```.*?^```$")
	codeSpan = regexp.MustCompile("`[^`\n]*`")
	link     = regexp.MustCompile(`\]\(([^()\s]+(?:\([^()\s]*\))?)\)`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} +(.+?) *$`)
)

// prose are the pages of the repository, by path, with the text outside of code blocks.
func prose(t *testing.T) map[string]string {
	t.Helper()
	all := markdown(t)
	for name, text := range all {
		all[name] = fenced.ReplaceAllString(text, "")
	}
	if len(all) < 30 {
		t.Fatalf("only %d pages found", len(all))
	}
	return all
}

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
func TestPageLinks(t *testing.T) {
	t.Parallel()
	all := prose(t)
	checked := 0
	for name, text := range all {
		for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(text, "`"), -1) {
			target, fragment, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue // the network is not looked at
			}
			checked++
			to := name
			if target != "" {
				to = path.Join(path.Dir(name), target)
			}
			if _, err := os.Stat(filepath.Join("..", "..", to)); err != nil {
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
	all := prose(t)
	for name := range all {
		if path.Dir(name) == "docs" && name != "docs/README.md" && !strings.Contains(all["docs/README.md"], "("+path.Base(name)) {
			t.Errorf("docs/README.md does not name %s", name)
		}
	}
}
