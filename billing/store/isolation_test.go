package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

var (
	visibleOffers = []billing.OfferCode{"A", "JP"}
	hiddenOffers  = []billing.OfferCode{"B", "C"}
)

// stage makes ids and instants depend on the step alone, so that two stores that were given different steps agree on those
// that they share.
type stage struct {
	step atomic.Int64
	made atomic.Int64
}

func (s *stage) at(step int) {
	s.step.Store(int64(step))
	s.made.Store(0)
}

func (s *stage) newID(billing.Instant) string {
	return fmt.Sprintf("s%06d-%03d", s.step.Load(), s.made.Add(1))
}

func (s *stage) now() time.Time {
	return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(s.step.Load()) * time.Hour)
}

// twin is a pair of stores: one with hidden data, and one where it never was.
type twin struct {
	full, restricted *bench
	stage            *stage
	step             int
	ids              []billing.SubscriptionID
	last             map[string]string // the latest cursors
}

func newTwin(t *testing.T, engine databasetest.Engine) *twin {
	s := &stage{}
	opts := store.Options{Now: s.now, NewID: s.newID}
	return &twin{
		full:       open(t, engine.Address(t), database.Options{}, opts),
		restricted: open(t, engine.Address(t), database.Options{}, opts), stage: s,
	}
}

// fill writes a generated past: what concerns hidden offers goes to one store only.
func (w *twin) fill(t *testing.T, p picker, writes int) {
	for _, b := range []*bench{w.full, w.restricted} {
		b.wipe(t.Fatal)
	}
	w.ids, w.last, w.step = nil, map[string]string{}, 0
	for _, offers := range [][]billing.OfferCode{visibleOffers, hiddenOffers} {
		hidden := offers[0] == hiddenOffers[0]
		for _, code := range offers {
			w.both(hidden, func(b *bench) { b.catalogue([]billing.OfferCode{code}, nil) })
		}
	}
	for _, code := range manyEnvelopes {
		w.both(false, func(b *bench) { b.catalogue(nil, []billing.EnvelopeCode{code}) })
	}
	for range writes {
		hidden := p(0, 1) == 0
		offers := visibleOffers
		if hidden {
			offers = hiddenOffers
		}
		n := p.subscription(offers, manyEnvelopes)
		h, revise := p.hold(n.Term), p(0, 2) == 0
		meant, amount := p.budget(offers, manyEnvelopes), billing.Minor(p(0, 50_000))
		lines := p.lines()
		var id billing.SubscriptionID
		w.both(hidden, func(b *bench) {
			s, err := b.CreateSubscription(context.Background(), b.admin, b.all, n)
			if err == nil {
				id = s.ID
				_, err = b.AddHold(context.Background(), b.admin, b.all, s.ID, 0, h)
			}
			if err == nil && revise {
				_, err = b.Revise(context.Background(), b.admin, b.all, s.ID, 0, s.Term.From+3, lines)
			}
			if _, _, failed := b.SetBudget(context.Background(), b.admin, b.all, meant, amount, 0); failed != nil {
				t.Fatal(failed)
			}
			var invalid *billing.InvalidError
			var duplicate *billing.DuplicateError
			if err != nil && !errors.As(err, &invalid) && !errors.As(err, &duplicate) {
				t.Fatal(err)
			}
		})
		if id != "" {
			w.ids = append(w.ids, id)
		}
	}
	w.ids = append(w.ids, "nowhere")
}

// both runs one step on the full store and, unless it is hidden, on the restricted one.
func (w *twin) both(hidden bool, do func(b *bench)) {
	w.step++
	for _, b := range []*bench{w.full, w.restricted} {
		if b == w.restricted && hidden {
			continue
		}
		w.stage.at(w.step)
		do(b)
	}
}

// ask does one request on both stores and compares all that came back, texts of errors included.
func (w *twin) ask(t *testing.T, name string, request func(b *bench) (any, error)) {
	t.Helper()
	var answers []string
	w.both(false, func(b *bench) {
		v, err := request(b)
		data, jsonErr := json.Marshal(v)
		if jsonErr != nil {
			t.Fatal(jsonErr)
		}
		answers = append(answers, fmt.Sprintf("%v\n%s", err, data))
		if w.last != nil && err == nil {
			w.remember(name, v)
		}
	})
	if diff := gocmp.Diff(answers[1], answers[0]); diff != "" {
		t.Fatalf("%s tells of what is hidden (-without it +with it):\n%s", name, diff)
	}
}

