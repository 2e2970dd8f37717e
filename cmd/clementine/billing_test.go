package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	clementine "github.com/clementine-ope/clementine/cmd/clementine"
)

// block is one fenced block of a page, and the JSON that stands below it as its answer.
type block struct {
	code, answer string
}

func blocks(page string) []block {
	var out []block
	parts := strings.Split(page, "\n```")
	for i := 1; i+1 < len(parts); i += 2 {
		kind, text, _ := strings.Cut(parts[i], "\n")
		switch {
		case kind == "sh":
			out = append(out, block{code: text})
		case kind == "json" && len(out) > 0:
			out[len(out)-1].answer = text
		}
	}
	return out
}

// The lines of docs/billing.md, from a new client to its first yearly report.
func TestBillingPageRuns(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	said := background(t, "back-office", "billing", "serve", "--listen", "127.0.0.1:0", "--database", filepath.Join(folder, "billing.db"))
	runPage(t, "billing.md", folder, "clementine billing serve", strings.NewReplacer("http://127.0.0.1:8090", address.FindString(said)))
}

// runPage runs the lines of a page of the documentation in a folder, but for the command that runs already, and compares
// what they answer with what the page says. places puts in where the servers really are.
func runPage(t *testing.T, name, folder, running string, places *strings.Replacer) {
	t.Helper()
	shell := runtime(t, "bash")
	runtime(t, "curl")
	runtime(t, "jq")
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	script := "set -euo pipefail\nclementine() { " + asProgram + "=1 " + fmt.Sprintf("%q", self) + " \"$@\"; }\n"
	all := blocks(string(page))
	if len(all) < 8 {
		t.Fatalf("only %d blocks found", len(all))
	}
	answers := 0
	for i, b := range all {
		if strings.HasPrefix(b.code, running) {
			continue
		}
		script += "{\n" + b.code + "\n} > " + fmt.Sprintf("answer-%d", i) + "\n"
		if b.answer != "" {
			answers++
		}
	}
	if answers < 5 {
		t.Fatalf("only %d answers found", answers)
	}
	run := exec.CommandContext(t.Context(), shell, "-c", places.Replace(script))
	run.Dir = folder
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i, b := range all {
		if b.answer == "" {
			continue
		}
		got, err := os.ReadFile(filepath.Join(folder, fmt.Sprintf("answer-%d", i)))
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(jsonOf(t, []byte(b.answer)), jsonOf(t, got)); d != "" {
			t.Errorf("%s\nanswers %s: %s", b.code, got, d)
		}
	}
}

