package main_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/operations"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
	"github.com/clementine-ope/clementine/mockorange/ledger"
	"github.com/clementine-ope/clementine/mockorange/openapi"
	"github.com/clementine-ope/clementine/schemas"
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

// The documents name every route that there is, and no other.
func TestDescriptionsNameEveryRoute(t *testing.T) {
	t.Parallel()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	protocol, steering, err := mockorange.Routes(pack)
	if err != nil {
		t.Fatal(err)
	}
	steering = slices.Concat(steering, ledger.Routes(), customerspace.ControlRoutes(), operations.Routes(),
		[]string{"GET " + openapi.ControlPath, "GET " + openapi.ControlDocument})
	gateway, control := served(t)
	for at, routes := range map[string][]string{
		gateway + openapi.GatewayDocument: protocol,
		control + openapi.ControlDocument: steering,
	} {
		var described []string
		for path, item := range description(t, at).Paths.Map() {
			for method := range item.Operations() {
				described = append(described, method+" "+path)
			}
		}
		slices.Sort(described)
		slices.Sort(routes)
		if d := cmp.Diff(routes, described); d != "" {
			t.Errorf("%s: served (-), described (+):\n%s", at, d)
		}
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
