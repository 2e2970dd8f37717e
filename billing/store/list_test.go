package store_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

var (
	manyOffers    = []billing.OfferCode{"A", "B", "C", "JP"}
	manyEnvelopes = []billing.EnvelopeCode{"E1", "E2", "E3"}
)

// populate stores about n subscriptions, some held, revised, ended or moved, by several clients on several days.
func (b *bench) populate(p picker, n int) []billing.Subscription {
	b.t.Helper()
	ctx := b.t.Context()
	b.catalogue(manyOffers, manyEnvelopes)
	for range n {
		actor := billing.Actor{Client: one(p, []billing.ClientID{"root", "w"}), Kind: billing.ActorClient}
		s, err := b.CreateSubscription(ctx, actor, b.all, p.subscription(manyOffers, manyEnvelopes))
		var duplicate *billing.DuplicateError
		if errors.As(err, &duplicate) {
			continue
		}
		if err != nil {
			b.t.Fatal(err)
		}
		if p(0, 2) == 0 {
			_, err = b.AddHold(ctx, actor, b.all, s.ID, 0, p.hold(s.Term))
		}
		if p(0, 3) == 0 && err == nil {
			_, err = b.Revise(ctx, actor, b.all, s.ID, 0, s.Term.From+billing.Day(p(0, 100)), p.lines())
		}
		var invalid *billing.InvalidError
		if err != nil && !errors.As(err, &invalid) {
			b.t.Fatal(err)
		}
	}
	return b.everything(b.all, billing.Filter{}, billing.Order{})
}

func (b *bench) everything(sc billing.Scope, f billing.Filter, o billing.Order) []billing.Subscription {
	b.t.Helper()
	list := []billing.Subscription{}
	err := b.StreamSubscriptions(b.t.Context(), sc, f, o, func(s *billing.Subscription) error {
		list = append(list, *s)
		return nil
	})
	if err != nil {
		b.t.Fatalf("streaming %+v: %v", f, err)
	}
	return list
}

// ticking is a clock that moves some hours with every look at it, so that creation spreads over many days.
func ticking(p picker) func() time.Time {
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	return func() time.Time {
		at = at.Add(time.Duration(p(0, 7)) * time.Hour)
		return at
	}
}

func compareBy(o billing.Order) func(a, b billing.Subscription) int {
	return func(a, b billing.Subscription) int {
		c := 0
		switch o.By {
		case billing.OrderByUpdated:
			c = cmp.Compare(a.UpdatedAt, b.UpdatedAt)
		case billing.OrderByStart:
			c = cmp.Compare(a.Term.From, b.Term.From)
		case billing.OrderByEnd:
			c = cmp.Compare(a.Term.To, b.Term.To)
		case billing.OrderByReference:
			c = strings.Compare(a.Reference, b.Reference)
		case billing.OrderByLabel:
			c = strings.Compare(a.Label, b.Label)
		case billing.OrderByOffer:
			c = cmp.Compare(a.Offer, b.Offer)
		case billing.OrderByEnvelope:
			c = cmp.Compare(a.Envelope, b.Envelope)
		case billing.OrderByAmount:
			c = cmp.Compare(a.Amount(), b.Amount())
		default:
			c = cmp.Compare(a.CreatedAt, b.CreatedAt)
		}
		c = cmp.Or(c, cmp.Compare(a.ID, b.ID))
		if o.Ascending {
			return c
		}
		return -c
	}
}

// The engine's filter is the domain's, in every order, and pages put together are the whole, both ways.
func TestListsAreWhatTheDomainKeeps(t *testing.T) {
	t.Parallel()
	questions := 150
	if long() {
		questions = 2000
	}
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			p := seeded(11)
			b := open(t, engine.Address(t), database.Options{}, store.Options{Now: ticking(seeded(12))})
			all := b.populate(p, 120)
			if len(all) < 60 {
				t.Fatalf("only %d subscriptions", len(all))
			}
			kept := 0
			for range questions {
				f, o := p.filter(manyOffers, manyEnvelopes), p.order()
				sc := one(p, []billing.Scope{b.all, scope("A", "JP"), reader("B"), {}})
				var want []billing.Subscription
				for _, s := range all {
					if sc.Sees(s.Offer) && f.Matches(&s) {
						want = append(want, s)
					}
				}
				slices.SortFunc(want, compareBy(o))
				if diff := gocmp.Diff(ids(want), ids(b.everything(sc, f, o))); diff != "" {
					t.Fatalf("%+v by %+v (-want +got):\n%s", f, o, diff)
				}
				b.pagesAre(sc, f, o, p(1, 40), want)
				kept += len(want)
			}
			if kept < questions {
				t.Errorf("%d questions kept %d subscriptions: too few to show anything", questions, kept)
			}
		})
	}
}

