package main_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
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
