package api

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/billing"
)

// dateFields are the dates that a filter can bound.
func dateFields() []struct{ name, says string } {
	return []struct{ name, says string }{
		{"startDate", "the first day"},
		{"endDate", "the last day, included"},
		{"anchor", "the first charge date of the grid"},
		{"createdAt", "the day of creation, in UTC"},
		{"updatedAt", "the day of the last change, in UTC"},
	}
}

// orderFields are what lists can be ordered by.
func orderFields() []billing.OrderField {
	return []billing.OrderField{
		billing.OrderByCreated, billing.OrderByUpdated, billing.OrderByStart, billing.OrderByEnd,
		billing.OrderByReference, billing.OrderByLabel, billing.OrderByOffer, billing.OrderByEnvelope, billing.OrderByAmount,
	}
}

var (
	paramOffer    = param{name: "offer", many: true, says: "Code of the offer.", example: "FIBRE-PRO"}
	paramEnvelope = param{name: "envelope", many: true, says: "Code of the envelope.", example: "IT-2026"}
	paramAsOf     = param{name: "asOf", says: "The day on which status is taken; today in UTC if it is left out.", format: "date"}
)

// filterParams are the filters of subscriptions; lists, reports and exports take the same.
func filterParams() []param {
	params := []param{
		paramOffer,
		paramEnvelope,
		{name: "period", says: "Keeps subscriptions with a charge in this month.", example: "2026-03"},
		{name: "periodicity", many: true, says: "How often it is charged.", enum: []string{"daily", "weekly", "monthly"}},
		{name: "rule", many: true, says: "What the cost of a month means.", enum: []string{"onDate", "daysOfMonth"}},
		{name: "status", many: true, says: "Where it stands on the day asOf.", enum: []string{"planned", "active", "held", "ended"}},
		paramAsOf,
		{name: "client", many: true, says: "Id of the API client that created it."},
		{name: "reference", says: "The reference; case, width and blanks do not matter."},
		{name: "text", says: "Words in reference or label."},
		{name: "amount", says: "The amount of one period, exactly.", example: "29.99"},
		{name: "amount[gt]", says: "More than."},
		{name: "amount[gte]", says: "At least."},
		{name: "amount[lt]", says: "Less than."},
		{name: "amount[lte]", says: "At most."},
		{name: "amount[between]", says: "From one to another, both included.", example: "12.99..15.99"},
		{name: "exists[endDate]", says: "Whether it has an end.", kind: "boolean"},
	}
	for _, f := range dateFields() {
		params = append(params,
			param{name: f.name, says: "Exactly " + f.says + ".", format: "date"},
			param{name: f.name + "[after]", says: "On this day or later: " + f.says + ".", format: "date"},
			param{name: f.name + "[strictly_after]", says: "Later than this day: " + f.says + ".", format: "date"},
			param{name: f.name + "[before]", says: "On this day or earlier: " + f.says + ".", format: "date"},
			param{name: f.name + "[strictly_before]", says: "Earlier than this day: " + f.says + ".", format: "date"},
		)
	}
	return params
}

// orderParams are the orders; one of them may be given.
func orderParams() []param {
	var params []param
	for _, f := range orderFields() {
		params = append(params, param{
			name: "order[" + string(f) + "]", says: "Orders by " + string(f) + "; one order at a time.",
			enum: []string{"asc", "desc"},
		})
	}
	return params
}

// offers are the offers that the query narrows to.
func (r *request) offers() []billing.OfferCode { return list[billing.OfferCode](r, "offer") }

func list[T ~string](r *request, name string) []T {
	var out []T
	for _, v := range r.query[name] {
		out = append(out, T(v))
	}
	return out
}

// ParseFilter reads a query of the same filters and orders as GET /subscriptions takes; asOf is today if it is left out.
// The error names the parameter.
func ParseFilter(
	ctx context.Context, s billing.Store, sc billing.Scope, today billing.Day, query string,
) (billing.Filter, billing.Order, error) {
	at := time.Unix(int64(today)*secondsPerDay, 0)
	a := &API{store: s, calendar: func() time.Time { return at }}
	r := &request{caller: caller{scope: sc}, route: &route{params: params(filterParams(), orderParams())}}
	if err := r.readQuery(query); err != nil {
		return billing.Filter{}, billing.Order{}, err
	}
	f, err := a.filter(ctx, r)
	if err != nil {
		return billing.Filter{}, billing.Order{}, err
	}
	o, err := r.order()
	return f, o, err
}

const secondsPerDay = 24 * 60 * 60

// filter reads the parameters of filterParams.
func (a *API) filter(ctx context.Context, r *request) (billing.Filter, error) {
	f := billing.Filter{
		Offers: r.offers(), Envelopes: list[billing.EnvelopeCode](r, "envelope"),
		Periodicities: list[billing.Periodicity](r, "periodicity"), Rules: list[billing.Rule](r, "rule"),
		Statuses: list[billing.Status](r, "status"), Clients: list[billing.ClientID](r, "client"),
		Reference: r.value("reference"), Text: r.value("text"),
	}
	var err error
	if f.AsOf, err = a.asOf(r); err != nil {
		return f, err
	}
	if text := r.value("period"); text != "" {
		m, err := billing.ParseMonth(text)
		if err != nil {
			return f, refuseParameter("period", err.Error())
		}
		f.Period = &m
	}
	bounds := map[string]*billing.DateBounds{
		"startDate": &f.Start, "endDate": &f.End, "anchor": &f.Anchor, "createdAt": &f.Created, "updatedAt": &f.Updated,
	}
	for _, field := range dateFields() {
		if err := r.dates(field.name, bounds[field.name]); err != nil {
			return f, err
		}
	}
	if err := r.existsEnd(&f.End); err != nil {
		return f, err
	}
	f.Amount, err = a.amounts(ctx, r)
	return f, err
}

