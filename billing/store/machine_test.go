package store_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// fewerChecks keeps rapid's tests short, unless the command line or the long form says otherwise.
func fewerChecks() {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given && !long() {
		if err := flag.Set("rapid.checks", "15"); err != nil {
			panic(err)
		}
	}
}

var errCrash = errors.New("crash before commit")

// wipe removes what one case has stored, so that the next starts empty without a new database.
func (b *bench) wipe(fail func(...any)) {
	for _, table := range []string{
		"audit_offer", "audit", "once", "suspect", "cost_rollup", "budget", "line", "revision", "hold", "subscription", "client_offer",
		"client", "envelope", "offer",
	} {
		if _, err := b.db.Writer().ExecContext(context.Background(), "DELETE FROM "+table); err != nil {
			fail("emptying ", table, ": ", err)
		}
	}
}

// counting makes ids that are the same in every run.
func counting() func(billing.Instant) string {
	var n atomic.Int64
	return func(billing.Instant) string { return fmt.Sprintf("id%09d", n.Add(1)) }
}

// machine is a store and what it should hold, by the domain's own functions.
type machine struct {
	b       *bench
	p       picker
	dying   *bool
	stored  map[billing.SubscriptionID]billing.Subscription
	changed int
}

// T8: whatever is done, and wherever a write is cut off before its commit, the roll-up is what a rebuild gives, and the
// store holds what the domain says.
func TestWhateverIsDoneTheRollupIsItsSubscriptions(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			dying := false
			b := open(t, engine.Address(t), database.Options{BeforeCommit: func() error {
				if dying {
					return errCrash
				}
				return nil
			}}, store.Options{NewID: counting()})
			rapid.Check(t, func(rt *rapid.T) {
				b.wipe(rt.Fatal)
				b.catalogue(manyOffers, manyEnvelopes)
				m := &machine{b: b, p: drawn(rt), dying: &dying, stored: map[billing.SubscriptionID]billing.Subscription{}}
				rt.Repeat(map[string]func(*rapid.T){
					"create": func(*rapid.T) { m.create(rt) }, "hold": func(*rapid.T) { m.hold(rt) },
					"release": func(*rapid.T) { m.release(rt) }, "revise": func(*rapid.T) { m.revise(rt) },
					"end": func(*rapid.T) { m.end(rt) }, "move": func(*rapid.T) { m.move(rt) },
					"delete": func(*rapid.T) { m.delete(rt) }, "import": func(*rapid.T) { m.importRows(rt) },
					"": func(*rapid.T) { m.check(rt) },
				})
			})
		})
	}
}

// try runs a write, one time in five to its death. It says whether the write is to be taken into the model.
func (m *machine) try(rt *rapid.T, write func() error) bool {
	*m.dying = m.p(0, 4) == 0
	err := write()
	crashed := *m.dying
	*m.dying = false
	var invalid *billing.InvalidError
	var duplicate *billing.DuplicateError
	switch {
	case err == nil:
		return true
	case crashed && errors.Is(err, errCrash), errors.As(err, &invalid), errors.As(err, &duplicate):
		return false
	}
	rt.Fatalf("write: %v", err)
	return false
}

func (m *machine) create(rt *rapid.T) {
	n := m.p.subscription(manyOffers, manyEnvelopes)
	var s billing.Subscription
	if m.try(rt, func() (err error) {
		s, err = m.b.CreateSubscription(context.Background(), m.b.admin, m.b.all, n)
		return err
	}) {
		m.stored[s.ID] = s
	}
}

func (m *machine) importRows(rt *rapid.T) {
	var rows []billing.ImportRow
	for i := range m.p(1, 6) {
		rows = append(rows, billing.ImportRow{Line: i + 1, NewSubscription: m.p.subscription(manyOffers, manyEnvelopes)})
	}
	var results []billing.ImportResult
	if !m.try(rt, func() (err error) {
		results, err = m.b.Import(context.Background(), m.b.admin, m.b.all, rows, billing.DuplicateSkip)
		return err
	}) {
		return
	}
	for _, r := range results {
		if r.Outcome == billing.ImportCreated {
			s, err := m.b.Subscription(context.Background(), m.b.all, r.ID)
			if err != nil {
				rt.Fatal(err)
			}
			m.stored[r.ID] = s
		}
	}
}

