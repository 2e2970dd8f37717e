package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/billing/api"
)

func row(offer, reference, start string) string {
	return strings.ReplaceAll(simple(offer, "E", reference, start, "2"), "\n", "") + "\n"
}

func results(t *testing.T, r reply) []api.ImportResult {
	t.Helper()
	var out []api.ImportResult
	for line := range strings.Lines(string(r.body)) {
		var one api.ImportResult
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		out = append(out, one)
	}
	return out
}

func TestImportAnswersEachRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A", "B"}, "E")
	u := w.writer("A")
	there := w.create(u, simple("A", "E", "there", "2026-01-01", "1"))
	body := row("A", "new", "2026-01-01") + "\n" + row("A", "there", "2026-02-01") + "not JSON\n" + row("B", "hidden", "2026-01-01") +
		row("A", "bad date", "2026-02-30") + row("A", "NEW", "2026-05-01") + strings.TrimSuffix(row("A", "last", "2026-01-01"), "\n")
	post := func(query, body string, headers ...string) []api.ImportResult {
		t.Helper()
		got := w.want(http.StatusOK, nil, u, http.MethodPost, "/billing/v1/imports"+query, body, append([]string{"Content-Type", "application/x-ndjson"}, headers...)...)
		return results(t, got)
	}
	got := post("", body)
	want := []struct {
		line    int
		outcome string
		status  int
		path    string
	}{
		{1, "created", 0, ""}, {3, "rejected", 409, ""}, {4, "rejected", 400, ""}, {5, "rejected", 422, "offer"},
		{6, "rejected", 422, "startDate"}, {7, "rejected", 409, ""}, {8, "created", 0, ""},
	}
	if len(got) != len(want) {
		t.Fatalf("%d results: %+v", len(got), got)
	}
	for i, g := range got {
		if g.Line != want[i].line || g.Outcome != want[i].outcome || (g.Subscription != "") != (g.Outcome == "created") {
			t.Errorf("row %d: %+v", i, g)
		}
		if want[i].status == 0 {
			continue
		}
		if g.Problem == nil || g.Problem.Status != want[i].status || want[i].path != "" && g.Problem.Violations[0].PropertyPath != want[i].path {
			t.Errorf("row %d: %+v", i, g.Problem)
		}
	}
	if got[1].Existing != "/billing/v1/subscriptions/"+there.ID || got[5].Existing != got[0].Subscription {
		t.Errorf("existing: %q, %q", got[1].Existing, got[5].Existing)
	}
	for _, again := range post("?onDuplicate=skip", row("A", "new", "2026-01-01")+row("A", "there", "2026-02-01")) {
		if again.Outcome != "skipped" || again.Existing == "" || again.Problem != nil {
			t.Errorf("%+v", again)
		}
	}
}

func TestImportOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A"}, "E")
	u := w.writer("A")
	var body strings.Builder
	const rows = 1203 // three batches
	for i := range rows {
		body.WriteString(row("A", strings.Repeat("x", 1+i/100)+"-"+strings.Repeat("y", 1+i%100), "2026-01-01"))
	}
	headers := []string{"Content-Type", "application/x-ndjson", "Idempotency-Key", "import"}
	first := w.want(http.StatusOK, nil, u, http.MethodPost, "/billing/v1/imports", body.String(), headers...)
	again := w.want(http.StatusOK, nil, u, http.MethodPost, "/billing/v1/imports", body.String(), headers...)
	if string(first.body) != string(again.body) || strings.Count(string(first.body), `"outcome":"created"`) != rows {
		t.Errorf("%d created at first, %d answered again", strings.Count(string(first.body), `"created"`), strings.Count(string(again.body), `"created"`))
	}
	w.want(http.StatusUnprocessableEntity, nil, u, http.MethodPost, "/billing/v1/imports", row("A", "other", "2026-01-01"), headers...)
	var page api.Collection[api.Subscription]
	w.want(http.StatusOK, &page, u, http.MethodGet, "/billing/v1/subscriptions", "")
	if *page.Total != rows {
		t.Errorf("%d subscriptions", *page.Total)
	}
}

func TestRefusedImports(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A"}, "E")
	u := w.writer("A")
	for _, tc := range []struct {
		name, body, media string
		status            int
	}{
		{"JSON", "[]", "application/json", http.StatusUnsupportedMediaType},
		{"empty", "\n \n", "application/x-ndjson", http.StatusBadRequest},
		{"one endless row", `{"label":"` + strings.Repeat("x", 2<<20), "application/x-ndjson", http.StatusUnprocessableEntity},
		{"too long", strings.Repeat("\n", 17<<20), "application/x-ndjson", http.StatusRequestEntityTooLarge},
	} {
		got := w.call(u, http.MethodPost, "/billing/v1/imports", tc.body, "Content-Type", tc.media)
		if got.status != tc.status {
			t.Errorf("%s: %.300s", tc.name, got)
		}
	}
}