func jsonOf(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

const rowOfImport = `{"offer":"A","envelope":"E","reference":"r%d","label":"l","periodicity":"monthly","startDate":"2026-01-01","lines":[{"label":"x","quantity":"1","unitPrice":"2.5"}]}` + "\n"

func TestBillingCommands(t *testing.T) {
	t.Parallel()
	database := filepath.Join(t.TempDir(), "billing.db")
	demo := background(t, "back-office", "billing", "serve", "--listen", "127.0.0.1:0", "--demo", "--database", database)
	if strings.Count(demo, "demo: ") != 3 || !strings.Contains(demo, "kept in the database") {
		t.Errorf("it says:\n%s", demo)
	}
	run := func(code int, stdin string, args ...string) outcome {
		t.Helper()
		got := command(t, nil, stdin, append(append([]string{"billing"}, args...), "--database", database)...)
		if got.code != code {
			t.Errorf("%v: exit %d, %s%s", args, got.code, got.out, got.errOut)
		}
		return got
	}
	export := run(clementine.ExitPassed, "", "export", "--filter", "offer[]=FIBRE-PRO&offer[]=SAT-LINK", "--csv", "fr", "--bom")
	if lines := strings.Count(export.out, "\r\n"); lines < 20 || !strings.HasPrefix(export.out, "\ufeffid;offer;") {
		t.Errorf("%d lines: %.100s", lines, export.out)
	}
	run(clementine.ExitUsage, "", "export", "--filter", "ofer=A")
	rows := strings.ReplaceAll(strings.ReplaceAll(fmt.Sprintf(rowOfImport+rowOfImport+rowOfImport, 1, 2, 2), `"A"`, `"FIBRE-PRO"`), `"E"`, `"SITE-01"`)
	imported := run(clementine.ExitFailed, rows, "import")
	if !strings.Contains(imported.errOut, "2 created, 0 skipped, 1 rejected") || strings.Count(imported.out, "\n") != 3 {
		t.Errorf("%s%s", imported.out, imported.errOut)
	}
	run(clementine.ExitPassed, rows, "import", "--on-duplicate", "skip")
	run(clementine.ExitUsage, "", "import", filepath.Join(t.TempDir(), "none.jsonl"))
	if report := run(clementine.ExitPassed, "", "reconcile"); !strings.Contains(report.out, `"clean":true`) || !strings.Contains(report.out, `"subscriptions":608`) {
		t.Errorf("%s", report.out)
	}
	run(clementine.ExitUsage, "", "client", "add", "--name", "n", "--offers", "NONE")
	var credentials map[string]string
	added := run(clementine.ExitPassed, "", "client", "add", "--name", "n", "--offers", "FIBRE-PRO,SAT-LINK", "--role", "writer")
	if err := json.Unmarshal([]byte(added.out), &credentials); err != nil || len(credentials) != 2 || credentials["clientSecret"] == "" {
		t.Errorf("%s: %v", added.out, err)
	}
	again := background(t, "back-office", "billing", "serve", "--listen", "127.0.0.1:0", "--demo", "--database", database)
	if !strings.Contains(again, "nothing is added") {
		t.Errorf("it says:\n%s", again)
	}
}

// What one database exports as JSON Lines another imports as it is: over the API what the command line wrote, and the other way round.
func TestAnExportOfBillingMovesToAnotherDatabase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	run := func(stdin, database string, args ...string) outcome {
		t.Helper()
		got := command(t, nil, stdin, append(append([]string{"billing"}, args...), "--database", filepath.Join(folder, database))...)
		if got.code != clementine.ExitPassed {
			t.Fatalf("%v: exit %d, %s%s", args, got.code, got.out, got.errOut)
		}
		return got
	}
	all := []string{"export", "--format", "jsonl", "--filter", "order[reference]=asc"}
	background(t, "back-office", "billing", "serve", "--listen", "127.0.0.1:0", "--demo", "--database", filepath.Join(folder, "first.db"))
	first := run("", "first.db", all...).out
	said := background(t, "back-office", "billing", "serve", "--listen", "127.0.0.1:0", "--database", filepath.Join(folder, "second.db"))
	var credentials struct{ ClientID, ClientSecret string }
	if err := json.Unmarshal([]byte(run("", "second.db", "client", "add", "--name", "n", "--role", "admin").out), &credentials); err != nil {
		t.Fatal(err)
	}
	base := address.FindString(said)
	token := tokenOf(t, base, credentials.ClientID, credentials.ClientSecret)
	call := func(method, path, media, body string) string {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), method, base+"/billing/v1"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		request.Header.Set("Content-Type", media)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var answer bytes.Buffer
		if _, err := answer.ReadFrom(response.Body); err != nil || response.StatusCode >= 300 {
			t.Fatalf("%s %s: %d %s, %v", method, path, response.StatusCode, answer.String(), err)
		}
		return answer.String()
	}
	for code, currency := range namesIn(t, first, "offer") {
		call(http.MethodPost, "/offers", "application/json", fmt.Sprintf(`{"code":%q,"name":"n","currency":%q}`, code, currency))
	}
	for code := range namesIn(t, first, "envelope") {
		call(http.MethodPost, "/envelopes", "application/json", fmt.Sprintf(`{"code":%q,"label":"l"}`, code))
	}
	rows := strings.Count(first, "\n")
	if results := call(http.MethodPost, "/imports", "application/x-ndjson", first); rows < 500 || strings.Count(results, `"outcome":"created"`) != rows {
		t.Fatalf("%d rows: %.2000s", rows, results)
	}
	second := call(http.MethodGet, "/subscriptions?format=jsonl&order[reference]=asc", "application/json", "")
	third := run("", "second.db", all...).out
	if d := cmp.Diff(lastingOf(t, first), lastingOf(t, second)); d != "" {
		t.Errorf("over the API (-first +second):\n%.3000s", d)
	}
	if d := cmp.Diff(second, third); d != "" {
		t.Errorf("API and command line export differently:\n%.3000s", d)
	}
	if got := run(second, "first.db", "import", "--on-duplicate", "skip"); !strings.Contains(got.errOut, fmt.Sprintf("0 created, %d skipped, 0 rejected", rows)) {
		t.Errorf("imported where it came from: %s", got.errOut)
	}
}

