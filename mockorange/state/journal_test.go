package state_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/state"
)

func TestJournalReplaysThenFollows(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opener) {
		s := open(t, roomy())
		fill(t, s, 3)
		until(t, s, 0, 3)
		ch, err := state.Subscribe(t.Context(), s, 1)
		if err != nil {
			t.Fatal(err)
		}
		fill(t, s, 2)
		var got []int64
		for range 4 {
			got = append(got, await(t, ch).Seq)
		}
		if d := cmp.Diff([]int64{2, 3, 4, 5}, got); d != "" {
			t.Error(d)
		}
		fill(t, s, 1)
		shut(t, s)
		if e := await(t, ch); e.Seq != 6 {
			t.Errorf("after Close came %d", e.Seq)
		}
		if _, open := <-ch; open {
			t.Error("the subscription outlives the journal")
		}
		if _, err := s.Begin(control.Entry{}); !errors.Is(err, state.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestJournalEndsWithContext(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opener) {
		ctx, cancel := context.WithCancel(t.Context())
		waiting, err := state.Subscribe(ctx, open(t, roomy()), 0)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, open := <-waiting; open {
			t.Error("the subscription outlives its context")
		}
	})
}

// An entry is what was stored, whole.
func TestEntryIsKept(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opener) {
		s := open(t, roomy())
		at := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
		want := control.Entry{
			At: at, Kind: control.KindEvent, Path: "/a\x00b", Body: []byte{0, 255, '"'}, BodyBytes: 3, Status: 201,
			Header: map[string][]string{"X": {"é"}}, ResponseBody: []byte("{}"), RequestID: "r", DurationMs: 0.5,
			Auth: control.Auth{State: control.AuthValid, IssuedAt: at}, Violations: []control.Violation{{Path: "p"}},
		}
		p, err := s.Begin(want)
		if err != nil {
			t.Fatal(err)
		}
		s.End(p)
		want.Seq = 1
		if d := cmp.Diff([]control.Entry{want}, until(t, s, 0, 1)); d != "" {
			t.Error(d)
		}
	})
}

func TestJournalIsBounded(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		limits state.Limits
		want   []int64
	}{
		{"by entries", state.Limits{Entries: 3, Bytes: 1 << 20}, []int64{3, 4, 5}},
		{"by bytes", state.Limits{Entries: 100, Bytes: 1}, []int64{5}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, open opener) {
				s := open(t, tc.limits)
				fill(t, s, 5)
				kept := until(t, s, tc.want[0]-1, len(tc.want))
				if d := cmp.Diff(tc.want, seqs(kept)); d != "" {
					t.Error(d)
				}
				if _, _, err := s.Read(t.Context(), tc.want[0]-2, 9); !errors.Is(err, state.ErrGap) {
					t.Errorf("a gap was passed over: %v", err)
				}
				if _, err := state.Subscribe(t.Context(), s, 0); !errors.Is(err, state.ErrGap) {
					t.Errorf("a gap was passed over: %v", err)
				}
			})
		})
	}
}

func TestJournalEndsSlowReaders(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opener) {
		s := open(t, state.Limits{Entries: 100, Bytes: 1 << 20})
		fill(t, s, 1)
		ch, err := state.Subscribe(t.Context(), s, 0)
		if err != nil {
			t.Fatal(err)
		}
		if e := await(t, ch); e.Seq != 1 {
			t.Fatalf("first came %d", e.Seq)
		}
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { fill(t, s, 75) })
		}
		wg.Wait()
		last := int64(1)
		for e := range ch {
			if e.Seq != last+1 {
				t.Fatalf("%d came after %d", e.Seq, last)
			}
			last = e.Seq
		}
		if last >= 601 {
			t.Error("nothing was dropped, so the test shows nothing")
		}
	})
}

func TestJournalReset(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opener) {
		s := open(t, state.Limits{Entries: 2, Bytes: 1 << 20})
		fill(t, s, 5)
		until(t, s, 3, 2)
		if err := s.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
		if all, _, err := s.Read(t.Context(), 0, 9); err != nil || len(all) != 0 {
			t.Errorf("a journal that was reset holds %v, %v", seqs(all), err)
		}
		fill(t, s, 1)
		if d := cmp.Diff([]int64{6}, seqs(until(t, s, 0, 1))); d != "" {
			t.Error(d)
		}
		if ahead, _, err := s.Read(t.Context(), 99, 9); err != nil || len(ahead) != 0 {
			t.Errorf("ahead of the journal: %v, %v", seqs(ahead), err)
		}
	})
}

// What began first is shown first, and nothing is shown before its answer has been written.
func TestJournalKeepsTheOrderOfAnswers(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opener) {
		s := open(t, roomy())
		first, second, third := begin(t, s, "first"), begin(t, s, "second"), begin(t, s, "third")
		s.End(second)
		if all, _, err := s.Read(t.Context(), 0, 9); err != nil || len(all) > 0 {
			t.Errorf("shown before its turn: %v, %v", paths(all), err)
		}
		s.End(first)
		if d := cmp.Diff([]string{"first", "second"}, paths(until(t, s, 0, 2))); d != "" {
			t.Error(d)
		}
		s.End(third)
		if d := cmp.Diff([]string{"first", "second", "third"}, paths(until(t, s, 0, 3))); d != "" {
			t.Error(d)
		}
	})
}

// Who settles reads all that had begun; what never ends holds nobody up for longer than he likes.
func TestSettle(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opener) {
		s := open(t, roomy())
		s.Settle(t.Context())
		first, second := begin(t, s, "first"), begin(t, s, "second")
		go func() {
			s.End(second)
			s.End(first)
		}()
		s.Settle(t.Context())
		all, _, err := s.Read(t.Context(), 0, 9)
		if d := cmp.Diff([]string{"first", "second"}, paths(all)); d != "" || err != nil {
			t.Error(d, err)
		}
		begin(t, s, "never answered")
		short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		s.Settle(short)
		if short.Err() == nil {
			t.Error("a call that has not been answered is settled")
		}
	})
}

// Many at once: no number is missing or given twice, a follower misses nothing, and those of one sender stay in order.
func TestJournalUnderConcurrency(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, open opener) {
		const senders, each = 8, 25
		s := open(t, roomy())
		ch, err := state.Subscribe(t.Context(), s, 0)
		if err != nil {
			t.Fatal(err)
		}
		for sender := range senders {
			go func() {
				for n := range each {
					p, err := s.Begin(control.Entry{Path: fmt.Sprintf("%d %d", sender, n)})
					if err != nil {
						t.Error(err)
					}
					s.End(p)
				}
			}()
		}
		next := map[int]int{}
		for i := range senders * each {
			e := await(t, ch)
			var sender, n int
			if _, err := fmt.Sscan(e.Path, &sender, &n); err != nil {
				t.Fatal(err)
			}
			if e.Seq != int64(i+1) || n != next[sender] {
				t.Fatalf("entry %d is %d, number %d of sender %d, whose next is %d", i+1, e.Seq, n, sender, next[sender])
			}
			next[sender]++
		}
	})
}
