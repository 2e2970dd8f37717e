package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// The data set: what a mid-sized partner has after four years.
const (
	billedOffers        = 200
	billedSubscriptions = 20_000
	billedYear          = 2026
	reportsAtOnce       = 20 // for one reading
)

// books is billing on PostgreSQL, and beside it a plain table of what each subscription is charged a month.
type books struct {
	db    *database.DB
	store *store.Store
	admin billing.Actor
	all   billing.Scope
	lines int
}

// billing has the reports of billing made, and the same figures by plain SQL over the charged lines.
func (b *bench) billing(ctx context.Context, out io.Writer) (err error) {
	server := databasetest.Server{Settings: []string{"fsync=on", "full_page_writes=on", "shared_buffers=512MB"}}
	defer func() { err = errors.Join(err, server.Stop()) }()
	address, err := server.New(ctx)
	if errors.Is(err, databasetest.ErrNotInstalled) {
		fmt.Fprintf(out, "\n### Billing reports\n\nLeft out: %v.\n", err)
		return nil
	}
	if err != nil {
		return err
	}
	db, err := database.Open(ctx, address, database.Options{Connections: 4})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	k, err := newBooks(ctx, db)
	if err != nil {
		return err
	}
	one := billing.Filter{Offers: []billing.OfferCode{"OFFER-007"}}
	for _, q := range []struct {
		what, where string
		filter      billing.Filter
	}{{"a year by month, all 200 offers", "", billing.Filter{}}, {"a year by month, one offer", " AND offer = 'OFFER-007'", one}} {
		t := &table{
			title: "Billing report: " + q.what, unit: "ms a report", cpuUnit: "CPU",
			contenders: []contender{
				{"clementine, on PostgreSQL", func(ctx context.Context) (reading, error) { return k.report(ctx, q.filter, q.where) }},
				{"plain SQL over charged lines, indexed, same server", func(ctx context.Context) (reading, error) { return k.plain(ctx, q.where) }},
			},
			notes: []string{fmt.Sprintf("%d subscriptions, %d charged lines of them in the plain table; both come to the same sum.", billedSubscriptions, k.lines)},
		}
		if err := t.measure(ctx, b.rounds); err != nil {
			return err
		}
		t.print(out)
	}
	return nil
}

func newBooks(ctx context.Context, db *database.DB) (*books, error) {
	s, err := store.New(ctx, db, store.Options{})
	if err != nil {
		return nil, err
	}
	c := billing.Client{ID: "bench", Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleAdmin}
	today := billing.NewDay(billedYear, 11, 23)
	k := &books{db: db, store: s, admin: billing.ActorOf(c, "bench"), all: billing.ScopeOf(c, today)}
	for i := range billedOffers {
		o := billing.Offer{Code: billing.OfferCode(fmt.Sprintf("OFFER-%03d", i)), Name: "Offer", Currency: "EUR"}
		if _, err := s.CreateOffer(ctx, k.admin, k.all, o); err != nil {
			return nil, err
		}
	}
	if _, err := s.CreateEnvelope(ctx, k.admin, k.all, billing.Envelope{Code: "ENV-0", Label: "Envelope"}); err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(1, 2)) // #nosec G404 -- a data set, the same each time
	const batch = 2000
	for from := 0; from < billedSubscriptions; from += batch {
		rows := make([]billing.ImportRow, 0, batch)
		for i := from; i < from+batch; i++ {
			start := today - billing.Day(random.IntN(4*365)) // #nosec G115 -- less than 1460
			n := billing.NewSubscription{
				Offer: billing.OfferCode(fmt.Sprintf("OFFER-%03d", i%billedOffers)), Envelope: "ENV-0", Reference: fmt.Sprint("REF-", i),
				Label: "Subscription", Periodicity: billing.Monthly, Term: billing.Interval{From: start, To: billing.Forever},
				Lines: []billing.Line{{Label: "Line", Quantity: 1_000_000, UnitPrice: billing.Decimal6(random.IntN(50_000)) * 10_000}},
			}
			rows = append(rows, billing.ImportRow{Line: i + 1, NewSubscription: n})
		}
		results, err := s.Import(ctx, k.admin, k.all, rows, billing.DuplicateReject)
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			if r.Err != nil {
				return nil, fmt.Errorf("importing line %d: %w", r.Line, r.Err)
			}
		}
	}
	return k, k.charge(ctx)
}

// charge writes the plain table: a row for each subscription and month of four years, as an export would have it.
func (k *books) charge(ctx context.Context) error {
	return k.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(ctx, "CREATE TABLE charged (offer text NOT NULL, month date NOT NULL, amount bigint NOT NULL)"); err != nil {
			return err
		}
		err := k.store.StreamSubscriptions(ctx, k.all, billing.Filter{}, billing.Order{}, func(s *billing.Subscription) error {
			for year := billedYear - 3; year <= billedYear; year++ {
				for month := 1; month <= 12; month++ {
					amount := s.CostMonth(billing.NewMonth(year, month))
					if amount == 0 {
						continue
					}
					day := fmt.Sprintf("%04d-%02d-01", year, month)
					if _, err := tx.Exec(ctx, "INSERT INTO charged VALUES (?, ?, ?)", string(s.Offer), day, int64(amount)); err != nil {
						return err
					}
					k.lines++
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, then := range []string{"CREATE INDEX charged_by ON charged (offer, month) INCLUDE (amount)", "CREATE INDEX charged_month ON charged (month, offer) INCLUDE (amount)", "ANALYZE charged"} {
			if _, err := tx.Exec(ctx, then); err != nil {
				return err
			}
		}
		return nil
	})
}

// report makes the report some times, and holds its sum against that of the plain table.
func (k *books) report(ctx context.Context, f billing.Filter, where string) (reading, error) {
	var costs []billing.YearlyCost
	var err error
	began := time.Now()
	for range reportsAtOnce {
		if costs, err = k.store.YearlyCosts(ctx, k.all, billedYear, f); err != nil {
			return reading{}, err
		}
	}
	took := time.Since(began)
	sum, err := k.sum(ctx, where)
	if err == nil && (len(costs) != 1 || int64(costs[0].Amount) != sum || sum == 0) {
		err = fmt.Errorf("the report says %v, plain SQL %d", costs, sum)
	}
	return reading{float64(took.Microseconds()) / 1000 / reportsAtOnce, 0}, err
}

// plain makes the same table by plain SQL.
func (k *books) plain(ctx context.Context, where string) (reading, error) {
	began := time.Now()
	for range reportsAtOnce {
		if _, err := k.sum(ctx, where); err != nil {
			return reading{}, err
		}
	}
	return reading{float64(time.Since(began).Microseconds()) / 1000 / reportsAtOnce, 0}, nil
}

func (k *books) sum(ctx context.Context, where string) (sum int64, err error) {
	query := fmt.Sprintf("SELECT offer, month::text, sum(amount)::bigint FROM charged WHERE month >= '%d-01-01' AND month < '%d-01-01'%s GROUP BY offer, month",
		billedYear, billedYear+1, where)
	err = k.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := tx.Query(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var offer, month string
			var amount int64
			if err := rows.Scan(&offer, &month, &amount); err != nil {
				return err
			}
			sum += amount
		}
		return rows.Err()
	})
	return sum, err
}
