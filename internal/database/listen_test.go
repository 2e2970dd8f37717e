package database_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// A listener hears of commits, and of none that was rolled back; it looks again after its connection was lost, and while
// it is there others see it.
func TestListen(t *testing.T) {
	t.Parallel()
	var own databasetest.Server // because it is restarted
	t.Cleanup(func() {
		if err := own.Stop(); err != nil {
			t.Error(err)
		}
	})
	address := own.Address(t)
	db, other := databasetest.Open(t, address, database.Options{}), databasetest.Open(t, address, database.Options{})
	woken := make(chan struct{}, 100)
	heard := func(what string) {
		t.Helper()
		select {
		case <-woken:
		case <-time.After(30 * time.Second):
			t.Fatalf("not woken %s", what)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		db.Listen(ctx, database.Listener{Channel: "news", Class: 7, ID: 42, Wake: func() { woken <- struct{}{} }})
	}()
	absent := func(ids ...int32) []int32 {
		t.Helper()
		var out []int32
		err := other.Read(t.Context(), func(tx *database.Tx) (err error) {
			out, err = tx.Absent(t.Context(), 7, ids)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	notify := func() error {
		return other.Write(t.Context(), func(tx *database.Tx) error { return tx.Notify(t.Context(), "news") })
	}
	heard("when listening begins")
	if got := absent(41, 42, 43); !slices.Equal(got, []int32{41, 43}) {
		t.Errorf("absent are %v", got)
	}
	if err := notify(); err != nil {
		t.Fatal(err)
	}
	heard("by a commit")
	own.Restart(t)
	heard("when listening begins again")
	if err := notify(); err != nil {
		// The pool may have handed out a connection that the restart has ended; the next is a fresh one.
		if err := notify(); err != nil {
			t.Fatal(err)
		}
	}
	heard("by a commit after the restart")
	cancel()
	<-ended
	// The server lets go of the lock once it has seen the connection end.
	look, late := time.NewTicker(10*time.Millisecond), time.After(30*time.Second)
	defer look.Stop()
	for got := absent(42); !slices.Equal(got, []int32{42}); got = absent(42) {
		select {
		case <-look.C:
		case <-late:
			t.Fatalf("after the end absent are %v", got)
		}
	}
}

func TestListenOnSQLite(t *testing.T) {
	t.Parallel()
	db := databasetest.Open(t, ":memory:", database.Options{})
	db.Listen(t.Context(), database.Listener{Channel: "news", Wake: func() { t.Error("woken by nobody") }})
	err := db.Write(t.Context(), func(tx *database.Tx) error { return tx.Notify(t.Context(), "news") })
	if err != nil {
		t.Errorf("notify: %v", err)
	}
}
