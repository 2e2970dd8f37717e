package main_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
)

var address = regexp.MustCompile(`http://[0-9.:]+`)

// background runs a command until the test ends, and returns what it printed once word has come.
func background(t *testing.T, word string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, errOut := watchFor(word), watchFor("\n")
	code := make(chan int, 1)
	go func() {
		code <- clementine.Main(ctx, args, func(string) string { return "" }, strings.NewReader(""), out, errOut)
	}()
	t.Cleanup(func() {
		cancel()
		if got := <-code; got != clementine.ExitPassed {
			t.Errorf("%v ended with %d: %s", args, got, errOut)
		}
	})
	select {
	case <-out.seen:
	case got := <-code:
		code <- got
		t.Fatalf("%v ended with %d: %s", args, got, errOut)
	}
	return out.String()
}

func get(t *testing.T, target string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestServeUntilStopped(t *testing.T) {
	t.Parallel()
	said := background(t, "control", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0")
	if !strings.Contains(said, "in memory") {
		t.Errorf("it does not say that nothing is kept:\n%s", said)
	}
	urls := address.FindAllString(said, -1)
	gateway, control := urls[0], urls[len(urls)-1]
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, gateway+"/oauth/v3/token",
		strings.NewReader(url.Values{"grant_type": {"client_credentials"}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("demo", "demo-secret")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the token server answers %d", response.StatusCode)
	}
	// A call is journalled once its answer is written, which may be after it is read here.
	status, journal := get(t, control+"/control/journal")
	for end := time.Now().Add(5 * time.Second); !strings.Contains(journal, `"token"`) && time.Now().Before(end); {
		status, journal = get(t, control+"/control/journal")
	}
	if status != http.StatusOK || !strings.Contains(journal, `"token"`) {
		t.Errorf("the journal answers %d, %s", status, journal)
	}
}

func TestPartnerUntilStopped(t *testing.T) {
	t.Parallel()
	said := background(t, "tokens come from", "partner", "--listen", "127.0.0.1:0", "--mode", "async")
	if !strings.Contains(said, "async") || !strings.Contains(said, "http://127.0.0.1:8090/oauth/v3/token") {
		t.Errorf("it says:\n%s", said)
	}
	if status, _ := get(t, address.FindString(said)+"/ping"); status != http.StatusOK {
		t.Errorf("ping answers %d", status)
	}
}

func TestAddressInUse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	for _, args := range [][]string{
		{"serve", "--listen", addr, "--control", "127.0.0.1:0"},
		{"serve", "--listen", "127.0.0.1:0", "--control", addr},
		{"partner", "--listen", addr},
	} {
		got := command(t, nil, "", args...)
		if got.code != clementine.ExitUsage || !strings.Contains(got.errOut, addr) || !strings.Contains(got.errOut, "is in use") {
			t.Errorf("%v: exit %d, %q", args, got.code, got.errOut)
		}
	}
}
