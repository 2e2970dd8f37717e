package customerspace_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// The document is OpenAPI 3.1, and describes what is served, all of it, and nothing else.
func TestOpenAPIDescribesTheRouter(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	d, raw := describe(t, s.api)
	if err := d.Validate(t.Context()); err != nil || d.OpenAPI != "3.1.0" {
		t.Errorf("openapi %s: %v", d.OpenAPI, err)
	}
	served := map[string]bool{}
	for _, r := range s.api.Routes() {
		path := regexp.MustCompile(`:([A-Za-z]+)`).ReplaceAllString(r.Path, "{$1}")
		served[r.Method+" "+path] = true
		if item := d.Paths.Value(path); item == nil || item.GetOperation(r.Method) == nil {
			t.Errorf("%s %s is served and not described", r.Method, r.Path)
		}
	}
	ids := map[string]bool{}
	for path, item := range d.Paths.Map() {
		for method, op := range item.Operations() {
			if !served[method+" "+path] {
				t.Errorf("%s %s is described and not served", method, path)
			}
			if op.OperationID == "" || ids[op.OperationID] {
				t.Errorf("%s %s: operation id %q", method, path, op.OperationID)
			}
			ids[op.OperationID] = true
		}
	}
	if len(served) < 12 || !strings.Contains(string(raw), "comsumptionRatedReports") {
		t.Errorf("only %d routes", len(served))
	}
}

// The page works offline and without script, and has every operation and every code.
func TestDocsPage(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	got := s.bare(http.MethodGet, "/docs", "")
	if got.status != http.StatusOK {
		t.Fatal(got)
	}
	_, style, _ := strings.Cut(got.body, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	digest := sha256.Sum256([]byte(style))
	if policy := got.header.Get("Content-Security-Policy"); !strings.Contains(policy, "'sha256-"+base64.StdEncoding.EncodeToString(digest[:])+"'") {
		t.Errorf("the policy %q does not let the style through", policy)
	}
	for _, bad := range []string{"<script", "src=", "url(", "href=\"http", "onclick", "{{", "ZgotmplZ"} {
		if strings.Contains(got.body, bad) {
			t.Errorf("the page holds %s", bad)
		}
	}
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(got.body, -1) {
		if anchors[m[1]] {
			t.Errorf("two elements are called %s", m[1])
		}
		anchors[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(got.body, -1) {
		if !anchors[m[1]] {
			t.Errorf("a link leads to #%s, which there is not", m[1])
		}
	}
	d, _ := describe(t, s.api)
	for _, item := range d.Paths.Map() {
		for _, op := range item.Operations() {
			if !anchors[op.OperationID] {
				t.Errorf("the operation %s is not on the page", op.OperationID)
			}
		}
	}
	for _, code := range []string{"21", "22", "23", "24", "25", "26", "28", "40", "41", "42", "50", "52", "53", "60"} {
		if !anchors["code-"+code] {
			t.Errorf("code %s is not explained", code)
		}
	}
}
