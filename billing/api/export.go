package api

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/sheet"
)

const csvMedia = sheet.MediaType

// dialectParams say how a CSV is written.
func dialectParams() []param {
	return []param{
		{name: "csv", says: "fr: `;` and a decimal comma; intl, the default: `,` and a decimal point.", enum: []string{"fr", "intl"}},
		{name: "bom", says: "true starts the CSV with a byte order mark, which some spreadsheets need for accents.", kind: "boolean"},
	}
}

// formatParam lets a link choose what Accept would.
func formatParam(formats ...format) param {
	p := param{name: "format", says: "The same as Accept, for links."}
	for _, f := range formats {
		p.enum = append(p.enum, string(f))
	}
	return p
}

func (r *request) dialect() (sheet.Dialect, error) {
	if r.format != formatCSV {
		return sheet.Dialect{}, r.noDialect()
	}
	return sheet.Dialect{French: r.value("csv") == "fr", BOM: r.value("bom") == "true"}, nil
}

func (r *request) noDialect() error {
	for _, p := range dialectParams() {
		if r.query.Has(p.name) {
			return refuseParameter(p.name, "is for CSV")
		}
	}
	return nil
}

// Export writes every subscription that matches, as JSON Lines or as a table. Filter.AsOf is the day of the status.
type Export struct {
	Filter  billing.Filter
	Order   billing.Order
	CSV     bool // JSON Lines otherwise
	Dialect sheet.Dialect
}

// Write streams what the scope sees to w. It holds one subscription at a time.
func (e Export) Write(ctx context.Context, s billing.Store, sc billing.Scope, w io.Writer) error {
	buffered := bufio.NewWriterSize(w, 32<<10)
	var err error
	if e.CSV {
		err = e.table(ctx, s, sc, buffered)
	} else {
		err = s.StreamSubscriptions(ctx, sc, e.Filter, e.Order, func(sub *billing.Subscription) error {
			line, err := encode(viewSubscription(sub, e.Filter.AsOf, Node{}))
			if err != nil {
				return err
			}
			_, err = buffered.Write(line)
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("export subscriptions: %w", err)
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("export subscriptions: %w", err)
	}
	return nil
}

func (e Export) table(ctx context.Context, s billing.Store, sc billing.Scope, w io.Writer) error {
	out := sheet.NewWriter(w, e.Dialect)
	if err := out.Head("id", "offer", "envelope", "reference", "label", "periodicity", "rule", "anchor", "startDate", "endDate",
		"status", "amount", "currency", "lines", "version", "createdBy", "createdAt", "updatedAt"); err != nil {
		return err
	}
	err := s.StreamSubscriptions(ctx, sc, e.Filter, e.Order, func(sub *billing.Subscription) error {
		return out.Row(
			sheet.Text(string(sub.ID)), sheet.Text(string(sub.Offer)), sheet.Text(string(sub.Envelope)),
			sheet.Text(sub.Reference), sheet.Text(sub.Label), sheet.Text(string(sub.Periodicity)), sheet.Text(string(sub.Rule)),
			sheet.Text(sub.Anchor.String()), sheet.Text(sub.Term.From.String()), sheet.Text(lastDay(sub.Term)),
			sheet.Text(string(sub.StatusOn(e.Filter.AsOf))), sheet.Number(sub.Currency.Format(sub.Amount())),
			sheet.Text(string(sub.Currency)), sheet.Number(strconv.Itoa(countLeaves(sub.Lines()))),
			sheet.Number(strconv.Itoa(sub.Version)), sheet.Text(string(sub.CreatedBy)),
			sheet.Text(instant(sub.CreatedAt)), sheet.Text(instant(sub.UpdatedAt)),
		)
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

func countLeaves(lines []billing.Line) int {
	n := 0
	for _, l := range lines {
		if l.Leaf() {
			n++
		} else {
			n += countLeaves(l.Lines)
		}
	}
	return n
}