// The days and months at which something begins or ends are where the engine's SQL could differ from the domain.
func TestFiltersAtTheirBoundaries(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		all := b.populate(seeded(31), 40)
		check := func(f billing.Filter) {
			t.Helper()
			var want []billing.Subscription
			for _, s := range all {
				if f.Matches(&s) {
					want = append(want, s)
				}
			}
			slices.SortFunc(want, compareBy(billing.Order{}))
			if diff := gocmp.Diff(ids(want), ids(b.everything(b.all, f, billing.Order{}))); diff != "" {
				t.Fatalf("%+v (-want +got):\n%s", f, diff)
			}
		}
		for m := billing.NewMonth(2025, 1); m < billing.NewMonth(2028, 1); m++ {
			check(billing.Filter{Period: &m})
		}
		held := 0
		for _, s := range all {
			days := []billing.Day{s.Term.From - 1, s.Term.From, s.Term.To - 1, s.Term.To}
			for _, h := range s.Holds {
				days = append(days, h.From-1, h.From, h.To-1, h.To)
				held++
			}
			for _, on := range days {
				for _, status := range []billing.Status{billing.StatusPlanned, billing.StatusActive, billing.StatusHeld, billing.StatusEnded} {
					check(billing.Filter{Text: s.Reference, Statuses: []billing.Status{status}, AsOf: on})
				}
			}
		}
		if held == 0 {
			t.Error("nothing is held: nothing is shown")
		}
	})
}

func ids(list []billing.Subscription) []billing.SubscriptionID {
	out := []billing.SubscriptionID{}
	for _, s := range list {
		out = append(out, s.ID)
	}
	return out
}

func (b *bench) pagesAre(sc billing.Scope, f billing.Filter, o billing.Order, size int, want []billing.Subscription) {
	b.t.Helper()
	ctx := b.t.Context()
	var forward []billing.Subscription
	p := billing.Page{Size: size, Count: true}
	var last billing.SubscriptionPage
	for number := 1; ; number++ {
		page, err := b.Subscriptions(ctx, sc, f, o, p)
		if err != nil {
			b.t.Fatal(err)
		}
		if *page.Total != int64(len(want)) || (number == 1) != (page.Previous == "") {
			b.t.Fatalf("page %d of %d: total %d, previous %q", number, len(want), *page.Total, page.Previous)
		}
		numbered, err := b.Subscriptions(ctx, sc, f, o, billing.Page{Size: size, Number: number})
		if err != nil || gocmp.Diff(page.Items, numbered.Items) != "" {
			b.t.Fatalf("page %d by number is not that by cursor: %v", number, err)
		}
		forward = append(forward, page.Items...)
		last = page
		if page.Next == "" {
			break
		}
		p.Cursor = page.Next
	}
	if diff := gocmp.Diff(ids(want), ids(forward)); diff != "" {
		b.t.Fatalf("pages of %d forward (-want +got):\n%s", size, diff)
	}
	backward := slices.Clone(last.Items)
	for page := last; page.Previous != ""; {
		var err error
		if page, err = b.Subscriptions(ctx, sc, f, o, billing.Page{Size: size, Cursor: page.Previous}); err != nil {
			b.t.Fatal(err)
		}
		backward = append(slices.Clone(page.Items), backward...)
	}
	if diff := gocmp.Diff(ids(want), ids(backward)); diff != "" {
		b.t.Fatalf("pages of %d backward (-want +got):\n%s", size, diff)
	}
}

func TestACursorIsGoodForItsListOnly(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A", "B"}, []billing.EnvelopeCode{"E1"})
		for i := range 4 {
			b.create(monthly("A", "E1", reference(i)))
		}
		first, err := b.Subscriptions(t.Context(), scope("A"), billing.Filter{}, billing.Order{}, billing.Page{Size: 2})
		if err != nil || first.Next == "" {
			t.Fatal(first, err)
		}
		for name, ask := range map[string]func() error{
			"another scope": func() error { return b.page(scope("A", "B"), billing.Filter{}, billing.Order{}, first.Next) },
			"another filter": func() error {
				return b.page(scope("A"), billing.Filter{Text: "x"}, billing.Order{}, first.Next)
			},
			"another order": func() error {
				return b.page(scope("A"), billing.Filter{}, billing.Order{Ascending: true}, first.Next)
			},
			"noise": func() error { return b.page(scope("A"), billing.Filter{}, billing.Order{}, "noise!") },
		} {
			var invalid *billing.InvalidError
			if err := ask(); !errors.As(err, &invalid) || invalid.Violations[0].Path != "cursor" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := b.page(scope("A"), billing.Filter{AsOf: today}, billing.Order{}, first.Next); err != nil {
			t.Errorf("the same list on another day: %v", err)
		}
	})
}

func (b *bench) page(sc billing.Scope, f billing.Filter, o billing.Order, cursor string) error {
	_, err := b.Subscriptions(context.Background(), sc, f, o, billing.Page{Size: 2, Cursor: cursor})
	return err
}
