package console_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/clementine-ope/clementine/console"
	"github.com/clementine-ope/clementine/internal/profile"
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

// screen is a page that is looked at, by a name for its picture.
type screen struct{ name, path string }

func pathOf(all []screen, name string) string {
	return all[slices.IndexFunc(all, func(s screen) bool { return s.name == name })].path
}

func TestInChromium(t *testing.T) {
	b := webtest.New(t)
	f := newFixture(t, profile.Sync)
	screens := f.screens()
	wrong := f.wrongPartner()
	for _, l := range looks() {
		if !l.plain && !web.HasBoosted() {
			webtest.Missing(t, "Boosted is not built in (make web)")
		}
		open := f.serve(func(o *console.Options) { o.Plain = l.plain })
		newBrowser(t, open).post("/gateway", "/gateway/faults", url.Values{"kind": {"slow"}, "key": {"nobody"}, "times": {"2"}})
		wrongProfile := newBrowser(t, open).setUp(reference(wrong, profile.Sync))
		judge(t, b, open, l, screens)
		judge(t, b, f.serve(func(o *console.Options) { o.Plain, o.Open = l.plain, false }), l, []screen{{"sign-in", "/sign-in"}})
		forms{b, open.URL + console.Base, l, pathOf(screens, "baseline")}.judge(t, wrongProfile)
	}
}

func (l look) name(of string) string {
	name := fmt.Sprintf("%s-%s-%d", of, l.lang, l.width)
	if l.plain {
		name += "-plain"
	}
	return name
}

func judge(t *testing.T, b *webtest.Browser, s *httptest.Server, l look, screens []screen) {
	t.Helper()
	for _, each := range screens {
		mark := "?"
		if strings.Contains(each.path, "?") {
			mark = "&"
		}
		b.Open(t, s.URL+console.Base+each.path+mark+"lang="+l.lang, l.width)
		if each.name == "missing" {
			b.Messages(t) // the browser logs that the page is a 404, as it should
		}
		b.Picture(t, l.name(each.name))
		b.Do(t, openAll())
		b.Judge(t, l.name(each.name))
	}
}

// A person starts a run in the browser, sees it live, answers what it asks, and is led to what came of it.
func TestLiveInChromium(t *testing.T) {
	b := webtest.New(t)
	f := newFixture(t, profile.Async)
	s := f.serve(nil)
	id := newBrowser(t, s).setUp(reference(f.partner.URL(), profile.Async))
	b.Open(t, s.URL+console.Base+"/profiles/"+id+"/run?lang=en", 1440)
	b.Do(t, chromedp.Click(chromedp.CSS("#only-US-UC5")), chromedp.Click(chromedp.CSS("main form button[type=submit]")), chromedp.WaitVisible(chromedp.CSS("#ask-title")))
	if rows := webtest.Evaluate[int](t, b, `document.querySelectorAll("#live-sequence svg polygon").length`); rows == 0 {
		t.Error("the page of a run under way draws no call")
	}
	b.Picture(t, "live")
	b.Judge(t, "live")
	// The script has taken over: what follows comes without loading the page.
	b.Do(t, chromedp.WaitNotPresent(chromedp.CSS("#live-static")), chromedp.Click(chromedp.CSS(`button[value="refused"]`)), chromedp.WaitVisible(chromedp.CSS("#review-title")))
	b.Judge(t, "finished")
	b.Do(t, chromedp.Click(chromedp.CSS(`main a.btn-primary`)), chromedp.WaitVisible(chromedp.CSS("h1")))
	b.Picture(t, "report")
	if text := webtest.Evaluate[string](t, b, `document.body.innerText`); !strings.Contains(text, "Reference partner") {
		t.Errorf("the report reads %s", text)
	}
	if origin := webtest.Evaluate[string](t, b, `self.origin`); origin != "null" {
		t.Errorf("the report has the origin %q, which can reach the console", origin)
	}
	for _, m := range b.Messages(t) {
		t.Errorf("the report's console says %q", m)
	}
}

// openAll opens every part that is folded away, so that it is judged too.
func openAll() chromedp.Action[chromedp.Void] {
	return chromedp.Steps(func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.Evaluate[bool](`document.querySelectorAll("details").forEach(d => d.open = true), true`)(ctx, target)
		return chromedp.Void{}, err
	})
}
