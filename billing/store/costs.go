package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// figures are costs of consecutive months by currency, and in each by offer and by envelope.
type figures struct {
	first  billing.Month
	count  int
	blocks map[billing.Currency]*block
}

type block struct {
	offers    map[billing.OfferCode][]billing.Minor
	envelopes map[billing.EnvelopeCode][]billing.Minor
}

func newFigures(first billing.Month, count int) *figures {
	return &figures{first, count, map[billing.Currency]*block{}}
}

func (f *figures) block(c billing.Currency) *block {
	b := f.blocks[c]
	if b == nil {
		b = &block{map[billing.OfferCode][]billing.Minor{}, map[billing.EnvelopeCode][]billing.Minor{}}
		f.blocks[c] = b
	}
	return b
}

// accumulate adds costs to those of a key: billing.ErrOverflow if a sum leaves 64 bits.
func accumulate[K comparable](to map[K][]billing.Minor, k K, costs []billing.Minor) error {
	sums, ok := to[k]
	if !ok {
		to[k] = slices.Clone(costs)
		return nil
	}
	for i, cost := range costs {
		sum, err := billing.Add(sums[i], cost)
		if err != nil {
			return err
		}
		sums[i] = sum
	}
	return nil
}

// compute fills the figures: by offer, and by envelope too if that is asked for.
func (s *Store) compute(ctx context.Context, sc billing.Scope, f billing.Filter, figures *figures, byEnvelope bool) error {
	if f.RollupOnly() {
		return s.fromRollup(ctx, sc, f, figures, byEnvelope)
	}
	return s.read(ctx, func(tx *database.Tx) error {
		clear(figures.blocks)
		return s.fromSubscriptions(ctx, tx, sc, f, figures, byEnvelope)
	})
}

// fromRollup reads the level of offers, and that of pairs only where envelopes matter: it is sixty times as large. Two statements, or
// three on one snapshot where all envelopes are asked for.
func (s *Store) fromRollup(ctx context.Context, sc billing.Scope, filter billing.Filter, f *figures, byEnvelope bool) error {
	d, last := s.db.Dialect(), f.first+billing.Month(f.count)-1
	visible, level := &conditions{dialect: d}, &conditions{dialect: d}
	visible.offers("id", sc, filter.Offers)
	level.offers("r.offer_id", sc, filter.Offers)
	level.level(false, filter.Envelopes)
	everyEnvelope := byEnvelope && len(filter.Envelopes) == 0
	var known names
	var keys, envelopes sums
	statements := func() []database.Statement {
		known, keys, envelopes = newNames(), sums{}, sums{}
		list := []database.Statement{readSums(level, f.first, last, keys.add), known.read(visible, byEnvelope, filter.Envelopes)}
		if everyEnvelope {
			pairs := &conditions{dialect: d}
			pairs.offers("o.id", sc, filter.Offers)
			pairs.level(true, nil)
			list = append(list, readEnvelopeSums(pairs, f.first, last, envelopes.add))
		}
		return list
	}
	read := s.readBatch
	if everyEnvelope {
		read = s.readTogether
	}
	if err := read(ctx, statements); err != nil {
		return err
	}
	clear(f.blocks)
	err := keys.fold(f, func(of sumOf, costs []billing.Minor) error {
		return f.add(known.currencies[of.offer], known.offers[of.offer], known.envelopes[of.envelope], costs, byEnvelope && !everyEnvelope)
	})
	if err != nil {
		return err
	}
	return envelopes.fold(f, func(of sumOf, costs []billing.Minor) error {
		return f.addEnvelope(of.currency, known.envelopes[of.envelope], costs)
	})
}

// sumOf is what rows of the roll-up are summed up for.
type sumOf struct {
	envelope, offer int64
	currency        billing.Currency
}

type sums map[sumOf][]billing.MonthDelta

