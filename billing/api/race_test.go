package api_test

import (
	"encoding/json"
	"net/http"
	"sync"
	"testing"

	"github.com/clementine-ope/clementine/billing/api"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

const racers = 50

// race posts one body by fifty clients at once, over HTTP handlers and one store.
func race(t *testing.T, w *world, users []*user, body string, headers ...string) []reply {
	t.Helper()
	replies := make([]reply, len(users))
	start := make(chan struct{})
	var all sync.WaitGroup
	for i, u := range users {
		all.Go(func() {
			<-start
			replies[i] = w.bare(u, http.MethodPost, "/billing/v1/subscriptions", body, headers...)
		})
	}
	close(start)
	all.Wait()
	return replies
}

// Of fifty who post the same at once, one creates it (killbill#1856, #877, invoiceninja#2449: billed twice, or six times).
func TestFiftyClientsPostTheSameSubscription(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			c := &clock{at: noon}
			s := openStore(t, engine.Address(t), c.now)
			t.Cleanup(func() { _ = s.Close() })
			w := worldOver(t, s, c)
			w.catalogue([]string{"A"}, "E")
			users := make([]*user, racers)
			for i := range users {
				users[i] = w.writer("A")
			}
			body := simple("A", "E", "the one", "2026-01-01", "12.34")
			created := ""
			conflicts := map[string]int{}
			for _, r := range race(t, w, users, body) {
				switch r.status {
				case http.StatusCreated:
					if created != "" {
						t.Errorf("created twice: %s", r)
					}
					created = r.header.Get("Location")
				case http.StatusConflict:
					conflicts[problemOf(t, r).Existing]++
				default:
					t.Errorf("answered %s", r)
				}
			}
			if created == "" || conflicts[created] != racers-1 {
				t.Errorf("created %q, conflicts with %v", created, conflicts)
			}

			// The same key of the same client: everybody gets the one answer.
			same := make([]*user, racers)
			for i := range same {
				same[i] = users[0]
			}
			first := ""
			for _, r := range race(t, w, same, simple("A", "E", "with a key", "2026-01-01", "1"), "Idempotency-Key", "k") {
				if first == "" {
					first = r.String()
				}
				if r.status != http.StatusCreated || r.String() != first {
					t.Errorf("answered %s, first %s", r, first)
				}
			}
			var made []api.Subscription
			all := w.want(http.StatusOK, nil, users[0], http.MethodGet, "/billing/v1/subscriptions", "", "Accept", "application/json")
			if err := json.Unmarshal(all.body, &made); err != nil || len(made) != 2 {
				t.Errorf("%d subscriptions, %v", len(made), err)
			}
		})
	}
}