// change lets the domain and the store change one subscription, and compares what they make of it.
func (m *machine) change(
	rt *rapid.T, model func(s *billing.Subscription) (billing.Subscription, error),
	write func(s billing.Subscription) (billing.Subscription, error),
) {
	if len(m.stored) == 0 {
		return
	}
	old := m.stored[one(m.p, slices.Sorted(maps.Keys(m.stored)))]
	var got billing.Subscription
	if !m.try(rt, func() (err error) {
		got, err = write(old)
		return err
	}) {
		return
	}
	want, err := model(&old)
	if err != nil {
		rt.Fatalf("the store did what the domain refuses: %v", err)
	}
	want.Version, want.UpdatedAt, want.UpdatedOn = old.Version+1, got.UpdatedAt, got.UpdatedOn
	for i := range want.Holds {
		if i < len(got.Holds) && want.Holds[i].ID == "" {
			want.Holds[i].ID = got.Holds[i].ID
		}
	}
	if diff := gocmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		rt.Fatalf("changed (-domain +store):\n%s", diff)
	}
	m.stored[got.ID] = got
	m.changed++
}

func (m *machine) hold(rt *rapid.T) {
	var h billing.Hold
	m.change(rt, func(s *billing.Subscription) (billing.Subscription, error) { return s.WithHold(h) },
		func(s billing.Subscription) (billing.Subscription, error) {
			h = m.p.hold(s.Term)
			return m.b.AddHold(context.Background(), m.b.admin, m.b.all, s.ID, s.Version, h)
		})
}

func (m *machine) release(rt *rapid.T) {
	var id billing.HoldID
	m.change(rt, func(s *billing.Subscription) (billing.Subscription, error) { return s.WithoutHold(id) },
		func(s billing.Subscription) (billing.Subscription, error) {
			if len(s.Holds) == 0 {
				return s, billing.Invalid("", "", "nothing to release")
			}
			id = one(m.p, s.Holds).ID
			return m.b.RemoveHold(context.Background(), m.b.admin, m.b.all, s.ID, s.Version, id)
		})
}

func (m *machine) revise(rt *rapid.T) {
	var from billing.Day
	var lines []billing.Line
	m.change(rt, func(s *billing.Subscription) (billing.Subscription, error) { return s.WithRevision(from, lines) },
		func(s billing.Subscription) (billing.Subscription, error) {
			from, lines = s.Term.From+billing.Day(m.p(0, 90)), m.p.lines()
			return m.b.Revise(context.Background(), m.b.admin, m.b.all, s.ID, s.Version, from, lines)
		})
}

func (m *machine) end(rt *rapid.T) {
	var to billing.Day
	m.change(rt, func(s *billing.Subscription) (billing.Subscription, error) { return s.WithEnd(to) },
		func(s billing.Subscription) (billing.Subscription, error) {
			to = m.p.interval(s.Term.From).To
			return m.b.End(context.Background(), m.b.admin, m.b.all, s.ID, s.Version, to)
		})
}

func (m *machine) move(rt *rapid.T) {
	var patch billing.SubscriptionPatch
	m.change(rt, func(s *billing.Subscription) (billing.Subscription, error) {
		offer := billing.Offer{Code: s.Offer, Currency: s.Currency}
		if patch.Offer != nil {
			offer = billing.Offer{Code: *patch.Offer, Currency: "EUR"}
			if *patch.Offer == "JP" {
				offer.Currency = "JPY"
			}
		}
		return s.WithPatch(patch, offer)
	}, func(s billing.Subscription) (billing.Subscription, error) {
		patch = billing.SubscriptionPatch{
			Offer:     maybe(m.p, func() billing.OfferCode { return one(m.p, manyOffers) }),
			Envelope:  maybe(m.p, func() billing.EnvelopeCode { return one(m.p, manyEnvelopes) }),
			Reference: maybe(m.p, func() string { return reference(m.p(1, 9)) }),
		}
		return m.b.PatchSubscription(context.Background(), m.b.admin, m.b.all, s.ID, s.Version, patch)
	})
}

