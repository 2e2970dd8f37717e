package harness_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/harness"
)

func TestSeedMakesTheSameAgain(t *testing.T) {
	t.Parallel()
	if a, b := harness.ID(7, "O", "x"), harness.ID(7, "O", "x"); a != b {
		t.Errorf("one seed made %s and %s", a, b)
	}
	seen := map[string]bool{}
	for _, id := range []string{harness.ID(7, "O", "x"), harness.ID(7, "O", "y"), harness.ID(8, "O", "x"), harness.ID(7, "C", "x")} {
		if seen[id] {
			t.Errorf("%s came twice", id)
		}
		seen[id] = true
	}
}

func TestSIRENSatisfiesLuhn(t *testing.T) {
	t.Parallel()
	for s := range uint64(200) {
		siren := harness.SIREN(s, "c")
		sum := 0
		for i, d := range siren {
			v := int(d - '0')
			if i%2 == 1 {
				if v *= 2; v > 9 {
					v -= 9
				}
			}
			sum += v
		}
		if len(siren) != 9 || sum%10 != 0 {
			t.Errorf("SIREN %s of seed %d: sum %d", siren, s, sum)
		}
	}
}

// A serial partner is never flooded, a parallel one soon has everything in flight.
func TestPace(t *testing.T) {
	t.Parallel()
	const limit = 8 * time.Second
	p := harness.NewPace(4, limit)
	start := p.Window()
	for range 20 {
		if err := p.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.End(100 * time.Millisecond)
	}
	if got := p.Window(); got != start+20 {
		t.Errorf("window %d after 20 early events, want %d", got, start+20)
	}
	for range 10 {
		if err := p.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.End(limit / 2)
	}
	if got := p.Window(); got != 2 {
		t.Errorf("window %d after late events, want 2", got)
	}
	for range 2 {
		if err := p.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Begin(ctx); err == nil {
		t.Error("a third request got a place in a window of two")
	}
	steady := harness.NewPace(4, limit)
	for range 20 {
		if err := steady.Begin(t.Context()); err != nil {
			t.Fatal(err)
		}
		steady.End(limit * 3 / 8)
	}
	if got := steady.Window(); got != start+20 {
		t.Errorf("window %d after events that are slow but never queued, want %d", got, start+20)
	}
}

func TestEventClass(t *testing.T) {
	t.Parallel()
	run := harness.NewTestRun(t)
	const orders, services = "/mba2-beta/productordering/v2/event", "/mba2-beta/userService/v2/event"
	for _, tc := range []struct{ name, body, path, class string }{
		{"order by its items", `{"type":"updateNotification","resource":{"id":"1","orderItem":[{}]}}`, services, "order"},
		{"failed order by its type", `{"type":"failedStateNotification","resource":{"id":"1","state":"failed"}}`, services, "order"},
		{"order by its path", `{"type":"x","resource":{"id":"1"}}`, orders, "order"},
		{"update by its licences", `{"type":"completedStateNotification","resource":{"state":"completed","userServices":[{"id":"l"}]}}`, orders, "update"},
		{"failed update by its type", `{"type":"updateNotification","resource":{"id":"1","state":"failed"}}`, services, "update"},
		{"operations", `{"type":"updateNotification","resource":{"userServices":[{"id":"l","endUserOperation":[]}]}}`, services, "operations"},
		{"operations in their wrapper", `{"resource":{"userServices":[{"id":"l","endUserConfigurationOperation":{}}]}}`, orders, "operations"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if class, _ := run.ParseEventClass([]byte(tc.body), tc.path); class != tc.class {
				t.Errorf("class %q, want %q", class, tc.class)
			}
		})
	}
}

func TestReadFleet(t *testing.T) {
	t.Parallel()
	run := harness.NewTestRun(t)
	got := run.ReadFleet([]byte(`[{"id":"a","relatedProductRefId":"F","state":"active"},{"id":"b","state":"terminated"},{"id":7},{},null,{"id":"a"}]`))
	if diff := cmp.Diff([]string{"a", "7"}, got); diff != "" {
		t.Errorf("licences (-want +got):\n%s", diff)
	}
}

// Whatever a partner sends, reading it neither panics nor hangs.
func FuzzPartnerBytes(f *testing.F) {
	for _, s := range []string{`[]`, `[{"id":"a","right":[{"loginKeyValue":{}}],"realizingResource":[null]}]`, `{"type":"x","resource":{"userServices":[{"id":"l"}]}}`, "\xef\xbb\xbf{}", `{"a":1} trailing`, "\xff\xfe"} {
		f.Add([]byte(s))
	}
	run := harness.NewTestRun(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		run.ParseEventClass(body, "/mba2/userservice/v2/event")
		run.ReadFleet(body)
	})
}
