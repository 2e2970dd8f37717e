package main_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
)

const firstOrder = `{"externalReference":{"type":"orange","id":"order-1"},"category":"production",
	"customer":{"externalReference":{"type":"orange","id":"secret-customer"},"tradingName":"Secret"}}`

func post(t *testing.T, target, body string) (int, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode, response.Header
}

func TestPartnerIsOperated(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	out, log := watchFor("metrics and health"), watchFor("\n")
	code := make(chan int, 1)
	go func() {
		code <- clementine.Main(ctx, []string{
			"partner", "--log", "json", "--mode", "async", "--listen", "127.0.0.1:0", "--operations", "127.0.0.1:0",
			"--gateway", "http://127.0.0.1:1", "--drain", "1s", "--database", filepath.Join(t.TempDir(), "partner.db"),
		}, func(string) string { return "" }, strings.NewReader(""), out, log)
	}()
	select {
	case <-out.seen:
	case got := <-code:
		t.Fatalf("ended with %d: %s", got, log)
	}
	urls := address.FindAllString(out.String(), -1)
	partner, operations := urls[0], urls[len(urls)-1]
	status, header := post(t, partner+"/productordering/v2/productOrder", firstOrder)
	if status/100 != 2 || header.Get("X-Request-Id") == "" {
		t.Errorf("the order is answered %d, %v", status, header)
	}
	if status, _ := get(t, partner+"/metrics"); status != http.StatusNotFound {
		t.Errorf("Orange's address answers %d to /metrics", status)
	}
	if status, text := get(t, operations+"/readyz"); status != http.StatusOK || text != "ready\n" {
		t.Errorf("/readyz: %d %s", status, text)
	}
	_, metrics := get(t, operations+"/metrics")
	for _, want := range []string{
		`clementine_partner_accepted_total{answer=`, `clementine_outbox_tasks{queue="partner events",state="parked"} 0`,
		`clementine_http_requests_total{method="POST",route="/productordering/v2/productOrder",server="partner",status="20`,
		`go_sql_open_connections{db_name="partner"}`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	stop()
	// Being told to stop, it says so and still answers.
	text := ""
	for end := time.Now().Add(5 * time.Second); text != "going down\n" && time.Now().Before(end); {
		_, text = get(t, operations+"/readyz")
	}
	if alive, _ := get(t, operations+"/healthz"); text != "going down\n" || alive != http.StatusOK {
		t.Errorf("told to stop: /readyz %q, /healthz %d", text, alive)
	}
	if status, _ := get(t, partner+"/ping"); status != http.StatusOK {
		t.Errorf("told to stop, ping answers %d", status)
	}
	if got := <-code; got != clementine.ExitPassed {
		t.Errorf("ended with %d: %s", got, log)
	}
	said := log.String()
	if !strings.Contains(said, `"route":"/productordering/v2/productOrder","status":20`) || !strings.Contains(said, `"reference":"order-1"`) ||
		!strings.Contains(said, header.Get("X-Request-Id")) {
		t.Errorf("the log lacks the request:\n%s", said)
	}
	if strings.Contains(said, "Secret") || strings.Contains(said, "demo-secret") {
		t.Errorf("the log shows contents:\n%s", said)
	}
}

func TestServeIsOperated(t *testing.T) {
	t.Parallel()
	said := background(t, "beside it", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0")
	urls := address.FindAllString(said, -1)
	gateway, control := urls[0], urls[len(urls)-1]
	if status, header := post(t, gateway+"/mba2/productordering/v2/event", "{}"); status != http.StatusUnauthorized || header.Get("X-Request-Id") != "" {
		t.Errorf("the gateway answers %d, %v", status, header)
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, _ := get(t, control+path); status != http.StatusOK {
			t.Errorf("%s: %d", path, status)
		}
	}
	const want = `clementine_http_requests_total{method="POST",route="/:offer/productordering/v2/event",server="orange",status="401"} 1`
	if _, metrics := get(t, control+"/metrics"); !strings.Contains(metrics, want) {
		t.Errorf("/metrics lacks %s:\n%s", want, metrics)
	}
	if status, _ := get(t, gateway+"/metrics"); status != http.StatusNotFound {
		t.Errorf("the partners' port answers %d to /metrics", status)
	}
}
