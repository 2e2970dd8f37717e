package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const jsonLines = "application/x-ndjson"

// varied makes subscriptions with all that an export can hold.
func varied(w *world) {
	w.catalogue([]string{"A", "B"}, "E", "F")
	w.want(http.StatusCreated, nil, w.admin, http.MethodPost, "/billing/v1/offers", `{"code":"YEN","name":"Yen","currency":"JPY"}`)
	tree := `[{"label":"Group","lines":[{"label":"a \"quoted\" = é","quantity":"2.5","unitPrice":"3.333333"},{"label":"rebate","quantity":"1","unitPrice":"-1.005"}]},
		{"label":"leaf","quantity":"0.000001","unitPrice":"999999"}]`
	for i, body := range []string{
		`"offer":"A","periodicity":"monthly","startDate":"2024-02-29","endDate":"2026-12-31"`,
		`"offer":"A","periodicity":"monthly","rule":"daysOfMonth","startDate":"2025-01-15","anchor":"2024-12-31"`,
		`"offer":"B","periodicity":"weekly","startDate":"2025-03-07"`,
		`"offer":"YEN","periodicity":"daily","startDate":"2025-10-01","endDate":"2025-10-01"`,
		`"offer":"B","periodicity":"daily","startDate":"2030-01-01"`,
	} {
		s := w.create(w.admin, fmt.Sprintf(`{%s,"envelope":"%s","reference":"R %d","label":"label – %d","lines":%s}`, body, "EF"[i%2:i%2+1], i, i, tree))
		if i > 2 {
			continue
		}
		at := "/billing/v1/subscriptions/" + s.ID
		w.want(http.StatusCreated, nil, w.admin, http.MethodPost, at+"/holds", `{"from":"2025-06-01","to":"2025-06-20","reason":"works"}`)
		w.want(http.StatusCreated, nil, w.admin, http.MethodPost, at+"/holds", `{"from":"2026-02-01"}`)
		w.want(http.StatusCreated, nil, w.admin, http.MethodPost, at+"/revisions", `{"from":"2025-07-01","lines":[{"label":"flat","quantity":"1","unitPrice":"12"}]}`)
		w.want(http.StatusCreated, nil, w.admin, http.MethodPost, at+"/revisions", fmt.Sprintf(`{"from":"2025-09-15","lines":%s}`, tree))
	}
}

func exported(w *world) string {
	return string(w.want(http.StatusOK, nil, w.admin, http.MethodGet, "/billing/v1/subscriptions?format=jsonl&order[reference]=asc", "").body)
}

// lasting is an export without what a store gives: ids, the version, who wrote it and when.
func lasting(t *testing.T, lines string) []map[string]any {
	t.Helper()
	var rows []map[string]any
	for line := range strings.Lines(lines) {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		for _, given := range []string{"id", "version", "createdBy", "createdAt", "updatedAt"} {
			if _, ok := row[given]; !ok {
				t.Errorf("an export without %s: %s", given, line)
			}
			delete(row, given)
		}
		for _, hold := range row["holds"].([]any) {
			delete(hold.(map[string]any), "id")
		}
		rows = append(rows, row)
	}
	return rows
}

