package backoffice

import (
	"net/url"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// criterion is one parameter of the list of subscriptions, named as in the API, so that an address of one says the same
// in the other.
type criterion struct {
	name string // of the parameter
	text string // message key of its name on tags
	// read adds a value to the filter; false if it is none.
	read func(f *billing.Filter, value string) bool
	// enum is the prefix of the messages that say its values; empty shows values as they are, as does kind.
	enum string
	kind valueKind
}

type valueKind int

const (
	plainValue valueKind = iota
	dateValue
	monthValue
)

// criteria are all parameters that filter, in the order of their tags.
func criteria() []criterion {
	all := []criterion{
		{name: "text", text: "filter.text", read: func(f *billing.Filter, v string) bool { f.Text = v; return true }},
		{name: "client", text: "filter.client", read: func(f *billing.Filter, v string) bool {
			f.Clients = append(f.Clients, billing.ClientID(v))
			return true
		}},
		{name: "offer", text: "filter.offer", read: func(f *billing.Filter, v string) bool {
			f.Offers = append(f.Offers, billing.OfferCode(v))
			return true
		}},
		{name: "envelope", text: "filter.envelope", read: func(f *billing.Filter, v string) bool {
			f.Envelopes = append(f.Envelopes, billing.EnvelopeCode(v))
			return true
		}},
		{name: "period", text: "filter.period", kind: monthValue, read: func(f *billing.Filter, v string) bool {
			m, err := billing.ParseMonth(v)
			f.Period = &m
			return err == nil
		}},
		{name: "status", text: "filter.status", enum: "status.", read: func(f *billing.Filter, v string) bool {
			f.Statuses = append(f.Statuses, billing.Status(v))
			return slices.Contains(statuses(), billing.Status(v))
		}},
		{name: "asOf", text: "filter.asOf", kind: dateValue, read: func(f *billing.Filter, v string) bool {
			return readDay(v, &f.AsOf)
		}},
		{name: "periodicity", text: "filter.periodicity", enum: "periodicity.", read: func(f *billing.Filter, v string) bool {
			f.Periodicities = append(f.Periodicities, billing.Periodicity(v))
			return slices.Contains(periodicities(), billing.Periodicity(v))
		}},
		{name: "rule", text: "filter.rule", enum: "rule.", read: func(f *billing.Filter, v string) bool {
			f.Rules = append(f.Rules, billing.Rule(v))
			return slices.Contains(rules(), billing.Rule(v))
		}},
		{name: "reference", text: "filter.reference", read: func(f *billing.Filter, v string) bool { f.Reference = v; return true }},
	}
	return append(append(all, amountCriteria()...), dateCriteria()...)
}

func amountCriteria() []criterion {
	var all []criterion
	for _, bound := range []string{"gte", "gt", "lte", "lt"} {
		all = append(all, criterion{
			name: "amount[" + bound + "]", text: "filter.amount." + bound,
			read: func(f *billing.Filter, v string) bool {
				return readAmount(v, map[string]**billing.Minor{
					"gte": &f.Amount.AtLeast, "gt": &f.Amount.MoreThan, "lte": &f.Amount.AtMost, "lt": &f.Amount.LessThan,
				}[bound])
			},
		})
	}
	return all
}

func dateCriteria() []criterion {
	var all []criterion
	for _, field := range []string{"startDate", "endDate", "anchor", "createdAt", "updatedAt"} {
		for _, bound := range []string{"after", "strictly_after", "before", "strictly_before"} {
			all = append(all, criterion{
				name: field + "[" + bound + "]", text: "filter." + field + "." + bound, kind: dateValue,
				read: func(f *billing.Filter, v string) bool {
					var day billing.Day
					if !readDay(v, &day) {
						return false
					}
					bounds := dateBounds(f, field)
					*map[string]**billing.Day{
						"after": &bounds.After, "strictly_after": &bounds.StrictlyAfter,
						"before": &bounds.Before, "strictly_before": &bounds.StrictlyBefore,
					}[bound] = &day
					return true
				},
			})
		}
	}
	return all
}

func dateBounds(f *billing.Filter, field string) *billing.DateBounds {
	switch field {
	case "startDate":
		return &f.Start
	case "endDate":
		return &f.End
	case "anchor":
		return &f.Anchor
	case "createdAt":
		return &f.Created
	}
	return &f.Updated
}

func readDay(v string, to *billing.Day) bool {
	d, err := billing.ParseDay(v)
	*to = d
	return err == nil
}

// withPoint is a figure that was typed as it is parsed: a decimal comma is what a French keyboard gives.
func withPoint(typed string) string { return strings.ReplaceAll(typed, ",", ".") }

// readAmount reads an amount in the digits of the euro, as the filter compares minor units whatever the currency.
func readAmount(v string, to **billing.Minor) bool {
	m, err := billing.Currency("EUR").Parse(withPoint(v))
	*to = &m
	return err == nil
}

func statuses() []billing.Status {
	return []billing.Status{billing.StatusActive, billing.StatusPlanned, billing.StatusHeld, billing.StatusEnded}
}

func periodicities() []billing.Periodicity {
	return []billing.Periodicity{billing.Monthly, billing.Weekly, billing.Daily}
}

func rules() []billing.Rule { return []billing.Rule{billing.OnDate, billing.DaysOfMonth} }

func orderFields() []billing.OrderField {
	return []billing.OrderField{
		billing.OrderByReference, billing.OrderByLabel, billing.OrderByOffer, billing.OrderByEnvelope, billing.OrderByAmount,
		billing.OrderByStart, billing.OrderByEnd, billing.OrderByCreated, billing.OrderByUpdated,
	}
}

// listQuery is the address of a list, read.
type listQuery struct {
	filter billing.Filter
	order  billing.Order
	cursor string
	used   []applied
}

// applied is one value that filters.
type applied struct {
	criterion
	value string
}

// readList reads an address. An unknown parameter is refused, as in the API: a filter that is dropped in silence shows
// money that was not asked for. An empty value, which forms send for a field left alone, is no filter.
func readList(query url.Values, today billing.Day, also ...string) (listQuery, error) {
	q := listQuery{filter: billing.Filter{AsOf: today}}
	known := map[string]bool{"cursor": true, "done": true}
	for _, name := range also {
		known[name] = true
	}
	for _, c := range criteria() {
		known[c.name], known[c.name+"[]"] = true, true
		for _, value := range slices.Concat(query[c.name], query[c.name+"[]"]) {
			value = strings.TrimSpace(value)
			if value == "" {
				continue
			}
			if !c.read(&q.filter, value) {
				return listQuery{}, &badQuery{"error.filterValue", []any{c.name, value}}
			}
			q.used = append(q.used, applied{c, value})
		}
	}
	for _, field := range orderFields() {
		name := "order[" + string(field) + "]"
		known[name] = true
		if direction := query.Get(name); direction != "" {
			if direction != "asc" && direction != "desc" {
				return listQuery{}, &badQuery{"error.filterValue", []any{name, direction}}
			}
			q.order = billing.Order{By: field, Ascending: direction == "asc"}
		}
	}
	for name := range query {
		if !known[name] {
			return listQuery{}, &badQuery{"error.filterName", []any{name}}
		}
	}
	q.cursor = query.Get("cursor")
	return q, nil
}

// tags are the filters that apply, each with the address without it.
func (q listQuery) tags(u *url.URL, name func(a applied) string) []web.Tag {
	first, _ := url.Parse(web.With(u, "cursor", ""))
	tags := make([]web.Tag, 0, len(q.used))
	for _, a := range q.used {
		without := first
		if first.Query().Has(a.name + "[]") {
			without, _ = url.Parse(web.Without(first, a.name+"[]", a.value))
		}
		tags = append(tags, web.Tag{Text: name(a), Remove: web.Without(without, a.name, a.value)})
	}
	return tags
}

// sortBy is the heading of a column: it sorts upwards first, then downwards.
func (q listQuery) sortBy(u *url.URL, field billing.OrderField, text string, figure bool) web.Sort {
	query := u.Query()
	for _, other := range orderFields() {
		query.Del("order[" + string(other) + "]")
	}
	query.Del("cursor")
	s := web.Sort{Text: text, Order: "none", Figure: figure}
	direction := "asc"
	if q.order.By == field {
		s.Order = "descending"
		if q.order.Ascending {
			s.Order, direction = "ascending", "desc"
		}
	}
	query.Set("order["+string(field)+"]", direction)
	s.Link = u.Path + "?" + query.Encode()
	return s
}

// pager is the way through the pages of a list by cursors.
func pager(u *url.URL, cursor string, p billing.Pages) web.Pager {
	var out web.Pager
	if p.Next != "" {
		out.Next = web.With(u, "cursor", p.Next)
	}
	if p.Previous != "" {
		out.Previous = web.With(u, "cursor", p.Previous)
	}
	if cursor != "" {
		out.First = web.With(u, "cursor", "")
	}
	return out
}
