package customerspace_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
)

const (
	base         = "/cloud/b2b/v1"
	clientID     = "app"
	clientSecret = "app-secret"
)

// space is an API over a bench, with a token of a partner application.
type space struct {
	*bench
	api   *customerspace.API
	token string
}

func lookup(_ context.Context, id string) (oauth.Stored, bool, error) {
	return oauth.Stored{ID: id, SecretDigest: sha256.Sum256([]byte(clientSecret))}, id == clientID || id == "other", nil
}

// tokens issues and checks on the bench's clock.
func (b *bench) tokens() *oauth.Directory {
	return oauth.NewDirectory("applications", lookup, b.clock.now)
}

func (b *bench) issue(id string) string {
	b.t.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(id+":"+clientSecret)))
	a, err := b.tokens().Answer(b.t.Context(), http.MethodPost, header, []byte("grant_type=client_credentials"))
	if err != nil || a.Token == "" {
		b.t.Fatalf("no token: %s, %v", a.Body, err)
	}
	return a.Token
}

func serve(b *bench, o customerspace.Options) *space {
	b.t.Helper()
	o.Store, o.CheckToken, o.Now = b.Store, b.tokens().Check, b.clock.now
	if o.Calls == 0 {
		o.Calls = 1_000_000_000
	}
	a, err := customerspace.New(o)
	if err != nil {
		b.t.Fatal(err)
	}
	return &space{b, a, b.issue(clientID)}
}

func newSpace(t testing.TB) *space {
	t.Helper()
	return serve(open(t, "", database.Options{}), customerspace.Options{})
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) String() string { return fmt.Sprintf("%d %s", r.status, r.body) }

// code is that of an error.
func (r reply) code() int {
	var e struct{ Code int }
	if json.Unmarshal([]byte(r.body), &e) != nil {
		return 0
	}
	return e.Code
}

// call makes a call with the token and a key, and further headers, and holds the answer against the OpenAPI document.
func (s *space) call(key, method, target, body string, header ...string) reply {
	s.t.Helper()
	return s.bare(method, target, body, append([]string{"Authorization", "Bearer " + s.token, "X-API-Key", key}, header...)...)
}

func (s *space) bare(method, target, body string, header ...string) reply {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, base+target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		if header[i+1] != "" {
			r.Header.Set(header[i], header[i+1])
		}
	}
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, r)
	got := reply{w.Code, w.Result().Header, w.Body.String()}
	s.conforms(r, got)
	return got
}

// contract is the header that names one.
func onContract(id string) []string { return []string{"X-ECCS-Contract-Id", id} }

func (s *space) want(status, code int, got reply) {
	s.t.Helper()
	if got.status != status || got.code() != code {
		s.t.Errorf("got %s, not %d with code %d", got, status, code)
	}
}

// into reads an answer of this status.
func into[T any](s *space, status int, got reply) T {
	s.t.Helper()
	var v T
	if err := json.Unmarshal([]byte(got.body), &v); err != nil || got.status != status {
		s.t.Errorf("got %s: %v", got, err)
	}
	return v
}

// describe is the document as it is served.
func describe(t testing.TB, a *customerspace.API) (*openapi3.T, []byte) {
	t.Helper()
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, base+"/openapi.json", nil))
	d, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		t.Fatalf("%d: %v", w.Code, err)
	}
	return d, w.Body.Bytes()
}

var described = sync.OnceValues(func() (*openapi3.T, error) {
	a, err := customerspace.New(customerspace.Options{
		Store: &customerspace.Store{}, CheckToken: func(context.Context, string) (oauth.Check, error) { return oauth.Check{}, nil },
	})
	if err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, httptest.NewRequestWithContext(context.Background(), http.MethodGet, base+"/openapi.json", nil))
	return openapi3.NewLoader().LoadFromData(w.Body.Bytes())
})

// conforms holds an answer against the document: status, media type, headers and, where it is JSON, the schema. Calls that no
// operation takes have none.
func (s *space) conforms(r *http.Request, got reply) {
	s.t.Helper()
	d, err := described()
	if err != nil {
		s.t.Fatal(err)
	}
	where := r.Method + " " + r.URL.Path
	if id := got.header[http.CanonicalHeaderKey("X-OAPI-Request-Id")]; len(id) > 0 || len(got.header["X-OAPI-Request-Id"]) != 1 {
		s.t.Errorf("%s: the request id is not spelt as on Orange's wire: %v", where, got.header)
	}
	op := operationOf(d, r.Method, r.URL)
	if op == nil {
		return
	}
	response := op.Responses.Value(fmt.Sprint(got.status))
	if response == nil {
		s.t.Errorf("%s: the status is not described: %s", where, got)
		return
	}
	media, _, err := mime.ParseMediaType(got.header.Get("Content-Type"))
	content := response.Value.Content[media]
	if err != nil || content == nil {
		s.t.Errorf("%s: the media type %q is not described, %v", where, got.header.Get("Content-Type"), err)
		return
	}
	for name := range response.Value.Headers {
		if got.header.Get(name) == "" && len(got.header[name]) == 0 {
			s.t.Errorf("%s: no %s in %d", where, name, got.status)
		}
	}
	if media != "application/json" || content.Schema == nil || strings.HasSuffix(r.URL.Path, "/file") && got.status == http.StatusOK {
		return
	}
	var v any
	if err := json.Unmarshal([]byte(got.body), &v); err != nil {
		s.t.Errorf("%s: %v: %s", where, err, got)
		return
	}
	if err := content.Schema.Value.VisitJSON(v); err != nil {
		s.t.Errorf("%s: %v: %s", where, err, got)
	}
}

// parameter is one of a path, quoted.
var parameter = regexp.MustCompile(`\\\{[^}]+\\\}`)

func operationOf(d *openapi3.T, method string, u *url.URL) *openapi3.Operation {
	for path, item := range d.Paths.Map() {
		pattern := "^" + parameter.ReplaceAllString(regexp.QuoteMeta(path), "[^/]+") + "$"
		if regexp.MustCompile(pattern).MatchString(u.EscapedPath()) {
			return item.GetOperation(method)
		}
	}
	return nil
}
