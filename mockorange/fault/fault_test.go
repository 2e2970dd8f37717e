package fault_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/mockorange/fault"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	at := func(arrival, issued int) fault.Call {
		return fault.Call{At: start.Add(time.Duration(arrival)), IssuedAt: start.Add(time.Duration(issued))}
	}
	unavailable := &fault.Effect{Kind: fault.UnavailableOnce, Status: 503, Code: 5}
	expired := &fault.Effect{Kind: fault.ExpiredOnce, Status: 401, Code: 42, Stale: true}
	revoked := &fault.Effect{Kind: fault.TokenRevoked, Status: 401, Code: 41, Revoked: true}
	refused := &fault.Effect{Kind: fault.RefuseAlways, Status: 400, Code: 24}
	cut := &fault.Effect{Kind: fault.CutOnce, Status: 201, Cut: true}
	for _, tc := range []struct {
		kind  fault.Kind
		calls []fault.Call
		want  []*fault.Effect
	}{
		{fault.UnavailableOnce, []fault.Call{at(1, 0), at(2, 0)}, []*fault.Effect{unavailable, nil}},
		{fault.CutOnce, []fault.Call{at(1, 0), at(2, 0)}, []*fault.Effect{cut, nil}},
		{fault.RefuseAlways, []fault.Call{at(1, 0), at(2, 0)}, []*fault.Effect{refused, refused}},
		{fault.ExpiredOnce, []fault.Call{at(5, 0), at(6, 0), at(7, 5), at(8, 6), at(9, 6), at(10, 0)},
			[]*fault.Effect{expired, expired, expired, nil, nil, expired}},
		{fault.TokenRevoked, []fault.Call{at(5, 0), at(6, 5), at(7, 6)}, []*fault.Effect{revoked, revoked, nil}},
	} {
		t.Run(string(tc.kind), func(t *testing.T) {
			t.Parallel()
			var s fault.Set
			if _, err := s.Arm(fault.Spec{Kind: tc.kind}); err != nil {
				t.Fatal(err)
			}
			var got []*fault.Effect
			for _, c := range tc.calls {
				if e, ok := s.Act(fault.OnEvent, nil, c); ok {
					got = append(got, &e)
				} else {
					got = append(got, nil)
				}
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	var s fault.Set
	if !s.Empty() {
		t.Error("a new set is not empty")
	}
	bound, err := s.Arm(fault.Spec{Kind: fault.RefuseAlways, Key: "ord-1"})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Act(fault.OnEvent, []string{"ord-2"}, fault.Call{}); ok {
		t.Error("it acted on another order")
	}
	if _, ok := s.Act(fault.OnEvent, nil, fault.Call{}); ok {
		t.Error("it acted on an event without keys")
	}
	if _, ok := s.Act(fault.OnEvent, []string{"x", "ord-1"}, fault.Call{}); !ok {
		t.Error("it did not act on its order")
	}
	if err := s.Disarm(bound.ID); err != nil || !s.Empty() {
		t.Errorf("disarm: %v, empty %v", err, s.Empty())
	}
	if err := s.Disarm(bound.ID); !errors.Is(err, fault.ErrNotArmed) {
		t.Errorf("disarm twice: %v", err)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	var s fault.Set
	for _, k := range []fault.Kind{fault.UnavailableOnce, fault.CutOnce} {
		if _, err := s.Arm(fault.Spec{Kind: k}); err != nil {
			t.Fatal(err)
		}
	}
	var got []fault.Kind
	for range 3 {
		if e, ok := s.Act(fault.OnEvent, nil, fault.Call{}); ok {
			got = append(got, e.Kind)
		}
	}
	if d := cmp.Diff([]fault.Kind{fault.UnavailableOnce, fault.CutOnce}, got); d != "" {
		t.Error(d)
	}
	s.Clear()
	if !s.Empty() {
		t.Error("Clear left something")
	}
}

func TestUnknownKind(t *testing.T) {
	t.Parallel()
	var s fault.Set
	if _, err := s.Arm(fault.Spec{Kind: "sluggish"}); !errors.Is(err, fault.ErrUnknownKind) || !s.Empty() {
		t.Errorf("got %v", err)
	}
}