func (m *machine) delete(rt *rapid.T) {
	if len(m.stored) == 0 {
		return
	}
	id := one(m.p, slices.Sorted(maps.Keys(m.stored)))
	if m.try(rt, func() error { return m.b.DeleteSubscription(context.Background(), m.b.admin, m.b.all, id, 0) }) {
		delete(m.stored, id)
	}
}

// check compares the roll-up with a rebuild, a year's report with the closed form, and the rows with the model.
func (m *machine) check(rt *rapid.T) {
	report, err := m.b.Reconcile(context.Background(), m.b.admin, m.b.all)
	if err != nil || !report.Clean() || report.Subscriptions != int64(len(m.stored)) {
		rt.Fatalf("%d subscriptions: %+v, %v", len(m.stored), report, err)
	}
	year := m.p(2025, 2028)
	costs, err := m.b.YearlyCosts(context.Background(), m.b.all, year, billing.Filter{})
	if err != nil {
		rt.Fatal(err)
	}
	want, got := map[billing.OfferCode]billing.Minor{}, map[billing.OfferCode]billing.Minor{}
	for _, s := range m.stored {
		if cost := s.CostYear(year); cost != 0 {
			want[s.Offer] += cost
		}
	}
	for _, c := range costs {
		for _, o := range c.Offers {
			got[o.Offer] = o.Amount
		}
	}
	maps.DeleteFunc(want, func(_ billing.OfferCode, cost billing.Minor) bool { return cost == 0 })
	maps.DeleteFunc(got, func(_ billing.OfferCode, cost billing.Minor) bool { return cost == 0 })
	if diff := gocmp.Diff(want, got); diff != "" {
		rt.Fatalf("%d (-closed form +report):\n%s", year, diff)
	}
	if len(m.stored) == 0 {
		return
	}
	s := m.stored[one(m.p, slices.Sorted(maps.Keys(m.stored)))]
	read, err := m.b.Subscription(context.Background(), m.b.all, s.ID)
	if diff := gocmp.Diff(s, read, cmpopts.EquateEmpty()); err != nil || diff != "" {
		rt.Fatalf("stored (-model +read), %v:\n%s", err, diff)
	}
}

// T9: the order in which distinct subscriptions are written leaves no trace in the roll-up.
func TestTheOrderOfWritesDoesNotMatter(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		p := seeded(5)
		var all []billing.NewSubscription
		for i := range 25 {
			n := p.subscription(manyOffers, manyEnvelopes)
			n.Reference = reference(i)
			all = append(all, n)
		}
		var first []string
		for round := range 4 {
			b.wipe(t.Fatal)
			b.catalogue(manyOffers, manyEnvelopes)
			shuffle := rand.New(rand.NewPCG(uint64(round), 1))
			for _, i := range shuffle.Perm(len(all)) {
				s := b.create(all[i])
				// Deleted and made again, now and then.
				if shuffle.IntN(4) == 0 {
					if err := b.DeleteSubscription(t.Context(), b.admin, b.all, s.ID, 1); err != nil {
						t.Fatal(err)
					}
					b.create(all[i])
				}
			}
			rollup := b.rollup()
			if first == nil {
				first = rollup
			}
			if diff := gocmp.Diff(first, rollup); diff != "" || len(rollup) < 20 {
				t.Fatalf("round %d, %d rows (-first +this):\n%s", round, len(rollup), diff)
			}
		}
	})
}

// rollup is the stored roll-up, without the rows that came back to zero, in words.
func (b *bench) rollup() []string {
	b.t.Helper()
	var list []string
	err := b.db.Read(b.t.Context(), func(tx *database.Tx) error {
		return tx.Each(b.t.Context(), func(row database.Scanner) error {
			var envelope, offer string
			var n [11]int64
			dest := []any{&envelope, &offer}
			for i := range n {
				dest = append(dest, &n[i])
			}
			err := row.Scan(dest...)
			if slices.ContainsFunc(n[1:], func(v int64) bool { return v != 0 }) {
				list = append(list, fmt.Sprint(envelope, " ", offer, " ", n))
			}
			return err
		}, `SELECT coalesce(e.code, '-'), o.code, r.month, adjust, c0, c1, c2, c3, c4, c5, c6, c7, c8 FROM cost_rollup r
			JOIN offer o ON o.id = r.offer_id LEFT JOIN envelope e ON e.id = r.envelope_id ORDER BY 1, 2, 3`)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return list
}
