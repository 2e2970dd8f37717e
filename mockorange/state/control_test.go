package state_test

import (
	"crypto/sha256"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange/fault"
	"github.com/clementine-ope/clementine/mockorange/state"
)

func TestApplications(t *testing.T) {
	t.Parallel()
	one, two := sha256.Sum256([]byte("one")), sha256.Sum256([]byte("two"))
	onEach(t, func(t *testing.T, open opener) {
		s := open(t, roomy())
		is := func(id string, want oauth.Stored) {
			t.Helper()
			got, found, err := s.Lookup(t.Context(), id)
			if err != nil || !found {
				t.Fatalf("%s: %v, %v", id, found, err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		}
		put := func(a state.Application) {
			t.Helper()
			if err := s.Put(t.Context(), a); err != nil {
				t.Fatal(err)
			}
		}
		if _, found, err := s.Lookup(t.Context(), "a"); found || err != nil {
			t.Errorf("before it is there: %v, %v", found, err)
		}
		put(state.Application{ID: "a", Name: "A", SecretDigest: one, Offers: []string{"mba2"}})
		is("a", oauth.Stored{ID: "a", SecretDigest: one, Offers: []string{"mba2"}})
		put(state.Application{ID: "a", SecretDigest: two, Offers: []string{"mba2"}})
		is("a", oauth.Stored{ID: "a", SecretDigest: two, Offers: []string{"mba2"}, Former: [][sha256.Size]byte{one}})
		put(state.Application{ID: "t", SecretDigest: one, Offers: []string{"mba2"}, Temporary: true})
		at := time.Date(2026, 3, 1, 12, 0, 0, 1, time.UTC)
		for _, end := range []time.Time{at, at.Add(-time.Hour)} {
			if err := s.Expire(t.Context(), end); err != nil {
				t.Fatal(err)
			}
		}
		is("t", oauth.Stored{ID: "t", SecretDigest: one, Offers: []string{"mba2"}, NotBefore: at})
		if err := s.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		is("t", oauth.Stored{ID: "t", SecretDigest: one, Offers: []string{"mba2"}, NotBefore: at, Removed: true})
		for _, id := range []string{"a", "nobody"} {
			if err := s.Remove(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		is("a", oauth.Stored{ID: "a", SecretDigest: two, Offers: []string{"mba2"}, Former: [][sha256.Size]byte{one}, NotBefore: at, Removed: true})
		put(state.Application{ID: "a", SecretDigest: two, Offers: []string{"mba2"}})
		is("a", oauth.Stored{ID: "a", SecretDigest: two, Offers: []string{"mba2"}, Former: [][sha256.Size]byte{one}, NotBefore: at})
	})
}

func TestFaults(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opener) {
		s := open(t, roomy())
		keys := func() []string { return []string{"order"} }
		act := func() (fault.Effect, bool) {
			t.Helper()
			// A call always asks for its application first.
			if _, _, err := s.Lookup(t.Context(), "x"); err != nil {
				t.Fatal(err)
			}
			e, acts, err := s.Act(t.Context(), fault.OnEvent, keys, fault.Call{At: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			return e, acts
		}
		if _, acts := act(); acts {
			t.Error("something acts though nothing is armed")
		}
		if _, err := s.Arm(t.Context(), fault.Spec{Kind: "sluggish"}); !errors.Is(err, fault.ErrUnknownKind) {
			t.Errorf("an unknown kind: %v", err)
		}
		for i, spec := range []fault.Spec{{Kind: fault.ServerError, Times: 20, Key: "order"}, {Kind: fault.Slow, Key: "other"}} {
			armed, err := s.Arm(t.Context(), spec)
			if err != nil || armed.ID != fault.ID(int64(i+1)) || armed.On != fault.OnEvent {
				t.Fatalf("armed as %+v, %v", armed, err)
			}
		}
		var acted atomic.Int32
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				if e, acts := act(); acts && e.Status == 500 && e.Kind == fault.ServerError {
					acted.Add(1)
				}
			})
		}
		wg.Wait()
		if acted.Load() != 20 {
			t.Errorf("it acted %d times", acted.Load())
		}
		if all, err := s.Armed(t.Context()); err != nil || len(all) != 2 || all[0].ID != "fault-1" || all[0].Acted != 20 || all[1].ID != "fault-2" || all[1].Acted != 0 {
			t.Errorf("armed are %+v, %v", all, err)
		}
		if err := s.Disarm(t.Context(), "fault-1"); err != nil {
			t.Error(err)
		}
		for _, id := range []string{"fault-1", "fault-9", "fault-01", "x"} {
			if err := s.Disarm(t.Context(), id); !errors.Is(err, fault.ErrNotArmed) {
				t.Errorf("disarm %s: %v", id, err)
			}
		}
		for _, clear := range []func() error{
			func() error { return s.DisarmAll(t.Context()) }, func() error { return s.Reset(t.Context()) },
		} {
			if _, err := s.Arm(t.Context(), fault.Spec{Kind: fault.RefuseAlways}); err != nil {
				t.Fatal(err)
			}
			if _, acts := act(); !acts {
				t.Error("it does not act")
			}
			if err := clear(); err != nil {
				t.Fatal(err)
			}
			if _, acts := act(); acts {
				t.Error("it acts though it is gone")
			}
		}
	})
}

func TestExpiredOnceRemembersWhenItActed(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opener) {
		s := open(t, roomy())
		if _, err := s.Arm(t.Context(), fault.Spec{Kind: fault.ExpiredOnce}); err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		for i, tc := range []struct {
			at, issued time.Duration
			acts       bool
		}{{5, 0, true}, {6, 5, true}, {8, 6, false}, {9, 0, true}} {
			c := fault.Call{At: start.Add(tc.at), IssuedAt: start.Add(tc.issued)}
			_, acts, err := s.Act(t.Context(), fault.OnEvent, func() []string { return nil }, c)
			if err != nil || acts != tc.acts {
				t.Errorf("call %d: %v, %v", i, acts, err)
			}
		}
	})
}

func TestRate(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opener) {
		s := open(t, roomy())
		at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		over := func(id string, at time.Time) bool {
			t.Helper()
			over, err := s.OverRate(t.Context(), id, at)
			if err != nil {
				t.Fatal(err)
			}
			return over
		}
		for n := range 50 {
			if over("a", at.Add(time.Duration(n))) {
				t.Fatalf("request %d is over", n)
			}
		}
		if !over("a", at.Add(time.Second)) || over("", at) || over("a", at.Add(time.Minute)) {
			t.Error("the limit is not that of one application in a minute")
		}
		if err := s.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		if over("a", at.Add(time.Second)) {
			t.Error("a reset does not forget requests")
		}
	})
}
