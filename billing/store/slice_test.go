package store_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
)

func TestFromAnOfferToTheYearlyReport(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		b.catalogue([]billing.OfferCode{"NOTES", "MAIL", "JP"}, []billing.EnvelopeCode{"IT", "HR"})
		created := b.create(monthly("NOTES", "IT", "C-1"))
		mail := monthly("MAIL", "HR", "C-2")
		mail.Term.To = day("2026-03-01")
		b.create(mail)

		got, err := b.Subscription(ctx, scope("NOTES"), created.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(created, got); diff != "" {
			t.Errorf("stored (-created +read):\n%s", diff)
		}
		if got.Amount() != 2999 || got.Lines()[0].Lines[1].Amount != 499 || got.CreatedOn != today {
			t.Errorf("read %+v", got)
		}
		if _, err := b.Subscription(ctx, scope("MAIL"), created.ID); !errors.Is(err, billing.ErrNotFound) {
			t.Errorf("outside the scope: %v", err)
		}

		year, err := b.YearlyCosts(ctx, b.all, 2026, billing.Filter{ByEnvelope: true})
		if err != nil {
			t.Fatal(err)
		}
		notes := billing.OfferYear{Offer: "NOTES", Amount: 12 * 2999}
		for m := range notes.Months {
			notes.Months[m] = 2999
		}
		post := billing.OfferYear{Offer: "MAIL", Amount: 2 * 2999, Months: [12]billing.Minor{2999, 2999}}
		want := []billing.YearlyCost{{
			Year: 2026, Currency: "EUR", Amount: 14 * 2999,
			Months: [12]billing.Minor{5998, 5998, 2999, 2999, 2999, 2999, 2999, 2999, 2999, 2999, 2999, 2999},
			Offers: []billing.OfferYear{post, notes},
			Envelopes: []billing.EnvelopeYear{
				{Envelope: "HR", Amount: post.Amount, Months: post.Months}, {Envelope: "IT", Amount: notes.Amount, Months: notes.Months},
			},
		}}
		if diff := cmp.Diff(want, year); diff != "" {
			t.Errorf("year (-want +got):\n%s", diff)
		}
		month, err := b.MonthlyCosts(ctx, scope("NOTES"), billing.NewMonth(2026, 3), billing.Filter{})
		if err != nil {
			t.Fatal(err)
		}
		wantMonth := []billing.MonthlyCost{{
			Month: billing.NewMonth(2026, 3), Currency: "EUR", Amount: 2999,
			Offers:    []billing.OfferAmount{{Offer: "NOTES", Amount: 2999}},
			Envelopes: []billing.EnvelopeAmount{{Envelope: "IT", Amount: 2999}},
		}}
		if diff := cmp.Diff(wantMonth, month); diff != "" {
			t.Errorf("month (-want +got):\n%s", diff)
		}

		page, err := b.Subscriptions(ctx, b.all, billing.Filter{}, billing.Order{}, billing.Page{Size: 1, Count: true})
		if err != nil || len(page.Items) != 1 || page.Next == "" || page.Previous != "" || *page.Total != 2 {
			t.Errorf("first page: %+v, %v", page, err)
		}
		second, err := b.Subscriptions(ctx, b.all, billing.Filter{}, billing.Order{}, billing.Page{Size: 1, Cursor: page.Next})
		if err != nil || len(second.Items) != 1 || second.Next != "" || second.Previous == "" || second.Items[0].ID == page.Items[0].ID {
			t.Errorf("second page: %+v, %v", second, err)
		}
		b.clean()
	})
}
