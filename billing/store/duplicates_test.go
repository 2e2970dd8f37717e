package store_test

import (
	"errors"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
)

func TestTermsOfOneReferenceDoNotMeet(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.catalogue([]billing.OfferCode{"A", "B"}, []billing.EnvelopeCode{"E1", "E2"})
		first := monthly("A", "E1", "Line 1")
		first.Term.To = day("2026-06-01")
		old := b.create(first)
		next := monthly("A", "E1", "LINE 1")
		next.Term = billing.Interval{From: day("2026-06-01"), To: billing.Forever}
		renewed := b.create(next)
		var duplicate *billing.DuplicateError
		if _, err := b.End(ctx, b.admin, b.all, old.ID, 0, day("2026-06-02")); !errors.As(err, &duplicate) || duplicate.Existing != renewed.ID {
			t.Errorf("extended into its renewal: %v", err)
		}
		elsewhere := b.create(monthly("A", "E2", "Line 1"))
		to := billing.EnvelopeCode("E1")
		if _, err := b.PatchSubscription(ctx, b.admin, b.all, elsewhere.ID, 0, billing.SubscriptionPatch{Envelope: &to}); !errors.As(err, &duplicate) {
			t.Errorf("moved onto another: %v", err)
		}
		b.create(monthly("B", "E1", "Line 1"))
		b.clean()
	})
}

func TestSuspectsAreSettledByPeople(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.catalogue([]billing.OfferCode{"A", "B"}, []billing.EnvelopeCode{"E1"})
		same := func(reference, label string) billing.Subscription {
			n := monthly("A", "E1", reference)
			n.Label = label
			return b.create(n)
		}
		first, second := same("R1", "Mobile 06"), same("R2", "mobile  06")
		third := same("R3", "MOBILE 06")
		same("R4", "Hosting")
		page, err := b.Suspects(ctx, scope("A"), billing.DecisionOpen, billing.Page{Count: true})
		if err != nil || len(page.Items) != 3 || *page.Total != 3 {
			t.Fatalf("suspects: %+v, %v", page.Items, err)
		}
		var ofSecond billing.Suspect
		for _, u := range page.Items {
			if u.Similarity != 100 || u.Offer != "A" || u.Envelope != "E1" {
				t.Errorf("suspect: %+v", u)
			}
			if u.Subscription == second.ID {
				ofSecond = u
			}
		}
		if ofSecond.Twin != first.ID {
			t.Fatalf("the newer of %s and %s: %+v", first.ID, second.ID, ofSecond)
		}
		a := billing.Actor{Client: "w", Kind: billing.ActorClient}
		var invalid *billing.InvalidError
		if _, err := b.SettleSuspect(ctx, a, scope("A"), ofSecond.ID, billing.DecisionCancel); !errors.As(err, &invalid) || invalid.Violations[0].Path != "reason" {
			t.Errorf("without a reason: %v", err)
		}
		a.Reason = "typed twice"
		if _, err := b.SettleSuspect(ctx, a, scope("B"), ofSecond.ID, billing.DecisionCancel); !errors.Is(err, billing.ErrNotFound) {
			t.Errorf("outside the scope: %v", err)
		}
		if _, err := b.SettleSuspect(ctx, a, reader("A"), ofSecond.ID, billing.DecisionCancel); !errors.Is(err, billing.ErrForbidden) {
			t.Errorf("by a reader: %v", err)
		}
		if hidden, err := b.Suspects(ctx, scope("B"), "", billing.Page{}); err != nil || len(hidden.Items) != 0 {
			t.Errorf("to another scope: %+v, %v", hidden.Items, err)
		}
		got, err := b.SettleSuspect(ctx, a, scope("A"), ofSecond.ID, billing.DecisionCancel)
		if err != nil || got.Decision != billing.DecisionCancel || got.Reason != a.Reason || got.DecidedBy != "w" {
			t.Errorf("cancelled: %+v, %v", got, err)
		}
		if _, err := b.Subscription(ctx, b.all, second.ID); !errors.Is(err, billing.ErrNotFound) {
			t.Errorf("the newer one is still there: %v", err)
		}
		if _, err := b.SettleSuspect(ctx, a, scope("A"), ofSecond.ID, billing.DecisionKeep); !errors.As(err, &invalid) {
			t.Errorf("settled twice: %v", err)
		}
		// The third was suspected of being the second too, which is no question any more.
		left, err := b.Suspects(ctx, b.all, billing.DecisionOpen, billing.Page{})
		if err != nil || len(left.Items) != 1 || left.Items[0].Subscription != third.ID || left.Items[0].Twin != first.ID {
			t.Errorf("left: %+v, %v", left.Items, err)
		}
		b.clean()
	})
}