func (s sums) add(r rollupSum) error {
	of := sumOf{r.envelope, r.offer, r.currency}
	s[of] = append(s[of], billing.MonthDelta{Month: r.month, Delta: r.Delta})
	return nil
}

// sorted are the rows of one, by rising month.
func (s sums) sorted(of sumOf) []billing.MonthDelta {
	rows := s[of]
	byMonth := func(a, b billing.MonthDelta) int { return cmp.Compare(a.Month, b.Month) }
	if !slices.IsSortedFunc(rows, byMonth) {
		slices.SortFunc(rows, byMonth)
	}
	return rows
}

// fold hands on what each has cost in the months of f.
func (s sums) fold(f *figures, each func(of sumOf, costs []billing.Minor) error) error {
	for of := range s {
		costs, err := billing.Fold(s.sorted(of), f.first, f.count)
		if err != nil {
			return err
		}
		if !anyCharged(costs) {
			continue
		}
		if err := each(of, costs); err != nil {
			return err
		}
	}
	return nil
}

func (f *figures) add(
	c billing.Currency, offer billing.OfferCode, envelope billing.EnvelopeCode, costs []billing.Minor, byEnvelope bool,
) error {
	if !anyCharged(costs) {
		return nil
	}
	b := f.block(c)
	if err := accumulate(b.offers, offer, costs); err != nil {
		return fmt.Errorf("summing up offer %s: %w", offer, err)
	}
	if !byEnvelope {
		return nil
	}
	return f.addEnvelope(c, envelope, costs)
}

func (f *figures) addEnvelope(c billing.Currency, envelope billing.EnvelopeCode, costs []billing.Minor) error {
	if err := accumulate(f.block(c).envelopes, envelope, costs); err != nil {
		return fmt.Errorf("summing up envelope %s: %w", envelope, err)
	}
	return nil
}

// fromSubscriptions is the closed form over what matches: two statements, and never the lines.
func (s *Store) fromSubscriptions(
	ctx context.Context, tx *database.Tx, sc billing.Scope, f billing.Filter, figures *figures, byEnvelope bool,
) error {
	c := s.filtered(sc, f)
	end := figures.first + billing.Month(figures.count)
	c.add("s.start < ? AND s.finish > ?", end.First(), figures.first.First())
	records, err := selectRecords(ctx, tx, c.where()+fmt.Sprintf(" LIMIT %d", s.opts.ScanLimit+1), c.args...)
	if err != nil {
		return err
	}
	if len(records) > s.opts.ScanLimit {
		return billing.ErrTooBroad
	}
	if err := fill(ctx, tx, records, false); err != nil {
		return err
	}
	costs := make([]billing.Minor, figures.count)
	for i := range records {
		r := &records[i]
		for m := range costs {
			costs[m] = r.CostMonth(figures.first + billing.Month(m))
		}
		if err := figures.add(r.Currency, r.Offer, r.Envelope, costs, byEnvelope); err != nil {
			return err
		}
	}
	return nil
}

func anyCharged(costs []billing.Minor) bool {
	return slices.ContainsFunc(costs, func(cost billing.Minor) bool { return cost != 0 })
}

// part is what one offer or envelope costs.
type part[K cmp.Ordered] struct {
	key    K
	costs  []billing.Minor
	amount billing.Minor
}

// parts are those that cost something in some month, by key, and their sums: by month, and of all.
func parts[K cmp.Ordered](of map[K][]billing.Minor, count int) (list []part[K], months []billing.Minor, amount billing.Minor, err error) {
	months = make([]billing.Minor, count)
	for k, costs := range of {
		if !anyCharged(costs) {
			continue
		}
		p := part[K]{key: k, costs: costs}
		for i, cost := range costs {
			if p.amount, err = billing.Add(p.amount, cost); err != nil {
				return nil, nil, 0, err
			}
			if months[i], err = billing.Add(months[i], cost); err != nil {
				return nil, nil, 0, err
			}
		}
		if amount, err = billing.Add(amount, p.amount); err != nil {
			return nil, nil, 0, err
		}
		list = append(list, p)
	}
	slices.SortFunc(list, func(a, b part[K]) int { return cmp.Compare(a.key, b.key) })
	return list, months, amount, nil
}