func (w *twin) remember(name string, v any) {
	switch page := v.(type) {
	case billing.SubscriptionPage:
		w.last[name] = page.Next
	case billing.AuditPage:
		w.last[name] = page.Next
	case billing.SuspectPage:
		w.last[name] = page.Next
	}
}

// request is one generated request with a scope: reads mostly, and writes at whatever id there is.
func (w *twin) request(t *testing.T, p picker, sc billing.Scope) {
	ctx := t.Context()
	a := billing.Actor{Client: "w", Kind: billing.ActorClient, Reason: "a reason", Request: "r"}
	id := one(p, w.ids)
	offers := append(append([]billing.OfferCode{"NONE"}, visibleOffers...), hiddenOffers...)
	f, o := p.filter(offers, manyEnvelopes), p.order()
	f.ByEnvelope = p(0, 1) == 0
	size, year := p(1, 10), p(2025, 2027)
	budgets, key := billing.BudgetFilter{Year: year, Offers: some(p, 2, offers)}, p.budget(offers, manyEnvelopes)
	switch p(0, 19) {
	case 18:
		w.ask(t, "budgets", func(b *bench) (any, error) {
			return b.Budgets(ctx, sc, budgets, billing.NewMonth(2026, 3), billing.Page{Size: size, Count: true})
		})
	case 19:
		w.ask(t, "budget", func(b *bench) (any, error) { return b.Budget(ctx, sc, key, billing.NewMonth(2026, 3)) })
	case 0, 1, 2:
		w.ask(t, "list", func(b *bench) (any, error) {
			return b.Subscriptions(ctx, sc, f, o, billing.Page{Size: size, Count: true})
		})
	case 3:
		cursor := w.last["walk"]
		w.ask(t, "walk", func(b *bench) (any, error) {
			return b.Subscriptions(ctx, sc, billing.Filter{}, billing.Order{}, billing.Page{Size: size, Cursor: cursor})
		})
	case 4:
		w.ask(t, "export", func(b *bench) (any, error) { return b.everything(sc, f, o), nil })
	case 5, 6:
		w.ask(t, "detail", func(b *bench) (any, error) { return b.Subscription(ctx, sc, id) })
	case 7:
		w.ask(t, "month", func(b *bench) (any, error) { return b.MonthlyCosts(ctx, sc, billing.NewMonth(year, 1+size), f) })
	case 8, 9:
		w.ask(t, "year", func(b *bench) (any, error) { return b.YearlyCosts(ctx, sc, year, f) })
	case 10:
		code := one(p, offers)
		w.ask(t, "offer", func(b *bench) (any, error) { return b.Offer(ctx, sc, code) })
		w.ask(t, "offers", func(b *bench) (any, error) { return b.Offers(ctx, sc) })
	case 11:
		code := one(p, manyEnvelopes)
		w.ask(t, "envelope", func(b *bench) (any, error) { return b.Envelope(ctx, sc, code) })
		w.ask(t, "envelopes", func(b *bench) (any, error) { return b.Envelopes(ctx, sc) })
	case 12:
		w.ask(t, "suspects", func(b *bench) (any, error) {
			return b.Suspects(ctx, sc, "", billing.Page{Size: size, Count: true})
		})
	case 13:
		asked := some(p, 1, offers)
		w.ask(t, "audit", func(b *bench) (any, error) {
			return b.Audit(ctx, sc, billing.AuditFilter{Offers: asked}, billing.Page{Size: size, Count: true})
		})
	case 14:
		cursor := w.last["audit of all"]
		w.ask(t, "audit of all", func(b *bench) (any, error) {
			return b.Audit(ctx, sc, billing.AuditFilter{}, billing.Page{Size: size, Cursor: cursor})
		})
		w.ask(t, "audit of one", func(b *bench) (any, error) {
			return b.Audit(ctx, sc, billing.AuditFilter{ID: string(id)}, billing.Page{Size: 3})
		})
	default:
		w.write(t, p, a, sc, id, offers)
	}
}

