package ledger

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// InvalidError is an order, a move or an offering that cannot be taken. Field is the path of what is wrong.
type InvalidError struct {
	Field, Message string
}

// Error names the field.
func (e *InvalidError) Error() string { return e.Field + ": " + e.Message }

func invalid(field, format string, args ...any) error {
	return &InvalidError{field, fmt.Sprintf(format, args...)}
}

// The limits of what is taken; texts in bytes, as the customer space counts.
const (
	longestID    = 240
	longestName  = 200
	mostQuantity = 1_000_000
	mostLicences = 100_000
)

// checkText refuses what a database or a document would not take.
func checkText(field, s string, longest int, required bool) error {
	switch {
	case s == "" && required:
		return invalid(field, "must not be empty")
	case !utf8.ValidString(s):
		return invalid(field, "must be valid UTF-8")
	case len(s) > longest:
		return invalid(field, "must have at most %d bytes", longest)
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return invalid(field, "must not contain control characters")
	}
	return nil
}

// first is the first of errs that is one.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkOrder refuses an order that could not be applied whatever was known.
func checkOrder(o control.Order) error {
	err := first(
		checkText("reference", o.Reference, longestID, true),
		checkText("customer.reference", o.Customer.Reference, longestID, false),
		checkText("customer.name", o.Customer.Name, longestName, false),
		checkText("customer.country", o.Customer.Country, 2, false),
	)
	if err != nil {
		return err
	}
	switch o.Kind {
	case control.KindOrder:
		return checkLicences(o)
	case control.KindUpdate:
		return checkUpdate(o)
	}
	return invalid("kind", "%q is none of order, update", string(o.Kind))
}

func checkLicences(o control.Order) error {
	switch {
	case o.Offering == nil:
		return invalid("offering", "must not be left out of an order")
	case o.Quantity < 1 || o.Quantity > mostQuantity:
		return invalid("quantity", "must be 1 to %d", mostQuantity)
	case len(o.Licences) > 0:
		return invalid("licences", "belong to an update")
	}
	return first(checkText("fleet", o.Fleet, longestID, true), checkOffering("offering", *o.Offering))
}

func checkUpdate(o control.Order) error {
	switch {
	case len(o.Licences) == 0:
		return invalid("licences", "must not be left out of an update")
	case len(o.Licences) > mostLicences:
		return invalid("licences", "must be at most %d", mostLicences)
	case o.Fleet != "" || o.Offering != nil || o.Quantity != 0:
		return invalid("kind", "an update has no fleet, offering and quantity of its own")
	}
	for i, l := range o.Licences {
		at := fmt.Sprintf("licences[%d]", i)
		err := first(
			checkText(at+".id", l.ID, longestID, true), checkText(at+".fleet", l.Fleet, longestID, false),
			checkText(at+".offering", l.Offering, longestID, false),
		)
		if err == nil && l.Swap != nil {
			err = checkOffering(at+".swap", *l.Swap)
		}
		if err != nil {
			return err
		}
		switch l.State {
		case control.LicenceActive, control.LicenceSuspended, control.LicenceInactive, control.LicenceDeleted:
		case control.LicenceSwapped:
			if l.Swap == nil {
				return invalid(at+".swap", "must name the new offering")
			}
		default:
			return invalid(at+".state", "%q is none of active, suspended, inactive, deleted, swapped", string(l.State))
		}
	}
	return nil
}

// checkOffering checks what an offering says of itself.
func checkOffering(at string, o control.Offering) error {
	_, err := termsOf(at, o)
	return first(checkText(at+".code", o.Code, longestID, true), checkText(at+".name", o.Name, longestName, false), err)
}

// terms are what an offering costs; the zero value is not known.
type terms struct {
	price       billing.Decimal6
	currency    billing.Currency
	periodicity billing.Periodicity
	priced      bool
}

// termsOf reads the price of an offering, with what stands for what is left out.
func termsOf(at string, o control.Offering) (terms, error) {
	t := terms{currency: billing.Currency(o.Currency), periodicity: billing.Periodicity(o.Periodicity)}
	if o.Price == "" {
		return t, nil
	}
	price, err := billing.ParseDecimal6(o.Price)
	if err != nil || price < 0 {
		return t, invalid(at+".price", "%q must be a decimal number such as 4.50, with at most six decimals", o.Price)
	}
	t.price, t.priced = price, true
	if t.currency == "" {
		t.currency = "EUR"
	}
	if t.periodicity == "" {
		t.periodicity = billing.Monthly
	}
	if _, ok := t.currency.Digits(); !ok {
		return t, invalid(at+".currency", "%q is not a currency of ISO 4217", o.Currency)
	}
	switch t.periodicity {
	case billing.Daily, billing.Weekly, billing.Monthly:
		return t, nil
	}
	return t, invalid(at+".periodicity", "%q is none of daily, weekly, monthly", o.Periodicity)
}
