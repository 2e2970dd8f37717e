package mockorange_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/fault"
)

const gatewayDoc = "../docs/gateway.md"

func readDoc(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(gatewayDoc)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// example is one curl line of the documentation and the status that it promises.
type example struct {
	line, status, method, url, body string
	header                          http.Header
	user, password                  string
}

var word = regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)

// parse reads the few options that the documentation uses; another one is an error.
func parse(line string) (example, error) {
	e := example{line: line, method: http.MethodGet, header: http.Header{}}
	call, status, ok := strings.Cut(line, " # ")
	if e.status = status; !ok || len(status) != 3 {
		return e, fmt.Errorf("no status behind it: %s", line)
	}
	words := word.FindAllString(call, -1)
	for i, w := range words {
		if len(w) > 1 && (w[0] == '\'' || w[0] == '"') {
			words[i] = w[1 : len(w)-1]
		}
	}
	given := ""
	for i := 1; i < len(words); i++ {
		option := words[i]
		if !strings.HasPrefix(option, "-") {
			e.url = option
			continue
		}
		if i++; i == len(words) {
			return e, fmt.Errorf("nothing behind %s: %s", option, line)
		}
		switch value := words[i]; option {
		case "-X":
			given = value
		case "-d":
			e.body, e.method = value, http.MethodPost
			if e.header.Get("Content-Type") == "" {
				e.header.Set("Content-Type", formType)
			}
		case "-H":
			name, text, _ := strings.Cut(value, ": ")
			e.header.Set(name, text)
		case "-u":
			e.user, e.password, _ = strings.Cut(value, ":")
		default:
			return e, fmt.Errorf("option %s: %s", option, line)
		}
	}
	if given != "" {
		e.method = given
	}
	return e, nil
}

// examples are the curl lines of the documentation, in order.
func examples(t *testing.T) []example {
	t.Helper()
	var out []example
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(readDoc(t), -1) {
		for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", "")) {
			e, err := parse(strings.TrimSpace(line))
			if err != nil || !strings.HasPrefix(line, "curl ") {
				t.Fatalf("%q: %v", line, err)
			}
			out = append(out, e)
		}
	}
	return out
}

// What the documentation shows can be typed as it stands, and gets the status that stands behind it.
func TestDocumentedCalls(t *testing.T) {
	t.Parallel()
	m, _ := withControl(t, mockorange.Options{Applications: []mockorange.Application{{ClientID: "clementine", Secret: "demo-secret"}}})
	all := examples(t)
	if len(all) < 25 {
		t.Fatalf("only %d examples found", len(all))
	}
	token := ""
	for _, e := range all {
		// The test's own demo application has another secret than that of serve.
		user := strings.Replace(e.user, "demo", "clementine", 1)
		place := strings.NewReplacer("http://127.0.0.1:8090", m.URL(), "http://127.0.0.1:8091", m.ControlURL(), "$TOKEN", token)
		req, err := http.NewRequestWithContext(t.Context(), e.method, place.Replace(e.url), strings.NewReader(e.body))
		if err != nil {
			t.Fatal(err)
		}
		for name := range e.header {
			req.Header.Set(name, place.Replace(e.header.Get(name)))
		}
		if user != "" {
			req.SetBasicAuth(user, e.password)
		}
		res, err := m.client.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", e.line, err)
		}
		var answer struct {
			AccessToken string `json:"access_token"`
		}
		if strings.HasSuffix(e.url, tokenPath) {
			err = json.NewDecoder(res.Body).Decode(&answer)
		}
		if err := res.Body.Close(); err != nil {
			t.Error(err)
		}
		if got := fmt.Sprint(res.StatusCode); got != e.status || err != nil {
			t.Errorf("%s: got %s, %v", e.line, got, err)
		}
		if answer.AccessToken != "" {
			token = answer.AccessToken
		}
	}
}

// Each fault has a section with an example that arms it, and each section is about one.
func TestEveryFaultIsDocumented(t *testing.T) {
	t.Parallel()
	doc := readDoc(t)
	documented := map[string]bool{}
	for _, section := range regexp.MustCompile("(?m)^### `([a-z-]+)`$").FindAllStringSubmatch(doc, -1) {
		documented[section[1]] = true
	}
	want := map[string]bool{}
	for _, k := range fault.Kinds() {
		want[string(k)] = true
		_, section, _ := strings.Cut(doc, "### `"+string(k)+"`\n")
		section, _, _ = strings.Cut(section, "\n### ")
		if !strings.Contains(section, `{"kind": "`+string(k)+`"`) {
			t.Errorf("%s: no example arms it", k)
		}
	}
	if d := cmp.Diff(want, documented); d != "" {
		t.Errorf("sections (-faults +documented):\n%s", d)
	}
}

// Each call of the control port is in the documentation.
func TestEveryControlCallIsDocumented(t *testing.T) {
	t.Parallel()
	routes, err := os.ReadFile("routes.go")
	if err != nil {
		t.Fatal(err)
	}
	doc := readDoc(t)
	found := regexp.MustCompile(`"(/control/[a-z/]+)`).FindAllStringSubmatch(string(routes), -1)
	if len(found) < 9 {
		t.Fatalf("only %d routes found", len(found))
	}
	for _, r := range found {
		if !strings.Contains(doc, r[1]) {
			t.Errorf("%s is not documented", r[1])
		}
	}
}
