package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// writtenAtOnce is how many subscriptions are in memory, and in one transaction.
const writtenAtOnce = 20_000

// table is rows on their way into a table of the store.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

func (t *table) add(values ...any) { t.rows = append(t.rows, values) }

func newTable(name, columns string) *table {
	return &table{name: name, columns: strings.Split(columns, ", ")}
}

// writer makes the rows of subscriptions past the store, whose checks and audit take minutes at this size. It sums the
// roll-up up as the store does; Reconcile then says whether the two agree.
type writer struct {
	offers, envelopes                          map[string]int64
	subscriptions, holds, revisions, lines, up *table
	sums                                       map[[3]int64]billing.Delta
}

func (b *billingBench) newWriter(ctx context.Context) (*writer, error) {
	w := &writer{
		offers: map[string]int64{}, envelopes: map[string]int64{}, sums: map[[3]int64]billing.Delta{},
		subscriptions: newTable("subscription", "num, id, offer_id, envelope_id, reference, ref_norm, ref_key, label, label_norm, periodicity, rule, "+
			"anchor, anchor_day, start, finish, amount, version, updated_on, updated_at, created_by, created_on, created_at"),
		holds:     newTable("hold", "subscription, start, finish, id, reason"),
		revisions: newTable("revision", "subscription, start, amount"),
		lines:     newTable("line", "subscription, revision, position, depth, label, quantity, unit_price, amount"),
		up:        newTable("cost_rollup", "envelope_id, offer_id, month, adjust, c0, c1, c2, c3, c4, c5, c6, c7, c8"),
	}
	err := b.db.Read(ctx, func(tx *database.Tx) error {
		for name, ids := range map[string]map[string]int64{"offer": w.offers, "envelope": w.envelopes} {
			err := tx.Each(ctx, func(row database.Scanner) error {
				var code string
				var id int64
				err := row.Scan(&code, &id)
				ids[code] = id
				return err
			}, "SELECT code, id FROM "+name)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return w, err
}

// write stores the subscriptions from the given one on, and adds them to the roll-up.
func (b *billingBench) write(ctx context.Context, from int) error {
	w, err := b.newWriter(ctx)
	if err != nil {
		return err
	}
	err = b.unguarded(ctx, func() error {
		for ; from < b.size; from += writtenAtOnce {
			for i := from; i < min(b.size, from+writtenAtOnce); i++ {
				if err := w.add(b, i); err != nil {
					return err
				}
			}
			if err := b.flush(ctx, w.subscriptions, w.revisions, w.holds, w.lines); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := w.rollup(ctx, b.db); err != nil {
		return err
	}
	if err := b.flush(ctx, w.up); err != nil {
		return err
	}
	return b.settle(ctx)
}

// add makes the rows of the ith subscription; some have a hold.
func (w *writer) add(b *billingBench, i int) error {
	n := b.subscription(i)
	s, err := billing.Subscribe(n, billing.Offer{Code: n.Offer, Currency: "EUR"})
	if err != nil {
		return err
	}
	num, offer, envelope := int64(i+1), w.offers[string(n.Offer)], w.envelopes[string(n.Envelope)]
	id := fmt.Sprintf("written-%09d", i)
	if b.random.IntN(100) < heldPercent {
		held := billing.Interval{From: n.Term.From + 10, To: n.Term.From + 20}
		s.Holds = []billing.Hold{{ID: billing.HoldID("hold-" + id), Interval: held}}
		w.holds.add(num, int64(held.From), int64(held.To), "hold-"+id, "")
	}
	_, _, anchorDay := s.Anchor.Civil()
	reference, key := billing.NormalText(s.Reference), sha256.Sum256([]byte(billing.NormalText(s.Reference)))
	w.subscriptions.add(num, id, offer, envelope, s.Reference, reference, key[:], s.Label, billing.NormalText(s.Label), string(s.Periodicity),
		string(s.Rule), int64(s.Anchor), int64(anchorDay), int64(s.Term.From), int64(s.Term.To), int64(s.Amount()), int64(1),
		int64(b.today), int64(i), "bench", int64(b.today), int64(i))
	for _, r := range s.Revisions {
		w.revisions.add(num, int64(r.From), int64(r.Amount))
		for position, l := range r.Lines {
			w.lines.add(num, int64(r.From), int64(position), int64(1), l.Label, int64(l.Quantity), int64(l.UnitPrice), int64(l.Amount))
		}
	}
	for _, c := range s.Contributions() {
		for _, level := range [...]int64{0, envelope} {
			at := [3]int64{level, offer, int64(c.Month)}
			if w.sums[at], err = w.sums[at].Plus(c.Delta); err != nil {
				return err
			}
		}
	}
	return nil
}

// rollup takes what the import has put into the roll-up, and makes the rows of the whole.
func (w *writer) rollup(ctx context.Context, db *database.DB) error {
	return db.Write(ctx, func(tx *database.Tx) error {
		err := tx.Each(ctx, func(row database.Scanner) error {
			var at [3]int64
			var d billing.Delta
			dest := []any{&at[0], &at[1], &at[2], &d.Adjust}
			for i := range d.Class {
				dest = append(dest, &d.Class[i])
			}
			if err := row.Scan(dest...); err != nil {
				return err
			}
			var err error
			w.sums[at], err = w.sums[at].Plus(d)
			return err
		}, "SELECT "+strings.Join(w.up.columns, ", ")+" FROM cost_rollup")
		if err != nil {
			return err
		}
		keys := make([][3]int64, 0, len(w.sums))
		for at, d := range w.sums {
			if d != (billing.Delta{}) {
				keys = append(keys, at)
			}
		}
		slices.SortFunc(keys, func(a, b [3]int64) int { return slices.Compare(a[:], b[:]) })
		for _, at := range keys {
			d := w.sums[at]
			row := []any{at[0], at[1], at[2], int64(d.Adjust)}
			for _, amount := range d.Class {
				row = append(row, int64(amount))
			}
			w.up.add(row...)
		}
		_, err = tx.Exec(ctx, "DELETE FROM cost_rollup")
		return err
	})
}

// flush stores rows.
func (b *billingBench) flush(ctx context.Context, tables ...*table) error {
	for _, t := range tables {
		if err := b.db.Fill(ctx, t.name, t.columns, t.rows); err != nil {
			return err
		}
		t.rows = t.rows[:0]
	}
	return nil
}

// settle does what an engine left to itself does some minutes later: it takes stock of the tables.
func (b *billingBench) settle(ctx context.Context) error {
	statements := []string{"ANALYZE"}
	if b.db.Dialect() == database.PostgreSQL {
		statements = []string{fmt.Sprintf("SELECT setval('subscription_num', %d)", b.size), "VACUUM ANALYZE"}
	}
	return b.run(ctx, statements)
}
