package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/internal/outbox"
)

var server databasetest.Server

func TestMain(m *testing.M) { os.Exit(databasetest.Run(m, &server)) }

// clock is a time that the test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is an outbox whose time stands still.
type bench struct {
	*testing.T
	*outbox.Outbox
	db    *database.DB
	clock *clock
}

func onEachEngine(t *testing.T, test func(b *bench)) {
	t.Helper()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			b := &bench{T: t, db: databasetest.Open(t, engine.Address(t), database.Options{}), clock: &clock{now: time.Unix(1e9, 0)}}
			b.Outbox = b.open(outbox.Options{Queue: "q", Now: b.clock.Now})
			test(b)
		})
	}
}

func (b *bench) open(o outbox.Options) *outbox.Outbox {
	b.Helper()
	opened, err := outbox.Open(b.Context(), b.db, o)
	if err != nil {
		b.Fatal(err)
	}
	return opened
}

func (b *bench) add(ids ...string) {
	b.Helper()
	for _, id := range ids {
		// The lane is the id's first letter.
		if err := b.write(func(tx *database.Tx) error {
			return b.Add(b.Context(), tx, outbox.Task{ID: id, Lane: id[:1], Body: []byte("body of " + id)})
		}); err != nil {
			b.Fatal(err)
		}
	}
}

func (b *bench) write(fn func(*database.Tx) error) error { return b.db.Write(b.Context(), fn) }

func (b *bench) done(t outbox.Task) error {
	return b.write(func(tx *database.Tx) error { return b.Done(b.Context(), tx, t) })
}

// claim claims up to n and expects these.
func (b *bench) claim(n int, want ...string) []outbox.Task {
	b.Helper()
	tasks, err := b.Claim(b.Context(), n)
	if err != nil {
		b.Fatal(err)
	}
	var ids []string
	for _, t := range tasks {
		ids = append(ids, t.ID)
		if string(t.Body) != "body of "+t.ID {
			b.Errorf("%s has the body %q", t.ID, t.Body)
		}
	}
	slices.Sort(ids)
	if !slices.Equal(ids, want) {
		b.Fatalf("claimed %q, want %q", ids, want)
	}
	return tasks
}

func TestLanesInOrder(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		b.add("a1", "a2", "b1", "a3", "c1")
		b.claim(1, "a1")
		first := b.claim(10, "b1", "c1")
		b.claim(10)
		if err := b.done(first[0]); err != nil {
			b.Fatal(err)
		}
		b.claim(10)
		b.clock.pass(time.Minute)
		again := b.claim(1, "a1")
		if again[0].Attempts != 2 {
			b.Errorf("attempt %d, want 2", again[0].Attempts)
		}
		if err := b.done(again[0]); err != nil {
			b.Fatal(err)
		}
		b.claim(1, "a2")
	})
}

func TestAddIsPartOfItsTransaction(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		crash := errors.New("crash")
		err := b.write(func(tx *database.Tx) error {
			return errors.Join(b.Add(b.Context(), tx, outbox.Task{ID: "a1", Lane: "a"}), crash)
		})
		if !errors.Is(err, crash) {
			b.Error(err)
		}
		b.claim(10)
	})
}

func TestLateWorkerIsFenced(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		b.add("a1")
		late := b.claim(1, "a1")[0]
		b.clock.pass(time.Minute)
		now := b.claim(1, "a1")[0]
		err := b.write(func(tx *database.Tx) error {
			if err := b.Add(b.Context(), tx, outbox.Task{ID: "z1", Lane: "z", Body: []byte("body of z1")}); err != nil {
				return err
			}
			return b.Done(b.Context(), tx, late)
		})
		if !errors.Is(err, outbox.ErrLeaseLost) {
			b.Fatalf("the late worker got %v", err)
		}
		if err := b.done(now); err != nil {
			b.Error(err)
		}
		if err := b.done(now); !errors.Is(err, outbox.ErrLeaseLost) {
			b.Errorf("ended twice: %v", err)
		}
		b.claim(10) // nothing: what the late worker wrote is not there either
	})
}

func TestQueuesDoNotMix(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		b.add("a1")
		other := b.open(outbox.Options{Queue: "other", Now: b.clock.Now})
		if tasks, err := other.Claim(b.Context(), 10); err != nil || len(tasks) > 0 {
			b.Errorf("%+v, %v", tasks, err)
		}
	})
}

// Several claim at a time, and each task is claimed once.
func TestClaimantsShare(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		const tasks = 60
		for i := range tasks {
			b.add(string(rune('A' + i)))
		}
		var mu sync.Mutex
		claimed := map[string]int{}
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				for idle := 0; idle < 3; {
					got, err := b.Claim(b.Context(), 3)
					if err != nil {
						b.Error(err)
						return
					}
					if len(got) == 0 {
						idle++
					}
					mu.Lock()
					for _, t := range got {
						claimed[t.ID]++
					}
					mu.Unlock()
				}
			})
		}
		group.Wait()
		if len(claimed) != tasks {
			b.Errorf("%d of %d tasks claimed", len(claimed), tasks)
		}
		for id, n := range claimed {
			if n != 1 {
				b.Errorf("%s claimed %d times", id, n)
			}
		}
	})
}

