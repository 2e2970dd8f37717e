package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/mockorange/portal/pages"
)

// screen is a page that is looked at, by a name for its picture.
type screen struct{ name, path string }

func (f *fixture) strangers() []screen {
	return []screen{
		{"home", "/"}, {"sign-up", "/sign-up"}, {"sent", "/sign-up/sent"}, {"activate", "/activate?token=x"}, {"invitation", "/invitation?token=x"},
		{"terms", "/terms"}, {"sign-in", "/sign-in"},
	}
}

func (f *fixture) partners() []screen {
	app := "/apps/" + f.app.ID
	return []screen{
		{"partner-home", "/"}, {"apps", "/apps"}, {"app", app}, {"beta", app + "/subscriptions/mba2-beta?done=configured"}, {"refused", app + "/subscriptions/mba2"},
		{"integration", "/integration"},
	}
}

func (f *fixture) oranges() []screen {
	return []screen{
		{"orange-home", "/"}, {"reviews", "/review?state=all"},
		{"review", "/review/subscriptions/" + f.beta.ID}, {"invitations", "/review/invitations"},
		{"partners", "/review/partners"}, {"partner", "/review/partners/" + f.partner.ID},
		{"mailbox", "/mailbox"},
	}
}

// variants are other shapes of these pages, which look the same.
func (f *fixture) variants() []screen {
	return []screen{
		{"reviews", "/review"}, {"none", "/review?state=revoked"}, {"refused", "/review/subscriptions/" + f.prod.ID},
		{"beginner", "/review/partners/" + f.other.ID}, {"mail of one", "/mailbox?to=dev@acme.test"}, {"no mail", "/mailbox?to=nobody@acme.test"},
	}
}

func inLanguage(path, lang string) string {
	mark := "?"
	if strings.Contains(path, "?") {
		mark = "&"
	}
	return path + mark + "lang=" + lang
}

func TestEveryPageInBothLanguages(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, plain := range []bool{false, true} {
		closed := f.serve(func(o *pages.Options) { o.Plain, o.Open = plain, false })
		for who, side := range map[string]struct {
			browser *browser
			screens []screen
		}{
			"stranger": {newBrowser(t, closed), f.strangers()}, "partner": {signedIn(t, closed, f.partner.Email, password), f.partners()},
			"orange": {newBrowser(t, f.serve(func(o *pages.Options) { o.Plain = plain })), append(f.oranges(), f.variants()...)},
		} {
			for _, s := range side.screens {
				for _, lang := range []string{"en", "fr"} {
					got := side.browser.get(t, inLanguage(s.path, lang))
					if got.status != http.StatusOK {
						t.Errorf("%s: %s in %s answers %d: %s", who, s.path, lang, got.status, textOf(got.parse(t)))
						continue
					}
					checkPage(t, who+" "+s.path+" in "+lang, lang, got)
				}
			}
		}
	}
}

// Who sees what: strangers, two partners, Orange.
func TestWhoReadsWhat(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	server := f.serve(guarded)
	as := map[string]*browser{
		"stranger": newBrowser(t, server), "partner": signedIn(t, server, f.partner.Email, password),
		"other": signedIn(t, server, f.other.Email, password), "orange": signedIn(t, server, "", token),
	}
	for _, tt := range []struct {
		path                             string
		stranger, partner, other, orange int
	}{
		{"/", 200, 200, 200, 200},
		{"/sign-up", 200, 200, 200, 200},
		{"/terms", 200, 200, 200, 200},
		{"/apps", 303, 200, 200, 303},
		{"/apps/" + f.app.ID, 303, 200, 404, 303},
		{"/apps/" + f.app.ID + "/subscriptions/mba2-beta", 303, 200, 404, 303},
		{"/apps/%00", 303, 404, 404, 404},
		{"/integration", 303, 200, 200, 303},
		{"/review", 303, 403, 403, 200},
		{"/review/subscriptions/" + f.beta.ID, 303, 403, 403, 200},
		{"/review/invitations", 303, 403, 403, 200},
		{"/review/partners", 303, 403, 403, 200},
		{"/review/partners/" + f.partner.ID, 303, 403, 403, 200},
		{"/review/partners/none", 303, 403, 403, 404},
		{"/review?state=burnt", 303, 403, 403, 400},
		{"/mailbox", 303, 403, 403, 200},
		{"/no-such-page", 303, 404, 404, 404},
	} {
		for who, want := range map[string]int{"stranger": tt.stranger, "partner": tt.partner, "other": tt.other, "orange": tt.orange} {
			if got := as[who].get(t, tt.path); got.status != want {
				t.Errorf("%s reads %s: %d, want %d", who, tt.path, got.status, want)
			}
		}
	}
	for _, path := range []string{"/apps", "/", "/integration"} {
		if got := as["other"].get(t, path); strings.Contains(got.body, "Notes") || strings.Contains(got.body, "MBA-2026") {
			t.Errorf("%s shows what is somebody else's", path)
		}
	}
}

// Nobody writes on a side that is not theirs, whatever form they send.
func TestWhoWritesWhat(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	server := f.serve(guarded)
	app := "/apps/" + f.app.ID
	for who, b := range map[string]*browser{
		"other": signedIn(t, server, f.other.Email, password), "orange": signedIn(t, server, "", token), "stranger": newBrowser(t, server),
	} {
		for _, path := range []string{
			app + "/rotate", app + "/delete", app + "/subscriptions", app + "/subscriptions/mba2-beta/configure", app + "/subscriptions/mba2-beta/terms",
		} {
			form := url.Values{
				"offer": {"mba2"}, "version": {portal.TermsVersion}, "contract": {"X"}, "baseURL": {"https://x.test"}, "authType": {"none"},
			}
			form.Set("csrf", b.get(t, "/sign-in").token(t))
			if got := b.send(t, path, form); got.status < 400 || got.status == 500 {
				t.Errorf("%s writes %s: %d", who, path, got.status)
			}
		}
	}
	partner := signedIn(t, server, f.partner.Email, password)
	for _, path := range []string{"/review/subscriptions/" + f.prod.ID + "/decide", "/review/invitations", "/review/partners/" + f.partner.ID + "/runs"} {
		form := url.Values{"decision": {"approve"}, "email": {"a@b.test"}, "offer": {"mba2-beta"}}
		form.Set("csrf", partner.get(t, "/").token(t))
		if got := partner.send(t, path, form); got.status != http.StatusForbidden {
			t.Errorf("a partner writes %s: %d", path, got.status)
		}
	}
	a, err := f.portal.Application(t.Context(), f.partner.ID, f.app.ID)
	if err != nil || a.SecretAt != f.app.SecretAt || a.Subscriptions[0].State != portal.Refused || a.Subscriptions[1].Configuration.Contract != "MBA-2026-042" {
		t.Errorf("something was written: %+v, %v", a, err)
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

// Pages are parsed when they are first shown: this is what a program that starts no longer finds out.
func TestEveryPageIsInOrder(t *testing.T) {
	t.Parallel()
	p, err := pages.New(pages.Options{Portal: newFixture(t).portal})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Check(); err != nil {
		t.Error(err)
	}
}
