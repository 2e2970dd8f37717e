package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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

// audit writes entries in the transaction of their acts, in their order.
func (s *Store) audit(ctx context.Context, tx *database.Tx, entries ...entry) error {
	for chunk := range slices.Chunk(entries, rowsPerStatement) {
		if err := s.auditChunk(ctx, tx, chunk); err != nil {
			return fmt.Errorf("writing the audit of %s %s: %w", chunk[0].action, chunk[0].kind, err)
		}
	}
	return nil
}

func (s *Store) auditChunk(ctx context.Context, tx *database.Tx, entries []entry) error {
	const columns = 11
	at := s.moment().at
	args := make([]any, 0, columns*len(entries))
	offers := make(map[string][]touched, len(entries))
	for _, e := range entries {
		before, err := document(e.before)
		if err != nil {
			return err
		}
		after, err := document(e.after)
		if err != nil {
			return err
		}
		id := s.opts.NewID(at)
		offers[id] = e.offers
		args = append(args, id, at, e.actor.Client, e.actor.Kind, e.actor.Reason, e.actor.Request, e.action, e.kind, e.id, before, after)
	}
	var links []any
	err := tx.Each(ctx, func(row database.Scanner) error {
		var id string
		var number int64
		err := row.Scan(&id, &number)
		for _, o := range offers[id] {
			links = append(links, o.offer, number, flag(o.inBefore), flag(o.inAfter))
		}
		return err
	}, "INSERT INTO audit (id, at, client, actor, reason, request, action, kind, thing, before, after) VALUES "+
		rows(len(entries), columns)+" RETURNING id, number", args...)
	if err != nil {
		return err
	}
	return insertMany(ctx, tx, "audit_offer (offer_id, number, in_before, in_after)", 4, links)
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
