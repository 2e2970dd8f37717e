package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// served starts the whole of Orange and returns the addresses of both ports.
func served(t *testing.T) (gateway, control string) {
	t.Helper()
	said := address.FindAllString(background(t, "control", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"), -1)
	return said[0], said[len(said)-1]
}

func description(t *testing.T, at string) *openapi3.T {
	t.Helper()
	status, body := get(t, at)
	d, err := openapi3.NewLoader().LoadFromData([]byte(body))
	if status != http.StatusOK || err != nil {
		t.Fatalf("%s: %d, %v", at, status, err)
	}
	if err := d.Validate(t.Context()); err != nil || d.OpenAPI != "3.1.0" {
		t.Errorf("%s: openapi %s: %v", at, d.OpenAPI, err)
	}
	return d
}

// What is described is served: nothing that a document names is answered as a path or a method that does not exist.
func TestGatewayAndControlPortAreAsDescribed(t *testing.T) {
	t.Parallel()
	gateway, control := served(t)
	for base, d := range map[string]*openapi3.T{
		gateway: description(t, gateway+"/docs/gateway/openapi.json"),
		control: description(t, control+"/control/openapi.json"),
	} {
		operations := 0
		for path, item := range d.Paths.Map() {
			for method, op := range item.Operations() {
				operations++
				status, body := ask(t, method, base+strings.NewReplacer("{offer}", "mba2", "{id}", "none", "{key}", "none").Replace(path))
				lost := status == http.StatusNotFound && op.Responses.Status(http.StatusNotFound) == nil
				if lost || status == http.StatusMethodNotAllowed {
					t.Errorf("%s %s is described, and answers %d: %s", method, path, status, body)
				}
				if op.OperationID == "" || op.Summary == "" {
					t.Errorf("%s %s has no operation id, or no summary", method, path)
				}
			}
		}
		if operations < 3 {
			t.Errorf("%s: only %d operations", base, operations)
		}
	}
}

// ask makes a call without a body and reads the beginning of what comes.
func ask(t *testing.T, method, target string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(nil))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		return response.StatusCode, "" // it goes on for ever
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, 200))
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// What the code serves on the control port is described: each path that stands in the sources of its parts.
func TestEveryControlPathIsDescribed(t *testing.T) {
	t.Parallel()
	_, control := served(t)
	raw, err := json.Marshal(description(t, control+"/control/openapi.json").Paths)
	if err != nil {
		t.Fatal(err)
	}
	literal := regexp.MustCompile(`"(/control/[A-Za-z/:]*|/metrics|/healthz|/readyz)"`)
	found := 0
	for _, pattern := range []string{"mockorange/*.go", "mockorange/ledger/*.go", "mockorange/customerspace/*.go", "internal/operations/*.go"} {
		files, err := filepath.Glob(filepath.Join("..", "..", pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", pattern, err)
		}
		for _, file := range files {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range literal.FindAllStringSubmatch(string(source), -1) {
				if strings.HasSuffix(file, "_test.go") {
					continue
				}
				found++
				if path := strings.ReplaceAll(m[1], ":id", "{id}"); !strings.Contains(string(raw), `"`+path+`"`) {
					t.Errorf("%s serves %s, which is not described", file, path)
				}
			}
		}
	}
	if found < 12 {
		t.Errorf("only %d paths found in the sources", found)
	}
}

func TestDescriptionsAreReadable(t *testing.T) {
	t.Parallel()
	gateway, control := served(t)
	for at, want := range map[string]string{gateway + "/docs/gateway": "Report the end of an order", control + "/control/docs": "Move the billing calendar"} {
		if status, page := get(t, at); status != http.StatusOK || !strings.Contains(page, want) || strings.Contains(page, "<script") {
			t.Errorf("%s: %d, without %q, or with a script", at, status, want)
		}
	}
}
