package webtest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/web/webtest"
)

// witness takes what a judge would report of a test.
type witness struct {
	testing.TB
	said []string
}

func (w *witness) Errorf(format string, args ...any) {
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

func (w *witness) Helper() {}

// The judge has been seen to find each kind of fault, and to let a right page pass.
func TestJudge(t *testing.T) {
	b := webtest.New(t)
	for _, tt := range []struct{ name, head, body, finds string }{
		{"right", "", "<p>Fine</p>", ""},
		{"contrast", "", `<p style="color:#bbb;background:#fff">Hardly there</p>`, "color-contrast"},
		{"label", "", `<input name="x">`, "label (critical)"},
		{"language", "", `<p lang="xx-invalid">x</p>`, "valid-lang"},
		{"too wide", "", `<div style="width:2000px">x</div>`, "wider than the window"},
		{"console", "<script>console.error('broken')</script>", "<p>x</p>", "broken"},
		{"exception", "<script>nothing()</script>", "<p>x</p>", "nothing"},
		{"file that is not there", `<link rel="stylesheet" href="/missing.css">`, "<p>x</p>", "404"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				http.NotFound(w, r)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, `<!DOCTYPE html><html lang="en"><head><title>t</title><link rel="icon" href="data:,">%s</head><body><main><h1>t</h1>%s</main></body></html>`, tt.head, tt.body)
		}))
		w := &witness{TB: t}
		b.Open(t, server.URL, 800)
		b.Judge(w, tt.name)
		server.Close()
		said := strings.Join(w.said, "\n")
		if (said == "") != (tt.finds == "") || !strings.Contains(said, tt.finds) {
			t.Errorf("%s: the judge says %q, want %q", tt.name, said, tt.finds)
		}
	}
}
