package ledger

import (
	"fmt"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"github.com/clementine-ope/clementine/billing"
)

// words are an invoice's language.
type words struct {
	french                                               bool
	invoice, sandbox, number, date, contract, customer   string
	account, period, designation, days, quantity, price  string
	charged, amount, suspended, net, vat, gross, nothing string
	page, untaxed, fleet, month, seller, daily, weekly   string
	byDays                                               string
}

func english() words {
	return words{
		invoice: "Invoice", sandbox: "Sandbox: a rehearsal, not a tax document", number: "Number", date: "Date",
		contract: "Contract", customer: "Customer", account: "Billing account", period: "Period", designation: "Description",
		days: "From – to", quantity: "Licences", price: "Unit price", charged: "Charged", amount: "Amount",
		suspended: "suspended", net: "Total excluding tax", vat: "VAT %d%%", gross: "Total including tax",
		nothing: "Nothing was charged in this period.", page: "Page %d of {nb}", untaxed: "Amounts of lines exclude tax.",
		fleet: "fleet %s", month: "%s %d", seller: "Orange (sandbox)", daily: "per day", weekly: "per week",
		byDays: "Monthly prices are shared out by the days of the month.",
	}
}

func french() words {
	return words{
		french: true, invoice: "Facture", sandbox: "Bac à sable : une répétition, pas un document fiscal", number: "Numéro",
		date: "Date", contract: "Contrat", customer: "Client", account: "Compte de facturation", period: "Période",
		designation: "Désignation", days: "Du – au", quantity: "Licences", price: "Prix unitaire", charged: "Facturé",
		amount: "Montant", suspended: "suspendues", net: "Total hors taxes", vat: "TVA %d %%",
		gross: "Total toutes taxes comprises", nothing: "Rien n’a été facturé sur cette période.", page: "Page %d sur {nb}",
		untaxed: "Les montants des lignes sont hors taxes.", fleet: "parc %s", month: "%s %d", seller: "Orange (bac à sable)",
		daily: "par jour", weekly: "par semaine", byDays: "Les prix mensuels sont répartis sur les jours du mois.",
	}
}

// wordsFor is French for customers in France and Monaco, where invoices are French; English for all others.
func wordsFor(country string) words {
	switch strings.ToUpper(country) {
	case "FR", "MC":
		return french()
	}
	return english()
}

// money is an amount as it is written in the language: 1 234,56 € or €1,234.56.
func (w words) money(c billing.Currency, amount billing.Minor) string {
	return w.sign(c, w.decimal(c.Format(amount)))
}

// unitPrice is a price with as many digits as it needs, and those of the currency at least.
func (w words) unitPrice(c billing.Currency, price billing.Decimal6) string {
	text := price.String()
	digits, _ := c.Digits()
	whole, fraction, _ := strings.Cut(text, ".")
	if fraction += strings.Repeat("0", max(0, digits-len(fraction))); fraction != "" {
		whole += "." + fraction
	}
	return w.sign(c, w.decimal(whole))
}

func (w words) sign(c billing.Currency, number string) string {
	sign := map[billing.Currency]string{"EUR": "€", "GBP": "£", "USD": "$"}[c]
	switch {
	case w.french && sign != "":
		return number + "\u00a0" + sign
	case w.french:
		return number + "\u00a0" + string(c)
	case sign == "":
		return string(c) + "\u00a0" + number
	}
	if rest, negative := strings.CutPrefix(number, "-"); negative {
		return "-" + sign + rest
	}
	return sign + number
}

// decimal groups thousands and puts the language's decimal sign.
func (w words) decimal(s string) string {
	group, point := ",", "."
	if w.french {
		group, point = "\u00a0", ","
	}
	sign := ""
	if rest, negative := strings.CutPrefix(s, "-"); negative {
		sign, s = "-", rest
	}
	whole, fraction, has := strings.Cut(s, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + group + whole[at:]
	}
	if has {
		whole += point + fraction
	}
	return sign + whole
}

// day is a day in the language's short form.
func (w words) day(d billing.Day) string {
	y, m, day := d.Civil()
	if w.french {
		return fmt.Sprintf("%02d/%02d/%04d", day, m, y)
	}
	return fmt.Sprintf("%d %s %d", day, w.monthName(m)[:3], y)
}

func (w words) monthName(m int) string {
	if w.french {
		return [12]string{
			"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
		}[m-1]
	}
	return [12]string{
		"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
	}[m-1]
}

// latin is a text in the encoding of a PDF's own fonts, Windows-1252. What that does not have is taken apart into letters
// and marks; what remains is a question mark.
func latin(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		if r == '\u202f' {
			r = '\u00a0'
		}
		if c, ok := charmap.Windows1252.EncodeRune(r); ok {
			b.WriteByte(c)
			continue
		}
		b.WriteString(plain(r))
	}
	return b.String()
}

// plain are the parts of a letter that the encoding has; letters with a stroke are one part, and lose the stroke.
func plain(r rune) string {
	switch r {
	case 'Ł':
		return "L"
	case 'ł':
		return "l"
	case 'Đ':
		return "D"
	case 'đ':
		return "d"
	case 'ı':
		return "i"
	}
	var b strings.Builder
	for _, part := range norm.NFKD.String(string(r)) {
		if c, ok := charmap.Windows1252.EncodeRune(part); ok {
			b.WriteByte(c)
		}
	}
	if b.Len() == 0 {
		return "?"
	}
	return b.String()
}
