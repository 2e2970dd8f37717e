package backoffice

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// option is one choice of a field.
type option struct {
	Value, Text string
	Chosen      bool
}

// subscriptionRow is one subscription in a list.
type subscriptionRow struct {
	ID, Reference, Label, Offer, Envelope string
	Periodicity                           string
	Amount                                string
	Start, End                            string // YYYY-MM-DD; End is the last day, "" if there is none
	Status                                string
}

func (by caller) row(s *billing.Subscription) subscriptionRow {
	last, _ := s.Term.Last()
	return subscriptionRow{
		ID: string(s.ID), Reference: s.Reference, Label: s.Label, Offer: string(s.Offer), Envelope: string(s.Envelope),
		Periodicity: string(s.Periodicity), Amount: by.money(s.Amount(), s.Currency), Start: s.Term.From.String(),
		End: last.String(), Status: string(s.StatusOn(by.today)),
	}
}

func (by caller) rows(items []billing.Subscription) []subscriptionRow {
	rows := make([]subscriptionRow, len(items))
	for i := range items {
		rows[i] = by.row(&items[i])
	}
	return rows
}

type subscriptionList struct {
	Rows   []subscriptionRow
	Total  int
	Tags   []web.Tag
	Sorts  []web.Sort
	Pager  web.Pager
	Form   filterForm
	Writes bool
	// The exports of the same list, below the base.
	ExportFrench, ExportInternational string
	Order                             []option // hidden fields, so that filtering keeps the order
}

// filterForm is the form above the list, filled with what applies.
type filterForm struct {
	Value                                                map[string]string
	Clients, Offers, Envelopes, Statuses, Periods, Rules []option
	More                                                 bool // one of the further filters applies
	Hidden                                               []option
	Action                                               string
}

func (b *Backoffice) subscriptions(c *gin.Context, by caller) error {
	ctx, u := c.Request.Context(), c.Request.URL
	q, err := readList(u.Query(), by.today)
	if err != nil {
		return err
	}
	page, err := b.store.Subscriptions(ctx, by.scope, q.filter, q.order, billing.Page{Cursor: q.cursor, Count: true})
	if err != nil {
		return fmt.Errorf("list subscriptions: %w", err)
	}
	form, err := b.filterForm(c, by, q)
	if err != nil {
		return err
	}
	data := subscriptionList{
		Rows: by.rows(page.Items), Tags: q.tags(u, b.tagText(c, form)), Sorts: b.sorts(c, q, u), Form: form,
		Pager: pager(u, q.cursor, page.Pages), Writes: by.writesSomething(),
		ExportFrench: exportLink(u, "csv-fr"), ExportInternational: exportLink(u, "csv"),
	}
	if page.Total != nil {
		data.Total = int(*page.Total)
	}
	if q.order.By != "" {
		direction := "desc"
		if q.order.Ascending {
			direction = "asc"
		}
		data.Order = []option{{Value: direction, Text: "order[" + string(q.order.By) + "]"}}
	}
	b.render(c, http.StatusOK, web.Page{
		Name: "subscriptions", Title: b.site.Text(c.Request, "nav.subscriptions"), Section: "nav.subscriptions", Data: data,
	})
	return nil
}

// writesSomething says whether there is an offer on which the caller may create a subscription.
func (by caller) writesSomething() bool {
	return by.scope.Administers() || slices.ContainsFunc(by.scope.Offers(), by.scope.Writes)
}

func (b *Backoffice) sorts(c *gin.Context, q listQuery, u *url.URL) []web.Sort {
	sort := func(field billing.OrderField, key string, figure bool) web.Sort {
		return q.sortBy(u, field, b.site.Text(c.Request, key), figure)
	}
	return []web.Sort{
		sort(billing.OrderByReference, "field.reference", false), sort(billing.OrderByLabel, "field.label", false),
		sort(billing.OrderByOffer, "field.offer", false), sort(billing.OrderByEnvelope, "field.envelope", false),
		sort(billing.OrderByAmount, "field.amount", true), sort(billing.OrderByStart, "field.startDate", false),
		sort(billing.OrderByEnd, "field.endDate", false),
	}
}

