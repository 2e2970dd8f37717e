package pages_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/clementine-ope/clementine/mockorange/portal/pages"
	"github.com/clementine-ope/clementine/web"
	"github.com/clementine-ope/clementine/web/webtest"
)

// look is one way to look at a page.
type look struct {
	plain bool // without Boosted
	width int64
	lang  string
}

// looks are all eight in the long tests, and otherwise two that differ in everything.
func looks() []look {
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
	for _, l := range looks() {
		if !l.plain && !web.HasBoosted() {
			webtest.Missing(t, "Boosted is not built in (make web)")
		}
		closed := f.serve(func(o *pages.Options) { o.Plain, o.Open = l.plain, false })
		judge(t, b, closed, l, f.strangers())
		signIn(t, b, closed, f.partner.Email)
		judge(t, b, closed, l, f.partners())
		judge(t, b, f.serve(func(o *pages.Options) { o.Plain = l.plain }), l, f.oranges())
	}
}

func judge(t *testing.T, b *webtest.Browser, server *httptest.Server, l look, screens []screen) {
	t.Helper()
	for _, s := range screens {
		name := fmt.Sprintf("%s-%s-%d", s.name, l.lang, l.width)
		if l.plain {
			name += "-plain"
		}
		b.Open(t, server.URL+pages.Base+inLanguage(s.path, l.lang), l.width)
		b.Picture(t, name)
		b.Do(t, openAll())
		b.Judge(t, name)
	}
}

// signIn signs in as a person does.
func signIn(t *testing.T, b *webtest.Browser, server *httptest.Server, email string) {
	t.Helper()
	b.Open(t, server.URL+pages.Base+"/sign-in", 1200)
	b.Do(t, chromedp.SetValue(chromedp.CSS("#name"), email), chromedp.SetValue(chromedp.CSS("#secret"), password),
		chromedp.Click(chromedp.CSS("main button[type=submit]")), chromedp.WaitVisible(chromedp.CSS(".account form")))
}

// openAll opens every part that is folded away, so that it is judged too.
func openAll() chromedp.Action[chromedp.Void] {
	return chromedp.Steps(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[bool](`document.querySelectorAll("details").forEach(d => d.open = true), true`)(ctx, target)
		return chromedp.Void{}, err
	})
}
