package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// statement is what a customer pays in one currency for a part of a month: what all documents of it are made of.
type statement struct {
	customer customer
	contract string // id
	month    billing.Month
	window   billing.Interval
	currency billing.Currency
	charges  []charge
	total    billing.Minor // the sum of the charges
}

// charge is a run of days of one subscription, at one price and with one number of licences. Amounts are billing's: those
// of a subscription add up to what it costs in the window, to the cent.
type charge struct {
	billing.Interval
	offer       billing.OfferCode
	name        string
	reference   string // the fleet
	id          billing.SubscriptionID
	term        billing.Interval
	periodicity billing.Periodicity
	rule        billing.Rule
	charges     int64 // charge dates that are due in the run, or days where the month is shared out by days
	quantity    billing.Decimal6
	price       billing.Decimal6
	amount      billing.Minor
	suspended   bool // it costs nothing
}

// statements are those of a customer, one for each currency, by its code. A customer without a subscription in the window
// has none.
func (l *Ledger) statements(
	ctx context.Context, tx *database.Tx, c customer, contract string, month billing.Month, p part,
) ([]statement, error) {
	window := p.window(month)
	books := l.opts.Books.In(tx)
	_, scope := house("")
	byCurrency := map[billing.Currency]*statement{}
	mine := billing.Filter{Envelopes: []billing.EnvelopeCode{c.envelope}}
	filter := mine
	filter.Start.StrictlyBefore, filter.End.After = &window.To, &window.From
	order := billing.Order{By: billing.OrderByStart, Ascending: true}
	err := books.StreamSubscriptions(ctx, scope, filter, order, func(s *billing.Subscription) error {
		st := byCurrency[s.Currency]
		if st == nil {
			st = &statement{customer: c, contract: contract, month: month, window: window, currency: s.Currency}
			byCurrency[s.Currency] = st
		}
		return st.add(s)
	})
	if err != nil {
		return nil, fmt.Errorf("reading the subscriptions of %s: %w", c.reference, err)
	}
	list := make([]statement, 0, len(byCurrency))
	for _, st := range byCurrency {
		slices.SortStableFunc(st.charges, func(x, y charge) int {
			return cmp.Or(cmp.Compare(x.offer, y.offer), cmp.Compare(x.reference, y.reference), cmp.Compare(x.From, y.From))
		})
		list = append(list, *st)
	}
	slices.SortFunc(list, func(x, y statement) int { return cmp.Compare(x.currency, y.currency) })
	if p == partFull {
		return list, agree(ctx, books, scope, month, mine, list)
	}
	return list, nil
}

// errDisagrees is a sum that is not what billing says that the month costs: nothing may be made of it.
var errDisagrees = errors.New("the charges do not add up to what billing says")

// agree compares the sums with the costs that billing's API answers.
func agree(
	ctx context.Context, books billing.Store, scope billing.Scope, month billing.Month, f billing.Filter, list []statement,
) error {
	costs, err := books.MonthlyCosts(ctx, scope, month, f)
	if err != nil {
		return fmt.Errorf("reading the cost of %s: %w", month, err)
	}
	want := map[billing.Currency]billing.Minor{}
	for _, c := range costs {
		want[c.Currency] = c.Amount
	}
	for _, st := range list {
		if want[st.currency] != st.total {
			return fmt.Errorf("%w: %s and %s %s", errDisagrees, st.currency.Format(st.total),
				st.currency.Format(want[st.currency]), st.currency)
		}
		delete(want, st.currency)
	}
	if len(want) > 0 {
		return fmt.Errorf("%w: nothing, and %d currencies", errDisagrees, len(want))
	}
	return nil
}

// add appends the charges of one subscription.
func (st *statement) add(s *billing.Subscription) error {
	first := charge{
		offer: s.Offer, name: s.Label, reference: s.Reference, id: s.ID, term: s.Term, periodicity: s.Periodicity, rule: s.Rule,
	}
	for g := range s.Segments() {
		c := first
		c.Interval = g.Intersect(st.window)
		if c.Empty() {
			continue
		}
		c.charges = c.Days()
		if s.Rule != billing.DaysOfMonth {
			c.charges = s.ChargesBefore(c.To) - s.ChargesBefore(c.From)
		}
		if c.charges == 0 {
			continue
		}
		c.amount = s.Cost(c.Interval)
		var suspended billing.Decimal6
		c.quantity, c.price, suspended = licencesOf(s.Revisions[g.Revision], s.Currency)
		var err error
		if st.total, err = billing.Add(st.total, c.amount); err != nil {
			return err
		}
		st.charges = append(st.charges, c)
		if suspended > 0 {
			st.charges = append(st.charges, c.resting(suspended))
		}
	}
	for _, h := range s.Holds {
		c := first
		if c.Interval = h.Intersect(st.window); c.Empty() {
			continue
		}
		quantity, _, _ := licencesOf(s.RevisionOn(c.From), s.Currency)
		st.charges = append(st.charges, c.resting(quantity))
	}
	return nil
}

// resting is a charge of suspended licences.
func (c charge) resting(quantity billing.Decimal6) charge {
	c.quantity, c.price, c.amount, c.charges, c.suspended = quantity, 0, 0, 0, true
	return c
}

// licencesOf reads the lines that the ledger writes; those that a person has written are one thing at their amount.
func licencesOf(r billing.Revision, c billing.Currency) (quantity, price, suspended billing.Decimal6) {
	l := r.Lines
	switch {
	case len(l) == 1 && l[0].Leaf():
		return l[0].Quantity, l[0].UnitPrice, 0
	case len(l) == 2 && l[0].Leaf() && l[1].Leaf() && l[1].UnitPrice == 0 && strings.HasSuffix(l[1].Label, suspendedLabel):
		return l[0].Quantity, l[0].UnitPrice, l[1].Quantity
	}
	price = billing.Decimal6(r.Amount)
	digits, _ := c.Digits()
	for range 6 - digits {
		price *= 10
	}
	return million, price, 0
}
