package api

import (
	"context"
	"io"
	"net/http"
	"strconv"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/sheet"
)

// MonthlyCost is the cost of one month in one currency.
type MonthlyCost struct {
	Month     string           `json:"month" example:"2026-03"`
	Currency  string           `json:"currency" example:"EUR"`
	Amount    string           `json:"amount" example:"1234.56"`
	Offers    []OfferAmount    `json:"offers" nullable:"false" doc:"Sums up to amount; what is zero is left out."`
	Envelopes []EnvelopeAmount `json:"envelopes" nullable:"false" doc:"Sums up to amount; what is zero is left out."`
}

// OfferAmount is the part of an offer.
type OfferAmount struct {
	Offer  string `json:"offer"`
	Amount string `json:"amount"`
}

// EnvelopeAmount is the part of an envelope, over the offers in question.
type EnvelopeAmount struct {
	Envelope string `json:"envelope"`
	Amount   string `json:"amount"`
}

// YearlyCost is the cost of a year in one currency.
type YearlyCost struct {
	Year      int            `json:"year" example:"2026"`
	Currency  string         `json:"currency" example:"EUR"`
	Amount    string         `json:"amount" doc:"The sum of the months."`
	Months    []MonthAmount  `json:"months" nullable:"false" doc:"Always twelve."`
	Offers    []OfferYear    `json:"offers" nullable:"false"`
	Envelopes []EnvelopeYear `json:"envelopes,omitzero" nullable:"false" doc:"With by=envelope."`
}

// MonthAmount is one month of a year.
type MonthAmount struct {
	Month  string `json:"month" example:"2026-01"`
	Amount string `json:"amount"`
}

// OfferYear is the part of an offer in a year.
type OfferYear struct {
	Offer  string        `json:"offer"`
	Amount string        `json:"amount"`
	Months []MonthAmount `json:"months" nullable:"false"`
}

// EnvelopeYear is the part of an envelope in a year, over the offers in question.
type EnvelopeYear struct {
	Envelope string        `json:"envelope"`
	Amount   string        `json:"amount"`
	Months   []MonthAmount `json:"months" nullable:"false"`
}

func viewMonthly(c billing.MonthlyCost) MonthlyCost {
	v := MonthlyCost{
		Month: c.Month.String(), Currency: string(c.Currency), Amount: c.Currency.Format(c.Amount),
		Offers: []OfferAmount{}, Envelopes: []EnvelopeAmount{},
	}
	for _, o := range c.Offers {
		v.Offers = append(v.Offers, OfferAmount{string(o.Offer), c.Currency.Format(o.Amount)})
	}
	for _, e := range c.Envelopes {
		v.Envelopes = append(v.Envelopes, EnvelopeAmount{string(e.Envelope), c.Currency.Format(e.Amount)})
	}
	return v
}

func viewYearly(c billing.YearlyCost, byEnvelope bool) YearlyCost {
	v := YearlyCost{
		Year: c.Year, Currency: string(c.Currency), Amount: c.Currency.Format(c.Amount),
		Months: viewMonths(c.Year, c.Currency, c.Months), Offers: []OfferYear{},
	}
	if byEnvelope {
		v.Envelopes = []EnvelopeYear{}
	}
	for _, o := range c.Offers {
		v.Offers = append(v.Offers, OfferYear{
			string(o.Offer), c.Currency.Format(o.Amount), viewMonths(c.Year, c.Currency, o.Months),
		})
	}
	for _, e := range c.Envelopes {
		v.Envelopes = append(v.Envelopes, EnvelopeYear{
			string(e.Envelope), c.Currency.Format(e.Amount), viewMonths(c.Year, c.Currency, e.Months),
		})
	}
	return v
}

func viewMonths(year int, currency billing.Currency, amounts [12]billing.Minor) []MonthAmount {
	months := make([]MonthAmount, 0, len(amounts))
	for i, amount := range amounts {
		months = append(months, MonthAmount{billing.NewMonth(year, i+1).String(), currency.Format(amount)})
	}
	return months
}