func (a *API) asOf(r *request) (billing.Day, error) {
	d, err := r.day("asOf")
	if err != nil {
		return 0, err
	}
	if d == nil {
		return Today(a.calendar()), nil
	}
	return *d, nil
}

func (r *request) day(name string) (*billing.Day, error) {
	text := r.value(name)
	if text == "" {
		return nil, nil
	}
	d, err := billing.ParseDay(text)
	if err != nil {
		return nil, refuseParameter(name, err.Error())
	}
	return &d, nil
}

// dates reads the five parameters of one date. The exact one is both bounds, so it may not stand beside them.
func (r *request) dates(name string, b *billing.DateBounds) error {
	for _, bound := range []struct {
		suffix string
		to     **billing.Day
	}{
		{"[after]", &b.After},
		{"[strictly_after]", &b.StrictlyAfter},
		{"[before]", &b.Before},
		{"[strictly_before]", &b.StrictlyBefore},
	} {
		d, err := r.day(name + bound.suffix)
		if err != nil {
			return err
		}
		*bound.to = d
	}
	exact, err := r.day(name)
	if err != nil || exact == nil {
		return err
	}
	if b.After != nil || b.Before != nil {
		return refuseParameter(name, "may not stand beside "+name+"[after] or "+name+"[before]")
	}
	b.After, b.Before = exact, exact
	return nil
}

// existsEnd keeps what has an end, or what has none: no end lies after every day.
func (r *request) existsEnd(b *billing.DateBounds) error {
	text := r.value("exists[endDate]")
	if text == "" {
		return nil
	}
	if b.Before != nil || b.StrictlyAfter != nil {
		return refuseParameter("exists[endDate]", "may not stand beside endDate, endDate[before] or endDate[strictly_after]")
	}
	last := billing.LastDay
	if text == "true" {
		b.Before = &last
	} else {
		b.StrictlyAfter = &last
	}
	return nil
}

// amounts reads the bounds of the amount. How many digits an amount has is its currency's matter, so all offers that the
// question covers must agree on it.
func (a *API) amounts(ctx context.Context, r *request) (billing.AmountBounds, error) {
	var b billing.AmountBounds
	asked := false
	for name := range r.query {
		asked = asked || strings.HasPrefix(name, "amount")
	}
	if !asked {
		return b, nil
	}
	currency, err := a.precision(ctx, r)
	if err != nil {
		return b, err
	}
	read := func(name, text string, to **billing.Minor) error {
		if text == "" {
			return nil
		}
		m, err := currency.Parse(text)
		if err != nil {
			return refuseParameter(name, err.Error())
		}
		if *to != nil {
			return refuseParameter(name, "bounds the amount a second time")
		}
		*to = &m
		return nil
	}
	low, high, isRange := strings.Cut(r.value("amount[between]"), "..")
	if r.query.Has("amount[between]") && !isRange {
		return b, refuseParameter("amount[between]", "must be of the form 12.99..15.99")
	}
	for _, one := range []struct {
		name, text string
		to         **billing.Minor
	}{
		{"amount[gte]", r.value("amount[gte]"), &b.AtLeast},
		{"amount[gt]", r.value("amount[gt]"), &b.MoreThan},
		{"amount[lte]", r.value("amount[lte]"), &b.AtMost},
		{"amount[lt]", r.value("amount[lt]"), &b.LessThan},
		{"amount[between]", low, &b.AtLeast},
		{"amount[between]", high, &b.AtMost},
		{"amount", r.value("amount"), &b.AtLeast},
		{"amount", r.value("amount"), &b.AtMost},
	} {
		if err := read(one.name, one.text, one.to); err != nil {
			return b, err
		}
	}
	return b, nil
}

// precision is a currency that stands for those of all offers in question, as far as the number of decimals goes.
func (a *API) precision(ctx context.Context, r *request) (billing.Currency, error) {
	offers, err := a.store.Offers(ctx, r.narrowed())
	if err != nil {
		return "", fmt.Errorf("read the offers' currencies: %w", err)
	}
	if len(offers) == 0 {
		return "EUR", nil // nothing will match
	}
	digits, _ := offers[0].Currency.Digits()
	for _, o := range offers[1:] {
		if other, _ := o.Currency.Digits(); other != digits {
			return "", refuseParameter("amount", "needs offers whose currencies have the same number of decimals: name them by offer[]")
		}
	}
	return offers[0].Currency, nil
}

// narrowed is the scope, and within it the offers of the query.
func (r *request) narrowed() billing.Scope {
	if offers := r.offers(); len(offers) > 0 {
		return r.scope.Only(offers...)
	}
	return r.scope
}

// order reads the one order.
func (r *request) order() (billing.Order, error) {
	o, found := billing.Order{}, false
	for _, f := range orderFields() {
		direction := r.value("order[" + string(f) + "]")
		if direction == "" {
			continue
		}
		if found {
			return o, refuseParameter("order["+string(f)+"]", "is a second order: one at a time")
		}
		o, found = billing.Order{By: f, Ascending: direction == "asc"}, true
	}
	return o, nil
}
