package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/sheet"
)

// BudgetInput is what sets a budget; its offer, envelope and year are in the path.
type BudgetInput struct {
	Amount string `json:"amount" doc:"Before tax, in the currency of the offer." example:"12000.00"`
}

// Budget is a budget as it is shown, held against the costs of its offer and envelope.
type Budget struct {
	Node
	Offer     string        `json:"offer"`
	Envelope  string        `json:"envelope"`
	Year      int           `json:"year" example:"2026"`
	Currency  string        `json:"currency" example:"EUR"`
	Amount    string        `json:"amount" example:"12000.00"`
	Actual    string        `json:"actual" doc:"Cost of the months of the year before that of asOf."`
	Forecast  string        `json:"forecast" doc:"Cost of all months of the year: what is stored, as if it went on as agreed."`
	Remaining string        `json:"remaining" doc:"amount less forecast; below zero if the forecast goes beyond the budget."`
	Previous  string        `json:"previous" doc:"Cost of the year before."`
	State     string        `json:"state" enum:"within,expected,exceeded" doc:"exceeded: actual is above amount; expected: forecast is."`
	Months    []MonthAmount `json:"months" nullable:"false" doc:"Always twelve; they sum up to forecast."`
	Version   int           `json:"version"`
	UpdatedAt string        `json:"updatedAt" format:"date-time"`
}

func budgetPath(k billing.BudgetKey) string {
	return fmt.Sprintf("%s/budgets/%s/%s/%d", BasePath, k.Offer, k.Envelope, k.Year)
}

func (r *request) viewBudget(b *billing.BudgetReport, alone bool) (Budget, error) {
	remaining, err := b.Remaining()
	if err != nil {
		return Budget{}, err
	}
	money := b.Currency.Format
	return Budget{
		Node: r.node("Budget", budgetPath(b.BudgetKey), alone), Offer: string(b.Offer), Envelope: string(b.Envelope), Year: b.Year,
		Currency: string(b.Currency), Amount: money(b.Amount), Actual: money(b.Actual), Forecast: money(b.Forecast), Remaining: money(remaining),
		Previous: money(b.Previous), State: string(b.State()), Months: viewMonths(b.Year, b.Currency, b.Months),
		Version: b.Version, UpdatedAt: instant(b.UpdatedAt),
	}, nil
}

// budget is the one that the path names. A year that is none is one of which there is no budget.
func (r *request) budget() billing.BudgetKey {
	k := billing.BudgetKey{Offer: billing.OfferCode(r.path["offer"]), Envelope: billing.EnvelopeCode(r.path["envelope"])}
	if year, ok := yearOf(r.path["year"]); ok {
		k.Year = year
	}
	return k
}

func (a *API) listBudgets(ctx context.Context, r *request) (answer, error) {
	year, err := r.year()
	if err != nil {
		return answer{}, err
	}
	asOf, err := a.asOf(r)
	if err != nil {
		return answer{}, err
	}
	f := billing.BudgetFilter{Year: year, Offers: r.offers(), Envelopes: list[billing.EnvelopeCode](r, "envelope")}
	if r.format == formatCSV {
		return a.exportBudgets(ctx, r, f, asOf.Month())
	}
	if err := r.noDialect(); err != nil {
		return answer{}, err
	}
	p, err := r.page()
	if err != nil {
		return answer{}, err
	}
	page, err := a.store.Budgets(ctx, r.scope, f, asOf.Month(), p)
	if err != nil {
		return answer{}, err
	}
	views := make([]Budget, 0, len(page.Items))
	for i := range page.Items {
		view, err := r.viewBudget(&page.Items[i], false)
		if err != nil {
			return answer{}, err
		}
		views = append(views, view)
	}
	return respondPage(r, "Budget", views, p, page.Pages)
}

// exportBudgets writes all that match, a page after the other.
func (a *API) exportBudgets(ctx context.Context, r *request, f billing.BudgetFilter, current billing.Month) (answer, error) {
	if err := r.unpaged(); err != nil {
		return answer{}, err
	}
	dialect, err := r.dialect()
	if err != nil {
		return answer{}, err
	}
	// The first page is read before anything is written: what is refused is refused with its status.
	page, err := a.store.Budgets(ctx, r.scope, f, current, billing.Page{Size: billing.MaxPageSize})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, media: csvMedia, stream: func(w io.Writer) error {
		out := sheet.NewWriter(w, dialect)
		err := out.Head("offer", "envelope", "year", "currency", "amount", "actual", "forecast", "remaining", "previous", "state")
		for err == nil {
			for i := range page.Items {
				if err := r.budgetRow(out, &page.Items[i]); err != nil {
					return err
				}
			}
			if page.Next == "" {
				return out.Flush()
			}
			page, err = a.store.Budgets(ctx, r.scope, f, current, billing.Page{Size: billing.MaxPageSize, Cursor: page.Next})
		}
		return fmt.Errorf("export budgets: %w", err)
	}}, nil
}

