package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/clementine-ope/clementine/billing"
)

// apex-rollup#624: a comparison that races writers finds drift that is not there. Ours reads both sides from one snapshot.
func TestRegressionReconcileBesideWriters(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		const writers, each = 4, 12
		b.catalogue([]billing.OfferCode{"A", "B"}, []billing.EnvelopeCode{"E1"})
		var all sync.WaitGroup
		errs := make(chan error, writers)
		for w := range writers {
			all.Go(func() {
				var err error
				for i := 0; i < each && err == nil; i++ {
					n := monthly([]billing.OfferCode{"A", "B"}[i%2], "E1", fmt.Sprintf("w%d-%d", w, i))
					var s billing.Subscription
					if s, err = b.CreateSubscription(t.Context(), b.admin, b.all, n); err == nil && i%3 == 0 {
						err = b.DeleteSubscription(t.Context(), b.admin, b.all, s.ID, 0)
					}
				}
				errs <- err
			})
		}
		done := make(chan struct{})
		go func() { all.Wait(); close(done) }()
		for writing := true; writing; {
			select {
			case <-done:
				writing = false
			default:
			}
			b.clean()
		}
		for range writers {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	})
}

// sim#6806: a comparison that starts from the subscriptions never sees sums that nothing stands for any more.
func TestRegressionOrphansOfTheRollupAreDrift(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
		if _, err := b.db.Writer().ExecContext(t.Context(), `INSERT INTO cost_rollup SELECT e.id, o.id, 24312, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM offer o, envelope e`); err != nil {
			t.Fatal(err)
		}
		report, err := b.Reconcile(t.Context(), b.admin, b.all)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Drifts) != 1 || report.Drifts[0].Found.Adjust != 5 || report.Drifts[0].Expected != (billing.Delta{}) || report.Keys != 1 {
			t.Errorf("%+v", report)
		}
	})
}

// ai-tally#325: what is refused as a duplicate has been added to the sums all the same, and cannot be taken out again.
func TestRegressionRefusedDuplicatesCostNothing(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
		b.create(monthly("A", "E1", "r1"))
		year := func() billing.Minor {
			costs, err := b.YearlyCosts(t.Context(), b.all, 2026, billing.Filter{})
			if err != nil || len(costs) != 1 {
				t.Fatalf("%+v, %v", costs, err)
			}
			return costs[0].Amount
		}
		before := year()
		var duplicate *billing.DuplicateError
		if _, err := b.CreateSubscription(t.Context(), b.admin, b.all, monthly("A", "E1", " R1 ")); !errors.As(err, &duplicate) {
			t.Errorf("created twice: %v", err)
		}
		rows := []billing.ImportRow{{Line: 1, NewSubscription: monthly("A", "E1", "r1")}, {Line: 2, NewSubscription: monthly("A", "E1", "r1")}}
		for _, mode := range []billing.OnDuplicate{billing.DuplicateReject, billing.DuplicateSkip} {
			if _, err := b.Import(t.Context(), b.admin, b.all, rows, mode); err != nil {
				t.Fatal(err)
			}
		}
		if after := year(); after != before {
			t.Errorf("the year costs %d instead of %d", after, before)
		}
		b.clean()
	})
}

// flexprice#2336: a key against retries took the place of the check of the period, so the same thing under another key was billed twice.
func TestRegressionAKeyDoesNotReplaceTheCheck(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
		post := func(key string) error {
			_, _, err := b.Once(t.Context(), billing.OnceKey{Client: "w", Route: "POST /subscriptions", Key: key}, func(ctx context.Context, s billing.Store) (billing.Answer, error) {
				_, err := s.CreateSubscription(ctx, b.admin, b.all, monthly("A", "E1", "r1"))
				return billing.Answer{Status: 201}, err
			})
			return err
		}
		if err := errors.Join(post("first"), post("first")); err != nil {
			t.Fatal(err)
		}
		var duplicate *billing.DuplicateError
		if err := post("second"); !errors.As(err, &duplicate) {
			t.Errorf("under another key: %v", err)
		}
		if all := b.everything(b.all, billing.Filter{}, billing.Order{}); len(all) != 1 {
			t.Errorf("%d are stored", len(all))
		}
	})
}