// tagText says a filter in words: its name and its value as the form shows them.
func (b *Backoffice) tagText(c *gin.Context, form filterForm) func(applied) string {
	clients := map[string]string{}
	for _, o := range form.Clients {
		clients[o.Value] = o.Text
	}
	lang := web.VisitOf(c.Request.Context()).Lang
	return func(a applied) string {
		value := a.value
		switch {
		case a.kind == dateValue:
			value = lang.Date(value)
		case a.kind == monthValue:
			value = lang.Month(value)
		case a.enum != "":
			value = b.site.Text(c.Request, a.enum+value)
		case a.name == "client" && clients[value] != "":
			value = clients[value]
		}
		return b.site.Text(c.Request, a.text) + b.site.Text(c.Request, "filter.colon") + value
	}
}

func (b *Backoffice) filterForm(c *gin.Context, by caller, q listQuery) (filterForm, error) {
	form := filterForm{Value: map[string]string{}, Action: c.Request.URL.Path}
	chosen := func(name string) []string {
		var values []string
		for _, a := range q.used {
			if a.name == name {
				values = append(values, a.value)
			}
		}
		return values
	}
	basic := []string{"text", "client", "offer", "envelope", "period", "status", "periodicity"}
	for _, a := range q.used {
		if _, taken := form.Value[a.name]; taken {
			// A field shows one value; the others of its kind stay in the address.
			form.Hidden = append(form.Hidden, option{Text: a.name, Value: a.value})
			continue
		}
		form.Value[a.name] = a.value
		if !slices.Contains(basic, a.name) {
			form.More = true
		}
		if strings.Contains(a.name, "[strictly") || slices.Contains([]string{"amount[gt]", "amount[lt]"}, a.name) {
			form.Hidden = append(form.Hidden, option{Text: a.name, Value: a.value})
		}
	}
	choices, err := b.choices(c, by)
	if err != nil {
		return filterForm{}, err
	}
	form.Clients = choose(choices.clients, first(chosen("client")))
	form.Offers = choose(choices.offers, first(chosen("offer")))
	form.Envelopes = choose(choices.envelopes, first(chosen("envelope")))
	form.Statuses = choose(enum(b, c, "status.", statuses()), first(chosen("status")))
	form.Periods = choose(enum(b, c, "periodicity.", periodicities()), first(chosen("periodicity")))
	form.Rules = choose(enum(b, c, "rule.", rules()), first(chosen("rule")))
	return form, nil
}

// choices are what the fields of a form offer to choose from.
type choices struct{ clients, offers, envelopes []option }

func (b *Backoffice) choices(c *gin.Context, by caller) (choices, error) {
	ctx := c.Request.Context()
	var out choices
	offers, err := b.store.Offers(ctx, by.scope)
	if err != nil {
		return choices{}, fmt.Errorf("list offers: %w", err)
	}
	for _, o := range offers {
		out.offers = append(out.offers, option{Value: string(o.Code), Text: named(string(o.Code), o.Name)})
	}
	envelopes, err := b.store.Envelopes(ctx, by.scope)
	if err != nil {
		return choices{}, fmt.Errorf("list envelopes: %w", err)
	}
	for _, e := range envelopes {
		out.envelopes = append(out.envelopes, option{Value: string(e.Code), Text: named(string(e.Code), e.Label)})
	}
	if by.scope.Administers() {
		clients, err := b.store.Clients(ctx, by.scope)
		if err != nil {
			return choices{}, fmt.Errorf("list clients: %w", err)
		}
		for _, client := range clients {
			out.clients = append(out.clients, option{Value: string(client.ID), Text: client.Name})
		}
		out.clients = append(out.clients, option{Value: string(houseClient), Text: string(houseClient)})
	}
	return out, nil
}

func named(code, name string) string {
	if name == "" || name == code {
		return code
	}
	return code + " – " + name
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// choose marks the chosen option; one that is not offered is added, so that the form says what applies.
func choose(options []option, value string) []option {
	out := slices.Clone(options)
	found := value == ""
	for i := range out {
		out[i].Chosen = out[i].Value == value
		found = found || out[i].Chosen
	}
	if !found {
		out = append(out, option{Value: value, Text: value, Chosen: true})
	}
	return out
}

func enum[T ~string](b *Backoffice, c *gin.Context, prefix string, values []T) []option {
	out := make([]option, len(values))
	for i, v := range values {
		out[i] = option{Value: string(v), Text: b.site.Text(c.Request, prefix+string(v))}
	}
	return out
}
