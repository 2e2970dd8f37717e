package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing/api"
)

func TestLifeOfASubscription(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A", "B"}, "E", "F")
	u := w.writer("A", "B")
	var s api.Subscription
	created := w.want(http.StatusCreated, &s, u, http.MethodPost, "/billing/v1/subscriptions", `{
		"offer":"A","envelope":"E","reference":"Ref 1","label":"Été","periodicity":"monthly","startDate":"2026-01-31","endDate":"2026-12-31",
		"lines":[{"label":"g","lines":[{"label":"a","quantity":"3","unitPrice":"10.005"},{"label":"b","quantity":"1","unitPrice":"-0.02"}]}]}`)
	if s.Amount != "30.00" || s.Lines[0].Amount != "30.00" || s.Lines[0].Lines[0].Amount != "30.02" || s.Currency != "EUR" {
		t.Errorf("amounts: %+v", s)
	}
	if s.Period == nil || s.Period.Key != "2026-02" || s.Period.From != "2026-02-28" || s.Period.ToExclusive != "2026-03-31" {
		t.Errorf("period: %+v", s.Period)
	}
	if s.EndDate != "2026-12-31" || s.Term.ToExclusive != "2027-01-01" || s.Status != "active" || s.CreatedBy != u.id {
		t.Errorf("%+v", s)
	}
	path := created.header.Get("Location")
	if path != "/billing/v1/subscriptions/"+s.ID || s.AtID != path || s.AtType != "Subscription" {
		t.Errorf("location %q, node %+v", path, s.Node)
	}
	read := w.want(http.StatusOK, nil, u, http.MethodGet, path, "")
	if d := cmp.Diff(string(created.body), string(read.body)); d != "" {
		t.Errorf("read back: %s", d)
	}
	tag := read.header.Get("ETag")

	held := w.want(http.StatusCreated, &s, u, http.MethodPost, path+"/holds", `{"from":"2026-03-01","to":"2026-03-31","reason":"works"}`)
	if len(s.Holds) != 1 || s.Holds[0].To != "2026-03-31" || s.Status != "held" {
		t.Errorf("holds: %+v", s)
	}
	w.want(http.StatusPreconditionFailed, nil, u, http.MethodPatch, path, `{"label":"x"}`, "If-Match", tag)
	w.want(http.StatusPreconditionRequired, nil, u, http.MethodPatch, path, `{"label":"x"}`)
	w.want(http.StatusOK, &s, u, http.MethodPatch, path, `{"label":"x","envelope":"F","offer":"B"}`,
		"If-Match", held.header.Get("ETag"), "Content-Type", "application/merge-patch+json")
	if s.Label != "x" || s.Envelope != "F" || s.Offer != "B" || s.Reference != "Ref 1" {
		t.Errorf("patched: %+v", s)
	}
	w.want(http.StatusOK, &s, u, http.MethodDelete, path+"/holds/"+s.Holds[0].ID, "")
	w.want(http.StatusCreated, &s, u, http.MethodPost, path+"/revisions", `{"from":"2026-06-01","lines":[{"label":"n","quantity":"1","unitPrice":"40"}]}`)
	if len(s.Revisions) != 2 || s.Amount != "40.00" || s.Revisions[0].Amount != "30.00" || len(s.Holds) != 0 {
		t.Errorf("revised: %+v", s)
	}
	w.want(http.StatusOK, &s, u, http.MethodPost, path+"/end", `{"endDate":"2026-08-31"}`)
	if s.EndDate != "2026-08-31" {
		t.Errorf("ended: %+v", s)
	}
	last := w.want(http.StatusOK, &s, u, http.MethodPost, path+"/end", `{"endDate":null}`)
	if s.EndDate != "" || s.Term.ToExclusive != "" {
		t.Errorf("opened again: %+v", s)
	}
	w.want(http.StatusPreconditionRequired, nil, u, http.MethodDelete, path, "")
	w.want(http.StatusNoContent, nil, u, http.MethodDelete, path, "", "If-Match", last.header.Get("ETag"), "X-Reason", "typing error")
	w.want(http.StatusNotFound, nil, u, http.MethodGet, path, "")
	entries := list[api.AuditEntry](w, w.admin, "/billing/v1/audit?kind=subscription&action=delete")
	if len(entries) != 1 || entries[0].Reason != "typing error" || entries[0].Client != u.id || entries[0].Before == nil {
		t.Errorf("audit: %+v", entries)
	}
}

