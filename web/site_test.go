package web_test

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clementine-ope/clementine/web"
)

// application is a site with one page that says who reads it and takes a form.
type application struct {
	site    *web.Site
	handler http.Handler
	now     atomic.Int64
	written atomic.Int64
}

func newApplication(t *testing.T, change func(*web.Options)) *application {
	t.Helper()
	a := &application{}
	catalog := web.LoadCatalog(fstest.MapFS{"m.yaml": {Data: []byte(
		"app.name: {en: Trial, fr: Essai}\nhello: {en: 'Hello %s', fr: 'Bonjour %s'}\nn.one: {en: '%s thing', fr: '%s chose'}\nn.other: {en: '%s things', fr: '%s choses'}\n",
	)}}, "*.yaml")
	o := web.Options{
		Base: "/trial", Title: "app.name", Messages: catalog, Now: func() time.Time { return time.Unix(a.now.Load(), 0) },
		Pages: fstest.MapFS{"page.html": {Data: []byte(
			`{{define "content"}}<h1>{{t "hello" .Account.Name}}</h1><p>{{count "n" 0}}</p><form method="post" action="/trial/do">{{template "token" .Form}}</form>{{end}}`,
		)}},
		SignIn: func(_ context.Context, name, secret string) (web.Account, error) {
			if secret != "right" {
				return web.Account{}, web.ErrRefused
			}
			return web.Account{Subject: name, Name: name}, nil
		},
	}
	if change != nil {
		change(&o)
	}
	var err error
	if a.site, err = web.New(o); err != nil {
		t.Fatal(err)
	}
	a.handler = a.site.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			a.written.Add(1)
		}
		a.site.Render(w, r, http.StatusOK, web.Page{Name: "page", Title: r.URL.RawQuery})
	}))
	return a
}

type answer struct {
	status  int
	header  http.Header
	body    string
	cookies []*http.Cookie
}

func (a *application) ask(t *testing.T, method, path string, form url.Values, change func(*http.Request)) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "http://127.0.0.1:80"+path, strings.NewReader(form.Encode()))
	r.RemoteAddr = "127.0.0.1:4000"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	got := w.Result()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{got.StatusCode, got.Header, string(body), got.Cookies()}
}

var tokenField = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func with(cookies []*http.Cookie) func(*http.Request) {
	return func(r *http.Request) {
		for _, c := range cookies {
			r.AddCookie(c)
		}
	}
}

func (a *application) signIn(t *testing.T, name string) []*http.Cookie {
	t.Helper()
	form := a.ask(t, http.MethodGet, "/trial/sign-in", nil, nil)
	got := a.ask(t, http.MethodPost, "/trial/sign-in",
		url.Values{"name": {name}, "secret": {"right"}, "csrf": {tokenField.FindStringSubmatch(form.body)[1]}}, with(form.cookies))
	if got.status != http.StatusSeeOther {
		t.Fatalf("signing in answers %d", got.status)
	}
	return got.cookies
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	a := newApplication(t, nil)
	if got := a.ask(t, http.MethodGet, "/trial/x?a=1", nil, nil); got.status != http.StatusSeeOther ||
		got.header.Get("Location") != "/trial/sign-in?next=%2Ftrial%2Fx%3Fa%3D1" {
		t.Errorf("a stranger gets %d to %s", got.status, got.header.Get("Location"))
	}
	cookies := a.signIn(t, "Ada")
	if c := cookies[0]; !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/trial" {
		t.Errorf("the session's cookie is %+v", c)
	}
	if got := a.ask(t, http.MethodGet, "/trial/x", nil, with(cookies)); got.status != http.StatusOK || !strings.Contains(got.body, "Hello Ada") {
		t.Errorf("signed in, the page answers %d", got.status)
	}
	a.now.Add(8*3600 + 1)
	if got := a.ask(t, http.MethodGet, "/trial/x", nil, with(cookies)); got.status != http.StatusSeeOther {
		t.Errorf("after the session has ended, the page answers %d", got.status)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	a := newApplication(t, nil)
	cookies := a.signIn(t, "Ada")
	page := a.ask(t, http.MethodGet, "/trial/", nil, with(cookies))
	a.ask(t, http.MethodPost, "/trial/sign-out", url.Values{"csrf": {tokenField.FindStringSubmatch(page.body)[1]}}, with(cookies))
	if got := a.ask(t, http.MethodGet, "/trial/", nil, with(cookies)); got.status != http.StatusSeeOther {
		t.Errorf("after signing out, the page answers %d", got.status)
	}
}

