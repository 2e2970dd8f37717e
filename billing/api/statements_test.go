package api_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// A list, a report or an export asks the database as often for a hundred subscriptions as for one: three times, and twice
// for who is asking (T15).
func TestStatementsDoNotGrow(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			checkStatements(t, engine.Address(t))
		})
	}
}

func checkStatements(t *testing.T, address string) {
	t.Helper()
	var statements atomic.Int64
	c := &clock{at: noon}
	s, err := store.Open(context.Background(), address, database.Options{Statement: func(string) { statements.Add(1) }}, store.Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := worldOver(t, s, c)
	w.catalogue([]string{"A"}, "E")
	u := w.writer("A")
	targets := []string{
		"subscriptions?itemsPerPage=100", "subscriptions?format=csv", "subscriptions?format=jsonl", "offers", "envelopes", "suspects?itemsPerPage=100",
		"audit?itemsPerPage=100", "costs/monthly?month=2026-03", "costs/monthly?month=2026-03&envelope=E", "costs/yearly?year=2026",
		"costs/yearly?year=2026&by=envelope", "costs/yearly?year=2026&periodicity=monthly", "costs/yearly?year=2026&format=csv", "budgets?year=2026&itemsPerPage=100",
	}
	count := func(target string) int64 {
		before := statements.Load()
		w.want(http.StatusOK, nil, u, http.MethodGet, "/billing/v1/"+target, "")
		return statements.Load() - before
	}
	w.create(u, simple("A", "E", "first", "2026-01-01", "1"))
	one := map[string]int64{}
	for _, target := range targets {
		one[target] = count(target)
	}
	for i := range 99 {
		w.create(u, simple("A", "E", fmt.Sprintf("%d", i), "2026-01-01", "1"))
	}
	for _, target := range targets {
		if got := count(target); got != one[target] || got > 3+2 {
			t.Errorf("%s takes %d statements for one, %d for a hundred", target, one[target], got)
		}
	}
}
