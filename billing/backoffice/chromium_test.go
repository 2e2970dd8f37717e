package backoffice_test

import (
	"context"
	"fmt"
	"net/url"
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

func TestInChromium(t *testing.T) {
	b := webtest.New(t)
	b.Start(t)
	f := newFixture(t)
	for _, plain := range []bool{false, true} {
		if !plain && !web.HasBoosted() {
			t.Log("Boosted is not built in (make web): pages are looked at without it")
			continue
		}
		server := f.serve(t, func(o *backoffice.Options) { o.Plain = plain })
		for _, width := range []int64{1440, 390} {
			for _, lang := range []string{"en", "fr"} {
				for _, s := range f.screens() {
					name := fmt.Sprintf("%s-%s-%d", s.name, lang, width)
					if plain {
						name += "-plain"
					}
					mark := "?"
					if strings.Contains(s.path, "?") {
						mark = "&"
					}
					b.Open(t, server.URL+"/backoffice"+s.path+mark+"lang="+lang, width)
					b.Do(t, openAll())
					if s.name == "missing" {
						b.Messages() // the browser says itself that the page answers 404
					}
					b.Judge(t, name)
					b.Picture(t, name)
				}
			}
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
