package defect_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/defect"
)

// gateway takes what a defect delivers.
type gateway struct {
	mu   sync.Mutex
	seen []string
}

func (g *gateway) take(_ context.Context, d *partner.Delivery) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := gjson.ParseBytes(d.Body)
	g.seen = append(g.seen, fmt.Sprintf("%s %s %s %s", d.Path, at.Get("type"), at.Get("resource.id"), at.Get("resource.state")))
	return nil
}

func orderEvent(id, state, fleet string, quantity int) *partner.Delivery {
	kind := "completedStateNotification"
	if state == "failed" {
		kind = "failedStateNotification"
	}
	return &partner.Delivery{ID: "evt-" + id, Path: "/mba2-beta/productordering/v2/event", Body: fmt.Appendf(nil,
		`{"type":%q,"resource":{"id":%q,"state":%q,"orderItem":[{"productRef":{"id":%q,"userServiceQuantity":%d}}]}}`,
		kind, id, state, fleet, quantity)}
}

func deliver(t *testing.T, name string, events ...*partner.Delivery) []string {
	t.Helper()
	s, err := defect.Seam(name)
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{}
	for _, d := range events {
		if err := s.Deliver(t.Context(), d, g.take); err != nil {
			t.Error(err)
		}
	}
	return g.seen
}

func TestDelivered(t *testing.T) {
	t.Parallel()
	const (
		completed = "/mba2-beta/productordering/v2/event completedStateNotification o1 completed"
		failed    = "/mba2-beta/productordering/v2/event failedStateNotification o2 failed"
	)
	for name, want := range map[string][]string{
		"no-event-for-orders":              nil,
		"no-event-for-updates":             {completed, failed},
		"no-event-for-failed-orders":       {completed},
		"order-event-twice":                {completed, completed, failed, failed},
		"order-completed-then-failed":      {completed, "/mba2-beta/productordering/v2/event failedStateNotification o1 failed", failed},
		"failed-order-announced-completed": {completed, "/mba2-beta/productordering/v2/event completedStateNotification o2 failed"},
		"order-event-to-userservice": {"/mba2-beta/userservice/v2/event completedStateNotification o1 completed",
			"/mba2-beta/userservice/v2/event failedStateNotification o2 failed"},
		"other-offer": {"/mba2/productordering/v2/event completedStateNotification o1 completed",
			"/mba2/productordering/v2/event failedStateNotification o2 failed"},
		"no-offer-in-path": {"/productordering/v2/event completedStateNotification o1 completed",
			"/productordering/v2/event failedStateNotification o2 failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := deliver(t, name, orderEvent("o1", "completed", "f1", 2), orderEvent("o2", "failed", "", 2))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEventsAreCrossed(t *testing.T) {
	t.Parallel()
	s, err := defect.Seam("order-events-exchange-fleets")
	if err != nil {
		t.Fatal(err)
	}
	a, b := orderEvent("a", "completed", "fa", 5), orderEvent("b", "completed", "fb", 8)
	var wg sync.WaitGroup
	for _, d := range []*partner.Delivery{a, b} {
		wg.Go(func() {
			if err := s.Deliver(t.Context(), d, (&gateway{}).take); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for d, want := range map[*partner.Delivery]string{a: "fb", b: "fa"} {
		if got := gjson.GetBytes(d.Body, "resource.orderItem.0.productRef.id").String(); got != want {
			t.Errorf("%s names the fleet %q, want %q", d.ID, got, want)
		}
	}
	small := orderEvent("c", "completed", "fc", 2)
	if err := s.Deliver(t.Context(), small, (&gateway{}).take); err != nil {
		t.Error(err)
	}
	if got := gjson.GetBytes(small.Body, "resource.orderItem.0.productRef.id").String(); got != "fc" {
		t.Errorf("a small order names the fleet %q", got)
	}
}

func TestHeldBackDeliveryEndsWithItsContext(t *testing.T) {
	t.Parallel()
	s, err := defect.Seam("order-event-late")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	g := &gateway{}
	if err := s.Deliver(ctx, orderEvent("o1", "completed", "f1", 2), g.take); err == nil || g.seen != nil {
		t.Errorf("%v, delivered %q", err, g.seen)
	}
}
