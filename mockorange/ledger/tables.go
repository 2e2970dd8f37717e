package ledger

import (
	"bytes"
	"context"
	"fmt"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/sheet"
)

// table writes a table as spreadsheets in France open it: `;` between cells, a decimal comma.
func table(bom bool, head []string, rows func(w *sheet.Writer) error) ([]byte, error) {
	var b bytes.Buffer
	w := sheet.NewWriter(&b, sheet.Dialect{French: true, BOM: bom})
	if err := w.Head(head...); err != nil {
		return nil, err
	}
	if err := rows(w); err != nil {
		return nil, err
	}
	err := w.Flush()
	return b.Bytes(), err
}

// last is the last day of a run, as people write an end; "" where it has none.
func last(i billing.Interval) string {
	day, _ := i.Last()
	return day.String()
}

// billTable lists what is charged, and its sum, excluding tax.
func (st *statement) billTable() ([]byte, error) {
	head := []string{
		"Contract", "Customer", "Period", "Offer", "Label", "Fleet", "From", "To", "State", "Licences", "UnitPrice",
		"Periodicity", "Charged", "Amount", "Currency",
	}
	return table(true, head, func(w *sheet.Writer) error {
		for _, c := range st.charges {
			err := w.Row(sheet.Text(st.contract), sheet.Text(st.customer.name), sheet.Text(st.month.String()),
				sheet.Text(string(c.offer)), sheet.Text(c.name), sheet.Text(c.reference), sheet.Text(c.From.String()),
				sheet.Text(last(c.Interval)), sheet.Text(c.state()), sheet.Number(c.quantity.String()),
				sheet.Number(c.price.String()), sheet.Text(string(c.periodicity)), sheet.Text(c.charged(st.month)),
				sheet.Number(st.currency.Format(c.amount)), sheet.Text(string(st.currency)))
			if err != nil {
				return err
			}
		}
		empty := sheet.Text("")
		return w.Row(sheet.Text(st.contract), sheet.Text(st.customer.name), sheet.Text(st.month.String()), empty,
			sheet.Text("Total"), empty, sheet.Text(st.window.From.String()), sheet.Text(last(st.window)), empty, empty, empty,
			empty, empty, sheet.Number(st.currency.Format(st.total)), sheet.Text(string(st.currency)))
	})
}

func (c charge) state() string {
	if c.suspended {
		return "suspended"
	}
	return "active"
}

// charged says how much of a period's price a charge is: 14/31 of a month that is shared out by days, or the number of
// periods that are paid for in full.
func (c charge) charged(m billing.Month) string {
	switch {
	case c.suspended:
		return "0"
	case c.rule == billing.DaysOfMonth:
		return fmt.Sprintf("%d/%d", c.charges, m.Days())
	}
	return fmt.Sprint(c.charges)
}

// ratedColumns are those of a consumption rated report, as its readers know them.
func ratedColumns() []string {
	return []string{
		"BillingMode", "BeginDate", "EndDate", "ServiceID", "TenantLabel", "Country", "Region", "ServiceCloud", "CodeLabel",
		"ChargeLabel", "IdResource", "Project", "Tags", "Quantity", "BillingUnit", "UnitPrice", "Amount", "VolumeDiscount",
		"DiscountedAmount", "Currency", "SubsChargeType", "SubsBeginDate", "SubsEndDate", "SubsUpfront",
		"SubsUpfrontDiscounted", "SubsFlavor", "SubsDuration",
	}
}

// ratedTable is the consumption rated report: one row for each charge.
func (st *statement) ratedTable() ([]byte, error) {
	return table(false, ratedColumns(), func(w *sheet.Writer) error {
		nothing := sheet.Number(st.currency.Format(0))
		for _, c := range st.charges {
			amount := sheet.Number(st.currency.Format(c.amount))
			err := w.Row(
				sheet.Text("Subscription"), sheet.Text(c.From.String()), sheet.Text(last(c.Interval)),
				sheet.Text(string(c.offer)), sheet.Text(st.customer.name), sheet.Text(st.customer.country), sheet.Text(""),
				sheet.Text("Business Applications"), sheet.Text(c.name), sheet.Text(c.state()), sheet.Text(c.reference),
				sheet.Text(st.contract), sheet.Text(""), sheet.Number(c.quantity.String()), sheet.Text("licence"),
				sheet.Number(c.price.String()), amount, nothing, amount, sheet.Text(string(st.currency)),
				sheet.Text(string(c.periodicity)), sheet.Text(c.term.From.String()), sheet.Text(last(c.term)), nothing, nothing,
				sheet.Text(string(c.rule)), sheet.Text(c.charged(st.month)),
			)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// usage is the report of what a customer held in a month, whether it costs anything or not; none if it held nothing.
func (l *Ledger) usage(
	ctx context.Context, tx *database.Tx, c customer, contract string, month billing.Month, list []statement,
) ([]Document, error) {
	held, err := readUsage(ctx, tx, c, month)
	if err != nil || len(held) == 0 {
		return nil, err
	}
	head := []string{
		"Contract", "Customer", "Period", "Fleet", "Offering", "From", "To", "Days", "ActiveLicences", "SuspendedLicences",
		"ActiveLicenceDays",
	}
	content, err := table(true, head, func(w *sheet.Writer) error {
		for _, u := range held {
			err := w.Row(sheet.Text(contract), sheet.Text(c.name), sheet.Text(month.String()), sheet.Text(u.fleet),
				sheet.Text(u.offering), sheet.Text(u.From.String()), sheet.Text(last(u.Interval)),
				sheet.Number(fmt.Sprint(u.Days())), sheet.Number(fmt.Sprint(u.active)), sheet.Number(fmt.Sprint(u.suspended)),
				sheet.Number(fmt.Sprint(u.active*u.Days())))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	st := statement{customer: c, contract: contract, month: month, currency: "EUR"}
	if len(list) > 0 {
		st.currency, st.total = list[0].currency, list[0].total
	}
	return st.make([]maker{{TypeReports, "usage", "csv", func() ([]byte, error) { return content, nil }}})
}

// held is a position during a run of days.
type held struct {
	position
	billing.Interval
}

// readUsage are the positions of a month, by fleet, offering and day.
func readUsage(ctx context.Context, tx *database.Tx, c customer, month billing.Month) ([]held, error) {
	window := month.Interval()
	var all []held
	err := tx.Each(ctx, func(row database.Scanner) error {
		h := held{Interval: window}
		if err := row.Scan(&h.fleet, &h.offering, &h.From, &h.active, &h.suspended); err != nil {
			return err
		}
		if n := len(all); n > 0 && all[n-1].place() == h.place() {
			all[n-1].To = h.From
		}
		all = append(all, h)
		return nil
	}, `SELECT fleet, offering, day, active, suspended FROM ledger_position WHERE customer = ? AND day < ?
		ORDER BY fleet, offering, day`, c.num, window.To)
	if err != nil {
		return nil, fmt.Errorf("reading what %s held in %s: %w", c.reference, month, err)
	}
	var in []held
	for _, h := range all {
		h.Interval = h.Intersect(window)
		if !h.Empty() && h.active+h.suspended > 0 {
			in = append(in, h)
		}
	}
	return in, nil
}
