package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// closePart makes the documents of a part of a month of one customer, and notes that they are made: in one transaction,
// so once.
func (l *Ledger) closePart(ctx context.Context, tx *database.Tx, c customer, j job) error {
	contract, err := l.putContract(ctx, tx, c)
	if err != nil {
		return err
	}
	list, err := l.statements(ctx, tx, c, contract, j.Month, j.Part)
	if err != nil {
		return err
	}
	var documents []Document
	for _, st := range list {
		made, err := st.documents(j.Part)
		if err != nil {
			return fmt.Errorf("making the documents of %s, %s: %w", c.reference, j.Month, err)
		}
		documents = append(documents, made...)
	}
	if j.Part == partFull {
		usage, err := l.usage(ctx, tx, c, contract, j.Month, list)
		if err != nil {
			return err
		}
		documents = append(documents, usage...)
	}
	amounts := map[billing.Currency]string{}
	for _, st := range list {
		amounts[st.currency] = st.currency.Format(st.total)
	}
	for _, d := range documents {
		d.At = midnight(j.Day)
		if err := l.opts.Space.PutDocument(ctx, tx, d); err != nil {
			return fmt.Errorf("storing %s: %w", d.Filename, err)
		}
	}
	text, err := json.Marshal(amounts)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO ledger_closing (customer, month, part, amounts) VALUES (?, ?, ?, ?)",
		c.num, j.Month, j.Part, string(text))
	if err != nil {
		return fmt.Errorf("storing that %s is closed: %w", j.Month, err)
	}
	return nil
}

// documents are those that a statement is shown in.
func (st *statement) documents(p part) ([]Document, error) {
	if p == partHalf {
		return st.make([]maker{
			{TypePartialBills, "partial-bill", "csv", st.billTable},
			{TypePartialConsumption, "partial-consumption", "csv", st.ratedTable},
		})
	}
	return st.make([]maker{
		{TypeInvoices, "invoice", "pdf", st.invoice},
		{TypeBills, "bill", "csv", st.billTable},
		{TypeConsumption, "consumption", "csv", st.ratedTable},
	})
}

// maker makes one document.
type maker struct {
	kind    DocumentType
	name    string
	suffix  string
	content func() ([]byte, error)
}

func (st *statement) make(makers []maker) ([]Document, error) {
	documents := make([]Document, 0, len(makers))
	for _, m := range makers {
		content, err := m.content()
		if err != nil {
			return nil, err
		}
		documents = append(documents, Document{
			Reference: strings.Join([]string{string(m.kind), st.contract, st.month.String(), string(st.currency)}, "/"),
			Contract:  st.contract, Type: m.kind, Filename: st.filename(m.name, m.suffix), Period: st.month, Amount: st.total,
			Currency: st.currency, Content: content,
		})
	}
	return documents, nil
}

// filename names the currency only where it is not the usual one.
func (st *statement) filename(name, suffix string) string {
	currency := ""
	if st.currency != "EUR" {
		currency = "-" + strings.ToLower(string(st.currency))
	}
	return fmt.Sprintf("%s-%s-%s%s.%s", name, st.contract, period6(st.month), currency, suffix)
}

// period6 is YYYYMM.
func period6(m billing.Month) string {
	y, month := m.Civil()
	return fmt.Sprintf("%04d%02d", y, month)
}
