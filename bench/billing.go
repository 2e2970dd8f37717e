package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// The shape of the data set: what the thresholds were set for, at a million subscriptions.
const (
	billedOffers      = 200
	linesPerBilled    = 10
	billedPerEnvelope = 100
	billedYears       = 4
	importBatch       = 2000
	importedPart      = 100 // one subscription in so many is imported, and the others are written past the store
	heldPercent       = 5
	clientOffers      = 20
)

// billingBench is one engine with the data set.
type billingBench struct {
	figures
	engine string
	store  *store.Store
	db     *database.DB
	size   int
	admin  billing.Actor
	all    billing.Scope
	today  billing.Day
	random *rand.Rand
}

// billedSubscriptions reads the size of the data set: the flag -subscriptions, or CLEMENTINE_BENCH_SUBSCRIPTIONS.
func billedSubscriptions() *int {
	size := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("CLEMENTINE_BENCH_SUBSCRIPTIONS")); err == nil {
		size = n
	}
	return flag.Int("subscriptions", size, "the subscriptions of the billing data set, with ten lines each; 0 leaves billing out")
}

// measureBilling prints the table of billing beside its thresholds, on both engines or on the one that is named.
func measureBilling(ctx context.Context, size int, engine string, f figures) (err error) {
	if size == 0 {
		return nil
	}
	switch engine {
	case "":
		return errors.Join(measureSQLite(ctx, size, f), measurePostgreSQL(ctx, size, f))
	case "sqlite":
		return measureSQLite(ctx, size, f)
	case "postgresql":
		return measurePostgreSQL(ctx, size, f)
	}
	return fmt.Errorf("-engine %s: neither sqlite nor postgresql", engine)
}

