package customerspace

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/clementine-ope/clementine/billing"
)

// DocumentType is what a document is, as the wire spells it.
type DocumentType string

// The document types. Orange's wire spells the last one so.
const (
	TypeBills              DocumentType = "bills"
	TypeInvoices           DocumentType = "invoices"
	TypeReports            DocumentType = "reports"
	TypePartialBills       DocumentType = "partialBills"
	TypePartialConsumption DocumentType = "partialConsumptionRatedReports"
	TypeConsumption        DocumentType = "comsumptionRatedReports"
)

// DocumentTypes are all that there are.
func DocumentTypes() []DocumentType {
	return []DocumentType{
		TypeBills, TypeInvoices, TypeReports, TypePartialBills, TypePartialConsumption, TypeConsumption,
	}
}

// MaxDocument is the largest file of a document, in bytes.
const MaxDocument = 16 << 20

// Document is what the Store knows of a file of a contract.
type Document struct {
	ID         string // random; given by the Store
	Reference  string // the key of whoever puts documents into the Store, not shown
	ContractID string // not shown
	Type       DocumentType
	Filename   string // without a folder
	Period     string // YYYYMM
	Amount     int64  // minor units of the currency
	Currency   string // ISO 4217
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// DocumentFilter narrows a list of documents. The zero value narrows nothing.
type DocumentFilter struct {
	Type  DocumentType // empty stands for all
	Limit int          // the newest so many; 0 stands for all
}

func (d *Document) complete(content []byte, now time.Time) error {
	d.CreatedAt, d.UpdatedAt = moment(d.CreatedAt, now), moment(d.UpdatedAt, now)
	var t texts
	t.take("reference", d.Reference, true)
	t.take("filename", d.Filename, true)
	_, known := billing.Currency(d.Currency).Digits()
	switch {
	case t.err != nil:
		return t.err
	case !slices.Contains(DocumentTypes(), d.Type):
		return &InvalidError{Field: "documentType", Message: fmt.Sprintf("must be one of %q", DocumentTypes())}
	case !plainName(d.Filename):
		return &InvalidError{Field: "filename", Message: "must be a file's name, without a folder"}
	case !isPeriod(d.Period):
		return &InvalidError{Field: "period", Message: "must be a month, YYYYMM"}
	case !known:
		return &InvalidError{Field: "currency", Message: "must be a code of ISO 4217"}
	case len(content) > MaxDocument:
		return &InvalidError{Field: "content", Message: fmt.Sprintf("must have %d bytes at most", MaxDocument)}
	}
	return nil
}

// plainName says whether a name stays where it is put when an archive is unpacked, on any system.
func plainName(name string) bool {
	for _, r := range name {
		if r == '/' || r == '\\' || r == ':' {
			return false
		}
	}
	return name != "." && name != ".."
}

func isPeriod(s string) bool {
	year, err := strconv.ParseUint(s, 10, 32)
	month := year % 100
	return err == nil && len(s) == len("YYYYMM") && s[0] != '+' && month >= 1 && month <= 12
}
