package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

const (
	reconciledAtOnce = 5000
	driftsListed     = 100
	faultsListed     = 20
)

// Reconcile is part of billing.Store.
func (s *Store) Reconcile(ctx context.Context, a billing.Actor, sc billing.Scope) (report billing.Reconciliation, err error) {
	if !sc.Administers() {
		return report, billing.ErrForbidden
	}
	// One snapshot for both sides: a comparison that races writers invents drift.
	err = s.read(ctx, func(tx *database.Tx) error {
		report = billing.Reconciliation{At: s.moment().at, Actor: a}
		c := comparison{levels: deltas{}, drifts: map[rollupKey]billing.Drift{}}
		if c.expected, report.Subscriptions, err = rebuilt(ctx, tx); err != nil {
			return err
		}
		if err := eachRollup(ctx, tx, c.found); err != nil {
			return err
		}
		names := newNames()
		if err := tx.Batch(ctx, names.read(&conditions{dialect: tx.Dialect()}, true, nil)); err != nil {
			return err
		}
		c.report(&report, names)
		return nil
	})
	if err != nil {
		return report, fmt.Errorf("reconciling: %w", err)
	}
	err = s.write(ctx, func(tx *database.Tx) error {
		return s.audit(ctx, tx, entry{actor: a, action: "reconcile", kind: billing.AuditRollup, id: "all", after: report})
	})
	return report, err
}

// selectReconciled reads of subscriptions what the roll-up is made of, and no more: there are a million of them.
const selectReconciled = "SELECT num, offer_id, envelope_id, periodicity, rule, anchor, start, finish FROM subscription WHERE num > ? ORDER BY num LIMIT ?"

// rebuilt is the roll-up that the stored subscriptions make, and their number.
func rebuilt(ctx context.Context, tx *database.Tx) (sums deltas, n int64, err error) {
	sums = deltas{}
	last := int64(-1)
	records := make([]record, 0, reconciledAtOnce)
	for {
		records = records[:0]
		err := tx.Each(ctx, func(row database.Scanner) error {
			var r record
			err := row.Scan(&r.num, &r.offer, &r.envelope, &r.Periodicity, &r.Rule, &r.Anchor, &r.Term.From, &r.Term.To)
			records = append(records, r)
			return err
		}, selectReconciled, last, reconciledAtOnce)
		if err != nil {
			return nil, 0, fmt.Errorf("reading subscriptions: %w", err)
		}
		if len(records) == 0 {
			return sums, n, nil
		}
		if err := fillRange(ctx, tx, records); err != nil {
			return nil, 0, err
		}
		for i := range records {
			if err := sums.add(&records[i]); err != nil {
				return nil, 0, err
			}
		}
		n += int64(len(records))
		last = records[len(records)-1].num
	}
}

// key is a key of the roll-up by code; what has no code any more is shown by its number.
func (n names) key(k rollupKey) billing.RollupKey {
	key := billing.RollupKey{Envelope: n.envelopes[k.envelope], Offer: n.offers[k.offer], Month: k.month}
	if key.Offer == "" {
		key.Offer = billing.OfferCode(fmt.Sprintf("#%d", k.offer))
	}
	if key.Envelope == "" && k.envelope != 0 {
		key.Envelope = billing.EnvelopeCode(fmt.Sprintf("#%d", k.envelope))
	}
	return key
}

// comparison holds the stored roll-up against the expected one, row by row as it is read.
type comparison struct {
	expected deltas // what no stored row has been found for yet
	keys     int64
	drifts   map[rollupKey]billing.Drift
	levels   deltas // by month of an offer, what its envelopes have and its own level has not
}

// found takes a stored row; one that nothing is expected of is expected to be zero.
func (c *comparison) found(k rollupKey, found billing.Delta) (err error) {
	expected := c.expected[k]
	delete(c.expected, k)
	c.keys++
	if expected != found {
		c.drifts[k] = billing.Drift{Expected: expected, Found: found}
	}
	combine := billing.Delta.Plus
	if k.envelope == 0 {
		combine = billing.Delta.Minus
	}
	at := rollupKey{0, k.offer, k.month}
	c.levels[at], err = combine(c.levels[at], found)
	return err
}

// report lists the keys whose two sides differ, those without a stored row among them, and the levels that disagree.
func (c *comparison) report(report *billing.Reconciliation, n names) {
	for k, expected := range c.expected {
		c.keys++
		if expected != (billing.Delta{}) {
			c.drifts[k] = billing.Drift{Expected: expected}
		}
	}
	report.Keys = c.keys
	differing := slices.SortedFunc(maps.Keys(c.drifts), rollupKey.compare)
	listed := min(len(differing), driftsListed)
	report.Truncated = int64(len(differing) - listed)
	for _, k := range differing[:listed] {
		drift := c.drifts[k]
		drift.RollupKey = n.key(k)
		report.Drifts = append(report.Drifts, drift)
	}
	wrong := c.levels.sorted()
	for _, k := range wrong[:min(len(wrong), faultsListed)] {
		report.Faults = append(report.Faults, fmt.Sprintf("offer %s, %s: the envelopes do not sum up to the offer", n.key(k).Offer, k.month))
	}
	if more := len(wrong) - faultsListed; more > 0 {
		report.Faults = append(report.Faults, fmt.Sprintf("and %d other months of offers", more))
	}
}

// Reconciliations is part of billing.Store.
func (s *Store) Reconciliations(ctx context.Context, sc billing.Scope, limit int) ([]billing.Reconciliation, error) {
	if !sc.Administers() {
		return nil, billing.ErrForbidden
	}
	reports := []billing.Reconciliation{}
	err := s.read(ctx, func(tx *database.Tx) error {
		reports = slices.Delete(reports, 0, len(reports))
		return tx.Each(ctx, func(row database.Scanner) error {
			var text string
			if err := row.Scan(&text); err != nil {
				return err
			}
			var report billing.Reconciliation
			err := json.Unmarshal([]byte(text), &report)
			reports = append(reports, report)
			return err
		}, "SELECT after FROM audit WHERE kind = ? AND action = 'reconcile' ORDER BY number DESC LIMIT ?", billing.AuditRollup, limit)
	})
	if err != nil {
		return nil, fmt.Errorf("reading reconciliations: %w", err)
	}
	return reports, nil
}
