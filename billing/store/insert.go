package store

import (
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// rowsPerStatement keeps a statement well below the engines' limits on parameters.
const rowsPerStatement = 500

// numbers asks for n new values of subscription.num, rising.
func numbers(d database.Dialect, n int, nums *[]int64) database.Statement {
	failed := doing("numbering subscriptions")
	if d == database.PostgreSQL {
		return database.Statement{
			Query: "SELECT nextval('subscription_num') FROM generate_series(1, CAST(? AS bigint))", Args: []any{n}, Failed: failed,
			Row: func(row database.Scanner) error {
				var num int64
				err := row.Scan(&num)
				*nums = append(*nums, num)
				return err
			},
		}
	}
	return database.Statement{
		Query: "SELECT coalesce(max(num), 0) + 1 FROM subscription", Failed: failed,
		Row: func(row database.Scanner) error {
			var next int64
			err := row.Scan(&next)
			for i := range n {
				*nums = append(*nums, next+int64(i))
			}
			return err
		},
	}
}

// doing says what failed.
func doing(what string) func(error) error {
	return func(err error) error { return fmt.Errorf("%s: %w", what, err) }
}

// insertMany inserts rows of so many columns, several per statement.
func insertMany(into string, columns int, args []any, failed func(error) error) []database.Statement {
	var statements []database.Statement
	for len(args) > 0 {
		n := min(len(args)/columns, rowsPerStatement)
		query := "INSERT INTO " + into + " VALUES " + rows(n, columns)
		statements = append(statements, database.Statement{Query: query, Args: args[:n*columns], Failed: failed})
		args = args[n*columns:]
	}
	return statements
}

// insertRecords stores new subscriptions with all their parts. A natural key that another transaction has taken meanwhile
// is a lost race: tried again, the check before it sees who took it.
func insertRecords(records []*record) []database.Statement {
	const columns = 22
	args := make([]any, 0, columns*len(records))
	for _, r := range records {
		args = append(args, r.num, r.ID)
		args = append(args, changeable(r)...)
		args = append(args, r.CreatedBy, r.CreatedOn, r.CreatedAt)
	}
	into := "subscription (num, id, " + changeableColumns + ", created_by, created_on, created_at)"
	failed := func(err error) error { return raced(fmt.Errorf("storing subscriptions: %w", err)) }
	return append(insertMany(into, columns, args, failed), insertParts(records)...)
}

func raced(err error) error {
	if database.IsUnique(err) {
		return fmt.Errorf("%w: %w", database.ErrLostRace, err)
	}
	return err
}

const changeableColumns = `offer_id, envelope_id, reference, ref_norm, ref_key, label, label_norm, periodicity, rule,
	anchor, anchor_day, start, finish, amount, version, updated_on, updated_at`

// changeable are the values of changeableColumns.
func changeable(r *record) []any {
	reference := billing.NormalText(r.Reference)
	_, _, anchorDay := r.Anchor.Civil()
	return []any{
		r.offer, r.envelope, r.Reference, reference, referenceKey(r.Reference), r.Label, billing.NormalText(r.Label), r.Periodicity,
		r.Rule, r.Anchor, anchorDay, r.Term.From, r.Term.To, r.Amount(), r.Version, r.UpdatedOn, r.UpdatedAt,
	}
}

// referenceKey is the full hash of a reference in its normal form: no index entry grows with what people type.
func referenceKey(reference string) []byte {
	key := sha256.Sum256([]byte(billing.NormalText(reference)))
	return key[:]
}

func insertParts(records []*record) []database.Statement {
	var holds, revisions, lines []any
	for _, r := range records {
		for _, h := range r.Holds {
			holds = append(holds, r.num, h.From, h.To, h.ID, h.Reason)
		}
		for _, v := range r.Revisions {
			revisions = append(revisions, r.num, v.From, v.Amount)
			for i, f := range flatten(v.Lines) {
				l := f.line
				lines = append(lines, r.num, v.From, i, f.depth, l.Label, l.Quantity, l.UnitPrice, l.Amount)
			}
		}
	}
	into := "line (subscription, revision, position, depth, label, quantity, unit_price, amount)"
	return slices.Concat(
		insertMany("hold (subscription, start, finish, id, reason)", 5, holds, doing("storing holds")),
		insertMany("revision (subscription, start, amount)", 3, revisions, doing("storing revisions")),
		insertMany(into, 8, lines, doing("storing lines")),
	)
}
