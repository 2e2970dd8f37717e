package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// budgetID is how the audit names a budget: no code holds a slash.
func budgetID(k billing.BudgetKey) string {
	return fmt.Sprintf("%s/%s/%d", k.Offer, k.Envelope, k.Year)
}

func budgetDocument(b *billing.Budget) map[string]any {
	return map[string]any{
		"offer": b.Offer, "envelope": b.Envelope, "year": b.Year, "amount": b.Currency.Format(b.Amount), "version": b.Version,
	}
}

// storedBudget is a budget locked for a write, or the place where there is none yet: Version is 0.
type storedBudget struct {
	billing.Budget
	offer, envelope int64
}

// lockedBudget finds the budget of k for a writer. An envelope that is not known is an *InvalidError.
func (s *Store) lockedBudget(
	ctx context.Context, tx *database.Tx, sc billing.Scope, k billing.BudgetKey, expected int,
) (stored storedBudget, err error) {
	b := s.newBatch(tx, billing.Actor{}, sc)
	offer, err := b.offer(ctx, k.Offer)
	if err != nil {
		return stored, err
	}
	if !sc.Writes(k.Offer) {
		return stored, billing.ErrForbidden
	}
	stored.BudgetKey, stored.Currency, stored.offer = k, offer.offer.Currency, offer.id
	if stored.envelope, err = b.envelope(ctx, k.Envelope); err != nil {
		return stored, err
	}
	row := tx.QueryRow(ctx, "SELECT amount, version, updated_at FROM budget WHERE year = ? AND offer_id = ? AND envelope_id = ?"+
		tx.Dialect().ForUpdate(), k.Year, stored.offer, stored.envelope)
	err = row.Scan(&stored.Amount, &stored.Version, &stored.UpdatedAt)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return stored, fmt.Errorf("reading budget %s: %w", budgetID(k), err)
	}
	if expected != 0 && expected != stored.Version {
		return stored, &billing.ConflictError{Version: stored.Version}
	}
	return stored, nil
}

