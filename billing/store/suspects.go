package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// suspectsPerSubscription bounds what one new subscription can be suspected of.
const suspectsPerSubscription = 20

// twinKey is what twins have in common before their labels are compared (F4-3).
type twinKey struct {
	offer, envelope int64
	periodicity     billing.Periodicity
	amount          billing.Minor
}

func (r *record) twinKey() twinKey { return twinKey{r.offer, r.envelope, r.Periodicity, r.Amount()} }

// suspect records what new records look like: what was stored before, and the records before them. The engine narrows, the domain
// decides.
func (b *batch) suspect(records []*record, known twins) []database.Statement {
	var args []any
	for _, r := range records {
		k := r.twinKey()
		args = append(args, b.suspicions(r, known[k])...)
		known[k] = append(known[k], twin{r.ID, r.Label, r.Term.From})
	}
	into := `suspect (id, offer_id, envelope_id, subscription, twin, similarity, found_at, decision, decided_by, decided_at, reason)`
	return insertMany(into, 11, args, doing("storing suspected duplicates"))
}

// twin is what is known of a subscription that another may be like.
type twin struct {
	id    billing.SubscriptionID
	label string
	start billing.Day
}

// twins are subscriptions by key, the oldest first.
type twins map[twinKey][]twin

// read asks for the stored subscriptions with the keys of records and a start near theirs.
func (known twins) read(d database.Dialect, records []*record) (statements []database.Statement) {
	for chunk := range slices.Chunk(records, rowsPerStatement) {
		first, last := chunk[0].Term.From, chunk[0].Term.From
		args := make([]any, 0, 4*len(chunk)+2)
		for _, r := range chunk {
			first, last = min(first, r.Term.From), max(last, r.Term.From)
			args = append(args, r.offer, r.envelope, r.Periodicity, r.Amount())
		}
		args = append(args, int64(first)-billing.SuspectDays, int64(last)+billing.SuspectDays)
		row := func(row database.Scanner) error {
			var k twinKey
			var t twin
			err := row.Scan(&k.offer, &k.envelope, &k.periodicity, &k.amount, &t.id, &t.label, &t.start)
			known[k] = append(known[k], t)
			return err
		}
		statements = append(statements, database.Statement{Args: args, Row: row, Failed: doing("looking for suspected duplicates"),
			Query: `SELECT offer_id, envelope_id, periodicity, amount, id, label, start FROM subscription
				WHERE (offer_id, envelope_id, periodicity, amount) IN (VALUES ` + keyRows(d, len(chunk), "bigint", "bigint", "text", "bigint") +
				`) AND start BETWEEN ? AND ? ORDER BY num`})
	}
	return statements
}

// suspicions are the rows of suspect about r and the twins that were there before it, the newest first.
func (b *batch) suspicions(r *record, known []twin) []any {
	var args []any
	found := 0
	for _, t := range slices.Backward(known) {
		if found == suspectsPerSubscription {
			break
		}
		other := r.Subscription
		other.Label, other.Term.From = t.label, t.start
		similarity, suspicious := r.Suspicious(&other)
		if !suspicious {
			continue
		}
		found++
		args = append(args, b.s.opts.NewID(b.now.at), r.offer, r.envelope, r.ID, t.id, similarity, b.now.at,
			billing.DecisionOpen, "", 0, "")
	}
	return args
}

// Suspects is part of billing.Store: one statement, and one more if the total is asked for.
func (s *Store) Suspects(
	ctx context.Context, sc billing.Scope, d billing.Decision, p billing.Page,
) (page billing.SuspectPage, err error) {
	c := &conditions{dialect: s.db.Dialect()}
	c.offers("u.offer_id", sc, nil)
	if d != "" {
		c.add("u.decision = ?", d)
	}
	l, err := newList(c, "u.found_at", "u.id", false, sc, "suspects", d)
	if err != nil {
		return page, err
	}
	w, err := l.window(p)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(tx *database.Tx) error {
		page = billing.SuspectPage{}
		rest, args := w.query()
		items, err := selectSuspects(ctx, tx, rest, args...)
		if err != nil {
			return err
		}
		page.Items, page.Pages, err = cut(w, items, func(u billing.Suspect) key { return numberKey(int64(u.FoundAt), u.ID) })
		if err == nil && p.Count {
			page.Total, err = total(ctx, tx, "suspect u", c)
		}
		return err
	})
	return page, err
}

