package state_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/fault"
	"github.com/clementine-ope/clementine/mockorange/state"
)

// onDatabases runs a test on the engines that several processes can share.
func onDatabases(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	for _, engine := range databasetest.Engines(&server)[1:] {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			test(t, engine.Address(t))
		})
	}
}

// replica is a state with connections of its own, as another process has them.
func replica(t *testing.T, address string) state.State {
	t.Helper()
	return over(t, databasetest.Open(t, address, database.Options{Connections: 4}), state.Options{})
}

// Entries of two processes have one order, which the readers of both see, and a reader is woken by what the other takes.
func TestReplicasShareOneJournal(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, address string) {
		const each = 60
		replicas := []state.State{replica(t, address), replica(t, address)}
		if a, b := replicas[0].Journal(), replicas[1].Journal(); a != b || a == "" {
			t.Errorf("two journals: %q and %q", a, b)
		}
		var followers []<-chan control.Entry
		for _, s := range replicas {
			ch, err := state.Subscribe(t.Context(), s, 0)
			if err != nil {
				t.Fatal(err)
			}
			followers = append(followers, ch)
		}
		var wg sync.WaitGroup
		for sender := range 4 {
			wg.Go(func() {
				for n := range each {
					// Each call is made because of the answer to the last, which the other process gave.
					s := replicas[(sender+n)%2]
					s.End(begin(t, s, fmt.Sprintf("%d %d", sender, n)))
				}
			})
		}
		next := map[int]int{}
		for i := range 4 * each {
			a, b := await(t, followers[0]), await(t, followers[1])
			if d := cmp.Diff(a, b); d != "" {
				t.Fatalf("the replicas differ: %s", d)
			}
			var sender, n int
			if _, err := fmt.Sscan(a.Path, &sender, &n); err != nil {
				t.Fatal(err)
			}
			if a.Seq != int64(i+1) || n != next[sender] {
				t.Fatalf("entry %d is %d, number %d of sender %d, whose next is %d", i+1, a.Seq, n, sender, next[sender])
			}
			next[sender]++
		}
		wg.Wait()
	})
}

// What one process is still answering is shown by none; when it is gone, by all.
func TestReplicaThatDies(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, address string) {
		dying := replica(t, address)
		begin(t, dying, "stored, and the process ends before the answer is written")
		survivor := dying
		if strings.HasPrefix(address, "postgres") {
			survivor = replica(t, address)
			survivor.End(begin(t, survivor, "behind"))
			if all, _, err := survivor.Read(t.Context(), 0, 9); err != nil || len(all) > 0 {
				t.Errorf("shown before its answer: %v, %v", paths(all), err)
			}
			shut(t, dying)
		} else {
			shut(t, dying)
			survivor = replica(t, address)
			survivor.End(begin(t, survivor, "behind"))
		}
		if got := until(t, survivor, 0, 2); len(got) != 2 || got[0].Seq != 1 || got[1].Path != "behind" {
			t.Errorf("got %v", paths(got))
		}
	})
}

func TestReplicasShareFaultsAndApplications(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, address string) {
		a, b := replica(t, address), replica(t, address)
		for n := range 10 {
			if err := a.Put(t.Context(), state.Application{ID: "x", Offers: []string{fmt.Sprint(n)}}); err != nil {
				t.Fatal(err)
			}
			got, found, err := b.Lookup(t.Context(), "x")
			if err != nil || !found || !cmp.Equal(got.Offers, []string{fmt.Sprint(n)}) {
				t.Fatalf("right after change %d the other has %+v, %v", n, got, err)
			}
		}
		if _, err := a.Arm(t.Context(), fault.Spec{Kind: fault.ServerError, Times: 5}); err != nil {
			t.Fatal(err)
		}
		var acted atomic.Int32
		var wg sync.WaitGroup
		for n := range 16 {
			wg.Go(func() {
				s := []state.State{a, b}[n%2]
				if _, _, err := s.Lookup(t.Context(), "x"); err != nil {
					t.Error(err)
				}
				_, acts, err := s.Act(t.Context(), fault.OnEvent, func() []string { return nil }, fault.Call{At: time.Now()})
				if err != nil {
					t.Error(err)
				}
				if acts {
					acted.Add(1)
				}
			})
		}
		wg.Wait()
		if acted.Load() != 5 {
			t.Errorf("a fault that acts five times acted %d times", acted.Load())
		}
		at := time.Now()
		for range 26 {
			for _, s := range []state.State{a, b} {
				if _, err := s.OverRate(t.Context(), "x", at); err != nil {
					t.Fatal(err)
				}
			}
		}
		if over, err := b.OverRate(t.Context(), "x", at); err != nil || !over {
			t.Errorf("request 53 is within the limit: %v", err)
		}
	})
}