func (r *request) budgetRow(out *sheet.Writer, b *billing.BudgetReport) error {
	v, err := r.viewBudget(b, false)
	if err != nil {
		return err
	}
	return out.Row(
		sheet.Text(v.Offer), sheet.Text(v.Envelope), sheet.Text(strconv.Itoa(v.Year)), sheet.Text(v.Currency), sheet.Number(v.Amount),
		sheet.Number(v.Actual), sheet.Number(v.Forecast), sheet.Number(v.Remaining), sheet.Number(v.Previous), sheet.Text(v.State),
	)
}

func (a *API) getBudget(ctx context.Context, r *request) (answer, error) {
	return a.showBudget(ctx, r, a.store, http.StatusOK)
}

func (a *API) showBudget(ctx context.Context, r *request, s billing.Store, status int) (answer, error) {
	asOf, err := a.asOf(r)
	if err != nil {
		return answer{}, err
	}
	b, err := s.Budget(ctx, r.scope, r.budget(), asOf.Month())
	if err != nil {
		return answer{}, err
	}
	view, err := r.viewBudget(&b, true)
	if err != nil {
		return answer{}, err
	}
	out, err := r.respondOne(status, view)
	return out.with("ETag", etag(b.Version, r.scope)), err
}

func (a *API) setBudget(ctx context.Context, r *request) (answer, error) {
	var in BudgetInput
	if err := a.schemas.decode(r.body, &in); err != nil {
		return answer{}, err
	}
	version, err := r.version()
	if err != nil {
		return answer{}, err
	}
	k := r.budget()
	return a.idempotent(ctx, r, func(ctx context.Context, s billing.Store) (answer, error) {
		o, err := s.Offer(ctx, r.scope, k.Offer)
		if err != nil {
			return answer{}, err
		}
		amount, err := o.Currency.Parse(in.Amount)
		if err != nil {
			return answer{}, billing.Invalid("amount", billing.CodeFormat, "%s", err.Error())
		}
		_, created, err := s.SetBudget(ctx, r.actor, r.scope, k, amount, version)
		if err != nil {
			return answer{}, err
		}
		if created {
			out, err := a.showBudget(ctx, r, s, http.StatusCreated)
			return out.with("Location", budgetPath(k)), err
		}
		return a.showBudget(ctx, r, s, http.StatusOK)
	})
}

func (a *API) deleteBudget(ctx context.Context, r *request) (answer, error) {
	version, err := r.version()
	if err != nil {
		return answer{}, err
	}
	return a.idempotent(ctx, r, func(ctx context.Context, s billing.Store) (answer, error) {
		err := s.DeleteBudget(ctx, r.actor, r.scope, r.budget(), version)
		return answer{status: http.StatusNoContent}, err
	})
}

// budgetRoutes are about what is meant to be spent.
func (a *API) budgetRoutes() []route {
	current := param{name: "asOf", says: "Months before that of this day are over; today in UTC if it is left out.", format: "date"}
	formats := []format{formatJSONLD, formatJSON, formatCSV}
	one := "/budgets/{offer}/{envelope}/{year}"
	shown := reply{status: http.StatusOK, says: "The budget.", model: Budget{}, headers: []string{"ETag"}}
	made := reply{status: http.StatusCreated, says: "There was none, and there is one.", model: Budget{}, headers: []string{"Location", "ETag"}}
	set := reply{status: http.StatusOK, says: "It is as it was asked for.", model: Budget{}, headers: []string{"ETag"}, made: &made}
	return []route{
		{
			method: http.MethodGet, path: "/budgets", id: "listBudgets", tag: "Budgets",
			summary: "List or export the budgets of a year beside their costs, by offer and envelope", right: reader, handle: a.listBudgets,
			notes:   "Each budget is of one offer and one envelope, so none tells of an offer that the client may not see. JSON comes in pages, CSV holds all.",
			params:  params([]param{{name: "year", required: true, says: "The year.", example: "2026"}, paramOffer, paramEnvelope, current}, pageParams(), dialectParams(), []param{formatParam(formats...)}),
			formats: formats, answer: reply{status: http.StatusOK, says: "A page, or the export.", model: Budget{}, many: true},
		},
		{
			method: http.MethodGet, path: one, id: "getBudget", tag: "Budgets", summary: "Show a budget beside its costs", right: reader,
			handle: a.getBudget, params: []param{current}, refusals: []kind{kindNotFound}, answer: shown,
		},
		{
			method: http.MethodPut, path: one, id: "setBudget", tag: "Budgets", summary: "Set a budget", right: writer, handle: a.setBudget,
			notes: "A budget stops nothing: it is what costs are held against.",
			body:  BudgetInput{}, ifMatch: optional, once: true, params: []param{current},
			refusals: []kind{kindNotFound, kindVersion, kindInvalid, kindKeyReused}, answer: set,
		},
		{
			method: http.MethodDelete, path: one, id: "deleteBudget", tag: "Budgets", summary: "Take a budget away", right: writer,
			handle: a.deleteBudget, ifMatch: optional, once: true, refusals: []kind{kindNotFound, kindVersion, kindKeyReused},
			answer: reply{status: http.StatusNoContent, says: "It is deleted."},
		},
	}
}