func selectSuspects(ctx context.Context, tx *database.Tx, rest string, args ...any) ([]billing.Suspect, error) {
	var suspects []billing.Suspect
	err := tx.Each(ctx, func(row database.Scanner) error {
		var u billing.Suspect
		err := row.Scan(&u.ID, &u.Offer, &u.Envelope, &u.Subscription, &u.Twin, &u.Similarity, &u.FoundAt, &u.Decision,
			&u.DecidedBy, &u.DecidedAt, &u.Reason)
		suspects = append(suspects, u)
		return err
	}, `SELECT u.id, o.code, e.code, u.subscription, u.twin, u.similarity, u.found_at, u.decision, u.decided_by, u.decided_at,
		u.reason FROM suspect u JOIN offer o ON o.id = u.offer_id JOIN envelope e ON e.id = u.envelope_id`+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("reading suspected duplicates: %w", err)
	}
	return suspects, nil
}

// SettleSuspect is part of billing.Store.
func (s *Store) SettleSuspect(
	ctx context.Context, a billing.Actor, sc billing.Scope, id string, d billing.Decision,
) (settled billing.Suspect, err error) {
	switch {
	case d != billing.DecisionKeep && d != billing.DecisionCancel:
		return settled, billing.Invalid("decision", billing.CodeUnknown, "%q is none of keep, cancel", string(d))
	case a.Reason == "":
		return settled, billing.Invalid("reason", billing.CodeRequired, "must say why")
	}
	err = s.write(ctx, func(tx *database.Tx) error {
		u, err := s.lockedSuspect(ctx, tx, sc, id)
		if err != nil {
			return err
		}
		if u.Decision != billing.DecisionOpen {
			return billing.Invalid("decision", billing.CodeConflict, "was taken already: %s", u.Decision)
		}
		b := s.newBatch(tx, a, sc)
		u.Decision, u.DecidedBy, u.DecidedAt, u.Reason = d, a.Client, b.now.at, a.Reason
		_, err = tx.Exec(ctx, "UPDATE suspect SET decision = ?, decided_by = ?, decided_at = ?, reason = ? WHERE id = ?",
			u.Decision, u.DecidedBy, u.DecidedAt, u.Reason, u.ID)
		if err != nil {
			return fmt.Errorf("settling a suspected duplicate: %w", err)
		}
		known, err := b.offer(ctx, u.Offer)
		if err != nil {
			return err
		}
		if d == billing.DecisionCancel {
			r, err := s.locked(ctx, tx, sc, u.Subscription, 0)
			if err != nil {
				return err
			}
			if err := b.remove(ctx, r); err != nil {
				return err
			}
		}
		settled = u
		return s.audit(ctx, tx, entry{
			actor: a, action: string(d), kind: billing.AuditSuspect, id: u.ID, offers: []touched{{offer: known.id, inAfter: true}},
			after: map[string]any{"subscription": u.Subscription, "twin": u.Twin, "decision": u.Decision},
		})
	})
	return settled, err
}

func (s *Store) lockedSuspect(ctx context.Context, tx *database.Tx, sc billing.Scope, id string) (u billing.Suspect, err error) {
	if lock := tx.Dialect().ForUpdate(); lock != "" {
		if _, err := tx.Exec(ctx, "SELECT 1 FROM suspect WHERE id = ?"+lock, id); err != nil {
			return u, fmt.Errorf("locking a suspected duplicate: %w", err)
		}
	}
	c := &conditions{dialect: tx.Dialect()}
	c.offers("u.offer_id", sc, nil)
	c.add("u.id = ?", id)
	found, err := selectSuspects(ctx, tx, c.where(), c.args...)
	switch {
	case err != nil:
		return u, err
	case len(found) == 0:
		return u, billing.ErrNotFound
	case !sc.Writes(found[0].Offer):
		return u, billing.ErrForbidden
	}
	return found[0], nil
}
