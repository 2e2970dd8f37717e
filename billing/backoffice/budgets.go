package backoffice

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
)

// budgetForm is the form that sets a budget, and takes it away again.
const budgetForm = "budget"

// budgetRow is a budget beside its costs.
type budgetRow struct {
	Envelope, Amount, Actual, Forecast, Remaining, Previous, Change, State string
}

// budgetTable is what an offer has budgets of in a year, and whether that is only the first part of them.
type budgetTable struct {
	Rows []budgetRow
	More bool
}

func (b *Backoffice) budgets(c *gin.Context, by caller, o billing.Offer, year int) (budgetTable, error) {
	var table budgetTable
	page, err := b.store.Budgets(c.Request.Context(), by.scope, billing.BudgetFilter{Year: year, Offers: []billing.OfferCode{o.Code}},
		by.today.Month(), billing.Page{Size: billing.MaxPageSize})
	if err != nil {
		return table, fmt.Errorf("list budgets: %w", err)
	}
	table.More = page.Next != ""
	for i := range page.Items {
		r := &page.Items[i]
		remaining, err := r.Remaining()
		if err != nil {
			return table, fmt.Errorf("budget of %s: %w", r.Envelope, err)
		}
		table.Rows = append(table.Rows, budgetRow{
			Envelope: string(r.Envelope), Amount: by.money(r.Amount, r.Currency), Actual: by.money(r.Actual, r.Currency),
			Forecast: by.money(r.Forecast, r.Currency), Remaining: by.money(remaining, r.Currency), Previous: by.money(r.Previous, r.Currency),
			Change: by.change(r.Forecast, r.Previous), State: string(r.State()),
		})
	}
	return table, nil
}

// setBudget does the form of the page of an offer. Without an amount the budget is taken away.
func (b *Backoffice) setBudget(c *gin.Context, by caller) error {
	ctx := c.Request.Context()
	o, err := b.store.Offer(ctx, by.scope, billing.OfferCode(c.Param("code")))
	if err != nil {
		return fmt.Errorf("read offer: %w", err)
	}
	year, err := strconv.Atoi(c.PostForm("year"))
	if err != nil || year < firstYear || year > lastYear {
		return &badQuery{"error.form", nil}
	}
	k := billing.BudgetKey{Offer: o.Code, Envelope: billing.EnvelopeCode(c.PostForm("envelope")), Year: year}
	done, text := "budgetSet", postedAmount(c)
	if text == "" {
		done = "budgetDeleted"
		err = b.store.DeleteBudget(ctx, by.because(c), by.scope, k, 0)
		if errors.Is(err, billing.ErrNotFound) {
			err = billing.Invalid("amount", billing.CodeRequired, "is required")
		}
	} else {
		var amount billing.Minor
		if amount, err = o.Currency.Parse(text); err != nil {
			err = billing.Invalid("amount", billing.CodeFormat, "%s", err)
		} else {
			_, _, err = b.store.SetBudget(ctx, by.because(c), by.scope, k, amount, 0)
		}
	}
	if err == nil {
		b.goTo(c, fmt.Sprintf("/offers/%s?year=%d", o.Code, year), done)
		return nil
	}
	problems := b.refusal(c, err)
	if problems == nil {
		return fmt.Errorf("set budget: %w", err)
	}
	return b.showOffer(c, by, o, year, formState{budgetForm, postedValues(c), problems})
}

// postedAmount is an amount as people write it, with spaces between thousands, in the form that is parsed.
func postedAmount(c *gin.Context) string {
	return withPoint(strings.Join(strings.Fields(c.PostForm("amount")), ""))
}
