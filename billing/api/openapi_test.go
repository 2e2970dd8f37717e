package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/billing/api"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// The document describes what is served, and all of it; every reference in it leads somewhere, and every schema is one.
func TestOpenAPIDescribesTheRouter(t *testing.T) {
	t.Parallel()
	d, err := document()
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	served := map[string]bool{}
	for _, r := range w.api.Routes() {
		path := regexp.MustCompile(`:([A-Za-z]+)`).ReplaceAllString(r.Path, "{$1}")
		served[strings.ToLower(r.Method)+" "+path] = true
		if _, known := d.tree.Paths[path][strings.ToLower(r.Method)]; !known && r.Path != api.TokenPath {
			t.Errorf("%s %s is served and not described", r.Method, r.Path)
		}
	}
	ids := map[string]bool{}
	for path, item := range d.tree.Paths {
		for method, op := range item {
			if !served[method+" "+path] {
				t.Errorf("%s %s is described and not served", method, path)
			}
			if op.OperationID == "" || ids[op.OperationID] || len(op.Responses) == 0 {
				t.Errorf("%s %s: operation id %q", method, path, op.OperationID)
			}
			ids[op.OperationID] = true
			seen := map[string]bool{}
			for _, p := range op.Parameters {
				if seen[p.In+p.Name] {
					t.Errorf("%s describes the parameter %s twice", op.OperationID, p.Name)
				}
				seen[p.In+p.Name] = true
			}
			for _, name := range regexp.MustCompile(`{(\w+)}`).FindAllStringSubmatch(path, -1) {
				if !seen["path"+name[1]] {
					t.Errorf("%s does not describe %s of its path", op.OperationID, name[1])
				}
			}
		}
	}
	var tree struct {
		OpenAPI    string
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(d.raw, &tree); err != nil || tree.OpenAPI != "3.1.0" {
		t.Fatalf("openapi %q, %v", tree.OpenAPI, err)
	}
	for name := range tree.Components.Schemas {
		if _, err := d.schema("/components/schemas/" + name); err != nil {
			t.Error(err)
		}
	}
	for _, ref := range regexp.MustCompile(`"\$ref":"#/components/schemas/([^"]+)"`).FindAllStringSubmatch(string(d.raw), -1) {
		if tree.Components.Schemas[ref[1]] == nil {
			t.Errorf("nothing is called %s", ref[1])
		}
	}
}

// The page works offline and without script, and every problem's type leads to it.
func TestDocsPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.want(http.StatusOK, nil, nil, http.MethodGet, "/billing/v1/docs", "", "Accept", "text/html,*/*;q=0.8")
	page := string(got.body)
	_, style, _ := strings.Cut(page, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	digest := sha256.Sum256([]byte(style))
	if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(digest[:])+"'") {
		t.Errorf("the policy %q does not let the style through", policy)
	}
	for _, bad := range []string{"<script", "src=", "url(", "href=\"http", "onclick", "{{", "ZgotmplZ"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if anchors[m[1]] {
			t.Errorf("two elements are called %s", m[1])
		}
		anchors[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(page, -1) {
		if !anchors[m[1]] {
			t.Errorf("a link leads to #%s, which there is not", m[1])
		}
	}
	for _, slug := range api.Slugs() {
		if !anchors[slug] {
			t.Errorf("the problem %s is not explained", slug)
		}
	}
	d, err := document()
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range d.tree.Paths {
		for _, op := range item {
			if !anchors[op.OperationID] {
				t.Errorf("the operation %s is not on the page", op.OperationID)
			}
		}
	}
	if n := strings.Count(page, "<h1"); n != 1 {
		t.Errorf("%d main headings", n)
	}
}

func TestStrayRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tc := range []struct {
		method, target string
		status, code   int
	}{
		{http.MethodGet, "/billing/v1/nothing", 404, 60},
		{http.MethodGet, "/billing/v1/subscriptions/", 404, 60},
		{http.MethodPut, "/billing/v1/subscriptions", 405, 61},
	} {
		got := w.call(w.admin, tc.method, tc.target, "")
		if p := problemOf(t, got); got.status != tc.status || p.Code != tc.code || got.header.Get("X-Request-Id") == "" {
			t.Errorf("%s %s answers %s", tc.method, tc.target, got)
		}
	}
	w.want(http.StatusNotAcceptable, nil, w.admin, http.MethodGet, "/billing/v1/offers", "", "Accept", "application/xml")
	w.want(http.StatusNotFound, nil, nil, http.MethodGet, "/billing/v1/contexts/Nothing", "")
}

func TestTokenEndpoint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := []string{"Content-Type", "application/x-www-form-urlencoded"}
	in := "grant_type=client_credentials&client_id=" + w.admin.id + "&client_secret="
	got := w.want(http.StatusOK, nil, nil, http.MethodPost, api.TokenPath, in+w.admin.secret, form...)
	if got.header.Get("Cache-Control") != "no-store" || !strings.Contains(string(got.body), `"token_type":"Bearer"`) {
		t.Errorf("%v %s", got.header, got)
	}
	w.want(http.StatusUnauthorized, nil, nil, http.MethodPost, api.TokenPath, in+"wrong", form...)
	w.want(http.StatusBadRequest, nil, nil, http.MethodPost, api.TokenPath, "grant_type=password&client_id="+w.admin.id+"&client_secret="+w.admin.secret, form...)
	if got := w.bare(nil, http.MethodGet, api.TokenPath, ""); got.status != http.StatusMethodNotAllowed {
		t.Errorf("%s", got)
	}
	if got := w.bare(nil, http.MethodPost, api.TokenPath, strings.Repeat("x", 20<<10), form...); got.status != http.StatusRequestEntityTooLarge {
		t.Errorf("%s", got)
	}
	u := w.writer()
	w.want(http.StatusOK, nil, w.admin, http.MethodPost, "/billing/v1/clients/"+u.id+"/suspend", "")
	in = "grant_type=client_credentials&client_id=" + u.id + "&client_secret=" + u.secret
	w.want(http.StatusUnauthorized, nil, nil, http.MethodPost, api.TokenPath, in, form...)
}

