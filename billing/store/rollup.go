package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// rollupKey is a key of cost_rollup; envelope 0 is the level of the offer. This file alone names that table, so that
// nothing can write it outside the transaction of the change.
type rollupKey struct {
	envelope, offer int64
	month           billing.Month
}

func (k rollupKey) compare(l rollupKey) int {
	return cmp.Or(cmp.Compare(k.envelope, l.envelope), cmp.Compare(k.offer, l.offer), cmp.Compare(k.month, l.month))
}

// deltas are what transactions add to the roll-up.
type deltas map[rollupKey]billing.Delta

// add counts in what a subscription contributes, at both levels.
func (d deltas) add(r *record) error { return d.each(r, billing.Delta.Plus) }

// remove counts out what a subscription contributes.
func (d deltas) remove(r *record) error { return d.each(r, billing.Delta.Minus) }

func (d deltas) each(r *record, combine func(d, e billing.Delta) (billing.Delta, error)) error {
	for _, c := range r.Contributions() {
		for _, envelope := range [...]int64{0, r.envelope} {
			k := rollupKey{envelope, r.offer, c.Month}
			sum, err := combine(d[k], c.Delta)
			if err != nil {
				return fmt.Errorf("summing up the roll-up: %w", err)
			}
			d[k] = sum
		}
	}
	return nil
}

// sorted are the keys whose delta is not zero, in the one order in which all transactions lock them: in any other,
// PostgreSQL's writers deadlock.
func (d deltas) sorted() []rollupKey {
	keys := slices.Collect(maps.Keys(d))
	keys = slices.DeleteFunc(keys, func(k rollupKey) bool { return d[k] == billing.Delta{} })
	slices.SortFunc(keys, rollupKey.compare)
	return keys
}

const rollupColumns = "adjust, c0, c1, c2, c3, c4, c5, c6, c7, c8"

// apply are the statements that add the deltas to the stored roll-up: ErrOverflow if a sum leaves 64 bits.
func (d deltas) apply() (statements []database.Statement) {
	const columns = 3 + 1 + billing.Classes
	var set []string
	for _, column := range strings.Split(rollupColumns, ", ") {
		set = append(set, fmt.Sprintf("%s = cost_rollup.%s + excluded.%s", column, column, column))
	}
	tail := " ON CONFLICT (envelope_id, offer_id, month) DO UPDATE SET " + strings.Join(set, ", ")
	for keys := range slices.Chunk(d.sorted(), rowsPerStatement) {
		args := make([]any, 0, columns*len(keys))
		for _, k := range keys {
			args = append(args, k.envelope, k.offer, k.month, d[k].Adjust)
			for _, amount := range d[k].Class {
				args = append(args, amount)
			}
		}
		query := "INSERT INTO cost_rollup (envelope_id, offer_id, month, " + rollupColumns + ") VALUES " + rows(len(keys), columns) + tail
		statements = append(statements, database.Statement{Query: query, Args: args, Failed: overflowing("adding to the roll-up")})
	}
	return statements
}

// overflowing is doing, with ErrOverflow for a sum that leaves 64 bits.
func overflowing(what string) func(error) error {
	return func(err error) error {
		if database.IsOverflow(err) {
			err = fmt.Errorf("%w: %w", billing.ErrOverflow, err)
		}
		return fmt.Errorf("%s: %w", what, err)
	}
}

// scanDelta scans into integers, which the driver hands over as they are: reports are made of thousands of them.
func scanDelta(row database.Scanner, before ...any) (d billing.Delta, err error) {
	var n [1 + billing.Classes]int64
	dest := make([]any, 0, len(before)+len(n))
	dest = append(dest, before...)
	for i := range n {
		dest = append(dest, &n[i])
	}
	err = row.Scan(dest...)
	d.Adjust = billing.Minor(n[0])
	for c := range d.Class {
		d.Class[c] = billing.Minor(n[1+c])
	}
	return d, err
}

// rollupSum is what a report reads: a part of the roll-up of a key, or of an envelope over all offers of a currency.
type rollupSum struct {
	rollupKey
	currency billing.Currency
	billing.Delta
}

