package mockorange_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
)

func numbered(n int) string { return strings.Replace(orderEvent, "ord-1", "ord-"+strconv.Itoa(n), 1) }

// eventNumber is the n of numbered.
func eventNumber(t testing.TB, e control.Entry) int {
	t.Helper()
	var n int
	if _, err := fmt.Sscanf(gjson.GetBytes(e.Body, "resource.id").String(), "ord-%d", &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Every event is seen once through each door, numbered without a gap, and those of one sender in the order sent.
func TestThousandEventsInOrder(t *testing.T) {
	t.Parallel()
	const senders, each = 20, 50
	m, c := withControl(t, mockorange.Options{})
	token := m.token(clientID)
	await(t, m.arrive)
	stream, err := c.Subscribe(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for sender := range senders {
		wg.Go(func() {
			for n := range each {
				if r := m.event(orderPath, token, numbered(sender*each+n)); r.status != http.StatusCreated {
					t.Errorf("event %d: %d %s %v", n, r.status, r.body, r.err)
				}
			}
		})
	}
	lastOf := map[int]int{}
	for i := range senders * each {
		e, s := await(t, m.arrive), await(t, stream)
		if e.Seq != int64(i+2) || s.Seq != e.Seq || string(e.Body) != string(s.Body) {
			t.Fatalf("entry %d is %d in process and %d in the stream", i+2, e.Seq, s.Seq)
		}
		n := eventNumber(t, e)
		if last, ok := lastOf[n/each]; ok && n != last+1 {
			t.Errorf("of sender %d came %d after %d", n/each, n, last)
		}
		lastOf[n/each] = n
	}
	wg.Wait()
}

// Once is once, however many calls come at the same time.
func TestOnceUnderConcurrency(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	token := m.token(clientID)
	m.arm("unavailable-once", "ord-1")
	var refused atomic.Int32
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if m.event(orderPath, token, orderEvent).status == http.StatusServiceUnavailable {
				refused.Add(1)
			}
		})
	}
	wg.Wait()
	if refused.Load() != 1 {
		t.Errorf("%d calls were answered 503", refused.Load())
	}
}

// BenchmarkGatewayEvents posts order events over HTTP: token check, schema check, journal and one subscriber.
func BenchmarkGatewayEvents(b *testing.B) {
	m := start(b, mockorange.Options{})
	token := m.token(clientID)
	await(b, m.arrive)
	b.SetParallelism(8)
	b.ReportAllocs()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range b.N {
			<-m.arrive
		}
	}()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if r := m.event(orderPath, token, orderEvent); r.status != http.StatusCreated {
				b.Errorf("got %d %s %v", r.status, r.body, r.err)
				return
			}
		}
	})
	if !b.Failed() {
		<-done
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
