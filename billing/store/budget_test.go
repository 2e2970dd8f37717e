package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
)

// budget is the key of one of some offers and envelopes.
func (p picker) budget(offers []billing.OfferCode, envelopes []billing.EnvelopeCode) billing.BudgetKey {
	return billing.BudgetKey{Offer: one(p, offers), Envelope: one(p, envelopes), Year: p(2025, 2027)}
}

func (b *bench) budget(k billing.BudgetKey, amount billing.Minor) billing.Budget {
	b.t.Helper()
	set, _, err := b.SetBudget(b.t.Context(), b.admin, b.all, k, amount, 0)
	if err != nil {
		b.t.Fatal(err)
	}
	return set
}

func TestLifeOfABudget(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx, march := t.Context(), billing.NewMonth(2026, 3)
		b.catalogue([]billing.OfferCode{"A", "B"}, []billing.EnvelopeCode{"E1", "E2"})
		b.create(monthly("A", "E1", "r1"))
		key := billing.BudgetKey{Offer: "A", Envelope: "E1", Year: 2026}
		w, sc := billing.Actor{Client: "w", Kind: billing.ActorClient}, scope("A")

		set, created, err := b.SetBudget(ctx, w, sc, key, 36_000, 0)
		if err != nil || !created || set.Version != 1 || set.Currency != "EUR" || set.Amount != 36_000 {
			t.Fatalf("%+v, created %v, %v", set, created, err)
		}
		got, err := b.Budget(ctx, sc, key, march)
		if err != nil {
			t.Fatal(err)
		}
		want := billing.BudgetReport{Budget: set, Actual: 2 * 2999, Forecast: 12 * 2999}
		for i := range want.Months {
			want.Months[i] = 2999
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("beside its costs (-want +got):\n%s", diff)
		}
		next := billing.BudgetKey{Offer: "A", Envelope: "E1", Year: 2027}
		b.budget(next, 1)
		if later, err := b.Budget(ctx, sc, next, march); err != nil || later.Previous != 12*2999 || later.Actual != 0 || later.State() != billing.BudgetExpected {
			t.Errorf("of the next year: %+v, %v", later, err)
		}

		if same, created, err := b.SetBudget(ctx, w, sc, key, 36_000, 1); err != nil || created || same != set {
			t.Errorf("the same again: %+v, created %v, %v", same, created, err)
		}
		if more, created, err := b.SetBudget(ctx, w, sc, key, 40_000, 1); err != nil || created || more.Version != 2 {
			t.Errorf("another amount: %+v, created %v, %v", more, created, err)
		}
		var conflict *billing.ConflictError
		if _, _, err := b.SetBudget(ctx, w, sc, key, 1, 1); !errors.As(err, &conflict) || conflict.Version != 2 {
			t.Errorf("an old version: %v", err)
		}
		if err := b.DeleteBudget(ctx, w, sc, key, 1); !errors.As(err, &conflict) {
			t.Errorf("deleting an old version: %v", err)
		}
		b.refusesBudgets(w, key)

		if err := b.DeleteBudget(ctx, w, sc, key, 2); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Budget(ctx, sc, key, march); !errors.Is(err, billing.ErrNotFound) {
			t.Errorf("after it was deleted: %v", err)
		}
		trace, err := b.Audit(ctx, sc, billing.AuditFilter{Kinds: []billing.AuditKind{billing.AuditBudget}, ID: "A/E1/2026"}, billing.Page{})
		if err != nil {
			t.Fatal(err)
		}
		var acts []string
		for _, e := range trace.Items {
			var before, after struct{ Amount string }
			for text, into := range map[string]any{e.Before: &before, e.After: &after} {
				if text == "" {
					continue
				}
				if err := json.Unmarshal([]byte(text), into); err != nil {
					t.Fatal(err)
				}
			}
			acts = append(acts, fmt.Sprintf("%s %s > %s", e.Action, before.Amount, after.Amount))
		}
		if diff := cmp.Diff([]string{"delete 400.00 > ", "set 360.00 > 400.00", "set  > 360.00"}, acts); diff != "" {
			t.Errorf("the trace (-want +got):\n%s", diff)
		}
	})
}

