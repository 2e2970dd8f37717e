package store

import (
	"context"
	"errors"
	"fmt"

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
		results = make([]billing.ImportResult, 0, len(rows))
		seen := map[billing.NaturalKey][]*record{}
		var created []*record
		for _, row := range rows {
			r, result, err := b.importRow(ctx, row, seen, onDuplicate)
			if err != nil {
				return fmt.Errorf("line %d: %w", row.Line, err)
			}
			if r != nil {
				created = append(created, r)
			}
			results = append(results, result)
		}
		return b.store(ctx, created)
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// importRow checks one row against the rules, the stored subscriptions and the rows before it. The error is one of the
// database; those of the row are in its result.
func (b *batch) importRow(
	ctx context.Context, row billing.ImportRow, seen map[billing.NaturalKey][]*record, onDuplicate billing.OnDuplicate,
) (*record, billing.ImportResult, error) {
	result := billing.ImportResult{Line: row.Line, Outcome: billing.ImportRejected}
	r, err := b.check(ctx, row.NewSubscription)
	if err != nil {
		var invalid *billing.InvalidError
		if errors.As(err, &invalid) || errors.Is(err, billing.ErrForbidden) {
			result.Err = err
			return nil, result, nil
		}
		return nil, result, err
	}
	k := r.NaturalKey()
	existing, err := duplicateOf(ctx, b.tx, r)
	if err != nil {
		return nil, result, err
	}
	for _, other := range seen[k] {
		if existing == "" && other.DuplicateOf(&r.Subscription) {
			existing = other.ID
		}
	}
	switch {
	case existing == "":
		result.Outcome, result.ID = billing.ImportCreated, r.ID
		seen[k] = append(seen[k], r)
		return r, result, nil
	case onDuplicate == billing.DuplicateSkip:
		result.Outcome, result.Existing = billing.ImportSkipped, existing
	default:
		result.Existing, result.Err = existing, &billing.DuplicateError{Existing: existing}
	}
	return nil, result, nil
}
