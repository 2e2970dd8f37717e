package store

import (
	"context"
	"fmt"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// RecordAccess is part of billing.Store.
func (s *Store) RecordAccess(ctx context.Context, a billing.Actor, sc billing.Scope, access billing.Access) error {
	c := &conditions{dialect: s.db.Dialect()}
	c.offers("id", sc, access.Offers)
	return s.write(ctx, func(tx *database.Tx) error {
		e := entry{actor: a, action: "read", kind: billing.AuditRead, id: access.Route, after: map[string]any{
			"query": access.Query, "offers": append([]billing.OfferCode{}, access.Offers...),
		}}
		if len(access.Offers) > 0 {
			err := tx.Each(ctx, func(row database.Scanner) error {
				t := touched{inAfter: true}
				err := row.Scan(&t.offer)
				e.offers = append(e.offers, t)
				return err
			}, "SELECT id FROM offer"+c.where(), c.args...)
			if err != nil {
				return fmt.Errorf("reading offers: %w", err)
			}
		}
		return s.audit(ctx, tx, e)
	})
}

// auditRecord is an entry and the id that cursors know it by.
type auditRecord struct {
	billing.AuditEntry
	key string
}

// Audit is part of billing.Store: two statements, and one more if the total is asked for. A scope that does not
// administer gets no numbers, which would tell how many entries it does not see, and no document that names an offer
// outside of it.
func (s *Store) Audit(
	ctx context.Context, sc billing.Scope, f billing.AuditFilter, p billing.Page,
) (page billing.AuditPage, err error) {
	l, err := newList(s.auditFiltered(sc, f), "a.number", "a.id", false, sc, "audit", f)
	if err != nil {
		return page, err
	}
	l.lookup = "SELECT number FROM audit WHERE id = ?"
	w, err := l.window(p)
	if err != nil {
		return page, err
	}
	err = s.read(ctx, func(tx *database.Tx) error {
		page = billing.AuditPage{}
		records, err := auditRecords(ctx, tx, w)
		if err != nil {
			return err
		}
		records, page.Pages, err = cut(w, records, func(r auditRecord) key { return key{ID: r.key} })
		if err != nil {
			return err
		}
		if err := fillOffers(ctx, tx, sc, records); err != nil {
			return err
		}
		for _, r := range records {
			page.Items = append(page.Items, r.AuditEntry)
		}
		if p.Count {
			page.Total, err = total(ctx, tx, "audit a", l.conditions)
		}
		return err
	})
	return page, err
}

func (s *Store) auditFiltered(sc billing.Scope, f billing.AuditFilter) *conditions {
	c := &conditions{dialect: s.db.Dialect()}
	if !sc.Administers() || len(f.Offers) > 0 {
		visible := &conditions{dialect: c.dialect}
		visible.offers("x.offer_id", sc, f.Offers)
		visible.parts = append([]string{"x.number = a.number"}, visible.parts...)
		c.add("EXISTS (SELECT 1 FROM audit_offer x"+visible.where()+")", visible.args...)
	}
	in(c, "a.kind", f.Kinds)
	in(c, "a.client", f.Clients)
	in(c, "a.actor", f.Actors)
	in(c, "a.action", f.Actions)
	if f.ID != "" {
		c.add("a.thing = ?", f.ID)
	}
	if f.At.From != 0 {
		c.add("a.at >= ?", f.At.From)
	}
	if f.At.Until != 0 {
		c.add("a.at < ?", f.At.Until)
	}
	return c
}

func auditRecords(ctx context.Context, tx *database.Tx, w window) ([]auditRecord, error) {
	rest, args := w.query()
	var records []auditRecord
	err := tx.Each(ctx, func(row database.Scanner) error {
		var r auditRecord
		err := row.Scan(&r.Number, &r.key, &r.At, &r.Actor.Client, &r.Actor.Kind, &r.Actor.Reason, &r.Actor.Request, &r.Action,
			&r.Kind, &r.ID, &r.Before, &r.After)
		records = append(records, r)
		return err
	}, `SELECT a.number, a.id, a.at, a.client, a.actor, a.reason, a.request, a.action, a.kind, a.thing, a.before, a.after
		FROM audit a`+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the audit: %w", err)
	}
	return records, nil
}

// fillOffers adds to entries the offers that they touched and the scope sees.
func fillOffers(ctx context.Context, tx *database.Tx, sc billing.Scope, records []auditRecord) error {
	if len(records) == 0 {
		return nil
	}
	byNumber, numbers := map[int64]*auditRecord{}, make([]int64, len(records))
	for i := range records {
		byNumber[records[i].Number], numbers[i] = &records[i], records[i].Number
	}
	condition, arg := database.In(tx.Dialect(), "x.number", numbers)
	err := tx.Each(ctx, func(row database.Scanner) error {
		var number int64
		var offer billing.OfferCode
		var inBefore, inAfter int
		if err := row.Scan(&number, &offer, &inBefore, &inAfter); err != nil {
			return err
		}
		r := byNumber[number]
		if sc.Sees(offer) {
			r.Offers = append(r.Offers, offer)
			return nil
		}
		if inBefore == 1 {
			r.Before = ""
		}
		if inAfter == 1 {
			r.After = ""
		}
		return nil
	}, `SELECT x.number, o.code, x.in_before, x.in_after FROM audit_offer x JOIN offer o ON o.id = x.offer_id WHERE `+
		condition+" ORDER BY 1, 2", arg)
	if err != nil {
		return fmt.Errorf("reading the offers of the audit: %w", err)
	}
	if !sc.Administers() {
		for i := range records {
			records[i].Number = 0
		}
	}
	return nil
}