func (a *API) monthlyCosts(ctx context.Context, r *request) (answer, error) {
	month, err := billing.ParseMonth(r.value("month"))
	if err != nil {
		return answer{}, refuseParameter("month", err.Error())
	}
	f, err := a.filter(ctx, r)
	if err != nil {
		return answer{}, err
	}
	blocks, err := a.store.MonthlyCosts(ctx, r.scope, month, f)
	if err != nil {
		return answer{}, err
	}
	views := make([]MonthlyCost, 0, len(blocks))
	for _, b := range blocks {
		views = append(views, viewMonthly(b))
	}
	return respondReport(r, "MonthlyCost", views, func(w *sheet.Writer) error { return monthlyTable(w, views) })
}

func (a *API) yearlyCosts(ctx context.Context, r *request) (answer, error) {
	year, err := r.year()
	if err != nil {
		return answer{}, err
	}
	f, err := a.filter(ctx, r)
	if err != nil {
		return answer{}, err
	}
	f.ByEnvelope = r.value("by") == "envelope"
	blocks, err := a.store.YearlyCosts(ctx, r.scope, year, f)
	if err != nil {
		return answer{}, err
	}
	views := make([]YearlyCost, 0, len(blocks))
	for _, b := range blocks {
		views = append(views, viewYearly(b, f.ByEnvelope))
	}
	return respondReport(r, "YearlyCost", views, func(w *sheet.Writer) error { return yearlyTable(w, views) })
}

// year is the parameter of that name.
func (r *request) year() (int, error) {
	year, ok := yearOf(r.value("year"))
	if !ok {
		return 0, refuseParameter("year", "must be of the form YYYY")
	}
	return year, nil
}

// yearOf reads YYYY.
func yearOf(text string) (year int, ok bool) {
	year, err := strconv.Atoi(text)
	return year, err == nil && len(text) == 4 && year >= 1
}

// respondReport answers with a report: an array, a collection or a table.
func respondReport[T any](r *request, kind string, views []T, table func(*sheet.Writer) error) (answer, error) {
	if r.format != formatCSV {
		if err := r.noDialect(); err != nil {
			return answer{}, err
		}
		return respondAll(r, kind, views)
	}
	d, err := r.dialect()
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, media: csvMedia, stream: func(w io.Writer) error {
		out := sheet.NewWriter(w, d)
		if err := table(out); err != nil {
			return err
		}
		return out.Flush()
	}}, nil
}

func monthlyTable(w *sheet.Writer, blocks []MonthlyCost) error {
	if err := w.Head("month", "currency", "by", "code", "amount"); err != nil {
		return err
	}
	for _, b := range blocks {
		row := func(by, code, amount string) error {
			return w.Row(sheet.Text(b.Month), sheet.Text(b.Currency), sheet.Text(by), sheet.Text(code), sheet.Number(amount))
		}
		if err := row("total", "", b.Amount); err != nil {
			return err
		}
		for _, o := range b.Offers {
			if err := row("offer", o.Offer, o.Amount); err != nil {
				return err
			}
		}
		for _, e := range b.Envelopes {
			if err := row("envelope", e.Envelope, e.Amount); err != nil {
				return err
			}
		}
	}
	return nil
}

func yearlyTable(w *sheet.Writer, blocks []YearlyCost) error {
	head := []string{"year", "currency", "by", "code", "amount"}
	for m := range 12 {
		head = append(head, "month "+strconv.Itoa(m+1))
	}
	if err := w.Head(head...); err != nil {
		return err
	}
	for _, b := range blocks {
		row := func(by, code, amount string, months []MonthAmount) error {
			cells := []sheet.Cell{
				sheet.Text(strconv.Itoa(b.Year)), sheet.Text(b.Currency), sheet.Text(by), sheet.Text(code), sheet.Number(amount),
			}
			for _, m := range months {
				cells = append(cells, sheet.Number(m.Amount))
			}
			return w.Row(cells...)
		}
		if err := row("total", "", b.Amount, b.Months); err != nil {
			return err
		}
		for _, o := range b.Offers {
			if err := row("offer", o.Offer, o.Amount, o.Months); err != nil {
				return err
			}
		}
		for _, e := range b.Envelopes {
			if err := row("envelope", e.Envelope, e.Amount, e.Months); err != nil {
				return err
			}
		}
	}
	return nil
}