// What is exported as JSON Lines can be imported as it is, and is then exported as it was, with the same costs.
func TestAnExportImportsAgainUnchanged(t *testing.T) {
	t.Parallel()
	from, to := newWorld(t), newWorld(t)
	varied(from)
	to.catalogue([]string{"A", "B"}, "E", "F")
	to.want(http.StatusCreated, nil, to.admin, http.MethodPost, "/billing/v1/offers", `{"code":"YEN","name":"Yen","currency":"JPY"}`)
	file := exported(from)
	got := results(t, to.want(http.StatusOK, nil, to.admin, http.MethodPost, "/billing/v1/imports", file, "Content-Type", jsonLines))
	for _, r := range got {
		if r.Outcome != "created" {
			t.Errorf("line %d: %s, %+v", r.Line, r.Outcome, r.Problem)
		}
	}
	if diff := cmp.Diff(lasting(t, file), lasting(t, exported(to))); diff != "" || len(got) != 5 {
		t.Errorf("%d rows; exported again (-first +second):\n%s", len(got), diff)
	}
	for _, report := range []string{"yearly?year=2025", "yearly?year=2026", "monthly?month=2025-06"} {
		a := from.want(http.StatusOK, nil, from.admin, http.MethodGet, "/billing/v1/costs/"+report, "")
		b := to.want(http.StatusOK, nil, to.admin, http.MethodGet, "/billing/v1/costs/"+report, "")
		if diff := cmp.Diff(string(a.body), string(b.body)); diff != "" || len(a.body) < 100 {
			t.Errorf("%s (-first +second):\n%s", report, diff)
		}
	}
	again := results(t, to.want(http.StatusOK, nil, to.admin, http.MethodPost, "/billing/v1/imports?onDuplicate=skip", file, "Content-Type", jsonLines))
	for _, r := range again {
		if r.Outcome != "skipped" {
			t.Errorf("imported twice, line %d: %+v", r.Line, r)
		}
	}
}

// A row that contradicts itself was changed by hand, or meant for another offer.
func TestAnImportedRowMustAgreeWithItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A"}, "E")
	base := `"offer":"A","envelope":"E","reference":"r","label":"l","periodicity":"monthly","startDate":"2026-01-10","endDate":"2026-12-31"`
	lines := func(price string) string { return `[{"label":"x","quantity":"1","unitPrice":"` + price + `"}]` }
	revisions := func(first, second string) string {
		return `"revisions":[{"from":"` + first + `","lines":` + lines("1") + `},{"from":"` + second + `","amount":"2.00","lines":` + lines("2") + `}]`
	}
	for name, tc := range map[string]struct{ row, path string }{
		"amount":                {`"amount":"3.00","currency":"EUR","lines":` + lines("2"), "amount"},
		"currency":              {`"currency":"USD","lines":` + lines("2"), "currency"},
		"amount of a revision":  {`"currency":"EUR","lines":` + lines("2") + `,` + strings.Replace(revisions("2026-01-10", "2026-02-01"), "2.00", "2.01", 1), "revisions[1].amount"},
		"first revision":        {`"lines":` + lines("2") + `,` + revisions("2026-01-11", "2026-02-01"), "revisions[0].from"},
		"last revision":         {`"lines":` + lines("7") + `,` + revisions("2026-01-10", "2026-02-01"), "lines"},
		"order of revisions":    {`"lines":` + lines("2") + `,` + revisions("2026-01-10", "2026-01-10"), "revisions[1].from"},
		"revision after end":    {`"lines":` + lines("2") + `,` + revisions("2026-01-10", "2027-01-10"), "revisions[1].from"},
		"hold before the start": {`"lines":` + lines("2") + `,"holds":[{"from":"2026-01-01","to":"2026-01-12"}]`, "holds[0].from"},
		"holds that meet":       {`"lines":` + lines("2") + `,"holds":[{"from":"2026-02-01","to":"2026-02-12"},{"from":"2026-02-12","to":"2026-02-13"}]`, "holds[1].from"},
		"unknown field":         {`"colour":"red","lines":` + lines("2"), "colour"},
	} {
		got := results(t, w.want(http.StatusOK, nil, w.admin, http.MethodPost, "/billing/v1/imports", "{"+base+","+tc.row+"}\n", "Content-Type", jsonLines))
		if len(got) != 1 || got[0].Problem == nil || got[0].Problem.Status != http.StatusUnprocessableEntity || got[0].Problem.Violations[0].PropertyPath != tc.path {
			t.Errorf("%s: %+v", name, got)
			if len(got) == 1 && got[0].Problem != nil {
				t.Logf("%+v", *got[0].Problem)
			}
		}
	}
}
