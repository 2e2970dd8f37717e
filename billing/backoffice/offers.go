package backoffice

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// offerRow is one offer and what it costs.
type offerRow struct {
	Code, Name, Currency    string
	Total, Previous, Change string
	Share                   float64 // of its currency's total, 0 to 100: the width of a bar
	amount                  billing.Minor
}

type offerList struct {
	Rows        []offerRow
	Envelopes   []option
	Year        yearSwitch
	Administers bool
	Form        formState
}

func (b *Backoffice) offers(c *gin.Context, by caller) error { return b.showOffers(c, by, formState{}) }

func (b *Backoffice) showOffers(c *gin.Context, by caller, form formState) error {
	year, err := chosenYear(c, by)
	if err != nil {
		return err
	}
	offers, err := b.store.Offers(c.Request.Context(), by.scope)
	if err != nil {
		return fmt.Errorf("list offers: %w", err)
	}
	years, err := b.twoYears(c, by, year, billing.Filter{})
	if err != nil {
		return err
	}
	envelopes, err := b.store.Envelopes(c.Request.Context(), by.scope)
	if err != nil {
		return fmt.Errorf("list envelopes: %w", err)
	}
	data := offerList{Year: switchYear(c.Request.URL, year), Administers: by.scope.Administers(), Form: form}
	for _, o := range offers {
		data.Rows = append(data.Rows, years.offerRow(by, o))
	}
	for _, e := range envelopes {
		data.Envelopes = append(data.Envelopes, option{Value: string(e.Code), Text: e.Label})
	}
	status := http.StatusOK
	if len(form.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	b.render(c, status, web.Page{Name: "offers", Title: b.site.Text(c.Request, "nav.offers"), Section: "nav.offers", Data: data})
	return nil
}

// twoYears is what a year cost, and the one before, by currency.
type twoYears struct {
	year      int
	now, then map[billing.Currency]billing.YearlyCost
}

func (b *Backoffice) twoYears(c *gin.Context, by caller, year int, f billing.Filter) (twoYears, error) {
	out := twoYears{year, map[billing.Currency]billing.YearlyCost{}, map[billing.Currency]billing.YearlyCost{}}
	for y, into := range map[int]map[billing.Currency]billing.YearlyCost{year: out.now, year - 1: out.then} {
		blocks, err := b.store.YearlyCosts(c.Request.Context(), by.scope, y, f)
		if err != nil {
			return twoYears{}, fmt.Errorf("costs of %d: %w", y, err)
		}
		for _, block := range blocks {
			into[block.Currency] = block
		}
	}
	return out, nil
}

func (t twoYears) offerRow(by caller, o billing.Offer) offerRow {
	now, then := amountOf(t.now[o.Currency], o.Code), amountOf(t.then[o.Currency], o.Code)
	row := offerRow{
		Code: string(o.Code), Name: o.Name, Currency: string(o.Currency), Total: by.money(now, o.Currency),
		Previous: by.money(then, o.Currency), Change: by.change(now, then), amount: now,
	}
	if all := t.now[o.Currency].Amount; all > 0 && now > 0 {
		row.Share = min(100, float64(now)/float64(all)*100)
	}
	return row
}

func amountOf(y billing.YearlyCost, code billing.OfferCode) billing.Minor {
	for _, o := range y.Offers {
		if o.Offer == code {
			return o.Amount
		}
	}
	return 0
}

// costMonth is one row of the table beneath a timeline.
type costMonth struct {
	Month, Amount, Previous, Difference string
	Forecast                            bool
}

// months are the twelve of one currency, as rows and as bars.
func (t twoYears) months(by caller, currency billing.Currency) ([]costMonth, []web.MonthValue) {
	rows, bars := make([]costMonth, 0, 12), make([]web.MonthValue, 0, 12)
	for i := range 12 {
		m := billing.NewMonth(t.year, i+1)
		now, then := t.now[currency].Months[i], t.then[currency].Months[i]
		rows = append(rows, costMonth{
			Month: m.String(), Amount: by.money(now, currency), Previous: by.money(then, currency),
			Difference: by.difference(now, then, currency), Forecast: m >= by.today.Month(),
		})
		bars = append(bars, web.MonthValue{
			Month: m.String(), Value: int64(now), Previous: int64(then), Forecast: m >= by.today.Month(),
		})
	}
	return rows, bars
}

// difference is now less then with its sign, whatever the sign; "" if it leaves 64 bits.
func (by caller) difference(now, then billing.Minor, currency billing.Currency) string {
	d, err := billing.Add(now, -then)
	if err != nil {
		return ""
	}
	if d > 0 {
		return "+" + by.money(d, currency)
	}
	return by.money(d, currency)
}

type offerDetail struct {
	Offer         offerRow
	Year          yearSwitch
	Timeline      web.Timeline
	Months        []costMonth
	Envelopes     []offerRow
	Subscriptions []subscriptionRow
	Count         int
	Difference    string
	Pager         web.Pager
	Budgets       budgetTable
	Choices       []option // of envelopes
	Form          formState
	Writes        bool
}

func (b *Backoffice) offer(c *gin.Context, by caller) error {
	o, err := b.store.Offer(c.Request.Context(), by.scope, billing.OfferCode(c.Param("code")))
	if err != nil {
		return fmt.Errorf("read offer: %w", err)
	}
	year, err := chosenYear(c, by)
	if err != nil {
		return err
	}
	return b.showOffer(c, by, o, year, formState{})
}

func (b *Backoffice) showOffer(c *gin.Context, by caller, o billing.Offer, year int, form formState) error {
	ctx := c.Request.Context()
	filter := billing.Filter{Offers: []billing.OfferCode{o.Code}, AsOf: by.today}
	byEnvelope := filter
	byEnvelope.ByEnvelope = true
	years, err := b.twoYears(c, by, year, byEnvelope)
	if err != nil {
		return err
	}
	cursor := c.Query("cursor")
	page, err := b.store.Subscriptions(ctx, by.scope, filter, billing.Order{By: billing.OrderByReference, Ascending: true},
		billing.Page{Size: 20, Cursor: cursor, Count: true})
	if err != nil {
		return fmt.Errorf("list subscriptions: %w", err)
	}
	d := offerDetail{
		Offer: years.offerRow(by, o), Year: switchYear(c.Request.URL, year), Envelopes: years.envelopes(by, o.Currency),
		Subscriptions: by.rows(page.Items), Pager: pager(c.Request.URL, cursor, page.Pages), Writes: by.scope.Writes(o.Code),
		Difference: by.difference(years.now[o.Currency].Amount, years.then[o.Currency].Amount, o.Currency), Form: form,
	}
	if d.Budgets, err = b.budgets(c, by, o, year); err != nil {
		return err
	}
	if d.Writes {
		choices, err := b.choices(c, by)
		if err != nil {
			return err
		}
		d.Choices = choose(choices.envelopes, form.Get(budgetForm, "envelope", ""))
	}
	if page.Total != nil {
		d.Count = int(*page.Total)
	}
	rows, bars := years.months(by, o.Currency)
	d.Months, d.Timeline = rows, b.timeline(c, by, bars, o.Currency)
	status := http.StatusOK
	if len(form.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	b.render(c, status, web.Page{
		Name: "offer", Title: offerTitle(o), Section: "nav.offers", Data: d,
		Trail: []web.Crumb{{Text: b.site.Text(c.Request, "nav.offers"), Path: "/offers"}},
	})
	return nil
}

func offerTitle(o billing.Offer) string {
	if o.Name == "" {
		return string(o.Code)
	}
	return o.Name
}

func (t twoYears) envelopes(by caller, currency billing.Currency) []offerRow {
	before := map[billing.EnvelopeCode]billing.Minor{}
	for _, e := range t.then[currency].Envelopes {
		before[e.Envelope] = e.Amount
	}
	all := t.now[currency].Amount
	var rows []offerRow
	for _, e := range t.now[currency].Envelopes {
		row := offerRow{
			Code: string(e.Envelope), Currency: string(currency), Total: by.money(e.Amount, currency),
			Previous: by.money(before[e.Envelope], currency), Change: by.change(e.Amount, before[e.Envelope]),
		}
		if all > 0 && e.Amount > 0 {
			row.Share = min(100, float64(e.Amount)/float64(all)*100)
		}
		rows = append(rows, row)
	}
	return rows
}

func (b *Backoffice) createOffer(c *gin.Context, by caller) error {
	o := billing.Offer{
		Code: billing.OfferCode(strings.TrimSpace(c.PostForm("code"))), Name: strings.TrimSpace(c.PostForm("name")),
		Currency: billing.Currency(strings.ToUpper(strings.TrimSpace(c.PostForm("currency")))),
	}
	_, err := b.store.CreateOffer(c.Request.Context(), by.actor, by.scope, o)
	return b.createdCode(c, by, "offer", "offerCreated", err)
}

func (b *Backoffice) createEnvelope(c *gin.Context, by caller) error {
	e := billing.Envelope{
		Code: billing.EnvelopeCode(strings.TrimSpace(c.PostForm("code"))), Label: strings.TrimSpace(c.PostForm("label")),
	}
	_, err := b.store.CreateEnvelope(c.Request.Context(), by.actor, by.scope, e)
	return b.createdCode(c, by, "envelope", "envelopeCreated", err)
}

func (b *Backoffice) createdCode(c *gin.Context, by caller, form, done string, err error) error {
	if err == nil {
		b.goTo(c, "/offers", done)
		return nil
	}
	problems := b.refusal(c, err)
	if problems == nil {
		return fmt.Errorf("create %s: %w", form, err)
	}
	return b.showOffers(c, by, formState{form, postedValues(c), problems})
}
