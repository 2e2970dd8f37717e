package state_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/state"
)

// One server serves all tests of the binary.
var server databasetest.Server

func TestMain(m *testing.M) { os.Exit(databasetest.Run(m, &server)) }

// opener opens the state under test with a room of its own, again and again.
type opener func(t *testing.T, l state.Limits) state.State

// onEach runs one behaviour on every kind of state.
func onEach(t *testing.T, test func(t *testing.T, open opener)) {
	t.Helper()
	t.Run("memory", func(t *testing.T) {
		t.Parallel()
		test(t, func(_ *testing.T, l state.Limits) state.State { return state.NewMemory(l) })
	})
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			db := databasetest.Open(t, engine.Address(t), database.Options{})
			test(t, func(t *testing.T, l state.Limits) state.State { return over(t, db, state.Options{Limits: l}) })
		})
	}
}

// over opens a state in a database and closes it before the database is.
func over(t testing.TB, db *database.DB, o state.Options) state.State {
	t.Helper()
	s, err := state.Open(context.Background(), db, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, s) })
	return s
}

func shut(t testing.TB, s state.State) {
	t.Helper()
	if err := s.Close(context.Background()); err != nil {
		t.Errorf("close: %v", err)
	}
}

func roomy() state.Limits { return state.Limits{Entries: 10_000, Bytes: 1 << 30} }

func begin(t testing.TB, s state.State, path string) state.Place {
	t.Helper()
	p, err := s.Begin(control.Entry{At: time.Now(), Path: path, Body: []byte("12345")})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func fill(t testing.TB, s state.State, n int) {
	t.Helper()
	for range n {
		s.End(begin(t, s, ""))
	}
}

// until reads the journal after an entry until it holds n entries, or the state is closed.
func until(t testing.TB, s state.State, after int64, n int) []control.Entry {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		entries, more, err := s.Read(t.Context(), after, n+1)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) >= n || more == nil {
			return entries
		}
		select {
		case <-more:
		case <-limit:
			t.Fatalf("%d entries of %d", len(entries), n)
		}
	}
}

func seqs(entries []control.Entry) []int64 {
	out := []int64{}
	for _, e := range entries {
		out = append(out, e.Seq)
	}
	return out
}

func paths(entries []control.Entry) []string {
	out := []string{}
	for _, e := range entries {
		out = append(out, e.Path)
	}
	return out
}

func await(t testing.TB, ch <-chan control.Entry) control.Entry {
	t.Helper()
	select {
	case e, ok := <-ch:
		if !ok {
			t.Fatal("the subscription ended")
		}
		return e
	case <-time.After(20 * time.Second):
		t.Fatal("no entry arrived")
	}
	return control.Entry{}
}