// No text of a caller reaches a database that would choke on it (PostgreSQL takes neither NUL nor what is no UTF-8).
func TestTextsThatNoDatabaseTakes(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			c := &clock{at: noon}
			s := openStore(t, engine.Address(t), c.now)
			t.Cleanup(func() { _ = s.Close() })
			w := worldOver(t, s, c)
			w.catalogue([]string{"A"}, "E")
			for _, bad := range []string{"%00", "a%00b", "%ff", "%ed%a0%80"} {
				w.want(http.StatusBadRequest, nil, w.admin, http.MethodGet, "/billing/v1/subscriptions?text="+bad, "")
				w.want(http.StatusNotFound, nil, w.admin, http.MethodGet, "/billing/v1/subscriptions/"+bad, "")
				w.want(http.StatusUnauthorized, nil, nil, http.MethodPost, api.TokenPath,
					"grant_type=client_credentials&client_secret=x&client_id="+bad, "Content-Type", "application/x-www-form-urlencoded")
			}
			for _, field := range []string{"offer", "envelope", "reference", "label", "periodicity"} {
				body := regexp.MustCompile(`"`+field+`":"[^"]*"`).ReplaceAllString(simple("A", "E", "r", "2026-01-01", "1"), `"`+field+`":"a\u0000"`)
				w.want(http.StatusBadRequest, nil, w.admin, http.MethodPost, "/billing/v1/subscriptions", body)
			}
			for _, key := range []string{"\x00", "\xff"} {
				w.want(http.StatusBadRequest, nil, w.admin, http.MethodGet, "/billing/v1/offers", "", "X-Reason", key)
			}
			odd := strings.Repeat("é😀\u202e", 20)
			w.create(w.admin, simple("A", "E", odd, "2026-01-01", "1"))
		})
	}
}
