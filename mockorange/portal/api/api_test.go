package api_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/gin-gonic/gin"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/time/rate"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/mockorange/portal/api"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(m.Run())
}

const operator = "the-operator-of-these-tests"

type nowhere struct{}

func (nowhere) Register(context.Context, string, string, [sha256.Size]byte, []string) error {
	return nil
}
func (nowhere) Unregister(context.Context, string) error { return nil }

// world is an API over a portal in memory. Every answer is held against the API's own document.
type world struct {
	t      *testing.T
	portal *portal.Service
	api    *api.API
	url    string
}

func newWorld(t *testing.T, change func(*api.Options)) *world {
	t.Helper()
	service, err := portal.New(t.Context(), databasetest.Open(t, ":memory:", database.Options{}), portal.Options{
		Registry: nowhere{}, PasswordCost: bcrypt.MinCost, Pack: "mba-2.2",
		Requirements: []portal.Requirement{{ID: "GEN-01", Level: "mandatory", Mode: "both", Text: "Ping answers.", TextFR: "Ping répond."}},
	})
	if err != nil {
		t.Fatal(err)
	}
	o := api.Options{Portal: service, Token: operator, Attempts: rate.NewLimiter(rate.Inf, 1)}
	if change != nil {
		change(&o)
	}
	a, err := api.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	return &world{t: t, portal: service, api: a, url: server.URL}
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// send asks with a token; a body is sent as JSON.
func (w *world) send(method, path, token, body string, header ...string) answer {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.url+api.BasePath+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	w.complies(method, path, response, data)
	return answer{response.StatusCode, response.Header, data}
}

// want asks, expects a status, and reads the answer.
func (w *world) want(status int, into any, method, path, token, body string, header ...string) answer {
	w.t.Helper()
	got := w.send(method, path, token, body, header...)
	if got.status != status {
		w.t.Fatalf("%s %s answers %d: %s", method, path, got.status, got.body)
	}
	if into != nil {
		if err := json.Unmarshal(got.body, into); err != nil {
			w.t.Fatalf("%s: %v", got.body, err)
		}
	}
	return got
}

type described struct {
	Paths      map[string]map[string]operation
	Components struct{ Schemas map[string]json.RawMessage }
}

type operation struct {
	OperationID string
	Description string
	Tags        []string
	Parameters  []struct{ Name, In string }
	Security    []map[string][]string
	Responses   map[string]struct {
		Content map[string]struct{ Schema map[string]any }
	}
}

// described is what the API says of itself. It is the same for every API of one program, and read once.
func (w *world) described() (described, []byte) {
	w.t.Helper()
	read.once.Do(func() {
		if read.raw, read.err = w.api.Document(); read.err == nil {
			read.err = json.Unmarshal(read.raw, &read.document)
		}
		for template, item := range read.document.Paths {
			form := regexp.MustCompile("^" + regexp.MustCompile(`{\w+}`).ReplaceAllString(template, "[^/]+") + "$")
			for method, op := range item {
				read.calls = append(read.calls, describedCall{strings.ToUpper(method), form, op})
			}
		}
		read.schemas = map[string]map[string]any{}
		for name, raw := range read.document.Components.Schemas {
			var schema map[string]any
			if err := json.Unmarshal(raw, &schema); err != nil {
				read.err = err
			}
			read.schemas["#/components/schemas/"+name] = schema
		}
	})
	if read.err != nil {
		w.t.Fatal(read.err)
	}
	return read.document, read.raw
}

var read struct {
	once     sync.Once
	document described
	raw      []byte
	calls    []describedCall
	schemas  map[string]map[string]any
	err      error
}

type describedCall struct {
	method string
	path   *regexp.Regexp
	operation
}

// operationOf is what the document says of a call; false if it does not know the path.
func operationOf(method, path string) (operation, bool) {
	path, _, _ = strings.Cut(path, "?")
	for _, c := range read.calls {
		if c.method == method && c.path.MatchString(api.BasePath+path) {
			return c.operation, true
		}
	}
	return operation{}, false
}

// complies fails the test for a status, a media type or a body that the document does not have.
func (w *world) complies(method, path string, r *http.Response, body []byte) {
	w.t.Helper()
	w.described()
	op, known := operationOf(method, path)
	if !known {
		return
	}
	said, ok := op.Responses[strings.Fields(r.Status)[0]]
	if !ok {
		w.t.Errorf("%s %s answers %d, which is not described: %s", method, path, r.StatusCode, body)
		return
	}
	if r.StatusCode == http.StatusNoContent {
		if len(body) > 0 {
			w.t.Errorf("%s %s: a body with 204", method, path)
		}
		return
	}
	media, ok := said.Content[r.Header.Get("Content-Type")]
	if !ok {
		w.t.Errorf("%s %s answers %s, which is not described", method, path, r.Header.Get("Content-Type"))
		return
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "text/html") {
		return
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		w.t.Errorf("%s %s: %v", method, path, err)
		return
	}
	w.matches(method+" "+path, media.Schema, value)
}

// matches looks at types, required names and names that are not described.
func (w *world) matches(at string, schema map[string]any, value any) {
	w.t.Helper()
	if ref, ok := schema["$ref"].(string); ok {
		if schema = read.schemas[ref]; schema == nil {
			w.t.Fatalf("%s: nothing is called %s", at, ref)
		}
	}
	if options, ok := schema["enum"].([]any); ok {
		found := false
		for _, o := range options {
			found = found || o == value
		}
		if !found {
			w.t.Errorf("%s: %v is none of %v", at, value, options)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			p, ok := properties[name].(map[string]any)
			switch {
			case ok:
				w.matches(at+"."+name, p, member)
			case properties != nil:
				w.t.Errorf("%s: %s is not described", at, name)
			}
		}
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				w.t.Errorf("%s: %s is required and missing", at, name)
			}
		}
	case []any:
		items, _ := schema["items"].(map[string]any)
		for _, element := range v {
			w.matches(at+"[]", items, element)
		}
	default:
		kind := map[bool]string{true: "string"}[isString(value)]
		if kind == "string" && schema["type"] != "string" || value == nil {
			w.t.Errorf("%s: %v is no %v", at, value, schema["type"])
		}
	}
}

func isString(v any) bool { _, ok := v.(string); return ok }

// lastToken is that in the newest mail to an address, read as Orange reads it.
func (w *world) lastToken(to string) string {
	w.t.Helper()
	var mail []api.Mail
	w.want(http.StatusOK, &mail, http.MethodGet, "/mailbox?to="+to, operator, "")
	_, token, found := strings.Cut(mail[0].Link, "token=")
	if !found {
		w.t.Fatalf("no token in %+v", mail[0])
	}
	return token
}

// session signs up, activates and signs in.
func (w *world) session(email string) string {
	w.t.Helper()
	w.want(http.StatusAccepted, nil, http.MethodPost, "/accounts", "",
		`{"email": "`+email+`", "name": "Dev", "company": "Acme", "password": "correct horse battery"}`)
	w.want(http.StatusOK, nil, http.MethodPost, "/activations", "", `{"token": "`+w.lastToken(email)+`"}`)
	var s api.Session
	w.want(http.StatusCreated, &s, http.MethodPost, "/sessions", "", `{"email": "`+email+`", "password": "correct horse battery"}`)
	return s.Token
}