// SetBudget is part of billing.Store. An amount that is stored already is no change.
func (s *Store) SetBudget(
	ctx context.Context, a billing.Actor, sc billing.Scope, k billing.BudgetKey, amount billing.Minor, expected int,
) (set billing.Budget, created bool, err error) {
	err = s.write(ctx, func(tx *database.Tx) error {
		before, err := s.lockedBudget(ctx, tx, sc, k, expected)
		if err != nil {
			return err
		}
		if err := billing.CheckBudget(k, amount); err != nil {
			return err
		}
		set, created = before.Budget, before.Version == 0
		if !created && before.Amount == amount {
			return nil
		}
		set.Amount, set.Version, set.UpdatedAt = amount, before.Version+1, s.moment().at
		e := entry{
			actor: a, action: "set", kind: billing.AuditBudget, id: budgetID(k), after: budgetDocument(&set),
			offers: []touched{{offer: before.offer, inBefore: !created, inAfter: true}},
		}
		query := `UPDATE budget SET amount = ?, version = ?, updated_at = ? WHERE year = ? AND offer_id = ? AND envelope_id = ?`
		if created {
			query = `INSERT INTO budget (amount, version, updated_at, year, offer_id, envelope_id) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
		} else {
			e.before = budgetDocument(&before.Budget)
		}
		done, err := tx.Exec(ctx, query, set.Amount, set.Version, set.UpdatedAt, k.Year, before.offer, before.envelope)
		if err != nil {
			return fmt.Errorf("storing budget %s: %w", budgetID(k), err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			// Another transaction has made it meanwhile.
			return errors.Join(database.ErrLostRace, err)
		}
		return s.audit(ctx, tx, e)
	})
	if err != nil {
		return billing.Budget{}, false, err
	}
	return set, created, nil
}

// DeleteBudget is part of billing.Store.
func (s *Store) DeleteBudget(ctx context.Context, a billing.Actor, sc billing.Scope, k billing.BudgetKey, expected int) error {
	return s.write(ctx, func(tx *database.Tx) error {
		before, err := s.lockedBudget(ctx, tx, sc, k, expected)
		var invalid *billing.InvalidError
		if errors.As(err, &invalid) || err == nil && before.Version == 0 {
			return billing.ErrNotFound
		}
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM budget WHERE year = ? AND offer_id = ? AND envelope_id = ?", k.Year, before.offer, before.envelope)
		if err != nil {
			return fmt.Errorf("deleting budget %s: %w", budgetID(k), err)
		}
		return s.audit(ctx, tx, entry{
			actor: a, action: "delete", kind: billing.AuditBudget, id: budgetID(k), before: budgetDocument(&before.Budget),
			offers: []touched{{offer: before.offer, inBefore: true}},
		})
	})
}

// Budget is part of billing.Store.
func (s *Store) Budget(ctx context.Context, sc billing.Scope, k billing.BudgetKey, current billing.Month) (billing.BudgetReport, error) {
	page, err := s.Budgets(ctx, sc, billing.BudgetFilter{
		Year: k.Year, Offers: []billing.OfferCode{k.Offer}, Envelopes: []billing.EnvelopeCode{k.Envelope},
	}, current, billing.Page{Size: 1})
	if err != nil {
		return billing.BudgetReport{}, err
	}
	if len(page.Items) == 0 {
		return billing.BudgetReport{}, billing.ErrNotFound
	}
	return page.Items[0], nil
}

// Budgets is part of billing.Store: two statements, and one more if the total is asked for.
func (s *Store) Budgets(
	ctx context.Context, sc billing.Scope, f billing.BudgetFilter, current billing.Month, p billing.Page,
) (page billing.BudgetPage, err error) {
	const from = "budget b JOIN offer o ON o.id = b.offer_id JOIN envelope e ON e.id = b.envelope_id"
	c := &conditions{dialect: s.db.Dialect()}
	c.offers("b.offer_id", sc, f.Offers)
	c.add("b.year = ?", f.Year)
	in(c, "e.code", f.Envelopes)
	l, err := newList(c, "o.code", "e.code", true, sc, "budgets", f)
	if err != nil {
		return page, err
	}
	w, err := l.window(p)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(tx *database.Tx) error {
		page = billing.BudgetPage{}
		var stored []storedBudget
		rest, args := w.query()
		err := tx.Each(ctx, func(row database.Scanner) error {
			var b storedBudget
			err := row.Scan(&b.Year, &b.offer, &b.envelope, &b.Offer, &b.Envelope, &b.Currency, &b.Amount, &b.Version, &b.UpdatedAt)
			stored = append(stored, b)
			return err
		}, "SELECT b.year, b.offer_id, b.envelope_id, o.code, e.code, o.currency, b.amount, b.version, b.updated_at FROM "+from+rest, args...)
		if err != nil {
			return fmt.Errorf("reading budgets: %w", err)
		}
		if stored, page.Pages, err = cut(w, stored, func(b storedBudget) key { return textKey(string(b.Offer), string(b.Envelope)) }); err != nil {
			return err
		}
		if page.Items, err = against(ctx, tx, stored, f.Year, current); err != nil {
			return err
		}
		if p.Count {
			page.Total, err = total(ctx, tx, from, c)
		}
		return err
	})
	return page, err
}

// against holds budgets of a year against their costs, by one statement for all of them.
func against(
	ctx context.Context, tx *database.Tx, budgets []storedBudget, year int, current billing.Month,
) ([]billing.BudgetReport, error) {
	reports := make([]billing.BudgetReport, 0, len(budgets))
	if len(budgets) == 0 {
		return reports, nil
	}
	var pairs []any
	for i := range budgets {
		pairs = append(pairs, budgets[i].envelope, budgets[i].offer)
	}
	c := &conditions{dialect: tx.Dialect()}
	c.add("(r.envelope_id, r.offer_id) IN (VALUES "+keyRows(tx.Dialect(), len(budgets), "bigint", "bigint")+")", pairs...)
	costs := sums{}
	if err := tx.Batch(ctx, readSums(c, billing.NewMonth(year-1, 1), billing.NewMonth(year, 12), costs.add)); err != nil {
		return nil, err
	}
	for i := range budgets {
		b := &budgets[i]
		report, err := b.Against(costs.sorted(sumOf{envelope: b.envelope, offer: b.offer}), current)
		if err != nil {
			return nil, fmt.Errorf("summing up budget %s: %w", budgetID(b.BudgetKey), err)
		}
		reports = append(reports, report)
	}
	return reports, nil
}
