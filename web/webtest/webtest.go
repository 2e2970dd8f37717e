// Package webtest drives pages in a real browser, headless Chromium, and judges them with axe-core.
//
// It owns starting the browser, what no page may do in it (break its policy, log an error, need sideways scrolling) and
// pictures of pages. It does not own what is tested. Without Chromium, or without axe-core from npm, tests are left out
// with one line that says so; where REQUIRE_ALL is set they fail.
package webtest

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// pageTimeout is how long a page may take to load and to be judged, on a busy machine.
const pageTimeout = 90 * time.Second

// Browser is one tab of a browser of its own profile.
type Browser struct {
	ctx context.Context
	axe string

	marks chan struct{} // one for each mark that has come through the console

	mu       sync.Mutex
	messages []string
}

// mark is what Messages says on the console, to know that all that was said before has arrived.
const mark = "webtest: so far"

// New starts a browser; the test's end ends it.
func New(t testing.TB) *Browser {
	t.Helper()
	path := find("chromium", "chromium-browser", "google-chrome")
	if path == "" {
		Missing(t, "Chromium is not installed")
	}
	axe, err := os.ReadFile(axePath())
	if err != nil {
		Missing(t, "axe-core is not installed (make web)")
	}
	allocator, stopBrowser := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true), chromedp.Flag("disable-dev-shm-usage", true),
	)
	ctx, closeTab := chromedp.NewContext(allocator)
	t.Cleanup(func() { closeTab(); stopBrowser() })
	b := &Browser{ctx: ctx, axe: string(axe), marks: make(chan struct{}, 1)}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	go b.listen(chromedp.Console(ctx))
	return b
}

func (b *Browser) listen(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for m, err := range messages {
		switch {
		case err != nil:
			return
		case m.Text == mark:
			b.marks <- struct{}{}
		case m.IsException() || m.Type == "error" || m.Type == "warning":
			b.mu.Lock()
			b.messages = append(b.messages, m.Text)
			b.mu.Unlock()
		}
	}
}

func find(names ...string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// axePath is where `make web` puts axe-core, from this file's own place.
func axePath() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "node_modules", "axe-core", "axe.min.js")
}

// Missing leaves a test out, or fails it where everything is required.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("REQUIRE_ALL") != "" {
		t.Fatal(what)
	}
	t.Skip(what + ": the browser tests are left out")
}

// Do runs steps in the tab, each of which may take pageTimeout.
func (b *Browser) Do(t testing.TB, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	for i, step := range steps {
		ctx, cancel := context.WithTimeout(b.ctx, pageTimeout)
		err := chromedp.Do(ctx, step)
		cancel()
		if err != nil {
			t.Fatalf("step %d in the browser: %v", i+1, err)
		}
	}
}

// Evaluate is the value of an expression of JavaScript in the page; a promise is waited for.
func Evaluate[T any](t testing.TB, b *Browser, expression string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, pageTimeout)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("evaluating in the browser: %v", err)
	}
	return value
}

// Open loads a page at a width of the window, in pixels.
func (b *Browser) Open(t testing.TB, address string, width int64) {
	t.Helper()
	b.Do(t, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address))
}

// Messages are the warnings and errors of pages since the last call: scripts that fail, what the policy stops, files
// that are not there.
func (b *Browser) Messages(t testing.TB) []string {
	t.Helper()
	Evaluate[bool](t, b, "console.log("+strconv.Quote(mark)+"), true")
	select {
	case <-b.marks:
	case <-time.After(pageTimeout):
		t.Fatal("the console of the browser is silent")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.messages
	b.messages = nil
	return out
}

// violation is what axe-core says of a page.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string
		FailureSummary string
	}
}

// Judge reports what axe-core finds at WCAG 2.1 A and AA, what the page logs, and whether it needs sideways scrolling.
func (b *Browser) Judge(t testing.TB, name string) {
	t.Helper()
	Evaluate[bool](t, b, b.axe+"\n;true")
	const run = `axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}).then(r => JSON.stringify(r.violations))`
	var found []violation
	if err := json.Unmarshal([]byte(Evaluate[string](t, b, run)), &found); err != nil {
		t.Fatalf("%s: reading what axe-core says: %v", name, err)
	}
	for _, v := range found {
		for _, n := range v.Nodes {
			t.Errorf("%s: %s (%s) %s: %s: %s", name, v.ID, v.Impact, v.Help, n.HTML, n.FailureSummary)
		}
	}
	for _, m := range b.Messages(t) {
		t.Errorf("%s: the console says %q", name, m)
	}
	const overflow = `document.documentElement.scrollWidth - document.documentElement.clientWidth`
	if extra := Evaluate[int](t, b, overflow); extra > 0 {
		t.Errorf("%s: the page is %d pixels wider than the window", name, extra)
	}
}

// Picture writes a picture of the whole page into the folder that CLEMENTINE_PICTURES names, to be looked at; nothing
// without it.
func (b *Browser) Picture(t testing.TB, name string) {
	t.Helper()
	folder := os.Getenv("CLEMENTINE_PICTURES")
	if folder == "" {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, pageTimeout)
	defer cancel()
	const lossless = 100
	data, err := chromedp.Run(ctx, chromedp.FullScreenshot(lossless))
	if err != nil {
		t.Fatalf("picture of %s: %v", name, err)
	}
	file := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "&", "-", "=", "-").Replace(url.PathEscape(name)), "-") + ".png"
	if err := os.WriteFile(filepath.Join(folder, file), data, 0o600); err != nil { // #nosec G703 -- the name is escaped, for tests
		t.Fatal(fmt.Errorf("picture of %s: %w", name, err))
	}
}

// Element is a picture, as PNG, of the first element that a CSS selector finds.
func (b *Browser) Element(t testing.TB, selector string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, pageTimeout)
	defer cancel()
	data, err := chromedp.Run(ctx, chromedp.Screenshot(chromedp.CSS(selector)))
	if err != nil {
		t.Fatalf("picture of %s: %v", selector, err)
	}
	return data
}