// What could not be stored was not taken; what was stored though its commit seemed to fail is shown as not taken.
func TestFailedCommits(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			broken := errors.New("the disk is full")
			var fails atomic.Bool
			db := databasetest.Open(t, engine.Address(t), database.Options{BeforeCommit: func() error {
				if fails.Load() {
					return broken
				}
				return nil
			}})
			s := over(t, db, state.Options{Unanswered: func(e control.Entry) control.Entry {
				e.Status = 503
				return e
			}})
			fill(t, s, 1)
			until(t, s, 0, 1)
			fails.Store(true)
			if _, err := s.Begin(control.Entry{Path: "lost"}); !errors.Is(err, broken) {
				t.Errorf("got %v", err)
			}
			fails.Store(false)
			// As if that commit had reached the disk, and only its confirmation had been lost.
			err := db.Write(t.Context(), func(tx *database.Tx) error {
				_, err := tx.Exec(t.Context(), "UPDATE mock_state SET last = 2")
				if err != nil {
					return err
				}
				_, err = tx.Exec(t.Context(), "INSERT INTO mock_journal (seq, at, entry) VALUES (2, 0, ?)", []byte(`{"path":"orphan","status":201}`))
				if err != nil {
					return err
				}
				_, err = tx.Exec(t.Context(), "INSERT INTO mock_unseen (seq, writer, at) VALUES (2, ?, 0)", state.Writer(s))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			fill(t, s, 1)
			got := until(t, s, 1, 2)
			if len(got) != 2 || got[0].Path != "orphan" || got[0].Status != 503 || got[1].Path != "" || got[1].Seq != 3 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestOldEntriesGo(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, address string) {
		limits := state.Limits{Entries: 100, Bytes: 1 << 30, Age: time.Hour}
		db := databasetest.Open(t, address, database.Options{})
		s := over(t, db, state.Options{})
		for _, age := range []time.Duration{3 * time.Hour, 2 * time.Hour, 0} {
			p, err := s.Begin(control.Entry{At: time.Now().Add(-age)})
			if err != nil {
				t.Fatal(err)
			}
			s.End(p)
		}
		until(t, s, 0, 3)
		shut(t, s)
		s = over(t, db, state.Options{Limits: limits})
		fill(t, s, 1) // the first thing that is stored prunes
		if d := cmp.Diff([]int64{3, 4}, seqs(until(t, s, 2, 2))); d != "" {
			t.Error(d)
		}
		if _, _, err := s.Read(t.Context(), 1, 9); !errors.Is(err, state.ErrGap) {
			t.Errorf("a gap was passed over: %v", err)
		}
	})
}

func TestNewerTablesAreRefused(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, address string) {
		db := databasetest.Open(t, address, database.Options{})
		shut(t, over(t, db, state.Options{}))
		err := db.Write(t.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO mock_schema (version_id, is_applied) VALUES (99, true)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = state.Open(context.Background(), db, state.Options{})
		var newer *database.NewerSchemaError
		if !errors.As(err, &newer) || newer.Component != "mock" || !strings.Contains(err.Error(), "use the newer program") {
			t.Errorf("got %v", err)
		}
	})
}

// Several that start at once on an empty database all find their tables.
func TestReplicasStartTogether(t *testing.T) {
	t.Parallel()
	onDatabases(t, func(t *testing.T, address string) {
		var wg sync.WaitGroup
		for range 3 {
			db := databasetest.Open(t, address, database.Options{Connections: 2})
			wg.Go(func() {
				s, err := state.Open(t.Context(), db, state.Options{})
				if err != nil {
					t.Error(err)
					return
				}
				if err := s.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}
