package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

func (b *billingBench) clientScope() billing.Scope {
	c := billing.Client{ID: "client", Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleWriter}
	for i := range clientOffers {
		c.Offers = append(c.Offers, offerCode(i))
	}
	return billing.ScopeOf(c, b.today)
}

func (b *billingBench) reports(ctx context.Context) error {
	year := func(sc billing.Scope, f billing.Filter) func(int) error {
		return func(i int) error {
			costs, err := b.store.YearlyCosts(ctx, sc, 2024+i%3, f)
			if err == nil && len(costs) == 0 {
				err = errors.New("nothing is charged")
			}
			return err
		}
	}
	all := "50 ms"
	if b.engine == "PostgreSQL" {
		all = "15 ms"
	}
	_, err := b.timed("yearly report, 200 offers", all+" p95", 60, year(b.all, billing.Filter{}))
	if err != nil {
		return err
	}
	median, err := b.timed("yearly report, a client with 20 offers", "5 ms p95", 100, year(b.clientScope(), billing.Filter{}))
	if err != nil {
		return err
	}
	if err := b.scan(ctx, median); err != nil {
		return err
	}
	one := billing.Filter{Offers: []billing.OfferCode{offerCode(7)}}
	envelope := billing.Filter{Envelopes: []billing.EnvelopeCode{"ENV-7"}}
	everyEnvelope := billing.Filter{ByEnvelope: true}
	text := billing.Filter{Offers: one.Offers, Text: "line 1"}
	for _, m := range []struct {
		what, threshold string
		runs            int
		fn              func(int) error
	}{
		{"yearly report, one offer", "2 ms", 100, year(b.all, one)},
		{"yearly report, one envelope", "2 ms", 100, year(b.all, envelope)},
		{"yearly report, 200 offers by every envelope", "none", 3, year(b.all, everyEnvelope)},
		{"yearly report, one offer, by a text", "100 ms", 20, year(b.all, text)},
		{"monthly report by envelope, a client with 20 offers", "none", 20, func(int) error {
			_, err := b.store.MonthlyCosts(ctx, b.clientScope(), billing.NewMonth(2026, 3), billing.Filter{})
			return err
		}},
		{"monthly report by envelope, 200 offers", "none", 3, func(int) error {
			_, err := b.store.MonthlyCosts(ctx, b.all, billing.NewMonth(2026, 3), billing.Filter{})
			return err
		}},
	} {
		if _, err := b.timed(m.what, m.threshold, m.runs, m.fn); err != nil {
			return err
		}
	}
	return nil
}

// scan computes the report of the client with 20 offers again from the lines, compares it, and prints how many times
// longer it took.
func (b *billingBench) scan(ctx context.Context, report time.Duration) error {
	sc := b.clientScope()
	start := time.Now()
	var total billing.Minor
	err := b.store.StreamSubscriptions(ctx, sc, billing.Filter{}, billing.Order{}, func(s *billing.Subscription) error {
		total += s.CostYear(2026)
		return nil
	})
	if err != nil {
		return err
	}
	took := time.Since(start)
	costs, err := b.store.YearlyCosts(ctx, sc, 2026, billing.Filter{})
	if err != nil {
		return err
	}
	if len(costs) != 1 || costs[0].Amount != total {
		return fmt.Errorf("%s: the report says %v, and the lines sum up to %d", b.engine, costs, total)
	}
	b.row("the same figure from the lines", "equal", "%s: %.0f times as long", milliseconds(took), float64(took)/float64(report))
	return nil
}

func (b *billingBench) lists(ctx context.Context) error {
	for name, sc := range map[string]billing.Scope{"of all": b.all, "of a client with 20 offers": b.clientScope()} {
		cursor := ""
		_, err := b.timed("page of 30 by cursor, "+name, "5 ms p95", 100, func(int) error {
			page, err := b.store.Subscriptions(ctx, sc, billing.Filter{}, billing.Order{}, billing.Page{Cursor: cursor})
			cursor = page.Next
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// commits prints how fast the engine commits a transaction that does next to nothing: no writer alone is faster, whatever it writes.
func (b *billingBench) commits(ctx context.Context) error {
	const commits = 200
	start := time.Now()
	for i := range commits {
		err := b.db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(ctx, "UPDATE envelope SET label = ? WHERE code = 'ENV-0'", fmt.Sprint("Envelope ", i))
			return err
		})
		if err != nil {
			return err
		}
	}
	b.row("commit of one changed row, one writer", "none", "%.0f/s", commits/time.Since(start).Seconds())
	return nil
}

func (b *billingBench) writes(ctx context.Context) error {
	if err := b.commits(ctx); err != nil {
		return err
	}
	const writes = 1000
	start := time.Now()
	for i := range writes {
		if _, err := b.store.CreateSubscription(ctx, b.admin, b.all, b.subscription(b.size+i)); err != nil {
			return err
		}
	}
	b.row("create, ten lines, one writer", "600/s", "%.0f/s", writes/time.Since(start).Seconds())
	return b.writesAtOnce(ctx, b.size+writes, writes)
}

// writesAtOnce is what a server sees: several clients, none of which waits for another's commit where the engine can help it.
func (b *billingBench) writesAtOnce(ctx context.Context, first, writes int) error {
	const writers = 8
	todo := make(chan billing.NewSubscription, writes)
	for i := range writes {
		todo <- b.subscription(first + i)
	}
	close(todo)
	start := time.Now()
	errs := make(chan error, writers)
	for range writers {
		go func() {
			var err error
			for n := range todo {
				if _, err = b.store.CreateSubscription(ctx, b.admin, b.all, n); err != nil {
					break
				}
			}
			errs <- err
		}()
	}
	for range writers {
		if err := <-errs; err != nil {
			return err
		}
	}
	b.row(fmt.Sprintf("create, ten lines, %d writers", writers), "none", "%.0f/s", float64(writes)/time.Since(start).Seconds())
	return nil
}

func (b *billingBench) reconcile(ctx context.Context) error {
	start := time.Now()
	report, err := b.store.Reconcile(ctx, b.admin, b.all)
	if err != nil {
		return err
	}
	if !report.Clean() {
		return fmt.Errorf("%s: the roll-up has drifted: %+v", b.engine, report)
	}
	b.row("reconcile everything", "30 s", "%.1f s, %d keys, no drift", time.Since(start).Seconds(), report.Keys)
	return nil
}
