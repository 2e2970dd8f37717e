package main_test

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// serveOrange starts serve and returns where its gateway and its control port are.
func serveOrange(t *testing.T, args ...string) (said, gateway, controlURL string) {
	t.Helper()
	said = background(t, "  control", append([]string{"serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"}, args...)...)
	urls := address.FindAllString(said, -1)
	return said, urls[0], urls[len(urls)-1]
}

// The lines of docs/customerspace.md, from an account to the documents of its contract.
func TestCustomerSpacePageRuns(t *testing.T) {
	t.Parallel()
	shell := runtime(t, "bash")
	runtime(t, "curl")
	runtime(t, "jq")
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "customerspace.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, gateway, controlURL := serveOrange(t)
	folder := t.TempDir()
	script := "set -euo pipefail\n"
	all := blocks(string(page))
	answers := 0
	for i, b := range all[1:] { // serve runs already
		script += "{\n" + b.code + "\n} > " + fmt.Sprintf("answer-%d", i+1) + "\n"
		if b.answer != "" {
			answers++
		}
	}
	if answers < 6 {
		t.Fatalf("only %d answers found", answers)
	}
	script = strings.NewReplacer("http://127.0.0.1:8090", gateway, "http://127.0.0.1:8091", controlURL).Replace(script)
	run := exec.CommandContext(t.Context(), shell, "-c", script)
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

// The examples of "API Cloud Store Customer Space" (source 001) as curl runs them: paths, headers and bodies as printed, with
// the placeholders filled. What the print has lost is put back: a backslash at a line's end, the closing brackets of two bodies.
const (
	exampleContract = `curl -X GET \
-H "Authorization: "\
 -H "X-API-Key: " \
 -H "X-ECCS-Contract-Id: OCB000XXXX" \
 -H "Accept: application/json " \
 "https://api.orange.com/cloud/b2b/v1/contract"`
	exampleDocuments = `curl -X GET \
-H "Authorization: " \
-H "X-API-Key: " \
-H "X-ECCS-Contract-Id: OCB000XXXX" \
-H "Accept: application/json " \
"https://api.orange.com/cloud/b2b/v1/documents"`
	exampleFile = `curl -X GET \
-H "Authorization: " \
-H "X-API-Key: " \
-H "X-ECCS-Contract-Id: OCB000XXXX" \
-H "Accept: application/json " \
"https://api.orange.com/cloud/b2b/v1/documents/id/file"`
	exampleUserBody = `{
  "civility": "M",
  "lastName": "Doe",
  "firstName": "John",
  "email": "john.doe@orange.com",
  "login": "john.doe",
  "fixPhone": "0102030405",
  "mobilePhone": "",
  "roles": {
    "contracts": [
       "visitor"
    ]
  }
}`
	exampleUser = `curl -X POST \
-H "Authorization: " \
-H "X-API-Key: " \
-H "Accept: application/json " \
"https://api.orange.com/cloud/b2b/v1/contract/{{Contract-Id}}/user" \
--data-raw '` + exampleUserBody + `'`
	exampleNew = `curl -X POST \
  -H "Authorization: " \
  -H "X-API-Key: " \
  -H "Accept: application/json " \
  "https://api.orange.com/cloud/b2b/v1/contract/" \
  --data-raw '{
    "billingAccountId": "XXXXXXXX",
    "offerCode": "HONEY",
    "contractName": "contractName",
    "supportLevel": "BSC",
    "referentCivility": "M",
    "referentName": "Doe",
    "referentFirstName": "John",
    "referentMail": "john.doe@orange.com",
    "referentFixPhone": "0102030405",
    "referentMobilePhone": "0607080900",
    "referenceExt1": "ext1",
    "referenceExt2": "ext2",
    "referenceExt3": "ext3"
}'`
)

// apiOrangeCom stands as https://api.orange.com before a gateway, for curl alone: by a .curlrc in the folder that it returns.
func apiOrangeCom(t *testing.T, gateway string) string {
	t.Helper()
	target, err := url.Parse(gateway)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }})
	t.Cleanup(front.Close)
	home := t.TempDir()
	// The certificate is not api.orange.com's: curl is told not to look.
	rc := fmt.Sprintf("insecure\nsilent\nshow-error\nfail-with-body\nconnect-to = \"api.orange.com:443:%s\"\n", front.Listener.Addr())
	if err := os.WriteFile(filepath.Join(home, ".curlrc"), []byte(rc), 0o600); err != nil {
		t.Fatal(err)
	}
	return home
}

func TestExamplesOfSource001(t *testing.T) {
	t.Parallel()
	shell := runtime(t, "bash")
	runtime(t, "curl")
	said, gateway, controlURL := serveOrange(t, "--demo")
	home := apiOrangeCom(t, gateway)
	token := tokenOf(t, gateway, "demo", "demo-secret")
	_, rest, _ := strings.Cut(said, "administrator demo.admin, X-API-Key ")
	key, _, _ := strings.Cut(rest, "\n")
	curl := func(example string, fill ...string) string {
		t.Helper()
		fill = append(fill, `"Authorization: "`, `"Authorization: Bearer `+token+`"`, `"X-API-Key: "`, `"X-API-Key: `+key+`"`)
		run := exec.CommandContext(t.Context(), shell, "-c", strings.NewReplacer(fill...).Replace(example))
		run.Env = append(os.Environ(), "CURL_HOME="+home)
		out, err := run.Output()
		if err != nil {
			t.Fatalf("%s\n%v: %s", example, err, out)
		}
		return string(out)
	}
	var made struct{ ID string }
	answer := curl(exampleNew, "XXXXXXXX", "10000001")
	if err := json.Unmarshal([]byte(answer), &made); err != nil || len(made.ID) != len("OCB0009293") || !strings.HasPrefix(made.ID, "OCB") {
		t.Errorf("a new contract: %s", answer)
	}
	var contract map[string]any
	if err := json.Unmarshal([]byte(curl(exampleContract, "OCB000XXXX", made.ID)), &contract); err != nil {
		t.Fatal(err)
	}
	if contract["id"] != made.ID || contract["name"] != "contractName" || contract["offer"].(map[string]any)["id"] != "HONEY" {
		t.Errorf("the contract: %v", contract)
	}
	if user := curl(exampleUser, "{{Contract-Id}}", made.ID); cmp.Diff(jsonOf(t, []byte(exampleUserBody)), jsonOf(t, []byte(user))) != "" {
		t.Errorf("the user: %s", user)
	}
	var documents []struct{ ID, Filename, Period, CreatedAt, UpdatedAt, Currency, DocumentType string }
	if err := json.Unmarshal([]byte(curl(exampleDocuments, "OCB000XXXX", "OCB0000001")), &documents); err != nil || len(documents) != 6 {
		t.Fatalf("documents: %+v, %v", documents, err)
	}
	file := curl(exampleFile, "OCB000XXXX", "OCB0000001", "documents/id/file", "documents/"+documents[0].ID+"/file")
	if !strings.HasPrefix(file, "Contract;Period;") || !strings.Contains(file, "OCB0000001;"+documents[0].Period) {
		t.Errorf("the file: %q", file)
	}
	// John Doe is declared now: as a client account he sees that contract, and no other.
	account, err := control.NewClient(controlURL, "", nil).AddAccount(t.Context(), control.NewAccount{Type: "client", Login: "john.doe"})
	if err != nil || cmp.Diff([]string{made.ID}, account.Perimeter.Contracts) != "" {
		t.Errorf("%+v, %v", account, err)
	}
}