func (w *twin) write(t *testing.T, p picker, a billing.Actor, sc billing.Scope, id billing.SubscriptionID, offers []billing.OfferCode) {
	ctx := t.Context()
	n, h, expected := p.subscription(offers, manyEnvelopes), p.hold(billing.Interval{From: day("2026-01-01")}), p(0, 2)
	target, lines, size := one(p, offers), p.lines(), p(1, 4)
	key, amount := p.budget(offers, manyEnvelopes), billing.Minor(p(0, 50_000))
	switch p(0, 9) {
	case 8:
		w.ask(t, "set a budget", func(b *bench) (any, error) {
			set, created, err := b.SetBudget(ctx, a, sc, key, amount, expected)
			return []any{set, created}, err
		})
	case 9:
		w.ask(t, "take a budget away", func(b *bench) (any, error) { return nil, b.DeleteBudget(ctx, a, sc, key, expected) })
	case 0:
		w.ask(t, "create", func(b *bench) (any, error) { return b.CreateSubscription(ctx, a, sc, n) })
	case 1:
		w.ask(t, "hold", func(b *bench) (any, error) { return b.AddHold(ctx, a, sc, id, expected, h) })
	case 2:
		w.ask(t, "revise", func(b *bench) (any, error) { return b.Revise(ctx, a, sc, id, expected, h.From, lines) })
	case 3:
		w.ask(t, "end", func(b *bench) (any, error) { return b.End(ctx, a, sc, id, expected, h.From) })
	case 4:
		w.ask(t, "move", func(b *bench) (any, error) {
			return b.PatchSubscription(ctx, a, sc, id, expected, billing.SubscriptionPatch{Offer: &target})
		})
	case 5:
		w.ask(t, "delete", func(b *bench) (any, error) { return nil, b.DeleteSubscription(ctx, a, sc, id, expected) })
	case 6:
		var rows []billing.ImportRow
		for i := range size {
			rows = append(rows, billing.ImportRow{Line: i + 1, NewSubscription: p.subscription(offers, manyEnvelopes)})
		}
		w.ask(t, "import", func(b *bench) (any, error) {
			results, err := b.Import(ctx, a, sc, rows, billing.DuplicateReject)
			var texts []string
			for _, r := range results {
				texts = append(texts, fmt.Sprint(r))
			}
			return texts, err
		})
	case 7:
		w.ask(t, "settle", func(b *bench) (any, error) {
			page, err := b.Suspects(ctx, sc, billing.DecisionOpen, billing.Page{})
			if err != nil || len(page.Items) == 0 {
				return page, err
			}
			return b.SettleSuspect(ctx, a, sc, page.Items[0].ID, billing.DecisionCancel)
		})
	}
}

// F8-1 to F8-4: whatever a scope asks for, the answer with hidden data is the answer where that data never was.
func TestNothingTellsOfHiddenOffers(t *testing.T) {
	t.Parallel()
	databases, requests := 6, 120
	if long() {
		databases, requests = 250, 420
	}
	for i, engine := range databasetest.Engines(&server) {
		if i == 1 {
			continue // a file differs from memory in durability only
		}
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			databases := databases
			if i > 0 && !long() {
				databases = 2
			}
			w := newTwin(t, engine)
			scopes := []billing.Scope{scope(visibleOffers...), reader(visibleOffers...), scope("A"), {}}
			for seed := range databases {
				p := seeded(uint64(seed))
				w.fill(t, p, 30)
				for range requests {
					w.request(t, p, one(p, scopes))
				}
				w.full.clean()
			}
			t.Logf("%d cases of database, scope and request, none differs", databases*requests)
		})
	}
}

// F8-5: what two disjoint scopes see adds up to what their union sees, and an omniscient client sees the sum of all.
func TestScopesAddUp(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.populate(seeded(8), 60)
		months := func(sc billing.Scope, offers ...billing.OfferCode) (sum [12]billing.Minor) {
			costs, err := b.YearlyCosts(t.Context(), sc, 2026, billing.Filter{Offers: offers})
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range costs {
				for i := range sum {
					sum[i] += c.Months[i]
				}
			}
			return sum
		}
		plus := func(a, b [12]billing.Minor) [12]billing.Minor {
			for i := range a {
				a[i] += b[i]
			}
			return a
		}
		ab, cj := months(scope("A", "B")), months(reader("C", "JP"))
		if none := [12]billing.Minor{}; ab == none || cj == none {
			t.Fatal("nothing is charged: nothing is shown")
		}
		omniscient := billing.ScopeOf(billing.Client{Status: billing.ClientActive, Expires: billing.Forever, Omniscient: true}, today)
		for name, pair := range map[string][2][12]billing.Minor{
			"A and B":         {plus(months(scope("A")), months(scope("B"))), ab},
			"filter A, B":     {plus(months(b.all, "A"), months(b.all, "B")), months(b.all, "A", "B")},
			"filter narrows":  {months(scope("A")), months(scope("A"), "A", "B")},
			"all":             {plus(ab, cj), months(b.all)},
			"omniscient":      {plus(ab, cj), months(omniscient)},
			"outside is none": {{}, months(scope("A"), "B")},
		} {
			if diff := gocmp.Diff(pair[0], pair[1]); diff != "" {
				t.Errorf("%s:\n%s", name, diff)
			}
		}
	})
}
