package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing/api"
)

func TestBudgets(t *testing.T) {
	t.Parallel()
	onEachEngine(t, checkBudgets)
}

func checkBudgets(t *testing.T, w *world) {
	t.Helper()
	w.catalogue([]string{"A", "B"}, "E", "F")
	u := w.writer("A")
	w.create(u, simple("A", "E", "r", "2025-07-01", "10"))
	const path = "/billing/v1/budgets/A/E/2026"
	var b api.Budget
	first := w.want(http.StatusCreated, &b, u, http.MethodPut, path, `{"amount":"100"}`, "Idempotency-Key", "k")
	if first.header.Get("Location") != path || first.header.Get("ETag") == "" {
		t.Errorf("%v", first.header)
	}
	// The clock stands in March 2026.
	got := []string{b.Currency, b.Amount, b.Actual, b.Forecast, b.Remaining, b.Previous, b.State, b.Months[2].Month, b.Months[2].Amount}
	want := []string{"EUR", "100.00", "20.00", "120.00", "-20.00", "60.00", "expected", "2026-03", "10.00"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("budget (-want +got):\n%s", diff)
	}
	w.want(http.StatusOK, &b, u, http.MethodGet, path+"?asOf=2026-12-01", "")
	if b.Actual != "110.00" || b.State != "exceeded" {
		t.Errorf("in December: %+v", b)
	}
	if again := w.want(http.StatusCreated, nil, u, http.MethodPut, path, `{"amount":"100"}`, "Idempotency-Key", "k"); string(again.body) != string(first.body) {
		t.Errorf("replayed as %s", again)
	}

	tag := first.header.Get("ETag")
	w.want(http.StatusOK, &b, u, http.MethodPut, path, `{"amount":"150.50"}`, "If-Match", tag)
	if b.Amount != "150.50" || b.Version != 2 || b.State != "within" {
		t.Errorf("changed: %+v", b)
	}
	w.want(http.StatusPreconditionFailed, nil, u, http.MethodPut, path, `{"amount":"1"}`, "If-Match", tag)
	w.want(http.StatusPreconditionFailed, nil, u, http.MethodDelete, path, "", "If-Match", tag)

	for body, field := range map[string]string{
		`{"amount":"1.001"}`: "amount", `{"amount":"-1"}`: "amount", `{"amount":"x"}`: "amount", `{"amount":"99999999999999999"}`: "amount",
	} {
		p := problemOf(t, w.want(http.StatusUnprocessableEntity, nil, u, http.MethodPut, path, body))
		if len(p.Violations) != 1 || p.Violations[0].PropertyPath != field {
			t.Errorf("%s: %+v", body, p)
		}
	}
	if p := problemOf(t, w.want(http.StatusUnprocessableEntity, nil, u, http.MethodPut, "/billing/v1/budgets/A/NONE/2026", `{"amount":"1"}`)); p.Violations[0].PropertyPath != "envelope" {
		t.Errorf("%+v", p)
	}
	if p := problemOf(t, w.want(http.StatusUnprocessableEntity, nil, u, http.MethodPut, "/billing/v1/budgets/A/E/26", `{"amount":"1"}`)); p.Violations[0].PropertyPath != "year" {
		t.Errorf("%+v", p)
	}
	for _, missing := range []string{"/billing/v1/budgets/A/F/2026", "/billing/v1/budgets/A/E/2025", "/billing/v1/budgets/A/E/26", "/billing/v1/budgets/B/E/2026"} {
		w.want(http.StatusNotFound, nil, u, http.MethodGet, missing, "")
		w.want(http.StatusNotFound, nil, u, http.MethodDelete, missing, "")
	}
	checkBudgetList(t, w, u)
	w.want(http.StatusNoContent, nil, u, http.MethodDelete, path, "")
	w.want(http.StatusNotFound, nil, u, http.MethodGet, path, "")
}

// checkBudgetList reads lists: of the offers of the client, with a page at a time, and with filters that are never ignored.
func checkBudgetList(t *testing.T, w *world, u *user) {
	t.Helper()
	w.want(http.StatusCreated, nil, u, http.MethodPut, "/billing/v1/budgets/A/F/2026", `{"amount":"1"}`)
	w.want(http.StatusCreated, nil, w.writer("B"), http.MethodPut, "/billing/v1/budgets/B/E/2026", `{"amount":"7"}`)
	names := func(u *user, query string) string {
		var found []string
		for _, b := range list[api.Budget](w, u, "/billing/v1/budgets?year=2026"+query) {
			found = append(found, b.Offer+"/"+b.Envelope)
		}
		return strings.Join(found, " ")
	}
	for query, want := range map[string]string{"": "A/E A/F", "&envelope=F": "A/F", "&offer[]=A&offer[]=B&envelope=E": "A/E", "&offer=B": ""} {
		if got := names(u, query); got != want {
			t.Errorf("%q lists %q, want %q", query, got, want)
		}
	}
	if got := names(w.admin, ""); got != "A/E A/F B/E" {
		t.Errorf("an admin sees %q", got)
	}
	var page api.Collection[api.Budget]
	w.want(http.StatusOK, &page, u, http.MethodGet, "/billing/v1/budgets?year=2026&itemsPerPage=1", "")
	if len(page.Member) != 1 || *page.Total != 2 || page.Member[0].AtID != "/billing/v1/budgets/A/E/2026" || page.View.Next == "" {
		t.Errorf("the first page: %+v", page)
	}
	w.want(http.StatusOK, &page, u, http.MethodGet, page.View.Next, "")
	if len(page.Member) != 1 || page.Member[0].Envelope != "F" {
		t.Errorf("the second page: %+v", page)
	}
	for target, want := range map[string]string{
		"&format=csv":                "offer,envelope,year,currency,amount,actual,forecast,remaining,previous,state\r\nA,E,2026,EUR,150.50,20.00,120.00,30.50,60.00,within\r\nA,F,2026,EUR,1.00,0.00,0.00,1.00,0.00,within\r\n",
		"&format=csv&csv=fr&offer=B": "offer;envelope;year;currency;amount;actual;forecast;remaining;previous;state\r\n",
	} {
		if got := w.want(http.StatusOK, nil, u, http.MethodGet, "/billing/v1/budgets?year=2026"+target, ""); string(got.body) != want {
			t.Errorf("%s: %q", target, got.body)
		}
	}
	for i := range 120 {
		envelope := fmt.Sprintf("N%03d", i)
		w.catalogue(nil, envelope)
		w.want(http.StatusCreated, nil, u, http.MethodPut, "/billing/v1/budgets/A/"+envelope+"/2024", `{"amount":"1"}`)
	}
	if got := w.want(http.StatusOK, nil, u, http.MethodGet, "/billing/v1/budgets?year=2024", "", "Accept", "text/csv"); strings.Count(string(got.body), "\r\n") != 121 {
		t.Errorf("an export of more than a page: %d rows", strings.Count(string(got.body), "\r\n"))
	}
	for _, query := range []string{"?year=2026&csv=fr", "?year=2026&format=csv&page=1", "", "?year=26", "?year=x", "?year=2026&periodicity=monthly", "?year=2026&asOf=yesterday"} {
		w.want(http.StatusBadRequest, nil, u, http.MethodGet, "/billing/v1/budgets"+query, "")
	}
}
