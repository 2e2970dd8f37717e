package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// touched is an offer that an act touched, and which of the entry's documents name it.
type touched struct {
	offer             int64
	inBefore, inAfter bool
}

// entry is an audit entry to be written.
type entry struct {
	actor         billing.Actor
	action        string
	kind          billing.AuditKind
	id            string
	before, after any // nil is no document
	offers        []touched
}

// audit writes an entry in the transaction of the act.
func (s *Store) audit(ctx context.Context, tx *database.Tx, entries ...entry) error {
	for _, e := range entries {
		if err := s.auditOne(ctx, tx, e); err != nil {
			return fmt.Errorf("writing the audit entry of %s %s: %w", e.action, e.kind, err)
		}
	}
	return nil
}

func (s *Store) auditOne(ctx context.Context, tx *database.Tx, e entry) error {
	at := s.moment().at
	before, err := document(e.before)
	if err != nil {
		return err
	}
	after, err := document(e.after)
	if err != nil {
		return err
	}
	var number int64
	row := tx.QueryRow(ctx, `INSERT INTO audit (id, at, client, actor, reason, request, action, kind, thing, before, after)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number`,
		s.opts.NewID(at), at, e.actor.Client, e.actor.Kind, e.actor.Reason, e.actor.Request, e.action, e.kind, e.id, before, after)
	if err := row.Scan(&number); err != nil {
		return err
	}
	if len(e.offers) == 0 {
		return nil
	}
	args := make([]any, 0, 4*len(e.offers))
	for _, o := range e.offers {
		args = append(args, o.offer, number, flag(o.inBefore), flag(o.inAfter))
	}
	_, err = tx.Exec(ctx, "INSERT INTO audit_offer (offer_id, number, in_before, in_after) VALUES "+rows(len(e.offers), 4), args...)
	return err
}

func document(v any) (string, error) {
	if v == nil {
		return "", nil
	}
	data, err := json.Marshal(v)
	return string(data), err
}

// flag is how a truth is stored: both engines have integers.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rows is the VALUES list of n rows with so many columns.
func rows(n, columns int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?, ", columns), ", ") + ")"
	return strings.TrimSuffix(strings.Repeat(row+", ", n), ", ")
}
