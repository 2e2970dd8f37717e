package reports_test

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/reports"
)

func TestCurl(t *testing.T) {
	t.Parallel()
	message := func(method, url, body string, headers ...string) reports.Exchange {
		e := reports.Exchange{ID: 7, Request: reports.Message{Method: method, URL: url, Headers: map[string][]string{}}}
		for i := 0; i < len(headers); i += 2 {
			e.Request.Headers[headers[i]] = []string{headers[i+1]}
		}
		if body != "" {
			e.Request.Body = text(body)
		}
		return e
	}
	binary := message("POST", "http://p/x", "")
	binary.Request.Body = &reports.Body{Base64: "//8=", Bytes: 2}
	cut := message("POST", "http://p/x", "abc")
	cut.Request.Body.Bytes, cut.Request.Body.Truncated = 5000, true
	for _, tt := range []struct {
		name string
		e    reports.Exchange
		want string
	}{
		{"a consultation", message("GET", "http://p/userService?id=A,B", ""), `curl -sS -i -g --url 'http://p/userService?id=A,B'`},
		{"an order", message("POST", "http://p/o", `{"a":"l'été"}`, "Content-Type", "application/json", "Content-Length", "9", "User-Agent", "x"),
			`curl -sS -i -g -X POST --url http://p/o -H 'Content-Type: application/json' --data-raw '{"a":"l'\''été"}'`},
		{"an event without host", message("POST", "/mba2/productordering/v2/event", "{}", "Authorization", "Bearer ***3f2a9c"),
			`curl -sS -i -g -X POST --url "$GATEWAY"/mba2/productordering/v2/event -H 'Authorization: Bearer '"$TOKEN" --data-raw '{}'`},
		{"basic", message("GET", "http://p/", "", "Authorization", "Basic ***3f2a9c"), `curl -sS -i -g --url http://p/ -H 'Authorization: Basic '"$CREDENTIALS"`},
		{"a scheme-less secret", message("GET", "http://p/", "", "Authorization", "***3f2a9c"), `curl -sS -i -g --url http://p/ -H 'Authorization: '"$CREDENTIALS"`},
		{"a key", message("GET", "http://p/", "", "X-Api-Key", "***3f2a9c"), `curl -sS -i -g --url http://p/ -H 'X-Api-Key: '"$X_API_KEY"`},
		{"an empty header", message("GET", "http://p/", "", "X-A", ""), `curl -sS -i -g --url http://p/ -H 'X-A;'`},
		{"a header that curl would read from a file", message("GET", "http://p/", "", "@/etc/passwd", "x"), `curl -sS -i -g --url http://p/`},
		{"control characters", message("POST", "http://p/", "a\x1b[2J\nb'\u202e\\"), `curl -sS -i -g -X POST --url http://p/ --data-raw $'a\033[2J\nb\'\342\200\256\\'`},
		{"binary", binary, `curl -sS -i -g -X POST --url http://p/x --data-binary @exchange-7.body # exchange-7.body: 2 bytes, see exchange 7 in results.json`},
		{"cut", cut, `curl -sS -i -g -X POST --url http://p/x --data-binary @exchange-7.body # exchange-7.body: 5000 bytes, see exchange 7 in results.json (recorded only in part)`},
		{"long", message("POST", "http://p/x", strings.Repeat("x", 9000)),
			`curl -sS -i -g -X POST --url http://p/x --data-binary @exchange-7.body # exchange-7.body: 9000 bytes, see exchange 7 in results.json`},
		{"head", message("HEAD", "http://p/x", ""), `curl -sS -i -g -I --url http://p/x`},
		{"another scheme", message("GET", "file:///etc/passwd", ""), `# no HTTP request was recorded`},
		{"nothing", reports.Exchange{}, `# no HTTP request was recorded`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, reports.Curl(tt.e)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestCurlInAShell lets bash split the line: each hostile value must arrive as one argument, unchanged.
func TestCurlInAShell(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		if os.Getenv("REQUIRE_ALL") != "" {
			t.Fatal("bash is required and not installed")
		}
		t.Skip("no bash here to read the line")
	}
	for i, value := range []string{"plain", "l'été", "$(id)", "`id`", "; id #", "a\nb", "\x1b[2J", "'\n'", `\'`, "$'x'", "\u202e\\033", "-X", "@file", "a\tb\\n", "!!", "***"} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			e := reports.Exchange{Request: reports.Message{Method: "P" + value, URL: "http://p/" + value,
				Headers: map[string][]string{"X-A": {"v " + value}}, Body: text("b" + value)}}
			want := []string{"-sS", "-i", "-g", "-X", "P" + value, "--url", "http://p/" + value, "-H", "X-A: v " + value, "--data-raw", "b" + value}
			if strings.Contains(value, "***") {
				want[8] = "X-A: v SECRET"
			}
			cmd := exec.CommandContext(t.Context(), bash, "-c", `curl() { printf '%s\0' "$@"; }; X_A=SECRET; `+reports.Curl(e))
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
			if !slices.Equal(got, want) {
				t.Errorf("bash read\n%q, want\n%q", got, want)
			}
		})
	}
}
