package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/api"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// server is the PostgreSQL of the tests that need one; it starts with the first of them.
var server databasetest.Server

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(databasetest.Run(m, &server))
}

// noon is the moment at which all tests happen, unless they move the clock.
var noon = time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)

// clock is the time of a world.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// world is an API over a store of its own, and an administrator.
type world struct {
	t     testing.TB
	clock *clock
	store billing.Store
	api   *api.API
	admin *user
}

// user is a client of the API with its token.
type user struct {
	id, secret, token string
}

// openStore opens an empty store whose ids are numbers.
func openStore(t testing.TB, address string, now func() time.Time) billing.Store {
	t.Helper()
	var mu sync.Mutex
	next := 0
	s, err := store.Open(context.Background(), address, database.Options{}, store.Options{
		Now: now,
		NewID: func(billing.Instant) string {
			mu.Lock()
			defer mu.Unlock()
			next++
			return fmt.Sprintf("id%06d", next)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newWorld(t testing.TB) *world { return newWorldAt(t, ":memory:") }

// onEachEngine runs a test in a world of its own on SQLite and on PostgreSQL.
func onEachEngine(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			test(t, newWorldAt(t, engine.Address(t)))
		})
	}
}

func newWorldAt(t testing.TB, address string) *world {
	t.Helper()
	c := &clock{at: noon}
	s := openStore(t, address, c.now)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return worldOver(t, s, c)
}

func worldOver(t testing.TB, s billing.Store, c *clock) *world {
	t.Helper()
	var requests atomic.Int64
	a, err := api.New(api.Options{Store: s, Now: c.now, RequestID: func() string {
		return fmt.Sprintf("request-%d", requests.Add(1))
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, clock: c, store: s, api: a}
	w.admin = w.user(billing.NewClient{Name: "admin", Role: billing.RoleAdmin})
	return w
}

// house is the scope and the actor of whoever owns the database.
func house() (billing.Actor, billing.Scope) {
	all := billing.Client{Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleAdmin}
	return billing.Actor{Kind: billing.ActorSystem, Reason: "test"}, billing.ScopeOf(all, 0)
}

// user registers a client and gets it a token.
func (w *world) user(n billing.NewClient) *user {
	w.t.Helper()
	actor, scope := house()
	c, secret, err := w.store.CreateClient(context.Background(), actor, scope, n)
	if err != nil {
		w.t.Fatal(err)
	}
	u := &user{id: string(c.ID), secret: secret}
	u.token = w.token(u)
	return u
}

func (w *world) writer(offers ...billing.OfferCode) *user {
	w.t.Helper()
	return w.user(billing.NewClient{Name: "writer", Role: billing.RoleWriter, Offers: offers})
}

func (w *world) token(u *user) string {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, api.TokenPath, strings.NewReader("grant_type=client_credentials"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(u.id, u.secret)
	got := httptest.NewRecorder()
	w.api.ServeHTTP(got, r)
	var body struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil || body.AccessToken == "" {
		w.t.Fatalf("no token for %s: %d %s", u.id, got.Code, got.Body)
	}
	return body.AccessToken
}

// reply is one answer.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func (r reply) String() string { return fmt.Sprintf("%d %s", r.status, r.body) }

// call makes one request as a user, nil for nobody; headers are pairs. A body goes as JSON unless a header says otherwise.
// Each answer is held against what the OpenAPI document says of it.
func (w *world) call(u *user, method, target, body string, headers ...string) reply {
	w.t.Helper()
	got := w.bare(u, method, target, body, headers...)
	if err := documented(method, target, got); err != nil {
		w.t.Errorf("%s %s answers %s: %v", method, target, got, err)
	}
	return got
}

func (w *world) bare(u *user, method, target, body string, headers ...string) reply {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if u != nil {
		r.Header.Set("Authorization", "Bearer "+u.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	got := httptest.NewRecorder()
	w.api.ServeHTTP(got, r)
	return reply{got.Code, got.Header(), got.Body.Bytes()}
}

// want makes a request that has to be answered with a status, and reads its body into out, if that is not nil.
func (w *world) want(status int, out any, u *user, method, target, body string, headers ...string) reply {
	w.t.Helper()
	got := w.call(u, method, target, body, headers...)
	if got.status != status {
		w.t.Fatalf("%s %s %s answers %s, want %d", method, target, body, got, status)
	}
	if out != nil {
		reflect.ValueOf(out).Elem().SetZero()
		if err := json.Unmarshal(got.body, out); err != nil {
			w.t.Fatalf("%s %s answers %s: %v", method, target, got, err)
		}
	}
	return got
}

// catalogue creates offers in EUR and envelopes.
func (w *world) catalogue(offers []string, envelopes ...string) {
	w.t.Helper()
	for _, o := range offers {
		w.want(http.StatusCreated, nil, w.admin, http.MethodPost, "/billing/v1/offers", fmt.Sprintf(`{"code":%q,"name":%q,"currency":"EUR"}`, o, o))
	}
	for _, e := range envelopes {
		w.want(http.StatusCreated, nil, w.admin, http.MethodPost, "/billing/v1/envelopes", fmt.Sprintf(`{"code":%q,"label":%q}`, e, e))
	}
}

// simple is the body of a monthly subscription of one line.
func simple(offer, envelope, reference, start, price string) string {
	return fmt.Sprintf(`{"offer":%q,"envelope":%q,"reference":%q,"label":"Line","periodicity":"monthly","startDate":%q,
		"lines":[{"label":"x","quantity":"1","unitPrice":%q}]}`, offer, envelope, reference, start, price)
}

func (w *world) create(u *user, body string) api.Subscription {
	w.t.Helper()
	var s api.Subscription
	w.want(http.StatusCreated, &s, u, http.MethodPost, "/billing/v1/subscriptions", body)
	return s
}

func problemOf(t testing.TB, r reply) api.Problem {
	t.Helper()
	var p api.Problem
	if err := json.Unmarshal(r.body, &p); err != nil || r.header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("no problem: %s %s", r.header.Get("Content-Type"), r)
	}
	return p
}

// document is the OpenAPI document and the schemas of its answers, made once: they are the same in every world.
var document = sync.OnceValues(func() (*openAPI, error) {
	a, err := api.New(api.Options{Store: struct{ billing.Store }{}})
	if err != nil {
		return nil, err
	}
	raw, err := a.Document()
	if err != nil {
		return nil, err
	}
	d := &openAPI{raw: raw, compiled: map[string]*jsonschema.Schema{}}
	if err := json.Unmarshal(raw, &d.tree); err != nil {
		return nil, err
	}
	d.compiler = jsonschema.NewCompiler()
	d.compiler.Draft = jsonschema.Draft2020
	return d, d.compiler.AddResource(documentURL, bytes.NewReader(raw))
})

const documentURL = "https://clementine.test/openapi.json"

type openAPI struct {
	raw  []byte
	tree struct {
		Paths map[string]map[string]operation
	}
	compiler *jsonschema.Compiler

	mu       sync.Mutex
	compiled map[string]*jsonschema.Schema
}

type operation struct {
	OperationID string
	Parameters  []struct{ Name, In string }
	Responses   map[string]struct {
		Content map[string]json.RawMessage
	}
}

// path is the documented path that a request goes to.
func (d *openAPI) path(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return ""
	}
	parts := strings.Split(u.Path, "/")
	best := ""
	for path := range d.tree.Paths {
		known := strings.Split(path, "/")
		fits := len(known) == len(parts)
		for i := 0; fits && i < len(known); i++ {
			fits = known[i] == parts[i] || strings.HasPrefix(known[i], "{") && parts[i] != ""
		}
		if fits && (best == "" || strings.Count(path, "{") < strings.Count(best, "{")) {
			best = path
		}
	}
	return best
}

func (d *openAPI) schema(pointer string) (*jsonschema.Schema, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.compiled[pointer]; s != nil {
		return s, nil
	}
	s, err := d.compiler.Compile(documentURL + "#" + pointer)
	if err == nil {
		d.compiled[pointer] = s
	}
	return s, err
}

// documented holds an answer against the OpenAPI document: its status, its media type, its body.
func documented(method, target string, got reply) error {
	d, err := document()
	if err != nil {
		return err
	}
	path := d.path(target)
	op, known := d.tree.Paths[path][strings.ToLower(method)]
	if !known {
		if got.status == http.StatusNotFound || got.status == http.StatusMethodNotAllowed {
			return nil
		}
		return fmt.Errorf("the document does not know %s %s", method, target)
	}
	response, known := op.Responses[strconv.Itoa(got.status)]
	if !known {
		return fmt.Errorf("the document does not know status %d of %s", got.status, op.OperationID)
	}
	media, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
	if len(got.body) == 0 && len(response.Content) == 0 {
		return nil
	}
	if _, known := response.Content[media]; !known && len(response.Content) > 0 {
		return fmt.Errorf("the document does not know media type %q of %s", media, op.OperationID)
	}
	if !strings.HasSuffix(media, "json") || media == "application/x-ndjson" || len(response.Content) == 0 {
		return nil
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D")
	s, err := d.schema("/paths/" + escape.Replace(path) + "/" + strings.ToLower(method) + "/responses/" + strconv.Itoa(got.status) +
		"/content/" + escape.Replace(media) + "/schema")
	if err != nil {
		return err
	}
	var tree any
	if err := json.Unmarshal(got.body, &tree); err != nil {
		return err
	}
	return s.Validate(tree)
}

func list[T any](w *world, u *user, target string) []T {
	w.t.Helper()
	var out []T
	w.want(http.StatusOK, &out, u, http.MethodGet, target, "", "Accept", "application/json")
	return out
}

func references(list []api.Subscription) []string {
	out := []string{}
	for _, s := range list {
		out = append(out, s.Reference)
	}
	slices.Sort(out)
	return out
}
