package partner_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func TestDeliveryIsRepeated(t *testing.T) {
	t.Parallel()
	for name, script := range map[string][]http.HandlerFunc{
		"unavailable":        {status(503)},
		"unavailable twice":  {status(503), status(500)},
		"too many":           {status(429)},
		"time-out":           {status(408)},
		"cut":                {cut},
		"expired":            {status(401)},
		"expired twice":      {status(401), status(401)},
		"retry after date":   {status(503, "Retry-After", "Mon, 02 Jan 2006 15:04:05 GMT")},
		"retry after zero":   {status(503, "Retry-After", "0")},
		"retry after poetry": {status(503, "Retry-After", "a while")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, profile.Async)
			w.orange.then(script...)
			w.call("POST", orders, write(w, order("o1", w.customer("c1"), "", "NOTES-S", 1)))
			accepted := w.orange.next(w)
			for range len(script) + 1 {
				call := receive(w, w.orange.calls, "a call")
				sameBytes(t, accepted.body, call.body)
			}
			if next := w.place(order("o2", w.customer("c1"), "", "NOTES-S", 1)); next.ExternalReference != ref("o2") {
				t.Errorf("the next event is of %+v", next)
			}
		})
	}
}

func TestRetryAfterIsHeeded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Async)
	w.orange.then(status(503, "Retry-After", "1"))
	w.call("POST", orders, write(w, order("o1", w.customer("c1"), "", "NOTES-S", 1)))
	receive(w, w.orange.calls, "the first call")
	refused := time.Now()
	receive(w, w.orange.calls, "the second call")
	if waited := time.Since(refused); waited < 900*time.Millisecond {
		t.Errorf("sent again after %s, want 1 s", waited)
	}
}

func TestTokenIsReusedAndRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Async)
	c := w.customer("c1")
	for _, reference := range []string{"o1", "o2", "o3"} {
		w.place(order(reference, c, "", "NOTES-S", 1))
	}
	if n := w.orange.tokenCalls(); n != 1 {
		t.Errorf("%d token requests for three events, want 1", n)
	}
	w.orange.then(status(401))
	w.place(order("o4", c, "", "NOTES-S", 1))
	var used []string
	for range 5 {
		used = append(used, receive(w, w.orange.calls, "a call").authorization)
	}
	want := []string{"Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-1", "Bearer token-2"}
	if !slices.Equal(used, want) {
		t.Errorf("tokens used: %q, want %q", used, want)
	}
}

func TestTokenServerTroubleIsOvercome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Async)
	w.orange.denied = []http.HandlerFunc{status(503), status(429), cut, status(401), status(400)}
	if got := w.place(order("o1", w.customer("c1"), "", "NOTES-S", 1)); got.State != wire.Completed {
		t.Errorf("%+v", got)
	}
}

// A secret that has been changed says nothing of the event.
func TestRefusedTokensAreOvercome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Async)
	c := w.customer("c1")
	w.orange.then(slices.Repeat([]http.HandlerFunc{status(401)}, 5)...)
	w.call("POST", orders, write(w, order("o1", c, "", "NOTES-S", 1)))
	var first []byte
	for range 6 {
		call := receive(w, w.orange.calls, "a call")
		if first == nil {
			first = call.body
		}
		sameBytes(t, first, call.body)
	}
}

func TestRefusedEventIsParked(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]func(*orange){
		"bad request": func(o *orange) { o.then(status(400)) },
		"not found":   func(o *orange) { o.then(status(404)) },
		"redirect":    func(o *orange) { o.then(status(307, "Location", "/elsewhere/x/v2/event")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, profile.Async)
			trouble(w.orange)
			c := w.customer("c1")
			w.call("POST", orders, write(w, order("o1", c, "", "NOTES-S", 1)))
			if next := w.place(order("o2", c, "", "NOTES-S", 1)); next.ExternalReference != ref("o2") {
				t.Errorf("the refused event came again: %+v", next)
			}
		})
	}
}

func TestCustomersDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	var first atomic.Bool
	w := newWorld(t, profile.Async, func(o *partner.Options) {
		o.Seam.Deliver = func(ctx context.Context, d *partner.Delivery, next func(context.Context, *partner.Delivery) error) error {
			if bytes.Contains(d.Body, []byte(`"o1"`)) && first.CompareAndSwap(false, true) {
				select {
				case <-release:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return next(ctx, d)
		}
	})
	c1, c2 := w.customer("c1"), w.customer("c2")
	w.call("POST", orders, write(w, order("o1", c1, "", "NOTES-S", 1)))
	w.call("POST", orders, write(w, order("o2", c1, "", "NOTES-S", 1)))
	for !first.Load() {
		// Another customer's events pass by until the first event is held.
		w.place(order("before-"+time.Now().String(), c2, "", "NOTES-S", 1))
	}
	w.place(order("o3", c2, "", "NOTES-S", 1))
	close(release)
	for _, reference := range []string{"o1", "o2"} {
		if o := read[struct{ Resource wire.ProductOrder }](w, w.orange.next(w).body).Resource; o.ExternalReference != ref(reference) {
			t.Errorf("event of %s, want %s", o.ExternalReference.ID, reference)
		}
	}
}

func TestLicencesShowWhenTheEventLeaves(t *testing.T) {
	t.Parallel()
	var w *world
	seen := make(chan int, 1)
	w = newWorld(t, profile.Async, func(o *partner.Options) {
		o.Seam.Deliver = func(ctx context.Context, d *partner.Delivery, next func(context.Context, *partner.Delivery) error) error {
			e := read[struct{ Resource wire.ProductOrder }](t, d.Body)
			seen <- len(w.licences(e.Resource.OrderItem[0].ProductRef.ID))
			return next(ctx, d)
		}
	})
	w.call("POST", orders, write(w, order("o1", w.customer("c1"), "", "NOTES-S", 3)))
	if n := receive(w, seen, "the delivery"); n != 3 {
		t.Errorf("%d licences show as the event leaves, want 3", n)
	}
}

func TestNothingShowsBeforeTheWorkIsDone(t *testing.T) {
	t.Parallel()
	var made sync.Map
	w := newWorld(t, profile.Async, func(o *partner.Options) {
		o.Delay = time.Hour
		o.IDs = func(kind string) string {
			n, _ := made.LoadOrStore(kind, new(atomic.Int64))
			return fmt.Sprintf("%s_%d", kind, n.(*atomic.Int64).Add(1))
		}
	})
	w.call("POST", orders, write(w, order("o1", w.customer("c1"), "", "NOTES-S", 1)))
	if got := w.licences("flt_1"); len(got) != 0 {
		t.Errorf("licences show right after the acknowledgement: %+v", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.partner.Close(ctx); err != nil {
		t.Error(err)
	}
	if len(w.orange.calls) != 0 {
		t.Error("an event left although its work was given up")
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Async, func(o *partner.Options) { o.Delay = 20 * time.Millisecond })
	c := w.customer("c1")
	for _, reference := range []string{"o1", "o2"} {
		w.call("POST", orders, write(w, order(reference, c, "", "NOTES-S", 1)))
	}
	if err := w.partner.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(w.orange.events); n != 2 {
		t.Errorf("%d events have arrived when Close returns, want 2", n)
	}
}

func TestAcknowledgementLeavesBeforeTheEvent(t *testing.T) {
	t.Parallel()
	decided, release := make(chan struct{}), make(chan struct{})
	w := newWorld(t, profile.Async, func(o *partner.Options) {
		o.Seam.WrapHandler = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r)
				if r.URL.RawQuery == "held" {
					close(decided)
					<-release
				}
			})
		}
	})
	c1, c2 := w.customer("c1"), w.customer("c2")
	held := write(w, order("held", c1, "", "NOTES-S", 1))
	answered := make(chan reply, 1)
	go func() { answered <- w.call("POST", orders+"?held", held) }()
	receive(w, decided, "the decision")
	// If the event did not wait for its answer, it would be the next to arrive, and place would say so.
	for _, reference := range []string{"o1", "o2"} {
		w.place(order(reference, c2, "", "NOTES-S", 1))
	}
	close(release)
	ack := read[wire.ProductOrder](w, receive(w, answered, "the answer").body)
	if o := read[struct{ Resource wire.ProductOrder }](w, w.orange.next(w).body).Resource; o.ID != ack.ID {
		t.Errorf("event of %s, want %s", o.ID, ack.ID)
	}
}
