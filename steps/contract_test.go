package steps_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
)

// renamed pairs this pack's member names with those of another partner's pack; whole names, as they stand in JSON.
var renamed = [][2]string{{"userServices", "userService"}, {"orderItem", "orderItems"}, {"relatedProductRefId", "fleetId"}}

// A partner that speaks other member names is judged by a pack that has them: nothing in Go knows the names.
func TestSwappedPack(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "pack")
	if err := schemas.Export(dir); err != nil {
		t.Fatal(err)
	}
	rewritePack(t, dir)
	if problems := schemas.Check(os.DirFS(dir)); len(problems) > 0 {
		t.Fatalf("the rewritten pack: %v", problems)
	}
	pack, err := schemas.LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	speaks := partner.Seam{WrapHandler: translateServer, WrapTransport: func(next http.RoundTripper) http.RoundTripper { return translateClient{next} }}
	for _, mode := range []string{"sync", "async"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			l := newLabWith(t, mode, speaks, 0, pack)
			if r := l.run(t, steps.Options{Pack: pack}); r.Verdict != "passed" {
				t.Errorf("a partner that speaks the pack: %s", explain(t, r))
			}
			if r := newLabWith(t, mode, partner.Seam{}, 0, pack).run(t, steps.Options{Pack: pack, Only: []string{"PO-UC2-02"}}); r.Verdict == "passed" {
				t.Error("a partner that speaks the built-in names passed the other pack")
			}
		})
	}
}

func rewritePack(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, pair := range renamed {
			b = bytes.ReplaceAll(b, []byte(pair[0]), []byte(pair[1]))
		}
		return os.WriteFile(path, b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rename swaps whole member names; "userServices" is longer than "userService", so that no name holds another's end.
func rename(b []byte, from, to int) []byte {
	for _, pair := range renamed {
		b = renameWord(b, pair[from], pair[to])
	}
	return b
}

// renameWord replaces a name where it stands alone: not inside a longer word, and not in a URL path.
func renameWord(b []byte, from, to string) []byte {
	var out bytes.Buffer
	for {
		i := bytes.Index(b, []byte(from))
		if i < 0 {
			out.Write(b)
			return out.Bytes()
		}
		end := i + len(from)
		out.Write(b[:i])
		if i > 0 && (letter(b[i-1]) || b[i-1] == '/') || end < len(b) && letter(b[end]) {
			out.WriteString(from)
		} else {
			out.WriteString(to)
		}
		b = b[end:]
	}
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// translateServer stands before the reference partner and speaks the other names to the outside.
func translateServer(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		in := r.Clone(r.Context())
		in.Body = io.NopCloser(bytes.NewReader(rename(body, 1, 0)))
		in.ContentLength = -1
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, in)
		for k, v := range rec.Header() {
			if k != "Content-Length" {
				w.Header()[k] = v
			}
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rename(rec.Body.Bytes(), 0, 1))
	})
}

type translateClient struct{ next http.RoundTripper }

func (c translateClient) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/event") {
		return c.next.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	body = rename(body, 0, 1)
	out := r.Clone(r.Context())
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return c.next.RoundTrip(out)
}
