package store

import (
	"context"
	"crypto/sha256"
	"fmt"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// rowsPerStatement keeps a statement well below the engines' limits on parameters.
const rowsPerStatement = 500

// numbers are n new values of subscription.num, rising.
func numbers(ctx context.Context, tx *database.Tx, n int) ([]int64, error) {
	nums := make([]int64, 0, n)
	if tx.Dialect() == database.PostgreSQL {
		err := tx.Each(ctx, func(row database.Scanner) error {
			var num int64
			err := row.Scan(&num)
			nums = append(nums, num)
			return err
		}, "SELECT nextval('subscription_num') FROM generate_series(1, CAST(? AS bigint))", n)
		return nums, err
	}
	var next int64
	if err := tx.QueryRow(ctx, "SELECT coalesce(max(num), 0) + 1 FROM subscription").Scan(&next); err != nil {
		return nil, err
	}
	for i := range n {
		nums = append(nums, next+int64(i))
	}
	return nums, nil
}

// insertMany inserts rows of so many columns, several per statement.
func insertMany(ctx context.Context, tx *database.Tx, into string, columns int, args []any) error {
	for len(args) > 0 {
		n := min(len(args)/columns, rowsPerStatement)
		if _, err := tx.Exec(ctx, "INSERT INTO "+into+" VALUES "+rows(n, columns), args[:n*columns]...); err != nil {
			return err
		}
		args = args[n*columns:]
	}
	return nil
}

// insertRecords stores new subscriptions with all their parts. A natural key that another transaction has taken meanwhile
// is a lost race: tried again, the check before it sees who took it.
func insertRecords(ctx context.Context, tx *database.Tx, records []*record) error {
	if len(records) == 0 {
		return nil
	}
	nums, err := numbers(ctx, tx, len(records))
	if err != nil {
		return fmt.Errorf("numbering subscriptions: %w", err)
	}
	const columns = 22
	args := make([]any, 0, columns*len(records))
	for i, r := range records {
		r.num = nums[i]
		args = append(args, r.num, r.ID)
		args = append(args, changeable(r)...)
		args = append(args, r.CreatedBy, r.CreatedOn, r.CreatedAt)
	}
	into := "subscription (num, id, " + changeableColumns + ", created_by, created_on, created_at)"
	if err := insertMany(ctx, tx, into, columns, args); err != nil {
		return raced(fmt.Errorf("storing subscriptions: %w", err))
	}
	return insertParts(ctx, tx, records)
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

func insertParts(ctx context.Context, tx *database.Tx, records []*record) error {
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
	if err := insertMany(ctx, tx, "hold (subscription, start, finish, id, reason)", 5, holds); err != nil {
		return fmt.Errorf("storing holds: %w", err)
	}
	if err := insertMany(ctx, tx, "revision (subscription, start, amount)", 3, revisions); err != nil {
		return fmt.Errorf("storing revisions: %w", err)
	}
	into := "line (subscription, revision, position, depth, label, quantity, unit_price, amount)"
	if err := insertMany(ctx, tx, into, 8, lines); err != nil {
		return fmt.Errorf("storing lines: %w", err)
	}
	return nil
}
