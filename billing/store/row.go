package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// record is a stored subscription with the numbers that join its tables.
type record struct {
	billing.Subscription
	num, offer, envelope int64
	amount               billing.Minor
}

const recordColumns = `s.num, s.id, s.offer_id, s.envelope_id, o.code, o.currency, e.code, s.reference, s.label,
	s.periodicity, s.rule, s.anchor, s.start, s.finish, s.amount, s.version, s.created_by, s.created_on, s.updated_on,
	s.created_at, s.updated_at`

// Every subscription has its offer and its envelope. LEFT makes the engines begin with the subscriptions all the same: SQLite,
// once it has statistics, would begin with the envelopes and sort everything for a page of thirty.
const recordTables = " FROM subscription s LEFT JOIN offer o ON o.id = s.offer_id LEFT JOIN envelope e ON e.id = s.envelope_id"

func scanRecord(row database.Scanner) (r record, err error) {
	err = row.Scan(&r.num, &r.ID, &r.offer, &r.envelope, &r.Offer, &r.Currency, &r.Envelope, &r.Reference, &r.Label,
		&r.Periodicity, &r.Rule, &r.Anchor, &r.Term.From, &r.Term.To, &r.amount, &r.Version, &r.CreatedBy, &r.CreatedOn,
		&r.UpdatedOn, &r.CreatedAt, &r.UpdatedAt)
	return r, err
}

// selectRecords reads subscriptions without their holds, revisions and lines. rest is what follows the tables.
func selectRecords(ctx context.Context, tx *database.Tx, rest string, args ...any) ([]record, error) {
	var records []record
	err := tx.Each(ctx, func(row database.Scanner) error {
		r, err := scanRecord(row)
		records = append(records, r)
		return err
	}, "SELECT "+recordColumns+recordTables+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("reading subscriptions: %w", err)
	}
	return records, nil
}

// The parts of a subscription that fill reads.
const (
	partHold     = 1
	partRevision = 2
	partLine     = 3
)

const (
	selectHolds = `SELECT 1 AS part, subscription, start, finish AS a, 0 AS b, 0 AS c, 0 AS d, id AS text1, reason AS text2
		FROM hold WHERE `
	selectRevisions = " UNION ALL SELECT 2, subscription, start, amount, 0, 0, 0, '', '' FROM revision WHERE "
	selectLines     = " UNION ALL SELECT 3, subscription, revision, position, depth, quantity, unit_price, label, '' FROM line WHERE "
	orderParts      = " ORDER BY 2, 1, 3, 4"
)

// fill adds holds and revisions to records, and with lines the tree of each revision, by one statement for all of them.
func fill(ctx context.Context, tx *database.Tx, records []record, lines bool) error {
	nums := make([]int64, len(records))
	for i := range records {
		nums[i] = records[i].num
	}
	condition, arg := database.In(tx.Dialect(), "subscription", nums)
	return fillWhere(ctx, tx, records, lines, condition, arg)
}

// fillRange is fill without lines for records that are all there are between the first and the last, by number: a range is read faster
// than thousands of numbers.
func fillRange(ctx context.Context, tx *database.Tx, records []record) error {
	if len(records) == 0 {
		return nil
	}
	return fillWhere(ctx, tx, records, false, "subscription BETWEEN ? AND ?", records[0].num, records[len(records)-1].num)
}

func fillWhere(ctx context.Context, tx *database.Tx, records []record, lines bool, condition string, args ...any) error {
	if len(records) == 0 {
		return nil
	}
	byNum := make(map[int64]*record, len(records))
	for i := range records {
		byNum[records[i].num] = &records[i]
	}
	query, all := selectHolds+condition+selectRevisions+condition, slices.Concat(args, args)
	if lines {
		query, all = query+selectLines+condition, append(all, args...)
	}
	var b treeBuilder
	err := tx.Each(ctx, func(row database.Scanner) error { return fillPart(row, byNum, &b) }, query+orderParts, all...)
	if err == nil && lines {
		err = b.finish()
	}
	if err != nil {
		return fmt.Errorf("reading holds, revisions and lines: %w", err)
	}
	return nil
}

func fillPart(row database.Scanner, byNum map[int64]*record, b *treeBuilder) error {
	var part, num, a, bb, c, d int64
	var start billing.Day
	var text1, text2 string
	if err := row.Scan(&part, &num, &start, &a, &bb, &c, &d, &text1, &text2); err != nil {
		return err
	}
	r := byNum[num]
	switch part {
	case partHold:
		r.Holds = append(r.Holds, billing.Hold{
			ID: billing.HoldID(text1), Interval: billing.Interval{From: start, To: billing.Day(a)}, Reason: text2,
		})
	case partRevision:
		r.Revisions = append(r.Revisions, billing.Revision{From: start, Amount: billing.Minor(a)})
	case partLine:
		return b.add(&r.Subscription, start, flatLine{int(bb), billing.Line{
			Label: text1, Quantity: billing.Decimal6(c), UnitPrice: billing.Decimal6(d),
		}})
	}
	return nil
}

// plain are the subscriptions of records.
func plain(records []record) []billing.Subscription {
	list := make([]billing.Subscription, len(records))
	for i := range records {
		list[i] = records[i].Subscription
	}
	return list
}