// refusesBudgets tries what is refused: other offers are unknown, own ones that are only read are forbidden.
func (b *bench) refusesBudgets(w billing.Actor, key billing.BudgetKey) {
	b.t.Helper()
	ctx := b.t.Context()
	other := billing.BudgetKey{Offer: "B", Envelope: "E1", Year: 2026}
	for name, try := range map[string]struct {
		err  error
		want error
	}{
		"set elsewhere":            {second(b.SetBudget(ctx, w, scope("A"), other, 1, 0)), billing.ErrNotFound},
		"set with no offer":        {second(b.SetBudget(ctx, w, billing.Scope{}, key, 1, 0)), billing.ErrNotFound},
		"set as a reader":          {second(b.SetBudget(ctx, w, reader("A"), key, 1, 0)), billing.ErrForbidden},
		"delete elsewhere":         {b.DeleteBudget(ctx, w, scope("A"), other, 0), billing.ErrNotFound},
		"delete as a reader":       {b.DeleteBudget(ctx, w, reader("A"), key, 0), billing.ErrForbidden},
		"delete what is not":       {b.DeleteBudget(ctx, w, b.all, other, 0), billing.ErrNotFound},
		"delete of no envelope":    {b.DeleteBudget(ctx, w, b.all, billing.BudgetKey{Offer: "A", Envelope: "NONE", Year: 2026}, 0), billing.ErrNotFound},
		"set on no such offer":     {second(b.SetBudget(ctx, w, b.all, billing.BudgetKey{Offer: "NONE", Envelope: "E1", Year: 2026}, 1, 0)), billing.ErrNotFound},
		"read elsewhere":           {third(b.Budget(ctx, scope("B"), key, 0)), billing.ErrNotFound},
		"read with the zero scope": {third(b.Budget(ctx, billing.Scope{}, key, 0)), billing.ErrNotFound},
	} {
		if !errors.Is(try.err, try.want) {
			b.t.Errorf("%s: %v", name, try.err)
		}
	}
	var invalid *billing.InvalidError
	unknown := billing.BudgetKey{Offer: "A", Envelope: "NONE", Year: 2026}
	if err := second(b.SetBudget(ctx, w, scope("A"), unknown, 1, 0)); !errors.As(err, &invalid) || invalid.Violations[0].Path != "envelope" {
		b.t.Errorf("an unknown envelope: %v", err)
	}
	if err := second(b.SetBudget(ctx, w, scope("A"), key, -1, 0)); !errors.As(err, &invalid) || invalid.Violations[0].Path != "amount" {
		b.t.Errorf("below zero: %v", err)
	}
}

func second(_ billing.Budget, _ bool, err error) error { return err }

func third(_ billing.BudgetReport, err error) error { return err }

