package soak_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/bench/soak"
	"github.com/clementine-ope/clementine/internal/database"
)

func billing(t *testing.T, address string, meanwhile func(context.Context) error) soak.BillingResult {
	t.Helper()
	r, err := soak.Billing(t.Context(), soak.BillingOptions{
		Programs: programs(t), Database: address, Duration: 3 * time.Second, Rate: 100, Seed: 1, Log: t.Output(), Between: meanwhile,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d calls, %d errors, %d subscriptions, %d changes, %d lost, drifted %t, %v", r.Calls, r.Errors, r.Subscriptions, r.Changes, r.Lost, r.Drifted, r.Latency)
	return r
}

func TestBillingKeepsItsWordUnderMixedLoad(t *testing.T) {
	t.Parallel()
	for name, address := range map[string]func(*testing.T) string{
		"SQLite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "billing.db") },
		"PostgreSQL": func(t *testing.T) string { return server.Address(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := billing(t, address(t), nil)
			if err := r.Err(); err != nil {
				t.Error(err)
			}
			if r.Calls != 300 || r.Subscriptions < 40 || r.Changes < 40 || len(r.Latency) != 6 {
				t.Errorf("%d calls, %d subscriptions, %d changes, %d kinds of call: too little was at stake", r.Calls, r.Subscriptions, r.Changes, len(r.Latency))
			}
		})
	}
}

// The soak must see a subscription that is gone, and a sum that is wrong.
func TestLostMoneyIsSeen(t *testing.T) {
	t.Parallel()
	address := filepath.Join(t.TempDir(), "billing.db")
	r := billing(t, address, func(ctx context.Context) error {
		db, err := database.Open(ctx, address, database.Options{})
		if err != nil {
			return err
		}
		defer db.Close()
		return db.Write(ctx, func(tx *database.Tx) error {
			if _, err := tx.Exec(ctx, "UPDATE subscription SET version = version + 1 WHERE num = 1"); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "UPDATE cost_rollup SET c0 = c0 + 1 WHERE envelope_id = 0")
			return err
		})
	})
	if r.Lost != 1 || !r.Drifted || r.Err() == nil {
		t.Errorf("a version and the sums were changed, and %d subscriptions are lost, drifted %t", r.Lost, r.Drifted)
	}
}
