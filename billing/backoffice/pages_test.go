package backoffice_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/clementine-ope/clementine/billing/backoffice"
)

// paths are every page that reads, in each of its shapes.
func (f *fixture) paths() []string {
	return []string{
		"/", "/?year=2025", "/?year=2031", "/subscriptions", "/subscriptions?offer=VAULT&status=active&startDate%5Bafter%5D=2025-06-01",
		"/subscriptions?text=nothing-like-it", "/subscriptions?order%5Bamount%5D=desc", "/subscriptions/new",
		"/subscriptions/" + string(f.first.ID), "/subscriptions/" + string(f.script.ID), "/subscriptions/" + string(f.first.ID) + "?year=2025&done=held",
		"/offers", "/offers/NOTES-S", "/offers/MEET-CHF?year=2025", "/clients", "/clients/" + string(f.reader.id), "/clients/" + string(f.seer.id),
		"/duplicates", "/duplicates?decision=", "/trace", "/trace?kind=subscription", "/reconcile", "/api",
	}
}

func TestEveryPageInBothLanguages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, plain := range []bool{false, true} {
		b := newBrowser(t, f.serve(t, func(o *backoffice.Options) { o.Plain = plain }))
		for _, lang := range []string{"en", "fr"} {
			for _, path := range append(f.paths(), "/sign-in") {
				mark := "?"
				if strings.Contains(path, "?") {
					mark = "&"
				}
				got := b.get(t, path+mark+"lang="+lang)
				if got.status != http.StatusOK {
					t.Errorf("%s in %s answers %d: %s", path, lang, got.status, textOf(got.parse(t)))
					continue
				}
				checkPage(t, path+" in "+lang, lang, got)
			}
		}
	}
}

// checkPage looks for what no page may lack or have.
func checkPage(t *testing.T, name, lang string, p page) {
	t.Helper()
	root := p.parse(t)
	headings, ids, labelled := 0, map[string]int{}, map[string]bool{}
	for n := range elements(root, "*") {
		if id := attribute(n, "id"); id != "" {
			ids[id]++
		}
		switch {
		case n.Data == "html" && attribute(n, "lang") != lang:
			t.Errorf("%s: lang is %q", name, attribute(n, "lang"))
		case n.Data == "h1":
			headings++
		case n.Data == "label":
			labelled[attribute(n, "for")] = true
		case n.Data == "style" || n.Data == "script" && !has(n, "src") || has(n, "style") || has(n, "onclick"):
			t.Errorf("%s: %s is inline", name, n.Data)
		}
	}
	if headings != 1 {
		t.Errorf("%s: %d headings h1", name, headings)
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s: id %q is there %d times", name, id, n)
		}
	}
	for n := range elements(root, "input", "select", "textarea") {
		if attribute(n, "type") != "hidden" && !labelled[attribute(n, "id")] {
			t.Errorf("%s: %s %q has no label", name, n.Data, attribute(n, "name"))
		}
	}
	checkReferences(t, name, root, ids)
	for _, wrong := range []string{"%!", "<no value>", "ZgotmplZ", "<script>alert", "<nil>"} {
		if strings.Contains(p.body, wrong) {
			t.Errorf("%s: the page says %q", name, wrong)
		}
	}
}

func checkReferences(t *testing.T, name string, root *html.Node, ids map[string]int) {
	t.Helper()
	for n := range elements(root, "*") {
		for _, key := range []string{"aria-labelledby", "aria-describedby", "for"} {
			if id := attribute(n, key); id != "" && ids[id] == 0 {
				t.Errorf("%s: %s of %s names %q, which is not there", name, key, n.Data, id)
			}
		}
		if n.Data == "table" {
			caption := n.FirstChild
			for caption != nil && caption.Data != "caption" {
				caption = caption.NextSibling
			}
			if caption == nil || textOf(caption) == "" {
				t.Errorf("%s: a table has no caption", name)
			}
		}
		if n.Data == "th" && attribute(n, "scope") == "" {
			t.Errorf("%s: heading %q of a table has no scope", name, textOf(n))
		}
		if n.Data == "form" && attribute(n, "method") == "post" && !strings.Contains(render(n), `name="csrf"`) {
			t.Errorf("%s: form %s has no token", name, attribute(n, "action"))
		}
	}
}

func render(n *html.Node) string {
	var b strings.Builder
	if err := html.Render(&b, n); err != nil {
		return err.Error()
	}
	return b.String()
}

// What an act changed is told in the words of the forms, in the reader's language, and not in those of the API.
func TestTheTraceSpeaksTheReadersLanguage(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	b := newBrowser(t, f.serve(t, nil))
	for lang, words := range map[string][]string{
		"en": {"Periodicity", "Monthly", "Cost of a month", "Reader", "Allowed offers"},
		"fr": {"Périodicité", "Mensuelle", "Coût d’un mois", "Lecture", "Offres autorisées"},
	} {
		for _, kind := range []string{"subscription", "client"} {
			shown := map[string]bool{}
			for n := range elements(b.get(t, "/trace?kind="+kind+"&lang="+lang).parse(t), "dt", "ins", "del") {
				shown[textOf(n)] = true
			}
			expected := words[:3]
			if kind == "client" {
				expected = words[3:]
			}
			for _, word := range expected {
				if !shown[word] {
					t.Errorf("%s in %s: %q is not shown", kind, lang, word)
				}
			}
			for _, name := range []string{"periodicity", "monthly", "rule", "onDate", "startDate", "offers", "reader", "omniscient"} {
				if shown[name] && lang == "fr" {
					t.Errorf("%s: %q is the API's word", kind, name)
				}
			}
		}
	}
}

// Pages are parsed when they are first shown: this is what a program that starts no longer finds out.
func TestEveryPageIsInOrder(t *testing.T) {
	t.Parallel()
	b, err := backoffice.New(backoffice.Options{Store: newFixture(t).store})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Check(); err != nil {
		t.Error(err)
	}
}