// The pages of budgets are all that the scope sees, in order, each held against the costs of its own pair.
func TestBudgetsInPages(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.populate(seeded(21), 80)
		for _, offer := range manyOffers {
			for i, envelope := range manyEnvelopes {
				b.budget(billing.BudgetKey{Offer: offer, Envelope: envelope, Year: 2026}, billing.Minor(1000*(i+1)))
			}
			b.budget(billing.BudgetKey{Offer: offer, Envelope: manyEnvelopes[0], Year: 2025}, 7)
		}
		var all []billing.BudgetReport
		page := billing.BudgetPage{}
		for first := true; first || page.Next != ""; first = false {
			var err error
			page, err = b.Budgets(ctx, scope("A", "B"), billing.BudgetFilter{Year: 2026}, billing.NewMonth(2026, 6), billing.Page{Size: 3, Cursor: page.Next, Count: true})
			if err != nil {
				t.Fatal(err)
			}
			if *page.Total != int64(2*len(manyEnvelopes)) {
				t.Errorf("%d in all", *page.Total)
			}
			all = append(all, page.Items...)
		}
		if len(all) != 2*len(manyEnvelopes) {
			t.Fatalf("%d budgets", len(all))
		}
		charged := false
		for i := range all {
			r := &all[i]
			if i > 0 && (all[i-1].Offer > r.Offer || all[i-1].Offer == r.Offer && all[i-1].Envelope >= r.Envelope) {
				t.Errorf("%v comes after %v", r.BudgetKey, all[i-1].BudgetKey)
			}
			for year, want := range map[int]billing.Minor{2025: r.Previous, 2026: r.Forecast} {
				costs, err := b.YearlyCosts(ctx, b.all, year, billing.Filter{Offers: []billing.OfferCode{r.Offer}, Envelopes: []billing.EnvelopeCode{r.Envelope}})
				if err != nil {
					t.Fatal(err)
				}
				var amount billing.Minor
				if len(costs) > 0 {
					amount, charged = costs[0].Amount, true
				}
				if amount != want {
					t.Errorf("%v: %d in %d, the report says %d", r.BudgetKey, want, year, amount)
				}
			}
		}
		if !charged {
			t.Error("nothing is charged: nothing is shown")
		}
		some, err := b.Budgets(ctx, b.all, billing.BudgetFilter{Year: 2026, Offers: []billing.OfferCode{"B"}, Envelopes: manyEnvelopes[:1]}, 0, billing.Page{})
		if err != nil || len(some.Items) != 1 || some.Items[0].Offer != "B" || some.Items[0].Envelope != manyEnvelopes[0] {
			t.Errorf("of one offer and envelope: %+v, %v", some, err)
		}
		var invalid *billing.InvalidError
		if _, err := b.Budgets(ctx, scope("A"), billing.BudgetFilter{Year: 2026}, 0, billing.Page{Cursor: page.Previous}); !errors.As(err, &invalid) {
			t.Errorf("a cursor of another scope: %v", err)
		}
	})
}

// An envelope is known to those whose offers have a budget of it, before anything is charged to it (F8-9).
func TestABudgetShowsItsEnvelope(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A", "B"}, []billing.EnvelopeCode{"E1"})
		b.budget(billing.BudgetKey{Offer: "A", Envelope: "E1", Year: 2026}, 1)
		if _, err := b.Envelope(t.Context(), scope("A"), "E1"); err != nil {
			t.Error(err)
		}
		if _, err := b.Envelope(t.Context(), scope("B"), "E1"); !errors.Is(err, billing.ErrNotFound) {
			t.Errorf("for another: %v", err)
		}
	})
}

// Of many who set one budget at once, each counts a version, and the trace tells all of them in a row.
func TestManySetOneBudget(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		const writers = 20
		b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
		key := billing.BudgetKey{Offer: "A", Envelope: "E1", Year: 2026}
		var all sync.WaitGroup
		errs := make(chan error, writers)
		for i := range writers {
			all.Go(func() {
				_, _, err := b.SetBudget(t.Context(), b.admin, b.all, key, billing.Minor(i+1), 0)
				errs <- err
			})
		}
		all.Wait()
		for range writers {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		got, err := b.Budget(t.Context(), b.all, key, 0)
		if err != nil || got.Version != writers {
			t.Fatalf("%+v, %v", got.Budget, err)
		}
		trace, err := b.Audit(t.Context(), b.all, billing.AuditFilter{Kinds: []billing.AuditKind{billing.AuditBudget}}, billing.Page{Size: 100})
		if err != nil || len(trace.Items) != writers {
			t.Fatalf("%d entries, %v", len(trace.Items), err)
		}
		for i := range trace.Items[:writers-1] {
			if newer, older := trace.Items[i], trace.Items[i+1]; newer.Before != older.After {
				t.Errorf("after %s comes %s", older.After, newer.Before)
			}
		}
	})
}
