package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// Import is part of billing.Store. The roll-up of all rows is summed up in memory and written once.
func (s *Store) Import(
	ctx context.Context, a billing.Actor, sc billing.Scope, rows []billing.ImportRow, onDuplicate billing.OnDuplicate,
) (results []billing.ImportResult, err error) {
	switch onDuplicate {
	case billing.DuplicateReject, billing.DuplicateSkip:
	default:
		return nil, billing.Invalid("onDuplicate", billing.CodeUnknown, "%q is none of reject, skip", string(onDuplicate))
	}
	err = s.write(ctx, func(tx *database.Tx) error {
		b := s.newBatch(tx, a, sc)
		results = make([]billing.ImportResult, len(rows))
		checked := make([]*record, len(rows))
		if err := b.know(ctx, rows); err != nil {
			return err
		}
		for i, row := range rows {
			results[i] = billing.ImportResult{Line: row.Line, Outcome: billing.ImportRejected}
			if checked[i], results[i].Err, err = b.checkRow(row); err != nil {
				return fmt.Errorf("line %d: %w", row.Line, err)
			}
		}
		around, err := b.look(ctx, slices.DeleteFunc(slices.Clone(checked), func(r *record) bool { return r == nil }))
		if err != nil {
			return err
		}
		return b.store(ctx, sift(around.terms, checked, results, onDuplicate), around)
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// checkRow is check with what is the row's own fault, which stops no other row, apart from what is the database's.
func (b *batch) checkRow(row billing.ImportRow) (r *record, rejected, err error) {
	r, err = b.check(row.NewSubscription)
	var invalid *billing.InvalidError
	if errors.As(err, &invalid) || errors.Is(err, billing.ErrForbidden) {
		return nil, err, nil
	}
	return r, nil, err
}

// sift takes out the duplicates of what is stored and of the rows before them, and says so in the results.
func sift(known terms, checked []*record, results []billing.ImportResult, onDuplicate billing.OnDuplicate) []*record {
	var created []*record
	for i, r := range checked {
		if r == nil {
			continue
		}
		existing := known.meeting(r)
		switch {
		case existing == "":
			results[i].Outcome, results[i].ID = billing.ImportCreated, r.ID
			k := r.naturalKey()
			// Rows have no numbers yet: this one is told from the next by one that no row has.
			known[k] = append(known[k], term{num: -1, id: r.ID, Interval: r.Term})
			created = append(created, r)
		case onDuplicate == billing.DuplicateSkip:
			results[i].Outcome, results[i].Existing = billing.ImportSkipped, existing
		default:
			results[i].Existing, results[i].Err = existing, &billing.DuplicateError{Existing: existing}
		}
	}
	return created
}
