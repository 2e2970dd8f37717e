package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/internal/outbox"
)

var errCrash = errors.New("crash before the commit")

// schedule is one hostile course of events: workers that die, come back late, and do not learn what became of their commits.
type schedule struct {
	*rapid.T
	ctx    context.Context
	db     *database.DB
	queue  string
	boxes  []*outbox.Outbox // as many processes
	clock  *clock
	crash  *atomic.Bool // the next commit fails
	held   []held
	added  map[string][]string // by lane, as they were stored
	number int
}

type held struct {
	box  *outbox.Outbox
	task outbox.Task
}

// add stores a task, unless the crash comes first.
func (s *schedule) add(t *rapid.T) {
	lane := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "lane")
	s.number++
	id := fmt.Sprint(lane, s.number)
	err := s.db.Write(s.ctx, func(tx *database.Tx) error {
		return s.boxes[0].Add(s.ctx, tx, outbox.Task{ID: id, Lane: lane, Body: []byte(id)})
	})
	switch {
	case err == nil:
		s.added[lane] = append(s.added[lane], id)
	case !errors.Is(err, errCrash):
		t.Fatal(err)
	}
}

func (s *schedule) claim(t *rapid.T) {
	box := rapid.SampledFrom(s.boxes).Draw(t, "worker")
	tasks, err := box.Claim(s.ctx, rapid.IntRange(1, 3).Draw(t, "most"))
	if err != nil && !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	for _, task := range tasks {
		s.held = append(s.held, held{box, task})
	}
}

// finish ends a task together with its effect. Some workers finish although they were given up long ago, and some again
// what they have finished, because they have not heard of it.
func (s *schedule) finish(t *rapid.T) {
	if len(s.held) == 0 {
		return
	}
	i := rapid.IntRange(0, len(s.held)-1).Draw(t, "task")
	h := s.held[i]
	err := s.db.Write(s.ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(s.ctx, "INSERT INTO effects (queue, lane, id) VALUES (?, ?, ?)", s.queue, h.task.Lane, h.task.ID); err != nil {
			return err
		}
		return h.box.Done(s.ctx, tx, h.task)
	})
	if err != nil && !errors.Is(err, errCrash) && !errors.Is(err, outbox.ErrLeaseLost) {
		t.Fatal(err)
	}
	if rapid.Bool().Draw(t, "hears of it") {
		s.held = slices.Delete(s.held, i, i+1)
	}
}

// effects are the ids by lane, in the order of their transactions.
func (s *schedule) effects(t *rapid.T) map[string][]string {
	found := map[string][]string{}
	err := s.db.Read(s.ctx, func(tx *database.Tx) error {
		clear(found)
		return tx.Each(s.ctx, func(row database.Scanner) error {
			var lane, id string
			err := row.Scan(&lane, &id)
			found[lane] = append(found[lane], id)
			return err
		}, "SELECT lane, id FROM effects WHERE queue = ? ORDER BY seq", s.queue)
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// drain lets one honest worker do what is left.
func (s *schedule) drain(t *rapid.T) {
	s.crash.Store(false)
	for range s.number + 1 {
		s.clock.pass(time.Hour)
		s.held = nil
		tasks, err := s.boxes[0].Claim(s.ctx, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range tasks {
			s.held = append(s.held, held{s.boxes[0], task})
		}
		for len(s.held) > 0 {
			h := s.held[0]
			s.held = s.held[1:]
			err := s.db.Write(s.ctx, func(tx *database.Tx) error {
				if _, err := tx.Exec(s.ctx, "INSERT INTO effects (queue, lane, id) VALUES (?, ?, ?)", s.queue, h.task.Lane, h.task.ID); err != nil {
					return err
				}
				return h.box.Done(s.ctx, tx, h.task)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Whatever the schedule, each task that was stored has its effect once, and those of a lane are in order.
func TestAnyScheduleLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			var crash atomic.Bool
			db := databasetest.Open(t, engine.Address(t), database.Options{BeforeCommit: func() error {
				if crash.Swap(false) {
					return errCrash
				}
				return nil
			}})
			serial := "INTEGER PRIMARY KEY AUTOINCREMENT"
			if db.Dialect() == database.PostgreSQL {
				serial = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
			}
			if _, err := db.Writer().ExecContext(t.Context(), "CREATE TABLE effects (seq "+serial+", queue TEXT, lane TEXT, id TEXT)"); err != nil {
				t.Fatal(err)
			}
			n := 0
			rapid.Check(t, func(rt *rapid.T) {
				n++
				s := &schedule{
					T: rt, ctx: t.Context(), db: db, queue: fmt.Sprint("q", n), crash: &crash, clock: &clock{now: time.Unix(1e9, 0)},
					added: map[string][]string{},
				}
				for range 2 {
					box, err := outbox.Open(s.ctx, db, outbox.Options{Queue: s.queue, Now: s.clock.Now})
					if err != nil {
						rt.Fatal(err)
					}
					s.boxes = append(s.boxes, box)
				}
				rt.Repeat(map[string]func(*rapid.T){
					"add": s.add, "claim": s.claim, "claim again": s.claim, "finish": s.finish, "finish another": s.finish,
					"lease ends": func(*rapid.T) { s.clock.pass(31 * time.Second) },
					"crash":      func(*rapid.T) { crash.Store(true) },
				})
				s.drain(rt)
				effects := s.effects(rt)
				for _, lane := range []string{"a", "b", "c"} {
					if !slices.Equal(effects[lane], s.added[lane]) {
						rt.Fatalf("lane %s: stored %q, done %q", lane, s.added[lane], effects[lane])
					}
				}
			})
		})
	}
}
