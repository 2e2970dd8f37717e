package store_test

import (
	"errors"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// sumOf is a report over subscriptions, by the closed form of each.
func sumOf(list []billing.Subscription, year int) map[billing.Currency]*billing.YearlyCost {
	sums := map[billing.Currency]*billing.YearlyCost{}
	for _, s := range list {
		c := sums[s.Currency]
		if c == nil {
			c = &billing.YearlyCost{Year: year, Currency: s.Currency}
			sums[s.Currency] = c
		}
		o, e := billing.OfferYear{Offer: s.Offer}, billing.EnvelopeYear{Envelope: s.Envelope}
		if i := slices.IndexFunc(c.Offers, func(o billing.OfferYear) bool { return o.Offer == s.Offer }); i < 0 {
			c.Offers = append(c.Offers, o)
		}
		if i := slices.IndexFunc(c.Envelopes, func(e billing.EnvelopeYear) bool { return e.Envelope == s.Envelope }); i < 0 {
			c.Envelopes = append(c.Envelopes, e)
		}
		for i := range c.Months {
			cost := s.CostMonth(billing.NewMonth(year, i+1))
			c.Months[i] += cost
			c.Amount += cost
			for j := range c.Offers {
				if c.Offers[j].Offer == s.Offer {
					c.Offers[j].Months[i] += cost
					c.Offers[j].Amount += cost
				}
			}
			for j := range c.Envelopes {
				if c.Envelopes[j].Envelope == s.Envelope {
					c.Envelopes[j].Months[i] += cost
					c.Envelopes[j].Amount += cost
				}
			}
		}
	}
	return sums
}

// byHand is sumOf as the store reports it.
func byHand(list []billing.Subscription, year int) []billing.YearlyCost {
	costs := []billing.YearlyCost{}
	for _, c := range sumOf(list, year) {
		c.Offers = slices.DeleteFunc(c.Offers, func(o billing.OfferYear) bool { return o.Months == [12]billing.Minor{} })
		c.Envelopes = slices.DeleteFunc(c.Envelopes, func(e billing.EnvelopeYear) bool { return e.Months == [12]billing.Minor{} })
		slices.SortFunc(c.Offers, func(a, b billing.OfferYear) int { return compareText(a.Offer, b.Offer) })
		slices.SortFunc(c.Envelopes, func(a, b billing.EnvelopeYear) int { return compareText(a.Envelope, b.Envelope) })
		if len(c.Offers) > 0 {
			costs = append(costs, *c)
		}
	}
	slices.SortFunc(costs, func(a, b billing.YearlyCost) int { return compareText(a.Currency, b.Currency) })
	return costs
}

func compareText[T ~string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Every report, from the roll-up or by closed form, is the sum over the subscriptions that list and export show.
func TestReportsAreTheSumOfWhatIsListed(t *testing.T) {
	t.Parallel()
	questions := 60
	if long() {
		questions = 1000
	}
	onEachEngine(t, func(t *testing.T, b *bench) {
		p := seeded(21)
		b.populate(p, 80)
		ctx := t.Context()
		for i := range questions {
			f := p.filter(manyOffers, manyEnvelopes)
			if i%3 == 0 {
				f = billing.Filter{Offers: some(p, 2, manyOffers), Envelopes: some(p, 2, manyEnvelopes)}
			}
			f.ByEnvelope = true
			sc := one(p, []billing.Scope{b.all, scope("A", "JP"), reader("B"), {}})
			year := p(2024, 2029)
			want := byHand(b.everything(sc, f, billing.Order{}), year)
			got, err := b.YearlyCosts(ctx, sc, year, f)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Fatalf("%d of %+v (-by hand +report):\n%s", year, f, diff)
			}
			m := p(1, 12)
			months, err := b.MonthlyCosts(ctx, sc, billing.NewMonth(year, m), f)
			if err != nil {
				t.Fatal(err)
			}
			checkMonth(t, want, months, m)
		}
	})
}

// checkMonth compares a monthly report with the yearly one.
func checkMonth(t *testing.T, year []billing.YearlyCost, months []billing.MonthlyCost, m int) {
	t.Helper()
	for _, y := range year {
		want := billing.MonthlyCost{Month: billing.NewMonth(y.Year, m), Currency: y.Currency, Amount: y.Months[m-1]}
		for _, o := range y.Offers {
			if o.Months[m-1] != 0 {
				want.Offers = append(want.Offers, billing.OfferAmount{Offer: o.Offer, Amount: o.Months[m-1]})
			}
		}
		for _, e := range y.Envelopes {
			if e.Months[m-1] != 0 {
				want.Envelopes = append(want.Envelopes, billing.EnvelopeAmount{Envelope: e.Envelope, Amount: e.Months[m-1]})
			}
		}
		i := slices.IndexFunc(months, func(c billing.MonthlyCost) bool { return c.Currency == y.Currency })
		if i < 0 {
			if len(want.Offers)+len(want.Envelopes) > 0 {
				t.Fatalf("no block in %s of %s", y.Currency, want.Month)
			}
			continue
		}
		if diff := gocmp.Diff(want, months[i]); diff != "" {
			t.Fatalf("month %s (-year +month):\n%s", want.Month, diff)
		}
	}
}

func TestABroadReportIsRefused(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			b := open(t, engine.Address(t), database.Options{}, store.Options{ScanLimit: 5})
			b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
			for i := range 6 {
				b.create(monthly("A", "E1", reference(i)))
			}
			f := billing.Filter{Text: "ref"}
			if _, err := b.YearlyCosts(t.Context(), b.all, 2026, f); !errors.Is(err, billing.ErrTooBroad) {
				t.Errorf("6 of at most 5: %v", err)
			}
			f.Reference = reference(1)
			if got, err := b.YearlyCosts(t.Context(), b.all, 2026, f); err != nil || len(got) != 1 {
				t.Errorf("1 of at most 5: %v, %v", got, err)
			}
		})
	}
}
