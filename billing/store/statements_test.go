package store_test

import (
	"sync/atomic"
	"testing"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// T15: a list, a report or a page of an export takes at most three statements, for one row as for a hundred.
func TestReadsTakeThreeStatementsAtMost(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			var statements atomic.Int64
			b := open(t, engine.Address(t), database.Options{Statement: func(string) { statements.Add(1) }}, store.Options{})
			ctx := t.Context()
			b.populate(seeded(3), 140)
			for _, envelope := range []billing.EnvelopeCode{"E1", "E2"} {
				if _, _, err := b.SetBudget(ctx, b.admin, b.all, billing.BudgetKey{Offer: "A", Envelope: envelope, Year: 2026}, 1000, 0); err != nil {
					t.Fatal(err)
				}
			}
			month := billing.NewMonth(2026, 3)
			held := billing.Filter{Statuses: []billing.Status{billing.StatusHeld}, AsOf: today, Period: &month}
			some := b.everything(b.all, billing.Filter{}, billing.Order{})
			tests := map[string]func(size int) error{
				"list": func(size int) error {
					_, err := b.Subscriptions(ctx, b.all, billing.Filter{}, billing.Order{}, billing.Page{Size: size, Count: true})
					return err
				},
				"filtered list": func(size int) error {
					_, err := b.Subscriptions(ctx, scope("A", "B"), held, billing.Order{By: billing.OrderByOffer}, billing.Page{Size: size, Count: true})
					return err
				},
				"detail": func(int) error { _, err := b.Subscription(ctx, b.all, some[0].ID); return err },
				"export": func(int) error {
					return b.StreamSubscriptions(ctx, b.all, billing.Filter{}, billing.Order{}, func(*billing.Subscription) error { return nil })
				},
				"month":          func(int) error { _, err := b.MonthlyCosts(ctx, b.all, month, billing.Filter{}); return err },
				"year":           func(int) error { _, err := b.YearlyCosts(ctx, b.all, 2026, billing.Filter{}); return err },
				"year, filtered": func(int) error { _, err := b.YearlyCosts(ctx, b.all, 2026, held); return err },
				"year, by envelope": func(int) error {
					_, err := b.YearlyCosts(ctx, scope("A"), 2026, billing.Filter{ByEnvelope: true, Envelopes: []billing.EnvelopeCode{"E1"}})
					return err
				},
				"year, by every envelope": func(int) error {
					_, err := b.YearlyCosts(ctx, b.all, 2026, billing.Filter{ByEnvelope: true})
					return err
				},
				"month of some offers": func(int) error { _, err := b.MonthlyCosts(ctx, scope("A", "B"), month, billing.Filter{}); return err },
				"budgets": func(size int) error {
					_, err := b.Budgets(ctx, scope("A", "B"), billing.BudgetFilter{Year: 2026}, month, billing.Page{Size: size, Count: true})
					return err
				},
				"reconciliations": func(size int) error { _, err := b.Reconciliations(ctx, b.all, size); return err },
				"offers":          func(int) error { _, err := b.Offers(ctx, scope("A")); return err },
				"envelopes":       func(int) error { _, err := b.Envelopes(ctx, scope("A")); return err },
				"clients":         func(int) error { _, err := b.Clients(ctx, b.all); return err },
				"suspects": func(size int) error {
					_, err := b.Suspects(ctx, b.all, "", billing.Page{Size: size, Count: true})
					return err
				},
				"audit": func(size int) error {
					_, err := b.Audit(ctx, scope("A"), billing.AuditFilter{}, billing.Page{Size: size, Count: true})
					return err
				},
			}
			if len(some) < 100 {
				t.Fatalf("only %d subscriptions", len(some))
			}
			for name, read := range tests {
				counts := map[int]int64{}
				for _, size := range []int{1, 100} {
					statements.Store(0)
					if err := read(size); err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					counts[size] = statements.Load()
				}
				if counts[1] != counts[100] || counts[100] > 3 || counts[100] == 0 {
					t.Errorf("%s: %d statements for a row, %d for a hundred", name, counts[1], counts[100])
				}
			}
		})
	}
}