func measureSQLite(ctx context.Context, size int, f figures) (err error) {
	dir, err := os.MkdirTemp("", "clementine-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	return measureEngine(ctx, "SQLite", filepath.Join(dir, "billing.db"), size, f)
}

func measurePostgreSQL(ctx context.Context, size int, f figures) (err error) {
	server := databasetest.Server{Settings: []string{"fsync=on", "full_page_writes=on", "shared_buffers=1GB", "max_wal_size=4GB", "maintenance_work_mem=512MB"}}
	defer func() { err = errors.Join(err, server.Stop()) }()
	address, missing := server.New(ctx)
	if errors.Is(missing, databasetest.ErrNotInstalled) {
		f.add("billing, PostgreSQL", "not installed")
		return err
	}
	return errors.Join(err, missing, measureEngine(ctx, "PostgreSQL", address, size, f))
}

func measureEngine(ctx context.Context, engine, address string, size int, f figures) (err error) {
	db, err := database.Open(ctx, address, database.Options{CacheKiB: 200 << 10, Connections: 8})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s, err := store.New(ctx, db, store.Options{})
	if err != nil {
		return err
	}
	today := billing.NewDay(2026, 11, 23)
	c := billing.Client{ID: "bench", Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleAdmin}
	b := &billingBench{
		figures: f, engine: engine, store: s, db: db, size: size, admin: billing.ActorOf(c, "bench"), all: billing.ScopeOf(c, today),
		today: today, random: rand.New(rand.NewPCG(1, 2)),
	}
	f.add("billing, "+engine, "%d subscriptions, %d lines", size, size*linesPerBilled)
	return b.measure(ctx)
}

func (b *billingBench) measure(ctx context.Context) error {
	for _, step := range []func(context.Context) error{b.load, b.reports, b.lists, b.writes, b.reconcile} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// row prints one measurement and the threshold it is held against, at once: what follows may be ended by a time limit.
func (b *billingBench) row(what, threshold, format string, args ...any) {
	b.add("  "+what, "%s\t(aim %s)", fmt.Sprintf(format, args...), threshold)
	// An error of the output comes back at the end, when it is flushed again.
	_ = b.w.Flush()
}

func offerCode(i int) billing.OfferCode { return billing.OfferCode(fmt.Sprintf("OFFER-%03d", i)) }

func (b *billingBench) envelopes() int { return max(40, b.size/billedPerEnvelope) }

func (b *billingBench) load(ctx context.Context) error {
	for i := range billedOffers {
		o := billing.Offer{Code: offerCode(i), Name: "Offer", Currency: "EUR"}
		if _, err := b.store.CreateOffer(ctx, b.admin, b.all, o); err != nil {
			return err
		}
	}
	for i := range b.envelopes() {
		e := billing.Envelope{Code: billing.EnvelopeCode(fmt.Sprint("ENV-", i)), Label: "Envelope"}
		if _, err := b.store.CreateEnvelope(ctx, b.admin, b.all, e); err != nil {
			return err
		}
	}
	imported := min(b.size, b.size/importedPart+importBatch)
	start := time.Now()
	for from := 0; from < imported; from += importBatch {
		if err := b.importRows(ctx, from, min(imported, from+importBatch)); err != nil {
			return err
		}
	}
	b.row("import, duplicates checked", "2000/s", "%.0f subscriptions/s", float64(imported)/time.Since(start).Seconds())
	start = time.Now()
	if err := b.write(ctx, imported); err != nil {
		return fmt.Errorf("%s: writing the data set: %w", b.engine, err)
	}
	b.row("the rest of the data set, row by row", "none", "%.1f s", time.Since(start).Seconds())
	// Before anything is measured: what was written past the store must be what the store would have written.
	return b.reconcile(ctx)
}

func (b *billingBench) importRows(ctx context.Context, from, to int) error {
	rows := make([]billing.ImportRow, 0, to-from)
	for i := from; i < to; i++ {
		rows = append(rows, billing.ImportRow{Line: i + 1, NewSubscription: b.subscription(i)})
	}
	results, err := b.store.Import(ctx, b.admin, b.all, rows, billing.DuplicateReject)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Err != nil {
			return fmt.Errorf("importing line %d: %w", r.Line, r.Err)
		}
	}
	return nil
}

// subscription is the ith of the data set: 70 % monthly of which a fifth by days, 15 % weekly, 15 % daily, 40 % ended.
func (b *billingBench) subscription(i int) billing.NewSubscription {
	r := b.random
	from := b.today - billing.Day(r.IntN(billedYears*365))
	n := billing.NewSubscription{
		Offer: offerCode(i % billedOffers), Envelope: billing.EnvelopeCode(fmt.Sprint("ENV-", r.IntN(b.envelopes()))),
		Reference: fmt.Sprint("REF-", i), Label: fmt.Sprintf("Subscription %d of line %d", i, r.IntN(1000)),
		Periodicity: billing.Monthly, Term: billing.Interval{From: from, To: billing.Forever},
	}
	switch kind := r.IntN(100); {
	case kind < 14:
		n.Rule = billing.DaysOfMonth
	case kind < 70:
	case kind < 85:
		n.Periodicity = billing.Weekly
	default:
		n.Periodicity = billing.Daily
	}
	if r.IntN(100) < 40 {
		n.Term.To = from + billing.Day(30+r.IntN(700))
	}
	for range linesPerBilled {
		n.Lines = append(n.Lines, billing.Line{Label: "Line", Quantity: 1_000_000, UnitPrice: billing.Decimal6(r.IntN(50_000)) * 10_000})
	}
	return n
}

// p50 and p95 of what takes the given times.
func percentiles(times []time.Duration) (p50, p95 time.Duration) {
	slices.Sort(times)
	return times[len(times)/2], times[len(times)*95/100]
}

// timed runs fn some times, prints how long it takes, and returns the median.
func (b *billingBench) timed(what, threshold string, runs int, fn func(i int) error) (time.Duration, error) {
	times := make([]time.Duration, 0, runs)
	for i := range runs {
		start := time.Now()
		if err := fn(i); err != nil {
			return 0, fmt.Errorf("%s, %s: %w", b.engine, what, err)
		}
		times = append(times, time.Since(start))
	}
	p50, p95 := percentiles(times)
	b.row(what, threshold, "p50 %s  p95 %s", milliseconds(p50), milliseconds(p95))
	return p50, nil
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}
