package api_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/api"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
)

// The form of make test, and the long one: databases times requests.
const (
	shortDatabases, shortRequests = 12, 60
	longDatabases, longRequests   = 500, 200
)

func someOffers() []billing.OfferCode { return []billing.OfferCode{"A", "B", "C"} }

// step is one write of a generated history; in the restricted database the steps of hidden offers are left out.
type step struct {
	offer billing.OfferCode
	new   billing.NewSubscription
	hold  *billing.Hold
	end   *billing.Day
	meant billing.Minor // the budget of its offer and envelope; 0 is none
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func someDay(r *rand.Rand) billing.Day {
	return billing.NewDay(2026, 1, 1) + billing.Day(r.IntN(180)) - 60
}

func someStep(r *rand.Rand) step {
	from := someDay(r)
	n := billing.NewSubscription{
		Offer: pick(r, someOffers()...), Envelope: pick[billing.EnvelopeCode](r, "E1", "E2", "E3"),
		Reference: pick(r, "r1", "r2", "r3", "r4"), Label: pick(r, "line", "other line", "sub-line"),
		Periodicity: pick(r, billing.Daily, billing.Weekly, billing.Monthly), Term: billing.Interval{From: from, To: billing.Forever},
		Lines: []billing.Line{{Label: "x", Quantity: 1_000_000, UnitPrice: billing.Decimal6(1+r.IntN(50)) * 1_000_000}},
	}
	if n.Periodicity == billing.Monthly && r.IntN(2) == 0 {
		n.Rule = billing.DaysOfMonth
	}
	s := step{offer: n.Offer, new: n}
	if r.IntN(3) == 0 {
		s.new.Term.To = from + 30 + billing.Day(r.IntN(100))
	}
	if r.IntN(3) == 0 {
		s.meant = billing.Minor(1 + r.IntN(100_000))
	}
	switch r.IntN(4) {
	case 0:
		s.hold = &billing.Hold{Interval: billing.Interval{From: from + 5, To: from + 20}}
	case 1:
		end := from + 25
		s.end = &end
	}
	return s
}

// history plays the steps at fixed moments, so that what both databases hold has the same ids and instants in both.
func history(t *testing.T, steps []step, visible func(billing.OfferCode) bool, n billing.NewClient) (*world, *user) {
	t.Helper()
	c := &clock{at: noon}
	var mu sync.Mutex
	count := map[billing.Instant]int{}
	s, err := store.Open(t.Context(), ":memory:", database.Options{}, store.Options{Now: c.now, NewID: func(at billing.Instant) string {
		mu.Lock()
		defer mu.Unlock()
		count[at]++
		return fmt.Sprintf("i%d-%d", at, count[at])
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := worldOver(t, s, c)
	w.catalogue([]string{"A", "B", "C"}, "E1", "E2", "E3", "E4")
	c.set(noon.Add(time.Second))
	u := w.user(n)
	actor, scope := house()
	ctx := context.Background()
	envelopes := []billing.EnvelopeCode{"E1", "E2", "E3", "E4"}
	for i, st := range steps {
		c.set(noon.Add(time.Duration(i+2) * time.Second))
		if !visible(st.offer) {
			continue
		}
		made, err := s.CreateSubscription(ctx, actor, scope, st.new)
		var duplicate *billing.DuplicateError
		if errors.As(err, &duplicate) {
			continue
		}
		if err == nil && st.hold != nil {
			_, err = s.AddHold(ctx, actor, scope, made.ID, 0, *st.hold)
		}
		if err == nil && st.end != nil {
			_, err = s.End(ctx, actor, scope, made.ID, 0, *st.end)
		}
		var invalid *billing.InvalidError
		if err != nil && !errors.As(err, &invalid) {
			t.Fatal(err)
		}
		if st.meant > 0 {
			k := billing.BudgetKey{Offer: st.offer, Envelope: pick(rand.New(rand.NewPCG(uint64(i), 3)), envelopes...), Year: 2026}
			if _, _, err := s.SetBudget(ctx, actor, scope, k, st.meant, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.set(noon.Add(time.Hour / 2))
	return w, u
}

// question is one generated request.
type question struct {
	method, target, body string
	headers              []string
}

func someQuery(r *rand.Rand) string {
	q := url.Values{}
	add := func(name string, values ...string) {
		if r.IntN(4) == 0 {
			q.Set(name, pick(r, values...))
		}
	}
	add("offer", "A", "B", "C", "Z")
	if r.IntN(5) == 0 {
		q["envelope[]"] = []string{pick(r, "E1", "E2"), pick(r, "E3", "none")}
	}
	add("periodicity", "daily", "weekly", "monthly")
	add("status", "planned", "active", "held", "ended")
	add("period", "2026-01", "2026-03")
	add("text", "line", "sub", "r1")
	add("reference", "r1", "R2")
	add("amount[gte]", "5", "20.00")
	add("startDate[after]", "2026-01-15")
	add("endDate[before]", "2026-06-01")
	add("asOf", "2026-02-01", "2026-04-01")
	add("exists[endDate]", "true", "false")
	return q.Encode()
}

func someQuestion(r *rand.Rand, ids []string) question {
	id := pick(r, append(ids, "nothing")...)
	const base = "/billing/v1"
	list := func(path, query string) question {
		q := question{method: http.MethodGet, target: base + path + "?" + query}
		q.headers = []string{"Accept", pick(r, "application/ld+json", "application/json")}
		return q
	}
	budget := base + "/budgets/" + pick(r, "A", "B", "C", "Z") + "/" + pick(r, "E1", "E2", "E3", "E4", "none") + "/2026"
	switch r.IntN(15) {
	case 12:
		if r.IntN(2) == 0 {
			return list("/budgets", "year=2026"+pick(r, "", "&format=csv", "&envelope=E1", "&offer=B"))
		}
		return list("/budgets", "year=2026&itemsPerPage="+pick(r, "1", "3", "100")+"&offer[]="+pick(r, "A", "B")+"&offer[]="+pick(r, "C", "Z"))
	case 13:
		return question{method: http.MethodGet, target: budget + "?asOf=2026-02-01"}
	case 14:
		if r.IntN(2) == 0 {
			return question{method: http.MethodDelete, target: budget}
		}
		return question{method: http.MethodPut, target: budget, body: `{"amount":"12.50"}`}
	case 0, 1, 2:
		query := someQuery(r) + "&itemsPerPage=" + pick(r, "1", "2", "5", "100") + "&" +
			url.QueryEscape("order["+pick(r, "startDate", "amount", "reference", "createdAt", "envelope")+"]") + "=" + pick(r, "asc", "desc")
		if r.IntN(3) == 0 {
			query += "&page=" + pick(r, "1", "2", "3")
		}
		return list("/subscriptions", query)
	case 3:
		return list("/subscriptions", someQuery(r)+"&format="+pick(r, "csv", "jsonl"))
	case 4:
		return list("/costs/monthly", "month=2026-0"+pick(r, "1", "2", "3", "4")+"&"+someQuery(r))
	case 5:
		return list("/costs/yearly", "year=2026&"+someQuery(r))
	case 6:
		return list(pick(r, "/offers", "/envelopes", "/offers/A", "/offers/B", "/offers/Z", "/envelopes/E1", "/envelopes/E3", "/envelopes/E4", "/envelopes/none"), "")
	case 7:
		return list(pick(r, "/suspects", "/audit"), "itemsPerPage="+pick(r, "2", "100"))
	case 8:
		return question{method: http.MethodGet, target: base + "/subscriptions/" + id}
	case 9:
		return question{
			method: http.MethodPatch, target: base + "/subscriptions/" + id, headers: []string{"If-Match", "*"},
			body: fmt.Sprintf(`{"label":"patched","offer":%q}`, pick(r, "A", "B", "C", "Z")),
		}
	case 10:
		return question{method: http.MethodPost, target: base + "/subscriptions/" + id + "/end", body: `{"endDate":"2026-09-30"}`}
	}
	return question{
		method: http.MethodPost, target: base + "/subscriptions",
		body: simple(pick(r, "A", "B", "C", "Z"), pick(r, "E1", "E2", "none"), pick(r, "r1", "r2", "r9"), "2026-02-01", "4"),
	}
}

// What a client is answered is the same whether the database holds what it may not see or not: every byte of it, and every
// header but the name of the request (F8-1).
func TestNonInterference(t *testing.T) {
	t.Parallel()
	databases, requests := shortDatabases, shortRequests
	if os.Getenv("CLEMENTINE_LONG") != "" {
		databases, requests = longDatabases, longRequests
	}
	for seed := range databases {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(uint64(seed), 8))
			steps := make([]step, 4+r.IntN(30))
			for i := range steps {
				steps[i] = someStep(r)
			}
			n := billing.NewClient{Name: "n", Role: pick(r, billing.RoleReader, billing.RoleWriter)}
			for _, o := range someOffers() {
				if r.IntN(2) == 0 {
					n.Offers = append(n.Offers, o)
				}
			}
			seen := map[billing.OfferCode]bool{}
			for _, o := range n.Offers {
				seen[o] = true
			}
			whole, u := history(t, steps, func(billing.OfferCode) bool { return true }, n)
			part, v := history(t, steps, func(o billing.OfferCode) bool { return seen[o] }, n)
			ids := idsOf(t, whole)
			idsOf(t, part) // so that both have answered as many requests
			for i := range requests {
				whole.clock.set(noon.Add(time.Hour/2 + time.Duration(i)*time.Second))
				part.clock.set(whole.clock.now())
				q := someQuestion(r, ids)
				a, b := whole.bare(u, q.method, q.target, q.body, q.headers...), part.bare(v, q.method, q.target, q.body, q.headers...)
				if err := sameReply(a, b); err != nil {
					t.Fatalf("seed %d, request %d of %v: %s %s %s: %v", seed, i, n.Offers, q.method, q.target, q.body, err)
				}
				if a.status >= 500 {
					t.Fatalf("seed %d: %s %s: %s", seed, q.method, q.target, a)
				}
			}
		})
	}
}

func idsOf(t *testing.T, w *world) []string {
	t.Helper()
	var ids []string
	for _, s := range list[api.Subscription](w, w.admin, "/billing/v1/subscriptions?itemsPerPage=100") {
		ids = append(ids, s.ID)
	}
	return ids
}

func sameReply(a, b reply) error {
	if a.status != b.status || string(a.body) != string(b.body) {
		at := 0
		for x, y := a.String(), b.String(); at < min(len(x), len(y)) && x[at] == y[at]; at++ {
		}
		near := func(s string) string { return s[max(0, min(len(s), at)-80):min(len(s), at+200)] }
		return fmt.Errorf("from byte %d, with the hidden data\n%s\nwithout it\n%s", at, near(a.String()), near(b.String()))
	}
	for _, header := range []http.Header{a.header, b.header} {
		for name := range header {
			if name == "X-Request-Id" {
				continue
			}
			if x, y := strings.Join(a.header[name], ","), strings.Join(b.header[name], ","); x != y {
				return fmt.Errorf("%s is %q with the hidden data, %q without it", name, x, y)
			}
		}
	}
	return nil
}
