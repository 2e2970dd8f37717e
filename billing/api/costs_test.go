package api_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/api"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
)

// The golden calendar, through the API: what is typed in, and what each month costs (T13).
func TestCalendar(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(filepath.Join("testdata", "calendar.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	onEachEngine(t, func(t *testing.T, w *world) {
		w.catalogue(nil, "E")
		for i, row := range rows[1:] {
			checkCalendarRow(t, w, billing.OfferCode(fmt.Sprint("A", i)), row)
		}
	})
}

// checkCalendarRow types a row in under an offer of its own, and asks what each month costs.
func checkCalendarRow(t *testing.T, w *world, offer billing.OfferCode, row []string) {
	t.Helper()
	w.catalogue([]string{string(offer)})
	u := w.writer(offer)
	more := ""
	if row[3] != "" {
		more += fmt.Sprintf(`,"anchor":%q`, row[3])
	}
	if row[5] != "" {
		more += fmt.Sprintf(`,"endDate":%q`, row[5])
	}
	s := w.create(u, fmt.Sprintf(`{"offer":%q,"envelope":"E","reference":"r","label":"l","periodicity":%q,"rule":%q,"startDate":%q%s,
		"lines":[{"label":"x","quantity":"1","unitPrice":%q}]}`, offer, row[1], row[2], row[4], more, row[6]))
	path := "/billing/v1/subscriptions/" + s.ID
	if from, to, found := strings.Cut(row[7], "/"); found {
		w.want(http.StatusCreated, nil, u, http.MethodPost, path+"/holds", fmt.Sprintf(`{"from":%q,"to":%q}`, from, to))
	}
	if from, price, found := strings.Cut(row[8], "/"); found {
		w.want(http.StatusCreated, nil, u, http.MethodPost, path+"/revisions",
			fmt.Sprintf(`{"from":%q,"lines":[{"label":"x","quantity":"1","unitPrice":%q}]}`, from, price))
	}
	for _, cell := range strings.Fields(row[9]) {
		month, want, _ := strings.Cut(cell, ":")
		got := "0"
		for _, b := range list[api.MonthlyCost](w, u, "/billing/v1/costs/monthly?month="+month) {
			got = b.Amount
		}
		if got != want && (want != "0" || got != "0.00") {
			t.Errorf("%s: %s costs %s, want %s", row[0], month, got, want)
		}
		for _, b := range list[api.YearlyCost](w, u, "/billing/v1/costs/yearly?year="+month[:4]) {
			for _, m := range b.Months {
				if m.Month == month && m.Amount != want && want != "0" {
					t.Errorf("%s: in its year %s costs %s, want %s", row[0], month, m.Amount, want)
				}
			}
		}
	}
}

func TestCostsAsTables(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A", "B"}, "E")
	u := w.writer("A", "B")
	w.create(u, simple("A", "E", "r1", "2026-03-31", "1234.5"))
	w.create(u, simple("B", "E", "r2", "2026-01-01", "-0.5"))
	for _, tc := range []struct{ target, want string }{
		{
			"monthly?month=2026-03&format=csv",
			"month,currency,by,code,amount\r\n2026-03,EUR,total,,1234.00\r\n2026-03,EUR,offer,A,1234.50\r\n2026-03,EUR,offer,B,-0.50\r\n2026-03,EUR,envelope,E,1234.00\r\n",
		},
		{
			"monthly?month=2026-03&format=csv&csv=fr&bom=true&offer=B",
			"\ufeffmonth;currency;by;code;amount\r\n2026-03;EUR;total;;-0,50\r\n2026-03;EUR;offer;B;-0,50\r\n2026-03;EUR;envelope;E;-0,50\r\n",
		},
		{"monthly?month=2025-03&format=csv", "month,currency,by,code,amount\r\n"},
		{"monthly?month=2025-03", "[]\n"},
		{"yearly?year=2025", "[]\n"},
	} {
		got := w.want(http.StatusOK, nil, u, http.MethodGet, "/billing/v1/costs/"+tc.target, "")
		if d := cmp.Diff(tc.want, string(got.body)); d != "" {
			t.Errorf("%s: %s", tc.target, d)
		}
	}
	got := w.want(http.StatusOK, nil, u, http.MethodGet, "/billing/v1/costs/yearly?year=2026&offer=B&format=csv&csv=fr", "")
	want := "2026;EUR;total;;-6,00" + strings.Repeat(";-0,50", 12) + "\r\n2026;EUR;offer;B;-6,00" + strings.Repeat(";-0,50", 12) + "\r\n"
	if _, body, _ := strings.Cut(string(got.body), "\r\n"); body != want {
		t.Errorf("year: %q", got.body)
	}
}

// Formulas that a client writes into its words are words to whoever opens the export.
func TestExportHasNoFormulas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.catalogue([]string{"A"}, "E")
	u := w.writer("A")
	w.create(u, strings.Replace(simple("A", "E", "=1+1", "2026-01-01", "-2.5"), `"Line"`, `"@SUM(A1); \"x\""`, 1))
	got := string(w.want(http.StatusOK, nil, u, http.MethodGet, "/billing/v1/subscriptions?csv=fr", "", "Accept", "text/csv").body)
	for _, want := range []string{";'=1+1;", `;"'@SUM(A1); ""x""";`, ";-2,50;EUR;1;1;"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

// Hours and zones change nothing: a day is a civil day in UTC, whatever clock the program reads (T17).
func TestClocksInOtherZones(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{
		time.Date(2026, 3, 29, 0, 59, 59, 0, time.UTC), time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC),
		time.Date(2026, 10, 25, 23, 59, 59, 0, time.UTC), time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		first := ""
		for _, name := range []string{"UTC", "Pacific/Apia", "America/Juneau", "Europe/Paris"} {
			zone, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			got := lifeIn(t, at.In(zone))
			if first == "" {
				first = got
			}
			if d := cmp.Diff(first, got); d != "" {
				t.Errorf("%s at %s: %s", name, at, d)
			}
		}
	}
}

// lifeIn is everything that the API answers about a small history, at one moment.
func lifeIn(t *testing.T, at time.Time) string {
	t.Helper()
	c := &clock{at: at}
	n := 0
	s, err := store.Open(t.Context(), ":memory:", database.Options{}, store.Options{Now: c.now, NewID: func(billing.Instant) string {
		n++
		return fmt.Sprint("id", n)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	w := worldOver(t, s, c)
	w.catalogue([]string{"A"}, "E")
	u := w.writer("A")
	sub := w.create(u, simple("A", "E", "r", at.UTC().Format(time.DateOnly), "3.33"))
	var b strings.Builder
	for _, target := range []string{
		"subscriptions", "subscriptions/" + sub.ID, "subscriptions?status=active", "subscriptions?format=csv", "audit",
		"subscriptions?createdAt=" + at.UTC().Format(time.DateOnly), "costs/yearly?year=2026", "costs/monthly?month=2026-12",
	} {
		b.Write(w.want(http.StatusOK, nil, u, http.MethodGet, "/billing/v1/"+target, "").body)
	}
	return b.String()
}