// worker runs a handler that fails as told and says what it saw.
func (b *bench) worker(o outbox.Options, outcome func(t outbox.Task) error) chan outbox.Task {
	b.Helper()
	o.Queue, o.Poll = "q", 20*time.Millisecond
	seen := make(chan outbox.Task, 100)
	started := b.open(o)
	started.Start(func(ctx context.Context, t outbox.Task) error {
		defer func() { seen <- t }()
		if err := outcome(t); err != nil {
			return err
		}
		return b.db.Write(ctx, func(tx *database.Tx) error { return started.Done(ctx, tx, t) })
	})
	b.Cleanup(func() { started.Close(context.Background()) })
	return seen
}

func receive(t *bench, seen <-chan outbox.Task) outbox.Task {
	t.Helper()
	select {
	case task := <-seen:
		return task
	case <-time.After(20 * time.Second):
		t.Fatal("waited for a task in vain")
		panic("unreachable")
	}
}

func TestFailuresAreTriedAgainAndParked(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		b.add("a1", "a2", "b1", "c1")
		seen := b.worker(outbox.Options{First: time.Millisecond, Longest: 2 * time.Millisecond, GiveUp: 1e6 * time.Hour, Attempts: 3}, func(t outbox.Task) error {
			switch {
			case t.ID == "a1":
				return backoff.Permanent(errors.New("no\x00 use"))
			case t.ID == "b1" && t.Attempts < 3:
				return fmt.Errorf("busy: %w", &backoff.RetryAfterError{Duration: time.Millisecond})
			case t.ID == "c1":
				return errors.New("never")
			}
			return nil
		})
		attempts := map[string]int{}
		for range 1 + 1 + 3 + 3 {
			attempts[receive(b, seen).ID]++
		}
		for id, want := range map[string]int{"a1": 1, "a2": 1, "b1": 3, "c1": 3} {
			if attempts[id] != want {
				b.Errorf("%s: %d attempts, want %d", id, attempts[id], want)
			}
		}
		var parked []outbox.Parked
		for deadline := time.Now().Add(10 * time.Second); len(parked) < 2 && time.Now().Before(deadline); {
			var err error
			if parked, err = b.Parked(b.Context(), 10); err != nil {
				b.Fatal(err)
			}
		}
		if len(parked) != 2 || parked[0].ID != "a1" || parked[0].Reason != `no\0 use` || parked[1].ID != "c1" {
			b.Fatalf("parked: %+v", parked)
		}
		if n, err := b.ResendAll(b.Context()); err != nil || n != 2 {
			b.Errorf("%d sent again, %v, not 2", n, err)
		}
		for _, id := range []string{receive(b, seen).ID, receive(b, seen).ID} {
			if id != "a1" && id != "c1" {
				b.Errorf("%s was sent again", id)
			}
		}
	})
}

func TestGivenUpAfterItsTime(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		b.add("a1") // in 2001
		seen := b.worker(outbox.Options{}, func(outbox.Task) error { return errors.New("still down") })
		receive(b, seen)
		for {
			parked, err := b.Parked(b.Context(), 10)
			if err != nil {
				b.Fatal(err)
			}
			if len(parked) == 1 {
				break
			}
		}
		if err := b.Resend(b.Context(), "a1"); err != nil {
			b.Fatal(err)
		}
		if again := receive(b, seen); again.Attempts != 1 {
			b.Errorf("attempt %d after it was sent again, want 1", again.Attempts)
		}
	})
}

// What is in hand when Close can't wait any longer is handed back, and counts as not tried.
func TestCloseHandsBack(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		b.add("a1")
		o := b.open(outbox.Options{Queue: "q"})
		begun := make(chan struct{})
		o.Start(func(ctx context.Context, _ outbox.Task) error {
			close(begun)
			<-ctx.Done()
			return ctx.Err()
		})
		<-begun
		ctx, cancel := context.WithCancel(b.Context())
		cancel()
		o.Close(ctx)
		if got := receive(b, b.worker(outbox.Options{}, func(outbox.Task) error { return nil })); got.Attempts != 1 {
			b.Errorf("attempt %d, want 1", got.Attempts)
		}
	})
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(b *bench) {
		b.add("a1", "a2", "b1")
		registry := prometheus.NewPedanticRegistry()
		worked := b.open(outbox.Options{Queue: "q", Now: b.clock.Now})
		registry.MustRegister(worked)
		b.clock.pass(time.Minute)
		ended := make(chan struct{}, 10)
		worked.Start(func(ctx context.Context, t outbox.Task) error {
			defer func() { ended <- struct{}{} }()
			if t.ID == "b1" {
				return backoff.Permanent(errors.New("no use"))
			}
			return b.db.Write(ctx, func(tx *database.Tx) error { return worked.Done(ctx, tx, t) })
		})
		for range 3 {
			<-ended
		}
		worked.Close(b.Context())
		b.add("c1")
		b.clock.pass(90 * time.Second)
		const want = `
# HELP clementine_outbox_attempts_total Attempts at tasks, by how they ended.
# TYPE clementine_outbox_attempts_total counter
clementine_outbox_attempts_total{outcome="ended",queue="q"} 2
clementine_outbox_attempts_total{outcome="parked",queue="q"} 1
# HELP clementine_outbox_oldest_seconds Age of the oldest open task; 0 if there is none.
# TYPE clementine_outbox_oldest_seconds gauge
clementine_outbox_oldest_seconds{queue="q"} 90
# HELP clementine_outbox_tasks Tasks in the table: open ones that wait or are in hand, and parked ones that wait for a person.
# TYPE clementine_outbox_tasks gauge
clementine_outbox_tasks{queue="q",state="open"} 1
clementine_outbox_tasks{queue="q",state="parked"} 1
`
		if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
			b.Error(err)
		}
		if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
			b.Errorf("%v, %v", problems, err)
		}
	})
}