// Signing in anew ends what the browser was signed in to before.
func TestSignInAnew(t *testing.T) {
	t.Parallel()
	a := newApplication(t, nil)
	before := a.signIn(t, "Ada")
	page := a.ask(t, http.MethodGet, "/trial/sign-in", nil, with(before))
	got := a.ask(t, http.MethodPost, "/trial/sign-in",
		url.Values{"name": {"Eve"}, "secret": {"right"}, "csrf": {tokenField.FindStringSubmatch(page.body)[1]}}, with(before))
	if len(got.cookies) != 1 || got.cookies[0].Value == before[0].Value {
		t.Fatalf("signing in keeps the id that was there before: %v", got.cookies)
	}
	if got := a.ask(t, http.MethodGet, "/trial/", nil, with(before)); got.status != http.StatusSeeOther {
		t.Errorf("the sign-in before still opens: %d", got.status)
	}
	if got := a.ask(t, http.MethodGet, "/trial/", nil, with(got.cookies)); !strings.Contains(got.body, "Hello Eve") {
		t.Errorf("the new one answers %d", got.status)
	}
}

func TestSignInRefused(t *testing.T) {
	t.Parallel()
	a := newApplication(t, nil)
	form := a.ask(t, http.MethodGet, "/trial/sign-in", nil, nil)
	attempt := url.Values{"name": {"Ada"}, "secret": {"wrong"}, "csrf": {tokenField.FindStringSubmatch(form.body)[1]}}
	statuses := map[int]int{}
	for range 12 {
		statuses[a.ask(t, http.MethodPost, "/trial/sign-in", attempt, with(form.cookies)).status]++
	}
	if statuses[http.StatusUnauthorized] < 1 || statuses[http.StatusTooManyRequests] < 1 || len(statuses) != 2 {
		t.Errorf("twelve wrong secrets at once are answered %v", statuses)
	}
}

// A sign-in leads back to a page of this site only.
func TestSignInLeadsHome(t *testing.T) {
	t.Parallel()
	a := newApplication(t, nil)
	for next, want := range map[string]string{
		"/trial/x?a=1": "/trial/x?a=1", "https://elsewhere.example/": "/trial/", "//elsewhere.example/trial/": "/trial/",
		`/\elsewhere.example`: "/trial/", "/other": "/trial/", "": "/trial/", "javascript:alert(1)": "/trial/",
	} {
		form := a.ask(t, http.MethodGet, "/trial/sign-in", nil, nil)
		got := a.ask(t, http.MethodPost, "/trial/sign-in", url.Values{
			"name": {"Ada"}, "secret": {"right"}, "next": {next}, "csrf": {tokenField.FindStringSubmatch(form.body)[1]},
		}, with(form.cookies))
		if got.header.Get("Location") != want {
			t.Errorf("next=%q leads to %q, want %q", next, got.header.Get("Location"), want)
		}
	}
}

func TestForgedForms(t *testing.T) {
	t.Parallel()
	a := newApplication(t, nil)
	mine, theirs := a.signIn(t, "Ada"), a.signIn(t, "Eve")
	token := func(cookies []*http.Cookie) string {
		return tokenField.FindStringSubmatch(a.ask(t, http.MethodGet, "/trial/", nil, with(cookies)).body)[1]
	}
	good := url.Values{"csrf": {token(mine)}}
	for _, tt := range []struct {
		name   string
		form   url.Values
		change func(*http.Request)
		status int
	}{
		{"own form", good, with(mine), http.StatusOK},
		{"no token", url.Values{}, with(mine), http.StatusForbidden},
		{"token of another browser", url.Values{"csrf": {token(theirs)}}, with(mine), http.StatusForbidden},
		{"token without cookie", good, nil, http.StatusForbidden},
		{"from another site", good, func(r *http.Request) { with(mine)(r); r.Header.Set("Sec-Fetch-Site", "cross-site") }, http.StatusForbidden},
		{"another origin", good, func(r *http.Request) { with(mine)(r); r.Header.Set("Origin", "https://elsewhere.example") }, http.StatusForbidden},
		{"too large", url.Values{"csrf": good["csrf"], "x": {strings.Repeat("x", 2<<20)}}, with(mine), http.StatusRequestEntityTooLarge},
	} {
		before := a.written.Load()
		got := a.ask(t, http.MethodPost, "/trial/do", tt.form, tt.change)
		if got.status != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, got.status, tt.status)
		}
		if reached := a.written.Load() > before; reached != (tt.status == http.StatusOK) {
			t.Errorf("%s: reached the handler: %t", tt.name, reached)
		}
	}
}

