package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// A report about some offers, or about one envelope, reads the part of the roll-up that is theirs: the engine says so itself, about
// the very statements that the store sends, over tables that it has taken stock of.
func TestReportsReadWhatTheirOffersHaveAndNoMore(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			var sent statementLog
			b := open(t, engine.Address(t), database.Options{Statement: sent.add}, store.Options{})
			b.fillRollup(20, 400)
			ctx, month := t.Context(), billing.NewMonth(2026, 3)
			one := billing.Filter{Offers: []billing.OfferCode{"O1"}}
			envelope := billing.Filter{Envelopes: []billing.EnvelopeCode{"E1"}}
			client := scope("O1", "O2")
			for _, code := range []billing.EnvelopeCode{"E1", "E2", "E3"} {
				b.budget(billing.BudgetKey{Offer: "O1", Envelope: code, Year: 2026}, 1)
			}
			for name, report := range map[string]func() error{
				"month of a client":                 func() error { _, err := b.MonthlyCosts(ctx, client, month, billing.Filter{}); return err },
				"month of an offer":                 func() error { _, err := b.MonthlyCosts(ctx, b.all, month, one); return err },
				"month of an envelope":              func() error { _, err := b.MonthlyCosts(ctx, b.all, month, envelope); return err },
				"month of an envelope, as a client": func() error { _, err := b.MonthlyCosts(ctx, client, month, envelope); return err },
				"budgets of a client": func() error {
					_, err := b.Budgets(ctx, client, billing.BudgetFilter{Year: 2026}, month, billing.Page{})
					return err
				},
				"year of a client":                 func() error { _, err := b.YearlyCosts(ctx, client, 2026, billing.Filter{}); return err },
				"year of a client, by envelope":    func() error { _, err := b.YearlyCosts(ctx, client, 2026, billing.Filter{ByEnvelope: true}); return err },
				"year of all offers":               func() error { _, err := b.YearlyCosts(ctx, b.all, 2026, billing.Filter{}); return err },
				"year of an envelope":              func() error { _, err := b.YearlyCosts(ctx, b.all, 2026, envelope); return err },
				"year of an envelope, as a client": func() error { _, err := b.YearlyCosts(ctx, client, 2026, envelope); return err },
			} {
				sent.take()
				if err := report(); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				checked := 0
				for _, query := range sent.take() {
					if !strings.Contains(query, "cost_rollup") {
						continue
					}
					checked++
					plan := explain(t, b.db, query)
					if whole := wholeScans(plan); len(whole) > 0 {
						t.Errorf("%s: the roll-up is read as a whole (%q):\n%s\n%s", name, whole, query, strings.Join(plan, "\n"))
					}
				}
				if checked == 0 {
					t.Errorf("%s: no statement names the roll-up", name)
				}
			}
		})
	}
}

// statementLog is what a store has sent to its database.
type statementLog struct {
	mu      sync.Mutex
	queries []string
}

func (l *statementLog) add(query string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queries = append(l.queries, query)
}

// take returns the statements since the last time.
func (l *statementLog) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	queries := l.queries
	l.queries = nil
	return queries
}

// fillRollup makes offers and envelopes, and a roll-up in which each offer has each envelope; the engine then takes stock.
func (b *bench) fillRollup(offers, envelopes int) {
	b.t.Helper()
	var codes []billing.OfferCode
	var named []billing.EnvelopeCode
	for i := range offers {
		codes = append(codes, billing.OfferCode(fmt.Sprint("O", i+1)))
	}
	for i := range envelopes {
		named = append(named, billing.EnvelopeCode(fmt.Sprint("E", i+1)))
	}
	b.catalogue(codes, named)
	columns := strings.Split("envelope_id, offer_id, month, adjust, c0, c1, c2, c3, c4, c5, c6, c7, c8", ", ")
	var rows [][]any
	for envelope := range envelopes + 1 {
		for offer := range offers {
			for _, month := range []billing.Month{billing.NewMonth(2025, 5), billing.NewMonth(2026, 2)} {
				row := []any{int64(envelope), int64(offer + 1), int64(month)}
				for range columns[len(row):] {
					row = append(row, int64(1))
				}
				rows = append(rows, row)
			}
		}
	}
	if err := b.db.Fill(b.t.Context(), "cost_rollup", columns, rows); err != nil {
		b.t.Fatal(err)
	}
	stock := "ANALYZE"
	if b.db.Dialect() == database.PostgreSQL {
		stock = "VACUUM ANALYZE cost_rollup"
	}
	if _, err := b.db.Writer().ExecContext(b.t.Context(), stock); err != nil {
		b.t.Fatal(err)
	}
}

// explain is the plan of a statement, a step each.
func explain(t *testing.T, db *database.DB, query string) []string {
	t.Helper()
	arguments := strings.Count(query, "?")
	if db.Dialect() == database.PostgreSQL {
		return explainPostgreSQL(t, db, query, arguments)
	}
	rows, err := db.Writer().QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, slices.Repeat([]any{nil}, arguments)...)
	if err != nil {
		t.Fatal(err)
	}
	return steps(t, rows, func(step *string) []any { return []any{new(int), new(int), new(int), step} })
}

// explainPostgreSQL asks for the plan that serves all arguments, as the store's prepared statements have it.
func explainPostgreSQL(t *testing.T, db *database.DB, query string, arguments int) []string {
	t.Helper()
	ctx := t.Context()
	conn, err := db.Writer().Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}()
	nulls := strings.TrimSuffix(strings.Repeat("NULL, ", arguments), ", ")
	for _, statement := range []string{"SET plan_cache_mode = force_generic_plan", "PREPARE report AS " + db.Dialect().Rebind(query)} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	defer func() {
		if _, err := conn.ExecContext(context.WithoutCancel(ctx), "DEALLOCATE report"); err != nil {
			t.Error(err)
		}
	}()
	rows, err := conn.QueryContext(ctx, "EXPLAIN (COSTS OFF) EXECUTE report("+nulls+")")
	if err != nil {
		t.Fatal(err)
	}
	return steps(t, rows, func(step *string) []any { return []any{step} })
}

func steps(t *testing.T, rows *sql.Rows, into func(step *string) []any) (plan []string) {
	t.Helper()
	for rows.Next() {
		var step string
		if err := rows.Scan(into(&step)...); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, step)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	return plan
}

// wholeScans are the steps of a plan that read all envelopes of the roll-up: in SQLite a SCAN, or a search by nothing but
// envelope_id > 0; in PostgreSQL a scan of that part of the table whose index is given neither an offer nor an envelope.
func wholeScans(plan []string) (whole []string) {
	narrowed := regexp.MustCompile(`Index Cond: .*(offer_id|envelope_id) = `)
	for i, step := range plan {
		text := strings.TrimSpace(step)
		switch {
		case strings.HasPrefix(text, "SCAN r"), strings.HasPrefix(text, "SEARCH r ") && strings.Contains(text, "(envelope_id>?)"):
			whole = append(whole, text)
		case strings.Contains(text, "Scan") && strings.Contains(text, "cost_rollup_envelopes"):
			if i+1 == len(plan) || !narrowed.MatchString(plan[i+1]) {
				whole = append(whole, text)
			}
		}
	}
	return whole
}