func rowsOf(t *testing.T, lines string) []map[string]any {
	t.Helper()
	var rows []map[string]any
	for line := range strings.Lines(lines) {
		rows = append(rows, jsonOf(t, []byte(line)).(map[string]any))
	}
	return rows
}

// namesIn are the codes that an export names, and the currency of each.
func namesIn(t *testing.T, lines, field string) map[string]any {
	t.Helper()
	codes := map[string]any{}
	for _, row := range rowsOf(t, lines) {
		codes[row[field].(string)] = row["currency"]
	}
	return codes
}

// lastingOf is an export without what a store gives anew, by reference: of two that are alike in it, order says nothing.
func lastingOf(t *testing.T, lines string) map[string]map[string]any {
	t.Helper()
	rows := map[string]map[string]any{}
	for _, row := range rowsOf(t, lines) {
		for _, given := range []string{"id", "version", "createdBy", "createdAt", "updatedAt"} {
			delete(row, given)
		}
		for _, hold := range row["holds"].([]any) {
			delete(hold.(map[string]any), "id")
		}
		rows[fmt.Sprint(row["offer"], row["envelope"], row["reference"], row["startDate"])] = row
	}
	return rows
}

func TestBillingRefusesADatabaseThatIsNone(t *testing.T) {
	t.Parallel()
	got := command(t, nil, "", "billing", "reconcile", "--database", write(t, "not.db", strings.Repeat("this is no database\n", 100)))
	if got.code != clementine.ExitUsage || !strings.Contains(got.errOut, "not.db") {
		t.Errorf("exit %d, %s", got.code, got.errOut)
	}
}

// Partner applications and billing clients share the token path, and neither's token opens what is the other's.
func TestServeKeepsTheTwoRegistriesApart(t *testing.T) {
	t.Parallel()
	said := background(t, "control", "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--demo")
	base := address.FindString(said)
	_, rest, _ := strings.Cut(said, "administrator, id ")
	id, rest, _ := strings.Cut(rest, ", secret ")
	secret, _, _ := strings.Cut(rest, "\n")
	partner, customer := tokenOf(t, base, "demo", "demo-secret"), tokenOf(t, base, id, secret)
	for _, tc := range []struct {
		name, method, path, token string
		status, code              int
	}{
		{"billing's own", http.MethodGet, "/billing/v1/offers", customer, 200, 0},
		{"a partner's at billing", http.MethodGet, "/billing/v1/offers", partner, 401, 41},
		{"billing's at the gateway", http.MethodPost, "/mba2/productordering/v2/event", customer, 401, 41},
		{"a partner's own", http.MethodPost, "/mba2/productordering/v2/event", partner, 400, 21},
	} {
		request, err := http.NewRequestWithContext(t.Context(), tc.method, base+tc.path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+tc.token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		if _, err := body.ReadFrom(response.Body); err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != tc.status || tc.code != 0 && !strings.Contains(body.String(), fmt.Sprintf(`"code":%d`, tc.code)) {
			t.Errorf("%s: %d %s", tc.name, response.StatusCode, body.String())
		}
	}
	if status, page := get(t, base+"/backoffice/"); status != http.StatusOK || !strings.Contains(page, "<html") {
		t.Errorf("the back-office answers %d", status)
	}
}

func tokenOf(t *testing.T, base, id, secret string) string {
	t.Helper()
	response, err := http.PostForm(base+"/oauth/v3/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var body struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil || body.AccessToken == "" {
		t.Fatalf("no token for %s: %d, %v", id, response.StatusCode, err)
	}
	return body.AccessToken
}
