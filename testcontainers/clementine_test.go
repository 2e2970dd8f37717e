package clementine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"

	clementine "github.com/clementine-ope/clementine/testcontainers"
)

// orange starts the mock Orange, or leaves the test out where there is no engine or no image (make image builds it).
func orange(t *testing.T, options ...testcontainers.ContainerCustomizer) *clementine.Container {
	t.Helper()
	image := "clementine:latest"
	if named := os.Getenv("CLEMENTINE_IMAGE"); named != "" {
		image = named
	}
	c, err := clementine.Run(t.Context(), image, options...)
	if c != nil {
		testcontainers.CleanupContainer(t, c)
	}
	if err != nil && os.Getenv("REQUIRE_ALL") == "" {
		t.Skipf("left out: no container engine, or no image %s: %v", image, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// partner is a partner in little: it acknowledges an order and tells the end of it by an event.
type partner struct {
	orange *clementine.Container
	done   chan error
}

func (p partner) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var order map[string]any
	if err := json.NewDecoder(r.Body).Decode(&order); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	order["id"], order["state"] = "order-1", "acknowledged"
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(order)
	order["state"] = "completed"
	go func() { p.done <- p.deliver(order) }()
}

func (p partner) deliver(order map[string]any) error {
	token, err := post(p.orange.TokenURL, "application/x-www-form-urlencoded", url.Values{"grant_type": {"client_credentials"}}.Encode(),
		func(r *http.Request) { r.SetBasicAuth(p.orange.ClientID, p.orange.ClientSecret) })
	if err != nil {
		return err
	}
	event, err := json.Marshal(map[string]any{"type": "completedStateNotification", "time": time.Now().UTC().Format(time.RFC3339), "resource": order})
	if err != nil {
		return err
	}
	_, err = post(p.orange.GatewayURL+"/mba2-beta/productordering/v2/event", "application/json", string(event),
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+fmt.Sprint(token["access_token"])) })
	return err
}

func post(address, contentType, body string, with func(*http.Request)) (map[string]any, error) {
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", contentType)
	with(req)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s answers %s: %s (%w)", address, res.Status, raw, err)
	}
	var out map[string]any
	return out, json.Unmarshal(raw, &out)
}

const order = `{"externalReference":{"type":"orange","id":"R-1"},"customer":{"externalReference":{"type":"orange","id":"C-1"},"tradingName":"Acme"}}`

// An asynchronous order, from Orange's call to the event that ends it.
func TestAsynchronousOrder(t *testing.T) {
	c := orange(t, clementine.WithPartner(clementine.Partner{ClientID: "acme", ClientSecret: "s+cr/et="}))
	if c.ClientID != "acme" || c.ClientSecret != "s+cr/et=" {
		t.Fatalf("credentials %q, %q", c.ClientID, c.ClientSecret)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	p := partner{orange: c, done: make(chan error, 1)}
	server := httptest.NewServer(p)
	defer server.Close()

	answer, err := post(server.URL+"/productordering/v2/productOrder", "application/json", order, func(*http.Request) {})
	if err != nil || answer["state"] != "acknowledged" {
		t.Fatalf("the partner answers %v, %v", answer, err)
	}
	event, err := c.Control.WaitForEvent(ctx, 0, func(e clementine.Call) bool { return strings.Contains(string(e.Body), "order-1") })
	if err != nil {
		t.Fatal(err)
	}
	if err := <-p.done; err != nil {
		t.Fatal(err)
	}
	if event.Offer != "mba2-beta" || event.API != "productordering" || event.Status != http.StatusCreated ||
		event.Auth.State != "valid" || event.Auth.Application != "acme" || len(event.Violations) > 0 {
		t.Errorf("the event arrived as %+v", event)
	}
}

// A gateway on a bad day, then a fresh one.
func TestFaultAndReset(t *testing.T) {
	c := orange(t)
	p := partner{orange: c}
	ctx := t.Context()
	armed, err := c.Control.AddFault(ctx, clementine.Fault{Kind: "server-error", Times: -1})
	if err != nil || armed.ID == "" {
		t.Fatalf("%+v, %v", armed, err)
	}
	resource := map[string]any{"id": "order-2", "state": "completed"}
	if err := p.deliver(resource); err == nil || !strings.Contains(err.Error(), "500") {
		t.Errorf("with a fault: %v", err)
	}
	if all, err := c.Control.Faults(ctx); err != nil || len(all) != 1 || all[0].Fault != armed || all[0].Acted == 0 {
		t.Errorf("armed are %+v, %v", all, err)
	}
	if err := c.Control.RemoveFault(ctx, armed.ID); err != nil {
		t.Error(err)
	}
	if err := p.deliver(resource); err != nil {
		t.Errorf("without it: %v", err)
	}
	if calls, err := c.Control.Journal(ctx, 0); err != nil || len(calls) != 4 {
		t.Errorf("%d calls, %v; want two token requests and two events", len(calls), err)
	}
	if err := c.Control.Reset(ctx); err != nil {
		t.Error(err)
	}
	if calls, err := c.Control.Journal(ctx, 0); err != nil || len(calls) != 0 {
		t.Errorf("%d calls after a reset, %v", len(calls), err)
	}
}
