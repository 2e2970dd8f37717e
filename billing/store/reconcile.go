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
		expected, n, err := rebuilt(ctx, tx)
		if err != nil {
			return err
		}
		found, err := readRollup(ctx, tx)
		if err != nil {
			return err
		}
		report.Subscriptions = n
		names := newNames()
		if err := tx.Batch(ctx, names.read(&conditions{dialect: tx.Dialect()}, true, nil)); err != nil {
			return err
		}
		if err := compare(&report, expected, found, names); err != nil {
			return err
		}
		return checkLevels(&report, found, names)
	})
	if err != nil {
		return report, fmt.Errorf("reconciling: %w", err)
	}
	err = s.write(ctx, func(tx *database.Tx) error {
		return s.audit(ctx, tx, entry{actor: a, action: "reconcile", kind: billing.AuditRollup, id: "all", after: report})
	})
	return report, err
}

// rebuilt is the roll-up that the stored subscriptions make, and their number.
func rebuilt(ctx context.Context, tx *database.Tx) (sums deltas, n int64, err error) {
	sums = deltas{}
	last := int64(-1)
	for {
		rest := fmt.Sprintf(" WHERE s.num > ? ORDER BY s.num LIMIT %d", reconciledAtOnce)
		records, err := selectRecords(ctx, tx, rest, last)
		if err != nil {
			return nil, 0, err
		}
		if err := fill(ctx, tx, records, false); err != nil {
			return nil, 0, err
		}
		for i := range records {
			if err := sums.add(&records[i]); err != nil {
				return nil, 0, err
			}
		}
		n += int64(len(records))
		if len(records) < reconciledAtOnce {
			return sums, n, nil
		}
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

// compare lists every key whose two sides differ; a key that one side has not is zero there.
func compare(report *billing.Reconciliation, expected, found deltas, n names) error {
	all := maps.Clone(expected)
	maps.Copy(all, found)
	report.Keys = int64(len(all))
	differing := deltas{}
	for k := range all {
		d, err := expected[k].Minus(found[k])
		if err != nil {
			return err
		}
		differing[k] = d
	}
	for _, k := range differing.sorted() {
		if len(report.Drifts) == driftsListed {
			report.Truncated++
			continue
		}
		report.Drifts = append(report.Drifts, billing.Drift{RollupKey: n.key(k), Expected: expected[k], Found: found[k]})
	}
	return nil
}

// checkLevels compares the level of offers with the sum over envelopes, from the stored roll-up alone.
func checkLevels(report *billing.Reconciliation, found deltas, n names) error {
	levels := deltas{}
	for k, d := range found {
		combine := billing.Delta.Plus
		if k.envelope == 0 {
			combine = billing.Delta.Minus
		}
		at := rollupKey{0, k.offer, k.month}
		sum, err := combine(levels[at], d)
		if err != nil {
			return err
		}
		levels[at] = sum
	}
	wrong := levels.sorted()
	for _, k := range wrong[:min(len(wrong), faultsListed)] {
		report.Faults = append(report.Faults, fmt.Sprintf("offer %s, %s: the envelopes do not sum up to the offer", n.key(k).Offer, k.month))
	}
	if more := len(wrong) - faultsListed; more > 0 {
		report.Faults = append(report.Faults, fmt.Sprintf("and %d other months of offers", more))
	}
	return nil
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
