package main_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
	"github.com/clementine-ope/clementine/internal/devca"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		code   int
		says   string
	}{
		{"well", http.StatusOK, clementine.ExitPassed, "well: "},
		{"asked for what it does not have", http.StatusNotFound, clementine.ExitPassed, "404 Not Found"},
		{"sends elsewhere", http.StatusFound, clementine.ExitPassed, "302 Found"},
		{"not ready", http.StatusServiceUnavailable, clementine.ExitCannotJudge, "not well: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "http://127.0.0.1:1/")
				w.WriteHeader(tt.status)
			}))
			t.Cleanup(server.Close)
			got := command(t, nil, "", "health", server.URL)
			if got.code != tt.code || !strings.Contains(got.out+got.errOut, tt.says) {
				t.Errorf("exit %d, want %d: %s%s", got.code, tt.code, got.out, got.errOut)
			}
		})
	}
}

// HTTPS, the operators' address included: whoever is told the authority gets in, others are told why not.
func TestHealthOverTLS(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ca, err := devca.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	cert, key := pairIn(t, ca)
	said := background(t, "metrics and health", "partner", "--listen", "127.0.0.1:0", "--operations", "127.0.0.1:0",
		"--tls", "--tls-dir", dir, "--client-ca", ca.Path())
	served := secureAddress.FindAllString(said, -1)
	if len(served) < 2 {
		t.Fatalf("want HTTPS at both addresses:\n%s", said)
	}
	partner, operators := served[0]+"/ping", served[len(served)-1]+"/readyz"
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"operators", []string{operators, "--ca", ca.Path()}, clementine.ExitPassed, "200 OK"},
		{"partner", []string{partner, "--ca", ca.Path(), "--cert", cert, "--key", key}, clementine.ExitPassed, "200 OK"},
		{"no authority", []string{operators}, clementine.ExitCannotJudge, "unknown authority"},
		{"no certificate", []string{partner, "--ca", ca.Path()}, clementine.ExitCannotJudge, "certificate required"},
		{"half a pair", []string{partner, "--cert", cert}, clementine.ExitUsage, "--cert and --key go together"},
		{"no such file", []string{operators, "--ca", "no-such.pem"}, clementine.ExitUsage, "--ca: open no-such.pem"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := command(t, nil, "", append([]string{"health"}, tt.args...)...)
			if got.code != tt.code || !strings.Contains(got.out+got.errOut, tt.says) {
				t.Errorf("exit %d, want %d and %q: %s%s", got.code, tt.code, tt.says, got.out, got.errOut)
			}
		})
	}
}

func TestHealthOfNobody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	if got := command(t, nil, "", "health", server.URL); got.code != clementine.ExitCannotJudge || !strings.Contains(got.errOut, "refused") {
		t.Errorf("exit %d: %s", got.code, got.errOut)
	}
	if got := command(t, nil, "", "health", "http://\x7f"); got.code != clementine.ExitUsage {
		t.Errorf("exit %d: %s", got.code, got.errOut)
	}
}