// readSums asks for the roll-up of what c keeps (r is the roll-up), up to a last month, in any order. What lies before the first month
// is summed up by the engine at the month before it, because only the classes count there. Names are not joined and nothing
// is sorted: that took as long as the sums.
func readSums(c *conditions, first, last billing.Month, each func(rollupSum) error) database.Statement {
	sums, columns := "", ""
	for i := range billing.Classes {
		sums += fmt.Sprintf(", CAST(sum(r.c%d) AS bigint)", i)
		columns += fmt.Sprintf(", r.c%d", i)
	}
	where := c.where()
	return database.Statement{
		Query: `SELECT r.envelope_id, r.offer_id, CAST(? AS bigint), CAST(0 AS bigint)` + sums + ` FROM cost_rollup r` + where + ` AND r.month < ?
			GROUP BY r.envelope_id, r.offer_id
			UNION ALL
			SELECT r.envelope_id, r.offer_id, r.month, r.adjust` + columns + ` FROM cost_rollup r` + where + ` AND r.month BETWEEN ? AND ?`,
		Args:   slices.Concat([]any{first - 1}, c.args, []any{first}, c.args, []any{first, last}),
		Failed: overflowing("reading the roll-up"),
		Row: func(row database.Scanner) error {
			var s rollupSum
			var month int64
			d, err := scanDelta(row, &s.envelope, &s.offer, &month)
			if err != nil {
				return err
			}
			s.month, s.Delta = billing.Month(month), d
			return each(s)
		},
	}
}

// readEnvelopeSums is readSums with the offers of a currency (o) added up by the engine: a month of all envelopes is asked for without
// each envelope's offers, which are many times as many. CROSS JOIN has SQLite go from the offers that c keeps to what they have, whatever
// it thinks of their number; to PostgreSQL it says nothing.
func readEnvelopeSums(c *conditions, first, last billing.Month, each func(rollupSum) error) database.Statement {
	sums := ""
	for i := range billing.Classes {
		sums += fmt.Sprintf(", CAST(sum(r.c%d) AS bigint)", i)
	}
	month, args := "CASE WHEN r.month < ? THEN ? ELSE r.month END", []any{first, first - 1}
	if first == last {
		// What lies before the one month counts in it by its classes alone, so one row tells all.
		month, args = "CAST(? AS bigint)", []any{first}
	}
	return database.Statement{
		Query: `SELECT r.envelope_id, ` + month + `, o.currency, CAST(sum(CASE WHEN r.month < ? THEN 0 ELSE r.adjust END) AS bigint)` + sums + `
			FROM offer o CROSS JOIN cost_rollup r` + c.where() + ` AND r.offer_id = o.id AND r.month <= ? GROUP BY 1, 2, 3`,
		Args:   slices.Concat(args, []any{first}, c.args, []any{last}),
		Failed: overflowing("reading the roll-up"),
		Row: func(row database.Scanner) error {
			var s rollupSum
			var month int64
			var currency string
			d, err := scanDelta(row, &s.envelope, &month, &currency)
			if err != nil {
				return err
			}
			s.month, s.currency, s.Delta = billing.Month(month), billing.Currency(currency), d
			return each(s)
		},
	}
}

// level keeps the rows of the offers, or those of envelopes: of the named ones, or of all.
func (c *conditions) level(byEnvelope bool, envelopes []billing.EnvelopeCode) {
	switch {
	case len(envelopes) > 0:
		condition, arg := database.In(c.dialect, "code", texts(envelopes))
		c.add("r.envelope_id IN (SELECT id FROM envelope WHERE "+condition+")", arg)
	case byEnvelope:
		c.add("r.envelope_id > 0")
	default:
		c.add("r.envelope_id = 0")
	}
}

// eachRollup hands on every row of the stored roll-up.
func eachRollup(ctx context.Context, tx *database.Tx, each func(rollupKey, billing.Delta) error) error {
	err := tx.Each(ctx, func(row database.Scanner) error {
		var k rollupKey
		var month int64
		d, err := scanDelta(row, &k.envelope, &k.offer, &month)
		if err != nil {
			return err
		}
		k.month = billing.Month(month)
		return each(k, d)
	}, "SELECT envelope_id, offer_id, month, "+rollupColumns+" FROM cost_rollup")
	if err != nil {
		return fmt.Errorf("reading the roll-up: %w", err)
	}
	return nil
}
