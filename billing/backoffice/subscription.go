package backoffice

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// historyShown bounds the history on the page of a subscription; the trace has the rest.
const historyShown = 50

// lineRow is one line of a tree, laid out: Number is "2.1", Depth counts from 0.
type lineRow struct {
	Number              string
	Depth               int
	Label               string
	Quantity, UnitPrice string // of a leaf
	Amount              string
	Group               bool
}

func (by caller) lineRows(lines []billing.Line, currency billing.Currency) []lineRow {
	var rows []lineRow
	var walk func(lines []billing.Line, prefix string, depth int)
	walk = func(lines []billing.Line, prefix string, depth int) {
		for i, l := range lines {
			row := lineRow{
				Number: prefix + strconv.Itoa(i+1), Depth: depth, Label: l.Label, Amount: by.money(l.Amount, currency), Group: !l.Leaf(),
			}
			if l.Leaf() {
				row.Quantity, row.UnitPrice = by.lang.Number(l.Quantity.String()), by.lang.Number(l.UnitPrice.String())
			}
			rows = append(rows, row)
			walk(l.Lines, row.Number+".", depth+1)
		}
	}
	walk(lines, "", 0)
	return rows
}

type holdRow struct{ ID, From, To, Reason string }

type revisionRow struct {
	From, Amount string
	Current      bool
	Lines        []lineRow
}

type monthRow struct {
	Month, Amount string
	Charges       int64 // charge dates, or days where the month is spread over them
}

type periodRow struct {
	Key, From, Last string
	Current, Due    bool
}

type subscriptionDetail struct {
	subscriptionRow
	Currency, Rule, Anchor, CreatedBy, CreatedAt, UpdatedAt string
	Version                                                 int
	Lines                                                   []lineRow
	Holds                                                   []holdRow
	Revisions                                               []revisionRow
	Periods                                                 []periodRow
	Months                                                  []monthRow
	Year                                                    yearSwitch
	Timeline                                                web.Timeline
	YearTotal                                               string
	History                                                 []entryRow
	Writes                                                  bool
	Form                                                    formState
	Offers, Envelopes                                       []option
	LinesText                                               string
}

// formState is a form that was refused: which one, what it said and why.
type formState struct {
	Name     string
	Values   map[string]string
	Problems []string
}

// Get is what a field of the form said, or otherwise if it is another form's turn.
func (f formState) Get(form, field, otherwise string) string {
	if f.Name == form {
		return f.Values[field]
	}
	return otherwise
}

func (b *Backoffice) subscription(c *gin.Context, by caller) error {
	s, err := b.store.Subscription(c.Request.Context(), by.scope, billing.SubscriptionID(c.Param("id")))
	if err != nil {
		return fmt.Errorf("read subscription: %w", err)
	}
	return b.showSubscription(c, by, &s, formState{})
}

func (b *Backoffice) showSubscription(c *gin.Context, by caller, s *billing.Subscription, form formState) error {
	ctx := c.Request.Context()
	year, err := chosenYear(c, by)
	if err != nil {
		return err
	}
	history, err := b.store.Audit(ctx, by.scope, billing.AuditFilter{
		Kinds: []billing.AuditKind{billing.AuditSubscription}, ID: string(s.ID),
	}, billing.Page{Size: historyShown})
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	d := b.describe(c, by, s, year)
	d.Form, d.History = form, b.entries(c, by, history.Items)
	if d.Writes = by.scope.Writes(s.Offer); d.Writes {
		choices, err := b.choices(c, by)
		if err != nil {
			return err
		}
		d.Offers = choose(choices.offers, form.Get("patch", "offer", string(s.Offer)))
		d.Envelopes = choose(choices.envelopes, form.Get("patch", "envelope", string(s.Envelope)))
		d.LinesText = form.Get("revise", "lines", writeLines(by.lang, s.RevisionOn(by.today).Lines))
	}
	status := http.StatusOK
	if len(form.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	b.render(c, status, web.Page{
		Name: "subscription", Title: s.Reference, Section: "nav.subscriptions", Data: d,
		Trail: []web.Crumb{{Text: b.site.Text(c.Request, "nav.subscriptions"), Path: "/subscriptions"}},
	})
	return nil
}

func (b *Backoffice) describe(c *gin.Context, by caller, s *billing.Subscription, year int) subscriptionDetail {
	d := subscriptionDetail{
		subscriptionRow: by.row(s), Currency: string(s.Currency), Rule: string(s.Rule), Anchor: s.Anchor.String(),
		CreatedBy: string(s.CreatedBy), CreatedAt: by.instant(s.CreatedAt), UpdatedAt: by.instant(s.UpdatedAt), Version: s.Version,
		Lines:   by.lineRows(s.RevisionOn(by.today).Lines, s.Currency),
		Periods: by.periods(s), Year: switchYear(c.Request.URL, year),
		YearTotal: by.money(s.CostYear(year), s.Currency),
	}
	d.Amount = by.money(s.RevisionOn(by.today).Amount, s.Currency)
	for _, h := range s.Holds {
		last, _ := h.Last()
		d.Holds = append(d.Holds, holdRow{string(h.ID), h.From.String(), last.String(), h.Reason})
	}
	current := s.RevisionOn(by.today).From
	for _, r := range s.Revisions {
		d.Revisions = append(d.Revisions, revisionRow{
			From: r.From.String(), Amount: by.money(r.Amount, s.Currency), Current: r.From == current, Lines: by.lineRows(r.Lines, s.Currency),
		})
	}
	bars := make([]web.MonthValue, 0, 12)
	for i := range 12 {
		m := billing.NewMonth(year, i+1)
		row := monthRow{Month: m.String(), Amount: by.money(s.CostMonth(m), s.Currency)}
		for _, share := range s.MonthShares(m) {
			row.Charges += share.Charges
		}
		d.Months = append(d.Months, row)
		bars = append(bars, web.MonthValue{
			Month: m.String(), Value: int64(s.CostMonth(m)), Previous: int64(s.CostMonth(m - 12)), Forecast: m >= by.today.Month(),
		})
	}
	d.Timeline = b.timeline(c, by, bars, s.Currency)
	return d
}

// periods are the one of today, or the first, and those around it.
func (by caller) periods(s *billing.Subscription) []periodRow {
	const before, shown = 2, 8
	now, ok := s.PeriodOf(max(by.today, s.Term.From))
	if !ok {
		return nil
	}
	start := now.From
	for range before {
		p, ok := s.PeriodOf(start - 1)
		if !ok || p.To <= s.Term.From {
			break
		}
		start = p.From
	}
	var rows []periodRow
	for range shown {
		p, ok := s.PeriodOf(start)
		if !ok || p.From >= s.Term.To {
			break
		}
		last, _ := p.Last()
		rows = append(rows, periodRow{
			Key: p.Key, From: p.From.String(), Last: last.String(), Current: p.Has(by.today),
			Due: s.ChargedIn(billing.Interval{From: p.From, To: p.From + 1}),
		})
		start = p.To
	}
	return rows
}
