package backoffice_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/clementine-ope/clementine/billing/backoffice"
	"github.com/clementine-ope/clementine/web"
	"github.com/clementine-ope/clementine/web/webtest"
)

// screens are the pages that are looked at, by a name for their picture.
func (f *fixture) screens() []struct{ name, path string } {
	return []struct{ name, path string }{
		{"overview", "/"}, {"subscriptions", "/subscriptions"},
		{"filtered", "/subscriptions?" + url.Values{"offer": {"VAULT"}, "status": {"active"}, "startDate[after]": {"2025-01-01"}}.Encode()},
		{"nothing", "/subscriptions?text=nothing-like-it"}, {"new", "/subscriptions/new"},
		{"subscription", "/subscriptions/" + string(f.first.ID)}, {"script", "/subscriptions/" + string(f.script.ID)},
		{"offers", "/offers"}, {"offer", "/offers/NOTES-S"}, {"clients", "/clients"}, {"client", "/clients/" + string(f.seer.id)},
		{"duplicates", "/duplicates"}, {"trace", "/trace?kind=subscription"}, {"reconcile", "/reconcile"}, {"api", "/api"},
		{"sign-in", "/sign-in"}, {"missing", "/offers/NO-SUCH"},
	}
}

// look is one way to look at a page.
type look struct {
	plain bool // without Boosted
	width int64
	lang  string
}

// looks are all eight in the long tests, and otherwise two that differ in everything.
func looks(t *testing.T) []look {
	t.Helper()
	if os.Getenv("CLEMENTINE_LONG") == "" {
		return []look{{false, 1440, "en"}, {true, 390, "fr"}}
	}
	var all []look
	for _, plain := range []bool{false, true} {
		for _, width := range []int64{1440, 390} {
			for _, lang := range []string{"en", "fr"} {
				all = append(all, look{plain, width, lang})
			}
		}
	}
	return all
}

func TestInChromium(t *testing.T) {
	b := webtest.New(t)
	f := newFixture(t)
	for _, l := range looks(t) {
		if !l.plain && !web.HasBoosted() {
			webtest.Missing(t, "Boosted is not built in (make web)")
		}
		server := f.serve(t, func(o *backoffice.Options) { o.Plain = l.plain })
		for _, s := range f.screens() {
			name := fmt.Sprintf("%s-%s-%d", s.name, l.lang, l.width)
			if l.plain {
				name += "-plain"
			}
			mark := "?"
			if strings.Contains(s.path, "?") {
				mark = "&"
			}
			b.Open(t, server.URL+"/backoffice"+s.path+mark+"lang="+l.lang, l.width)
			b.Picture(t, name)
			b.Do(t, openAll())
			if s.name == "missing" {
				b.Messages(t) // the browser says itself that the page answers 404
			}
			b.Judge(t, name)
		}
	}
}

// openAll opens every part that is folded away, so that it is judged too.
func openAll() chromedp.Action[chromedp.Void] {
	return chromedp.Steps(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[bool](`document.querySelectorAll("details").forEach(d => d.open = true), true`)(ctx, target)
		return chromedp.Void{}, err
	})
}

// With htmx the list is filtered, sorted and paged in place: the page stays, the address follows, the number is said.
func TestListInPlace(t *testing.T) {
	if !web.HasBoosted() {
		webtest.Missing(t, "htmx is not built in (make web)")
	}
	b := webtest.New(t)
	f := newFixture(t)
	server := f.serve(t, nil)
	b.Open(t, server.URL+"/backoffice/subscriptions?lang=en", 1200)
	webtest.Evaluate[bool](t, b, `window.stayed = true`)
	state := func() string {
		return webtest.Evaluate[string](t, b, `[window.stayed === true, [...new URLSearchParams(location.search).keys()].join("+"), document.querySelector("#count").textContent,
			document.querySelectorAll("#results tbody tr").length].join(" ")`)
	}
	step := func(name, selector, until, want string) {
		t.Helper()
		b.Do(t, chromedp.Click(chromedp.CSS(selector)))
		webtest.Evaluate[bool](t, b, `new Promise(done => {
			const look = () => (`+until+`) ? done(true) : setTimeout(look, 20); look(); setTimeout(() => done(false), 20000) })`)
		if got := state(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	step("next page", `.pager a[rel=next]`, `document.querySelector(".pager a[rel=prev]")`, "true cursor 48 subscriptions 18")
	b.Do(t, chromedp.SetValue(chromedp.CSS("#f-text"), "TWIN"))
	step("filter", "#apply", `document.querySelector("#count").textContent == "2 subscriptions"`, "true text 2 subscriptions 2")
	step("sort", `#results th a.sort`, `document.querySelector("[aria-sort=ascending]")`, "true order[reference]+text 2 subscriptions 2")
	for _, m := range b.Messages(t) {
		t.Errorf("the console says %q", m)
	}
}
