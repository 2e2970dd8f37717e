package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
)

const crowd = 50

// atOnce runs fn for each of the crowd, and lets all begin together.
func atOnce(fn func(i int)) {
	start := make(chan struct{})
	var group sync.WaitGroup
	for i := range crowd {
		group.Go(func() {
			<-start
			fn(i)
		})
	}
	close(start)
	group.Wait()
}

// T11: of many who create the same subscription at once, one does; the others are told which.
func TestOneOfManyCreates(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
		created := make([]billing.SubscriptionID, crowd)
		errs := make([]error, crowd)
		atOnce(func(i int) {
			n := monthly("A", "E1", "Réf 1")
			if i%2 == 1 {
				n.Reference = "  RE\u0301F   1 " // the same in its normal form
			}
			s, err := b.CreateSubscription(t.Context(), b.admin, b.all, n)
			created[i], errs[i] = s.ID, err
		})
		var winner billing.SubscriptionID
		for i, err := range errs {
			if err == nil {
				if winner != "" {
					t.Fatalf("two winners: %s, %s", winner, created[i])
				}
				winner = created[i]
			}
		}
		for i, err := range errs {
			var duplicate *billing.DuplicateError
			if created[i] != winner && (!errors.As(err, &duplicate) || duplicate.Existing != winner) {
				t.Errorf("client %d: %v, not a duplicate of %s", i, err, winner)
			}
		}
		b.clean()
	})
}

// A duplicate that is not there yet when it is looked for: the constraint finds it, and the answer names it all the same.
func TestTheConstraintNamesTheFaster(t *testing.T) {
	t.Parallel()
	var inserts atomic.Int64
	both := make(chan struct{})
	address := server.Address(t)
	b := open(t, address, database.Options{Statement: func(query string) {
		if strings.HasPrefix(query, "INSERT INTO subscription (") && inserts.Add(1) == 2 {
			close(both)
		}
	}}, store.Options{})
	b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
	stored := make(chan billing.SubscriptionID, 1)
	var group sync.WaitGroup
	group.Go(func() {
		k := billing.OnceKey{Client: "w", Route: "POST", Key: "1"}
		_, _, err := b.Once(t.Context(), k, func(ctx context.Context, s billing.Store) (billing.Answer, error) {
			created, err := s.CreateSubscription(ctx, b.admin, b.all, monthly("A", "E1", "R"))
			stored <- created.ID
			<-both
			return billing.Answer{Status: 201}, err
		})
		if err != nil {
			t.Error(err)
		}
	})
	first := <-stored
	_, err := b.CreateSubscription(t.Context(), b.admin, b.all, monthly("A", "E1", "R"))
	group.Wait()
	var duplicate *billing.DuplicateError
	if !errors.As(err, &duplicate) || duplicate.Existing != first {
		t.Errorf("the slower one: %v, not a duplicate of %s", err, first)
	}
	b.clean()
}

// T12: of many with one idempotency key, one does the work, and all get its answer, byte for byte.
func TestOneKeyOneAnswer(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
		k := billing.OnceKey{Client: "w", Route: "POST /subscriptions", Key: "k1", Body: [32]byte{1}}
		post := func(ctx context.Context, s billing.Store) (billing.Answer, error) {
			created, err := s.CreateSubscription(ctx, b.admin, b.all, monthly("A", "E1", "R"))
			return billing.Answer{Status: 201, Header: map[string]string{"Location": string(created.ID)}, Body: []byte(created.ID)}, err
		}
		answers := make([]billing.Answer, crowd)
		replays := make([]bool, crowd)
		atOnce(func(i int) {
			var err error
			if answers[i], replays[i], err = b.Once(t.Context(), k, post); err != nil {
				t.Error(err)
			}
		})
		fresh := 0
		for i, a := range answers {
			if !replays[i] {
				fresh++
			}
			if diff := gocmp.Diff(answers[0], a); diff != "" || a.Status != 201 {
				t.Fatalf("answer %d differs:\n%s", i, diff)
			}
		}
		if fresh != 1 {
			t.Errorf("%d did the work, not 1", fresh)
		}
		other := k
		other.Body[0]++
		if _, _, err := b.Once(t.Context(), other, post); !errors.Is(err, billing.ErrKeyReused) {
			t.Errorf("another body: %v", err)
		}
		b.clean()
	})
}

func TestOnceKeepsNothingOfAFailure(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
		k := billing.OnceKey{Client: "w", Route: "POST /subscriptions", Key: "k1"}
		failed := errors.New("answer lost")
		_, _, err := b.Once(t.Context(), k, func(ctx context.Context, s billing.Store) (billing.Answer, error) {
			if _, err := s.CreateSubscription(ctx, b.admin, b.all, monthly("A", "E1", "R")); err != nil {
				return billing.Answer{}, err
			}
			return billing.Answer{}, failed
		})
		if !errors.Is(err, failed) {
			t.Errorf("failure: %v", err)
		}
		if left := b.everything(b.all, billing.Filter{}, billing.Order{}); len(left) != 0 {
			t.Errorf("%d subscriptions are left", len(left))
		}
		// A refusal by the domain, however, may be the answer: the transaction goes on.
		b.create(monthly("A", "E1", "R"))
		for range 2 {
			a, _, err := b.Once(t.Context(), k, func(ctx context.Context, s billing.Store) (billing.Answer, error) {
				_, err := s.CreateSubscription(ctx, b.admin, b.all, monthly("A", "E1", "R"))
				var duplicate *billing.DuplicateError
				if !errors.As(err, &duplicate) {
					return billing.Answer{}, fmt.Errorf("not a duplicate: %w", err)
				}
				return billing.Answer{Status: 409, Body: []byte("twice")}, nil
			})
			if err != nil || a.Status != 409 || string(a.Body) != "twice" {
				t.Errorf("refusal: %+v, %v", a, err)
			}
		}
		b.clean()
	})
}

// Writers of one envelope and month meet on every row of the roll-up: nothing is lost, and nobody waits for ever.
func TestManyWritersOfOneMonth(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A", "B"}, []billing.EnvelopeCode{"E1", "E2"})
		atOnce(func(i int) {
			n := monthly(one(seeded(uint64(i)), []billing.OfferCode{"A", "B"}), one(seeded(uint64(i)), []billing.EnvelopeCode{"E1", "E2"}), reference(i))
			s, err := b.CreateSubscription(t.Context(), b.admin, b.all, n)
			if err == nil {
				_, err = b.End(t.Context(), b.admin, b.all, s.ID, 1, day("2026-05-05")+billing.Day(i%3))
			}
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
		if got := b.everything(b.all, billing.Filter{}, billing.Order{}); len(got) != crowd {
			t.Errorf("%d subscriptions, not %d", len(got), crowd)
		}
		b.clean()
	})
}

// Of two who change the version they both read, one is told that it changed meanwhile.
func TestTheOptimisticLock(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		b.catalogue([]billing.OfferCode{"A"}, []billing.EnvelopeCode{"E1"})
		s := b.create(monthly("A", "E1", "R"))
		errs := make([]error, crowd)
		atOnce(func(i int) {
			label := fmt.Sprint("Label ", i)
			_, errs[i] = b.PatchSubscription(t.Context(), b.admin, b.all, s.ID, 1, billing.SubscriptionPatch{Label: &label})
		})
		done := 0
		for _, err := range errs {
			var conflict *billing.ConflictError
			if err == nil {
				done++
			} else if !errors.As(err, &conflict) || conflict.Version != 2 {
				t.Errorf("late writer: %v", err)
			}
		}
		if done != 1 {
			t.Errorf("%d writers, not 1", done)
		}
	})
}