func TestAnImportAnswersForEachRow(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.catalogue([]billing.OfferCode{"A", "B"}, []billing.EnvelopeCode{"E1"})
		stored := b.create(monthly("A", "E1", "Stored"))
		noEnvelope, noLines := monthly("A", "NONE", "R3"), monthly("A", "E1", "R4")
		noLines.Lines = nil
		rows := []billing.ImportRow{
			{Line: 1, NewSubscription: monthly("A", "E1", "R1")}, {Line: 2, NewSubscription: monthly("A", "E1", " r1 ")},
			{Line: 3, NewSubscription: noEnvelope}, {Line: 4, NewSubscription: noLines},
			{Line: 5, NewSubscription: monthly("B", "E1", "R5")}, {Line: 6, NewSubscription: monthly("A", "E1", "stored")},
			{Line: 8, NewSubscription: monthly("A", "E1", "R8")},
		}
		for _, onDuplicate := range []billing.OnDuplicate{billing.DuplicateReject, billing.DuplicateSkip} {
			results, err := b.Import(ctx, b.admin, scope("A"), rows, onDuplicate)
			if err != nil {
				t.Fatal(err)
			}
			var outcomes []billing.ImportOutcome
			var lines []int
			for _, r := range results {
				outcomes, lines = append(outcomes, r.Outcome), append(lines, r.Line)
			}
			bad, same := billing.ImportRejected, billing.ImportRejected
			want := []billing.ImportOutcome{billing.ImportCreated, same, bad, bad, bad, same, billing.ImportCreated}
			if onDuplicate == billing.DuplicateSkip {
				same = billing.ImportSkipped
				want = []billing.ImportOutcome{same, same, bad, bad, bad, same, same}
			}
			if diff := gocmp.Diff(want, outcomes) + gocmp.Diff([]int{1, 2, 3, 4, 5, 6, 8}, lines); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", onDuplicate, diff)
			}
			if results[5].Existing != stored.ID || results[1].Existing == "" {
				t.Errorf("existing: %+v", results)
			}
			var invalid *billing.InvalidError
			for i, path := range map[int]string{2: "envelope", 3: "lines", 4: "offer"} {
				if !errors.As(results[i].Err, &invalid) || invalid.Violations[0].Path != path {
					t.Errorf("line %d: %v, not about %s", results[i].Line, results[i].Err, path)
				}
			}
		}
		b.clean()
	})
}

// Drift is reported with its key and both values, whichever side it is on, and is not repaired.
func TestReconcileReportsDrift(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.catalogue([]billing.OfferCode{"A", "B"}, []billing.EnvelopeCode{"E1"})
		b.create(monthly("A", "E1", "R"))
		for _, query := range []string{
			"UPDATE cost_rollup SET c0 = c0 + 1 WHERE envelope_id = 0",
			"INSERT INTO cost_rollup SELECT 0, id, 24312, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM offer WHERE code = 'B'",
		} {
			if _, err := b.db.Writer().ExecContext(ctx, query); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			report, err := b.Reconcile(ctx, b.admin, b.all)
			if err != nil || report.Clean() || len(report.Drifts) != 3 || len(report.Faults) != 3 {
				t.Fatalf("%+v, %v", report, err)
			}
			orphan := billing.Drift{RollupKey: billing.RollupKey{Offer: "B", Month: 24312}, Found: billing.Delta{Adjust: 5}}
			if diff := gocmp.Diff(orphan, report.Drifts[2]); diff != "" {
				t.Errorf("orphan (-want +got):\n%s", diff)
			}
		}
		reports, err := b.Reconciliations(ctx, b.all, 1)
		if err != nil || len(reports) != 1 || len(reports[0].Drifts) != 3 || reports[0].Actor != b.admin {
			t.Errorf("kept: %+v, %v", reports, err)
		}
	})
}

// A roll-up beyond 64 bits is an error, not another number.
func TestOverflowIsAnError(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
		b.create(monthly("A", "E1", "R"))
		refund := monthly("A", "E1", "S")
		refund.Lines = []billing.Line{leaf("Refund", -1000)}
		for stored, n := range map[string]billing.NewSubscription{
			"9223372036854775000": monthly("A", "E1", "S"), "-9223372036854775000": refund,
		} {
			if _, err := b.db.Writer().ExecContext(ctx, "UPDATE cost_rollup SET c0 = "+stored); err != nil {
				t.Fatal(err)
			}
			if _, err := b.CreateSubscription(ctx, b.admin, b.all, n); !errors.Is(err, billing.ErrOverflow) {
				t.Errorf("writing, %s stored: %v", stored, err)
			}
			if _, err := b.YearlyCosts(ctx, b.all, 2027, billing.Filter{}); !errors.Is(err, billing.ErrOverflow) {
				t.Errorf("reading, %s stored: %v", stored, err)
			}
		}
		if left := b.everything(b.all, billing.Filter{}, billing.Order{}); len(left) != 1 {
			t.Errorf("%d subscriptions", len(left))
		}
	})
}
