package pages_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// page is an answer, read.
type page struct {
	status int
	header http.Header
	body   string
}

func (b *browser) do(t testing.TB, r *http.Request) page {
	t.Helper()
	response, err := b.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return page{response.StatusCode, response.Header, string(body)}
}

func (b *browser) get(t testing.TB, path string) page {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.base+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return b.do(t, r)
}

// post sends a form as the page at from shows it: with its token.
func (b *browser) post(t testing.TB, from, path string, form url.Values) page {
	t.Helper()
	shown := b.get(t, from)
	if shown.status != http.StatusOK {
		t.Fatalf("the page %s of the form answers %d", from, shown.status)
	}
	form.Set("csrf", shown.token(t))
	return b.send(t, path, form)
}

// send posts a form as it is.
func (b *browser) send(t testing.TB, path string, form url.Values) page {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(t, r)
}

func (p page) parse(t testing.TB) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(p.body))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// token is that of the first form that sends anything.
func (p page) token(t testing.TB) string {
	t.Helper()
	for n := range elements(p.parse(t), "input") {
		if attribute(n, "name") == "csrf" {
			return attribute(n, "value")
		}
	}
	t.Fatal("the page has no form with a token")
	return ""
}

func elements(root *html.Node, names ...string) func(yield func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			for _, name := range names {
				if n.Data == name || name == "*" {
					if !yield(n) {
						return
					}
				}
			}
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
