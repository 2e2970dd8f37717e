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
	statements, err := s.auditing(tx.Dialect(), entries)
	if err != nil {
		return err
	}
	return tx.Batch(ctx, statements...)
}

// auditing are the statements that write entries.
func (s *Store) auditing(d database.Dialect, entries []entry) (statements []database.Statement, err error) {
	for chunk := range slices.Chunk(entries, rowsPerStatement) {
		more, err := s.auditChunk(d, chunk)
		if err != nil {
			return nil, fmt.Errorf("writing the audit of %s %s: %w", chunk[0].action, chunk[0].kind, err)
		}
		statements = append(statements, more...)
	}
	return statements, nil
}

func (s *Store) auditChunk(d database.Dialect, entries []entry) ([]database.Statement, error) {
	const columns = 11
	at := s.moment().at
	args := make([]any, 0, columns*len(entries))
	var offers []any
	for _, e := range entries {
		before, err := document(e.before)
		if err != nil {
			return nil, err
		}
		after, err := document(e.after)
		if err != nil {
			return nil, err
		}
		id := s.opts.NewID(at)
		for _, o := range e.offers {
			offers = append(offers, o.offer, id, flag(o.inBefore), flag(o.inAfter))
		}
		args = append(args, id, at, e.actor.Client, e.actor.Kind, e.actor.Reason, e.actor.Request, e.action, e.kind, e.id, before, after)
	}
	into := "audit (id, at, client, actor, reason, request, action, kind, thing, before, after)"
	failed := doing(fmt.Sprintf("writing the audit of %s %s", entries[0].action, entries[0].kind))
	return append(insertMany(into, columns, args, failed), auditOffers(d, offers, failed)...), nil
}

// auditOffers are the links of entries to offers: four values for each, the entry by its id, because the engine numbers it.
func auditOffers(d database.Dialect, links []any, failed func(error) error) (statements []database.Statement) {
	for chunk := range slices.Chunk(links, 4*rowsPerStatement) {
		statements = append(statements, database.Statement{Args: chunk, Failed: failed,
			Query: `INSERT INTO audit_offer (offer_id, number, in_before, in_after) SELECT v.column1, a.number, v.column3, v.column4
				FROM (VALUES ` + keyRows(d, len(chunk)/4, "bigint", "text", "bigint", "bigint") + `) v JOIN audit a ON a.id = v.column2`})
	}
	return statements
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
