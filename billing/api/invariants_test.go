package api_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// F8-2: to ask for an offer outside of the scope is to ask for one that does not exist.
func TestAnOfferOutsideIsAnOfferThatIsNot(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, target := range []string{
		"/billing/v1/subscriptions?offer=B", "/billing/v1/subscriptions?offer[]=A&offer[]=B", "/billing/v1/subscriptions?offer=B&format=csv",
		"/billing/v1/subscriptions?offer=B&format=jsonl", "/billing/v1/subscriptions?offer=B&count=exact", "/billing/v1/costs/monthly?month=2026-03&offer=B",
		"/billing/v1/costs/yearly?year=2026&offer[]=B&offer[]=A", "/billing/v1/costs/yearly?year=2026&offer=B&text=plain", "/billing/v1/audit?offer=B",
		"/billing/v1/offers/B", "/billing/v1/envelopes/EB",
	} {
		unknown := strings.NewReplacer("=B", "=Q", "/offers/B", "/offers/Q", "EB", "EQ").Replace(target)
		hidden, none := f.call(f.owner, http.MethodGet, target, ""), f.call(f.owner, http.MethodGet, unknown, "")
		back := strings.NewReplacer("=B", "=Q", "%5D=B", "%5D=Q", "/offers/B", "/offers/Q", "EB", "EQ")
		if got, want := back.Replace(string(hidden.body)), string(none.body); hidden.status != none.status || got != want {
			t.Errorf("%s answers %d\n%s\nand %s %d\n%s", target, hidden.status, got, unknown, none.status, want)
		}
		if strings.Contains(string(hidden.body), "plain") && !strings.Contains(target, "plain") {
			t.Errorf("%s shows what is B's: %s", target, hidden.body)
		}
	}
}

// F8-3: what is outside answers as what is not there, for reads and for writes.
func TestOutsideIsUnknown(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const nobody = "id999999"
	for _, c := range []struct{ method, path, body string }{
		{http.MethodGet, "", ""}, {http.MethodPatch, "", `{"label":"x"}`}, {http.MethodDelete, "", ""},
		{http.MethodPost, "/holds", `{"from":"2026-05-01","to":"2026-05-02"}`}, {http.MethodDelete, "/holds/" + f.hold, ""},
		{http.MethodPost, "/revisions", `{"from":"2026-05-01","lines":[{"label":"x","quantity":"1","unitPrice":"1"}]}`},
		{http.MethodPost, "/end", `{"endDate":"2026-12-31"}`},
	} {
		ask := func(id string) reply {
			return f.call(f.other, c.method, "/billing/v1/subscriptions/"+id+c.path, c.body, "If-Match", "*")
		}
		hidden, none := ask(f.subscription), ask(nobody)
		if got := strings.ReplaceAll(string(hidden.body), f.subscription, nobody); hidden.status != http.StatusNotFound || got != string(none.body) {
			t.Errorf("%s %s outside answers %d %s, and where there is none %s", c.method, c.path, hidden.status, got, none)
		}
	}
}

// F8-8: an answer that was stored for an Idempotency-Key is not given to the same client with other rights.
func TestAStoredAnswerBelongsToAScope(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	body := simple("A", "EA", secret+"-once", "2026-01-01", "1")
	post := func(status int) reply {
		return f.want(status, nil, f.owner, http.MethodPost, "/billing/v1/subscriptions", body, "Idempotency-Key", "k-1")
	}
	post(http.StatusCreated)
	post(http.StatusCreated)
	access := "/billing/v1/clients/" + f.owner.id + "/access"
	f.want(http.StatusOK, nil, f.admin, http.MethodPut, access, `{"offers":["B"],"omniscient":false,"role":"writer"}`)
	if got := post(http.StatusUnprocessableEntity); strings.Contains(string(got.body), secret) {
		t.Errorf("the stored answer is given: %s", got)
	}
	f.want(http.StatusOK, nil, f.admin, http.MethodPut, access, `{"offers":["A"],"omniscient":false,"role":"writer"}`)
	post(http.StatusCreated)
}

// Each of the twelve invariants names its tests in ADR 17, and they are there.
func TestTheInvariantsHaveTheirTests(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "adr", "0017-no-row-level-security.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (\d+) .*$`).FindAllString(string(page), -1)
	if len(rows) != 12 {
		t.Fatalf("%d invariants", len(rows))
	}
	var sources strings.Builder
	for _, folder := range []string{"billing", "billing/api", "billing/store", "billing/backoffice"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(data)
		}
	}
	for _, row := range rows {
		names := regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(row, -1)
		if len(names) == 0 && !strings.Contains(row, "none: this page") {
			t.Errorf("no test: %s", row)
		}
		for _, name := range names {
			if !strings.Contains(sources.String(), "\nfunc "+name[1]+"(") {
				t.Errorf("%s is not there: %s", name[1], row)
			}
		}
	}
}
