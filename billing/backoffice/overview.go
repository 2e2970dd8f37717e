package backoffice

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// block is one currency of the overview: currencies are never added up.
type block struct {
	Currency                           string
	Total, Previous, Change, ThisMonth string
	Difference                         string
	Offers                             []offerRow
	Months                             []costMonth
	Timeline                           web.Timeline
}

type overviewPage struct {
	Year      yearSwitch
	Month     string
	Current   bool // the year is this one: the month is in it
	Blocks    []block
	Active    int
	Suspects  int
	OffersAll int
}

func (b *Backoffice) overview(c *gin.Context, by caller) error {
	ctx := c.Request.Context()
	year, err := chosenYear(c, by)
	if err != nil {
		return err
	}
	years, err := b.twoYears(c, by, year, billing.Filter{})
	if err != nil {
		return err
	}
	offers, err := b.store.Offers(ctx, by.scope)
	if err != nil {
		return fmt.Errorf("list offers: %w", err)
	}
	thisYear, month := by.today.Month().Civil()
	d := overviewPage{
		Year: switchYear(c.Request.URL, year), Month: by.today.Month().String(), Current: year == thisYear, OffersAll: len(offers),
	}
	for _, currency := range years.currencies(offers) {
		now, then := years.now[currency], years.then[currency]
		part := block{
			Currency: string(currency), Total: by.money(now.Amount, currency), Previous: by.money(then.Amount, currency),
			Change: by.change(now.Amount, then.Amount), ThisMonth: by.money(now.Months[month-1], currency),
			Difference: by.difference(now.Amount, then.Amount, currency),
		}
		for _, o := range offers {
			if o.Currency == currency {
				part.Offers = append(part.Offers, years.offerRow(by, o))
			}
		}
		slices.SortStableFunc(part.Offers, func(a, b offerRow) int { return cmp.Compare(b.amount, a.amount) })
		rows, bars := years.months(by, currency)
		part.Months, part.Timeline = rows, b.timeline(c, by, bars, currency)
		d.Blocks = append(d.Blocks, part)
	}
	if err := b.counts(c, by, &d); err != nil {
		return err
	}
	b.render(c, http.StatusOK, web.Page{
		Name: "overview", Title: b.site.Text(c.Request, "nav.overview"), Section: "nav.overview", Data: d,
	})
	return nil
}

// currencies are those with a cost in one of the years, the one of most offers first.
func (t twoYears) currencies(offers []billing.Offer) []billing.Currency {
	number := map[billing.Currency]int{}
	for _, o := range offers {
		number[o.Currency]++
	}
	all := slices.Concat(slices.Collect(maps.Keys(t.now)), slices.Collect(maps.Keys(t.then)))
	slices.SortFunc(all, func(a, b billing.Currency) int {
		return cmp.Or(cmp.Compare(number[b], number[a]), cmp.Compare(a, b))
	})
	return slices.Compact(all)
}

func (b *Backoffice) counts(c *gin.Context, by caller, d *overviewPage) error {
	active, err := b.store.Subscriptions(c.Request.Context(), by.scope, billing.Filter{
		Statuses: []billing.Status{billing.StatusActive}, AsOf: by.today,
	}, billing.Order{}, billing.Page{Size: 1, Count: true})
	if err != nil {
		return fmt.Errorf("count subscriptions: %w", err)
	}
	suspects, err := b.store.Suspects(c.Request.Context(), by.scope, billing.DecisionOpen, billing.Page{Size: 1, Count: true})
	if err != nil {
		return fmt.Errorf("count suspects: %w", err)
	}
	if active.Total != nil {
		d.Active = int(*active.Total)
	}
	if suspects.Total != nil {
		d.Suspects = int(*suspects.Total)
	}
	return nil
}
