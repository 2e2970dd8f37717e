package main_test

import (
	"net/http"
	"testing"
)

// The bare address leads a browser to the console; a program that calls it is told that nothing is there.
func TestFrontDoor(t *testing.T) {
	t.Parallel()
	orange := address.FindString(background(t, "control", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"))
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for accept, want := range map[string]int{"text/html,application/xhtml+xml": http.StatusFound, "application/json": http.StatusNotFound, "*/*": http.StatusNotFound} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, orange+"/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept", accept)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %s, want %d", accept, response.Status, want)
		}
		if to := response.Header.Get("Location"); want == http.StatusFound && to != "/console/" {
			t.Errorf("%s: leads to %q", accept, to)
		}
	}
}