// Being open to this machine is not being open to pages elsewhere that point here, nor to what a proxy lets through.
func TestOpenToThisMachineOnly(t *testing.T) {
	t.Parallel()
	a := newApplication(t, func(o *web.Options) { o.OpenAs = web.Account{Subject: "house", Name: "house"} })
	for _, tt := range []struct {
		name   string
		change func(*http.Request)
		status int
	}{
		{"loopback", nil, http.StatusOK},
		{"localhost", func(r *http.Request) { r.Host = "localhost:8090" }, http.StatusOK},
		{"IPv6", func(r *http.Request) { r.Host, r.RemoteAddr = "[::1]:8090", "[::1]:999" }, http.StatusOK},
		{"mapped IPv4", func(r *http.Request) { r.RemoteAddr = "[::ffff:127.0.0.1]:999" }, http.StatusOK},
		{"rebound name", func(r *http.Request) { r.Host = "evil.example" }, http.StatusSeeOther},
		{"name that begins so", func(r *http.Request) { r.Host = "localhost.evil.example" }, http.StatusSeeOther},
		{"another machine", func(r *http.Request) { r.RemoteAddr = "192.0.2.7:999" }, http.StatusSeeOther},
		{"proxy", func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.7") }, http.StatusSeeOther},
	} {
		if got := a.ask(t, http.MethodGet, "/trial/", nil, tt.change); got.status != tt.status {
			t.Errorf("%s: %d, want %d", tt.name, got.status, tt.status)
		}
	}
}

// A link on another site brings no cookie: answering it with a new one would end the sign-in.
func TestArrivingFromAnotherSite(t *testing.T) {
	t.Parallel()
	a := newApplication(t, nil)
	got := a.ask(t, http.MethodGet, "/trial/", nil, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") })
	if got.status != http.StatusOK || len(got.cookies) != 0 || !strings.Contains(got.body, `http-equiv="refresh"`) {
		t.Errorf("the answer is %d with %d cookies: %s", got.status, len(got.cookies), got.body)
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	a := newApplication(t, func(o *web.Options) { o.OpenAs = web.Account{Subject: "house", Name: "house"} })
	for _, tt := range []struct{ name, path, accept, cookie, want string }{
		{"none", "/trial/", "", "", "en"},
		{"header", "/trial/", "fr-CA,fr;q=0.9,en;q=0.8", "", "fr"},
		{"weights", "/trial/", "fr;q=0.3, en;q=0.7", "", "en"},
		{"unknown", "/trial/", "de, nl;q=x", "", "en"},
		{"cookie before header", "/trial/", "fr", "en", "en"},
		{"address before cookie", "/trial/?lang=fr", "en", "en", "fr"},
		{"unknown address", "/trial/?lang=de", "fr", "", "fr"},
	} {
		got := a.ask(t, http.MethodGet, tt.path, nil, func(r *http.Request) {
			r.Header.Set("Accept-Language", tt.accept)
			if tt.cookie != "" {
				r.AddCookie(&http.Cookie{Name: "clementine_lang", Value: tt.cookie})
			}
		})
		if !strings.Contains(got.body, `<html lang="`+tt.want+`">`) || got.header.Get("Content-Language") != tt.want {
			t.Errorf("%s: the page is in %q, want %q", tt.name, got.header.Get("Content-Language"), tt.want)
		}
	}
	got := a.ask(t, http.MethodGet, "/trial/?a=1&lang=fr&b=2", nil, nil)
	if !strings.Contains(got.body, "<title>a=1&amp;b=2 ") || !strings.Contains(got.body, "0 chose<") {
		t.Errorf("the application sees the query, and the page counts, as in %s", got.body)
	}
}

// The answer to a form leads, in the other language, to where the form was; nowhere that is not this site's.
func TestLanguageAfterAForm(t *testing.T) {
	t.Parallel()
	a := newApplication(t, func(o *web.Options) { o.OpenAs = web.Account{Subject: "house", Name: "house"} })
	page := a.ask(t, http.MethodGet, "/trial/", nil, nil)
	form := url.Values{"csrf": {tokenField.FindStringSubmatch(page.body)[1]}}
	for from, want := range map[string]string{
		"http://127.0.0.1:80/trial/form?x=1": "/trial/form?lang=fr&amp;x=1", "": "/trial/?lang=fr", "http://elsewhere.example/trial/form": "/trial/?lang=fr",
		"http://127.0.0.1:80/other": "/trial/?lang=fr", "::": "/trial/?lang=fr",
	} {
		got := a.ask(t, http.MethodPost, "/trial/do", form, func(r *http.Request) {
			r.Header.Set("Referer", from)
			with(page.cookies)(r)
		})
		if got.status != http.StatusOK || !strings.Contains(got.body, `href="`+want+`"`) {
			t.Errorf("from %q the answer is %d without %s: %s", from, got.status, want, got.body)
		}
	}
}

func TestHeadersAndAssets(t *testing.T) {
	t.Parallel()
	a := newApplication(t, func(o *web.Options) { o.OpenAs, o.Plain = web.Account{Subject: "house"}, true })
	got := a.ask(t, http.MethodGet, "/trial/", nil, nil)
	csp := got.header.Get("Content-Security-Policy")
	if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("the policy is %q", csp)
	}
	if got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("a page may be kept: %q", got.header.Get("Cache-Control"))
	}
	if strings.Contains(got.body, "<script") {
		t.Error("a plain page loads scripts")
	}
	links := regexp.MustCompile(`href="(/trial/assets/[^"]+)"`).FindAllStringSubmatch(got.body, -1)
	if len(links) != 3 {
		t.Fatalf("the page loads %v", links)
	}
	for _, link := range links {
		asset := a.ask(t, http.MethodGet, link[1], nil, nil)
		if asset.status != http.StatusOK || asset.body == "" || !strings.Contains(asset.header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s answers %d, %v", link[1], asset.status, asset.header)
		}
	}
	for _, path := range []string{"/trial/assets/", "/trial/assets/none.css", "/trial/assets/../site.go", "/trial/assets/vendor/boosted.min.css"} {
		if got := a.ask(t, http.MethodGet, path, nil, nil); got.status != http.StatusNotFound {
			t.Errorf("%s answers %d", path, got.status)
		}
	}
}

func TestBrokenTemplatesAreFound(t *testing.T) {
	t.Parallel()
	const text = `{{define "content"}}{{nothing}}{{end}}`
	for name, pages := range map[string]fstest.MapFS{
		"bad.html":  {"bad.html": {Data: []byte(text)}, "page.html": {Data: []byte(`{{define "content"}}{{end}}`)}},
		"_bad.html": {"_bad.html": {Data: []byte(text)}},
	} {
		site, err := web.New(web.Options{Title: "layout.nav", Pages: pages})
		if err != nil {
			t.Fatal(err)
		}
		if err := site.Check(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("a template that does not parse is %v", err)
		}
	}
	if err := newApplication(t, nil).site.Check(); err != nil {
		t.Errorf("a site in order: %v", err)
	}
	a := newApplication(t, func(o *web.Options) {
		o.OpenAs = web.Account{Subject: "house"}
		o.Pages = fstest.MapFS{"page.html": {Data: []byte(`{{define "content"}}half {{t "no.such"}}{{end}}`)}}
	})
	if got := a.ask(t, http.MethodGet, "/trial/", nil, nil); got.status != http.StatusInternalServerError ||
		strings.Contains(got.body, "half") || strings.Contains(got.body, "no.such") {
		t.Errorf("a page that fails answers %d: %s", got.status, got.body)
	}
}

func TestCatalogs(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"a language lacks": {"hello: {en: Hello}", `hello has no text in "fr"`},
		"no quotes":        {"hello: {en: Hello, you, fr: Bonjour}", "does its text need quotes?"},
		"given twice":      {"a: {en: x, fr: x}", "a is given twice"},
		"not YAML":         {"a: [", "bad.yaml"},
	} {
		files := fstest.MapFS{"bad.yaml": {Data: []byte(tt.text)}, "a.yaml": {Data: []byte("a: {en: y, fr: y}")}}
		catalog := web.LoadCatalog(files, "a.yaml", "bad.yaml")
		if err := catalog.Check(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
		if text, err := catalog.Text(web.English, "a"); err == nil || text != "" || catalog.Has("a") {
			t.Errorf("%s: a message of it is %q, %v", name, text, err)
		}
		site, err := web.New(web.Options{Title: "a", Messages: catalog})
		if err != nil {
			t.Fatal(err)
		}
		if err := site.Check(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: a site of it: %v, want %q", name, err, tt.want)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	u := &url.URL{Path: "/trial/x", RawQuery: "offer=A&offer=B&page=2"}
	for _, tt := range []struct{ got, want string }{
		{web.With(u, "page", "3"), "/trial/x?offer=A&offer=B&page=3"},
		{web.With(u, "page", ""), "/trial/x?offer=A&offer=B"},
		{web.Without(u, "offer", "A"), "/trial/x?offer=B&page=2"},
		{web.Without(&url.URL{Path: "/x", RawQuery: "a=1"}, "a", "1"), "/x"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s, want %s", tt.got, tt.want)
		}
	}
}

// Pages that are public are for everybody; all others ask for a sign-in.
func TestPublicPages(t *testing.T) {
	t.Parallel()
	a := newApplication(t, func(o *web.Options) { o.Public = func(path string) bool { return path == "/open" } })
	for path, want := range map[string]int{"/trial/open": 200, "/trial/open/more": 303, "/trial/": 303} {
		if got := a.ask(t, http.MethodGet, path, nil, nil); got.status != want {
			t.Errorf("%s answers %d", path, got.status)
		}
	}
	shown := a.ask(t, http.MethodGet, "/trial/open", nil, nil)
	form := url.Values{"csrf": {tokenField.FindStringSubmatch(shown.body)[1]}}
	if got := a.ask(t, http.MethodPost, "/trial/open", form, with(shown.cookies)); got.status != http.StatusOK || a.written.Load() != 1 {
		t.Errorf("a form of a public page answers %d", got.status)
	}
	if got := a.ask(t, http.MethodPost, "/trial/open", url.Values{}, with(shown.cookies)); got.status != http.StatusForbidden {
		t.Errorf("a forged form of a public page answers %d", got.status)
	}
}

// Files come in where the application takes them, for who has signed in, and up to its limit; nothing of them stays.
func TestUploads(t *testing.T) {
	t.Parallel()
	const limit = 3 << 20
	a := newApplication(t, func(o *web.Options) {
		o.Public = func(path string) bool { return path == "/open" }
		o.Uploads = func(path string) int64 {
			if strings.HasSuffix(path, "/file") || path == "/open" {
				return limit
			}
			return 0
		}
	})
	cookies := a.signIn(t, "ann")
	stranger := a.ask(t, http.MethodGet, "/trial/open", nil, nil)
	for _, tt := range []struct {
		name, path string
		size, want int
		cookies    []*http.Cookie
	}{
		{"a file", "/trial/file", 2 << 20, 200, cookies},
		{"too large a file", "/trial/file", limit, 413, cookies},
		{"where none is taken", "/trial/do", 2 << 20, 403, cookies},
		{"a stranger's", "/trial/open", 2 << 20, 403, stranger.cookies},
	} {
		page := a.ask(t, http.MethodGet, "/trial/open", nil, with(tt.cookies))
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		if err := form.WriteField("csrf", tokenField.FindStringSubmatch(page.body)[1]); err != nil {
			t.Fatal(err)
		}
		file, err := form.CreateFormFile("file", "x")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write(make([]byte, tt.size)); err != nil {
			t.Fatal(err)
		}
		if err := form.Close(); err != nil {
			t.Fatal(err)
		}
		got := a.ask(t, http.MethodPost, tt.path, nil, func(r *http.Request) {
			with(tt.cookies)(r)
			r.Header.Set("Content-Type", form.FormDataContentType())
			r.Body = io.NopCloser(&body)
		})
		if got.status != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got.status, tt.want)
		}
	}
	if n := a.written.Load(); n != 1 {
		t.Errorf("%d forms were written", n)
	}
}