func TestRefusedBodies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A"}, "E")
	u := w.writer("A")
	const line = `{"label":"x","quantity":"1","unitPrice":"1"}`
	body := func(extra, lines string) string {
		return fmt.Sprintf(`{"offer":"A","envelope":"E","reference":"r","label":"l","periodicity":"monthly","startDate":"2026-01-01"%s,"lines":[%s]}`, extra, lines)
	}
	deep := strings.Repeat(`{"label":"x","lines":[`, 8) + line + strings.Repeat(`]}`, 8)
	for _, tc := range []struct {
		name, body string
		status     int
		paths      string
	}{
		{"empty", "", 415, ""},
		{"blank", " ", 400, ""},
		{"no JSON", "{", 400, ""},
		{"two values", body("", line) + "{}", 400, ""},
		{"array", "[]", 422, ""},
		{"no fields", "{}", 422, ""},
		{"unknown field", body(`,"colour":"red"`, line), 422, "colour"},
		{"misspelt field", body(`,"Label":"x"`, line), 422, "Label"},
		{"unknown field of a line", body("", `{"label":"x","quantity":"1","unitPrice":"1","vat":"20"}`), 422, "lines[0].vat"},
		{"number for a decimal", body("", `{"label":"x","quantity":1,"unitPrice":"1"}`), 422, "lines[0].quantity"},
		{"no decimal", body("", `{"label":"x","quantity":"1,5","unitPrice":"1e3"}`), 422, "lines[0].quantity lines[0].unitPrice"},
		{"no price", body("", `{"label":"x","quantity":"1"}`), 422, "lines[0].unitPrice"},
		{"price of a group", body("", `{"label":"x","quantity":"1","lines":[`+line+`]}`), 422, "lines[0]"},
		{"no line", body("", ""), 422, "lines"},
		{"too deep", body("", deep), 422, ""},
		{"far too deep", body("", strings.Repeat(`{"lines":[`, 50)+strings.Repeat(`]}`, 50)), 400, ""},
		{"date that is none", body(`,"endDate":"2026-02-30"`, line), 422, "endDate"},
		{"end before start", body(`,"endDate":"2025-12-30"`, line), 422, "endDate"},
		{"unknown periodicity", strings.Replace(body("", line), "monthly", "yearly", 1), 422, "periodicity"},
		{"rule of a daily one", strings.Replace(body(`,"rule":"daysOfMonth"`, line), "monthly", "daily", 1), 422, "rule"},
		{"unknown offer", strings.Replace(body("", line), `"A"`, `"Z"`, 1), 422, "offer"},
		{"unknown envelope", strings.Replace(body("", line), `"E"`, `"Z"`, 1), 422, "envelope"},
		{"too many values", body("", strings.Repeat(line+",", 9000)+line), 413, ""},
		{"too long", body("", strings.Repeat(" ", 1<<20)+line), 413, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := w.call(u, http.MethodPost, "/billing/v1/subscriptions", tc.body)
			if got.status != tc.status {
				t.Fatalf("answers %s, want %d", got, tc.status)
			}
			p := problemOf(t, got)
			seen := map[string]bool{}
			for _, v := range p.Violations {
				seen[v.PropertyPath] = true
			}
			for _, path := range strings.Fields(tc.paths) {
				if !seen[path] {
					t.Errorf("no violation of %s: %s", path, got)
				}
			}
		})
	}
}

func TestDuplicateNamesTheExistingOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A"}, "E")
	u := w.writer("A")
	first := w.create(u, simple("A", "E", "ref  1", "2026-01-01", "1"))
	got := w.want(http.StatusConflict, nil, u, http.MethodPost, "/billing/v1/subscriptions", simple("A", "E", "REF 1 ", "2026-05-01", "2"))
	if p := problemOf(t, got); p.Existing != "/billing/v1/subscriptions/"+first.ID || !strings.HasSuffix(p.Type, "#duplicate-subscription") {
		t.Errorf("%+v", p)
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	onEachEngine(t, checkKeys)
}

func checkKeys(t *testing.T, w *world) {
	t.Helper()
	w.catalogue([]string{"A"}, "E")
	u, other := w.writer("A"), w.writer("A")
	body := simple("A", "E", "r1", "2026-01-01", "1")
	post := func(u *user, key, body string, status int) reply {
		t.Helper()
		return w.want(status, nil, u, http.MethodPost, "/billing/v1/subscriptions", body, "Idempotency-Key", key)
	}
	first := post(u, "k1", body, http.StatusCreated)
	again := post(u, "k1", body+"\n ", http.StatusCreated)
	if string(first.body) != string(again.body) || first.header.Get("Location") != again.header.Get("Location") ||
		first.header.Get("ETag") != again.header.Get("ETag") || first.header.Get("Content-Type") != again.header.Get("Content-Type") {
		t.Errorf("replayed as %v %s, first %v %s", again.header, again, first.header, first)
	}
	if p := problemOf(t, post(u, "k1", simple("A", "E", "r2", "2026-01-01", "1"), http.StatusUnprocessableEntity)); !strings.HasSuffix(p.Type, "#idempotency-key-reused") {
		t.Errorf("%+v", p)
	}
	post(other, "k1", simple("A", "E", "r3", "2026-01-01", "1"), http.StatusCreated)
	post(u, "k2", body, http.StatusConflict)
	w.want(http.StatusBadRequest, nil, u, http.MethodPost, "/billing/v1/subscriptions", body, "Idempotency-Key", strings.Repeat("k", 256))
	w.want(http.StatusBadRequest, nil, w.admin, http.MethodPost, "/billing/v1/clients", `{"name":"x"}`, "Idempotency-Key", "k")

	// The key holds for what was seen with it: under other rights it is another request.
	w.want(http.StatusOK, nil, w.admin, http.MethodPut, "/billing/v1/clients/"+u.id+"/access", `{"offers":[],"omniscient":false,"role":"writer"}`)
	if got := post(u, "k1", body, http.StatusUnprocessableEntity); strings.Contains(string(got.body), "r1") {
		t.Errorf("a key opens what may no longer be seen: %s", got)
	}
}

func TestMergePatchTakesNoNull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A"}, "E")
	u := w.writer("A")
	s := w.create(u, simple("A", "E", "r", "2026-01-01", "1"))
	path := "/billing/v1/subscriptions/" + s.ID
	tag := w.want(http.StatusOK, nil, u, http.MethodGet, path, "").header.Get("ETag")
	for _, tc := range []struct {
		body   string
		status int
	}{
		{`{"label":null}`, 422},
		{`{"status":"ended"}`, 422},
		{`{"envelope":"Z"}`, 422},
		{`{}`, 200},
	} {
		w.want(tc.status, nil, u, http.MethodPatch, path, tc.body, "If-Match", tag, "Content-Type", "application/merge-patch+json")
	}
	for _, wrong := range []string{`"1"`, "1", `W/` + tag, `"x"`, `"1-00000000"`} {
		w.want(http.StatusPreconditionFailed, nil, u, http.MethodPatch, path, `{"label":"y"}`, "If-Match", wrong)
	}
}
