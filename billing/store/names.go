package store

import (
	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/database"
)

// names are the codes of offers and envelopes by number, and the currencies of offers.
type names struct {
	offers     map[int64]billing.OfferCode
	currencies map[int64]billing.Currency
	envelopes  map[int64]billing.EnvelopeCode
}

func newNames() names {
	return names{map[int64]billing.OfferCode{}, map[int64]billing.Currency{}, map[int64]billing.EnvelopeCode{}}
}

// read asks for the names of the offers that visible keeps and, if wanted, of all envelopes or those of a list.
func (n names) read(visible *conditions, envelopes bool, list []billing.EnvelopeCode) database.Statement {
	query, args := "SELECT 1, id, code, currency FROM offer"+visible.where(), visible.args
	if envelopes {
		c := &conditions{dialect: visible.dialect}
		in(c, "code", list)
		query, args = query+" UNION ALL SELECT 0, id, code, '' FROM envelope"+c.where(), append(args[:len(args):len(args)], c.args...)
	}
	return database.Statement{Query: query, Args: args, Failed: doing("reading codes"), Row: func(row database.Scanner) error {
		var isOffer, id int64
		var code, currency string
		err := row.Scan(&isOffer, &id, &code, &currency)
		if isOffer == 1 {
			n.offers[id], n.currencies[id] = billing.OfferCode(code), billing.Currency(currency)
		} else {
			n.envelopes[id] = billing.EnvelopeCode(code)
		}
		return err
	}}
}