func (f *figures) currencies() []billing.Currency {
	var list []billing.Currency
	for c, b := range f.blocks {
		if len(b.offers) > 0 {
			list = append(list, c)
		}
	}
	slices.Sort(list)
	return list
}

// MonthlyCosts is part of billing.Store.
func (s *Store) MonthlyCosts(
	ctx context.Context, sc billing.Scope, m billing.Month, f billing.Filter,
) ([]billing.MonthlyCost, error) {
	figures := newFigures(m, 1)
	if err := s.compute(ctx, sc, f, figures, true); err != nil {
		return nil, fmt.Errorf("computing the cost of %s: %w", m, err)
	}
	costs := []billing.MonthlyCost{}
	for _, currency := range figures.currencies() {
		b := figures.blocks[currency]
		cost := billing.MonthlyCost{Month: m, Currency: currency}
		offers, _, amount, err := parts(b.offers, 1)
		if err != nil {
			return nil, fmt.Errorf("computing the cost of %s: %w", m, err)
		}
		envelopes, _, _, err := parts(b.envelopes, 1)
		if err != nil {
			return nil, fmt.Errorf("computing the cost of %s: %w", m, err)
		}
		cost.Amount = amount
		for _, p := range offers {
			cost.Offers = append(cost.Offers, billing.OfferAmount{Offer: p.key, Amount: p.amount})
		}
		for _, p := range envelopes {
			cost.Envelopes = append(cost.Envelopes, billing.EnvelopeAmount{Envelope: p.key, Amount: p.amount})
		}
		if len(offers) > 0 || len(envelopes) > 0 {
			costs = append(costs, cost)
		}
	}
	return costs, nil
}

// YearlyCosts is part of billing.Store.
func (s *Store) YearlyCosts(ctx context.Context, sc billing.Scope, year int, f billing.Filter) ([]billing.YearlyCost, error) {
	const months = 12
	if year < 1 || year > 9999 {
		return nil, billing.Invalid("year", billing.CodeOutOfRange, "must be between 1 and 9999")
	}
	figures := newFigures(billing.NewMonth(year, 1), months)
	if err := s.compute(ctx, sc, f, figures, f.ByEnvelope); err != nil {
		return nil, fmt.Errorf("computing the cost of %d: %w", year, err)
	}
	costs := []billing.YearlyCost{}
	for _, currency := range figures.currencies() {
		cost, err := figures.blocks[currency].year(year, currency)
		if err != nil {
			return nil, fmt.Errorf("computing the cost of %d: %w", year, err)
		}
		if len(cost.Offers) > 0 || len(cost.Envelopes) > 0 {
			costs = append(costs, cost)
		}
	}
	return costs, nil
}

func (b *block) year(year int, currency billing.Currency) (billing.YearlyCost, error) {
	cost := billing.YearlyCost{Year: year, Currency: currency}
	offers, months, amount, err := parts(b.offers, len(cost.Months))
	if err != nil {
		return cost, err
	}
	envelopes, _, _, err := parts(b.envelopes, len(cost.Months))
	if err != nil {
		return cost, err
	}
	cost.Amount = amount
	copy(cost.Months[:], months)
	for _, p := range offers {
		cost.Offers = append(cost.Offers, billing.OfferYear{Offer: p.key, Amount: p.amount, Months: [12]billing.Minor(p.costs)})
	}
	for _, p := range envelopes {
		cost.Envelopes = append(cost.Envelopes, billing.EnvelopeYear{Envelope: p.key, Amount: p.amount, Months: [12]billing.Minor(p.costs)})
	}
	return cost, nil
}
