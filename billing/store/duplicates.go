package store

import (
	"context"
	"slices"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// naturalKey is the key that subscriptions of one offer, envelope and reference have in common (F4-2).
type naturalKey struct {
	offer, envelope int64
	reference       string // the bytes of referenceKey
}

func (r *record) naturalKey() naturalKey {
	return naturalKey{r.offer, r.envelope, string(referenceKey(r.Reference))}
}

// term is what is known of a subscription where only its term matters.
type term struct {
	num int64
	id  billing.SubscriptionID
	billing.Interval
}

// terms are the terms, stored or about to be, of natural keys.
type terms map[naturalKey][]term

// read asks for the stored terms of the natural keys of records, by one statement for several hundred.
func (known terms) read(d database.Dialect, records []*record) (statements []database.Statement) {
	for chunk := range slices.Chunk(records, rowsPerStatement) {
		args := make([]any, 0, 3*len(chunk))
		for _, r := range chunk {
			args = append(args, r.offer, r.envelope, referenceKey(r.Reference))
		}
		row := func(row database.Scanner) error {
			var k naturalKey
			var reference []byte
			var t term
			err := row.Scan(&k.offer, &k.envelope, &reference, &t.num, &t.id, &t.From, &t.To)
			k.reference = string(reference)
			known[k] = append(known[k], t)
			return err
		}
		statements = append(statements, database.Statement{Args: args, Row: row, Failed: doing("looking for duplicates"),
			Query: `SELECT offer_id, envelope_id, ref_key, num, id, start, finish FROM subscription
				WHERE (offer_id, envelope_id, ref_key) IN (VALUES ` + keyRows(d, len(chunk), "bigint", "bigint", "bytea") + `) ORDER BY start`})
	}
	return statements
}

// keyRows is the VALUES list of n keys. PostgreSQL has to be told the types, which it would take for text.
func keyRows(d database.Dialect, n int, types ...string) string {
	if d != database.PostgreSQL {
		return rows(n, len(types))
	}
	list := ""
	for i, t := range types {
		if i > 0 {
			list += ", "
		}
		list += "CAST(? AS " + t + ")"
	}
	if n == 1 {
		return "(" + list + ")"
	}
	return "(" + list + "), " + rows(n-1, len(types))
}

// meeting is the subscription that r cannot be beside, apart from itself; "" if there is none.
func (t terms) meeting(r *record) billing.SubscriptionID {
	for _, other := range t[r.naturalKey()] {
		if other.num != r.num && other.Overlaps(r.Term) {
			return other.id
		}
	}
	return ""
}

// refuseDuplicate is a *billing.DuplicateError if r cannot be stored beside what is stored.
func refuseDuplicate(ctx context.Context, tx *database.Tx, r *record) error {
	known := terms{}
	if err := tx.Batch(ctx, known.read(tx.Dialect(), []*record{r})...); err != nil {
		return err
	}
	return known.refuse(r)
}

// refuse is a *billing.DuplicateError if r meets one of the terms.
func (t terms) refuse(r *record) error {
	if existing := t.meeting(r); existing != "" {
		return &billing.DuplicateError{Existing: existing}
	}
	return nil
}
