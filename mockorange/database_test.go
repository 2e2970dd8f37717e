package mockorange_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// A token, a fault, an end of tokens and a reset hold at each mock that shares the database, and events that arrive at one
// wake the waiters at the other.
func TestMocksShareADatabase(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server)[1:] {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			address := engine.Address(t)
			mocks := []*mock{}
			for range 2 {
				db := databasetest.Open(t, address, database.Options{Connections: 4})
				mocks = append(mocks, start(t, mockorange.Options{Database: db, EnforceRate: true, ControlListen: "127.0.0.1:0"}))
			}
			one, two := mocks[0], mocks[1]
			stream, err := control.NewClient(two.ControlURL(), "", two.client).Subscribe(t.Context(), 0)
			if err != nil {
				t.Fatal(err)
			}
			token := one.token(clientID)
			post := func(m *mock, status int) {
				t.Helper()
				if r := m.event(orderPath, token, orderEvent); r.status != status {
					t.Errorf("got %d %s", r.status, r.body)
				}
				a, b := one.next(), two.next()
				if a.Seq != b.Seq || a.Status != status || b.Status != status {
					t.Errorf("journalled as %d %d and %d %d", a.Seq, a.Status, b.Seq, b.Status)
				}
			}
			post(two, 201)
			one.arm(control.FaultUnavailableOnce, "ord-1")
			post(two, 503)
			post(one, 201)
			if err := two.ExpireTokens(t.Context()); err != nil {
				t.Fatal(err)
			}
			post(one, 401)
			token = one.token(clientID)
			post(two, 201)
			for want := int64(1); want <= 7; want++ {
				if e := await(t, stream); e.Seq != want {
					t.Errorf("the stream brings %d instead of %d", e.Seq, want)
				}
			}
			if err := one.Reset(t.Context()); err != nil {
				t.Fatal(err)
			}
			if all, err := two.Control().Journal(t.Context(), 0); err != nil || len(all) != 0 {
				t.Errorf("after a reset the other holds %d entries, %v", len(all), err)
			}
		})
	}
}

// While the database is away the gateway answers 503 with code 5. What it answered 201 is in the journal, once, and what it
// answered otherwise is not there as taken.
func TestDatabaseRestartedUnderLoad(t *testing.T) {
	t.Parallel()
	var own databasetest.Server // because it is restarted
	t.Cleanup(func() {
		if err := own.Stop(); err != nil {
			t.Error(err)
		}
	})
	db := databasetest.Open(t, own.Address(t), database.Options{})
	m := start(t, mockorange.Options{Database: db})
	token := m.token(clientID)
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	taken := map[int]int{} // event to answer
	var n, after atomic.Int64
	var restarted atomic.Bool
	enough := make(chan struct{})
	var once sync.Once
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for ctx.Err() == nil {
				id := int(n.Add(1))
				r := m.event(orderPath, token, numbered(id))
				mu.Lock()
				taken[id] = r.status
				mu.Unlock()
				if r.err != nil || r.status != http.StatusCreated && r.status != http.StatusServiceUnavailable {
					t.Errorf("event %d: %d %s %v", id, r.status, r.body, r.err)
				}
				if r.status == http.StatusCreated && restarted.Load() && after.Add(1) == 50 {
					once.Do(func() { close(enough) })
				}
			}
		})
	}
	for range 50 {
		m.next()
	}
	own.Restart(t)
	restarted.Store(true)
	select {
	case <-enough:
	case <-time.After(60 * time.Second):
		t.Error("the mock does not take events again")
	}
	stop()
	wg.Wait()
	counts := map[int]int{}
	for _, status := range taken {
		counts[status]++
	}
	// The last entry of all ends the reading.
	if r := m.event(orderPath, token, numbered(0)); r.status != http.StatusCreated {
		t.Fatalf("the last event: %d", r.status)
	}
	seen := map[int]int{}
	followed, err := m.Control().Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for last := int64(0); ; {
		e := await(t, followed)
		if e.Seq != last+1 {
			t.Fatalf("%d came after %d", e.Seq, last)
		}
		last = e.Seq
		if e.Kind != control.KindEvent {
			continue
		}
		id := eventNumber(t, e)
		if id == 0 {
			break
		}
		if e.Status == http.StatusCreated {
			seen[id]++
		}
	}
	for id, status := range taken {
		if want := map[bool]int{true: 1}[status == http.StatusCreated]; seen[id] != want {
			t.Errorf("event %d was answered %d and is in the journal as taken %d times", id, status, seen[id])
		}
	}
	t.Logf("answers: %v", counts)
}
