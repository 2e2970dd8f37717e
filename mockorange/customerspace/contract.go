package customerspace

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// The errors of a Store, for errors.Is.
var (
	// ErrNotFound is said of what does not exist and of what is out of reach: nobody can tell the two apart.
	ErrNotFound = errors.New("not found")
	// ErrForbidden is said of an act that the account may not do, where what it acts on is within its reach or is
	// named by no more than what the account has said itself.
	ErrForbidden = errors.New("forbidden")
	// ErrNoContract is a document that is put on a contract which does not exist.
	ErrNoContract = errors.New("there is no such contract")
	// ErrLoginTaken is a second account of one login.
	ErrLoginTaken = errors.New("an account has this login")
)

// InvalidError is a value that cannot be taken.
type InvalidError struct {
	Field   string // as the wire names it
	Missing bool   // it is not there at all
	Message string // what it must be
}

func (e *InvalidError) Error() string { return e.Field + " " + e.Message }

// maxText is the longest text of a field, in bytes.
const maxText = 255

// Contract is a subscription of a customer to an offer, billed to one billing account. Texts are at most 255 bytes.
type Contract struct {
	ID             string // "OCB" and at least seven digits; given by the Store
	Reference      string // the key of whoever puts contracts into the Store, not shown; empty if it was made through the API
	Name           string
	Type           string // empty stands for "standard"
	PlatformID     string // may be empty: it is left out of answers then
	BillingAccount string // with the offer's id all that an administrator's perimeter looks at; not shown
	Offer          Offer
	Customer       Customer
	Contact        Contact
	SupportLevel   string    // not shown
	References     [3]string // the customer's own, not shown
	CreatedAt      time.Time // milliseconds; zero stands for now when it is put
	UpdatedAt      time.Time // likewise
}

// Offer is what a contract is about; its id is the offer's code.
type Offer struct{ ID, Name string }

// Customer is whose contract it is.
type Customer struct{ ID, Name, Segment string }

// Contact is the customer's referent for a contract.
type Contact struct{ Title, FirstName, LastName, Email, FixPhone, MobilePhone string }

// NewContract is a contract that an account asks for.
type NewContract struct {
	BillingAccount, Offer, Name, SupportLevel string
	Referent                                  Contact
	References                                [3]string
}

// defaultContractType is ours: no public document names the types.
const defaultContractType = "standard"

const contractPrefix = "OCB"

func contractID(num int64) string { return fmt.Sprintf("%s%07d", contractPrefix, num) }

// contractNumber reads the id of a contract; 0 and false for a text that is none.
func contractNumber(id string) (num int64, ok bool) {
	digits, found := strings.CutPrefix(id, contractPrefix)
	num, err := strconv.ParseInt(digits, 10, 64)
	if !found || err != nil || num <= 0 || contractID(num) != id {
		return 0, false
	}
	return num, true
}

// texts collects the first thing that is wrong with the texts of a value.
type texts struct{ err error }

func (t *texts) take(field, value string, required bool) {
	switch {
	case t.err != nil:
	case required && value == "":
		t.err = &InvalidError{Field: field, Missing: true, Message: "is missing"}
	case len(value) > maxText:
		t.err = &InvalidError{Field: field, Message: fmt.Sprintf("must have %d bytes at most", maxText)}
	case !utf8.ValidString(value) || strings.IndexFunc(value, isControl) >= 0:
		t.err = &InvalidError{Field: field, Message: "must be text without control characters"}
	}
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// complete checks a contract that is put, and fills in what may be left out.
func (c *Contract) complete(now time.Time) error {
	if c.Type == "" {
		c.Type = defaultContractType
	}
	c.CreatedAt, c.UpdatedAt = moment(c.CreatedAt, now), moment(c.UpdatedAt, now)
	var t texts
	t.take("reference", c.Reference, true)
	t.take("name", c.Name, true)
	t.take("contractType", c.Type, true)
	t.take("platformId", c.PlatformID, false)
	t.take("billingAccountId", c.BillingAccount, true)
	t.take("offer.id", c.Offer.ID, true)
	t.take("offer.name", c.Offer.Name, false)
	t.take("customer.id", c.Customer.ID, false)
	t.take("customer.name", c.Customer.Name, false)
	t.take("customer.segment", c.Customer.Segment, false)
	t.take("supportLevel", c.SupportLevel, false)
	for i, r := range c.References {
		t.take(fmt.Sprintf("referenceExt%d", i+1), r, false)
	}
	c.Contact.take(&t)
	return t.err
}

func (c Contact) take(t *texts) {
	t.take("contact.title", c.Title, false)
	t.take("contact.lastName", c.LastName, false)
	t.take("contact.firstName", c.FirstName, false)
	t.take("contact.email", c.Email, false)
	t.take("contact.fixPhone", c.FixPhone, false)
	t.take("contact.mobilePhone", c.MobilePhone, false)
}

// moment is a time as it is kept, in UTC and milliseconds; zero stands for now.
func moment(t, now time.Time) time.Time {
	if t.IsZero() {
		t = now
	}
	return t.UTC().Truncate(time.Millisecond)
}

func (n *NewContract) check() error {
	var t texts
	t.take("billingAccountId", n.BillingAccount, true)
	t.take("offerCode", n.Offer, true)
	t.take("contractName", n.Name, true)
	t.take("supportLevel", n.SupportLevel, false)
	t.take("referentCivility", n.Referent.Title, false)
	t.take("referentName", n.Referent.LastName, true)
	t.take("referentFirstName", n.Referent.FirstName, true)
	t.take("referentMail", n.Referent.Email, true)
	t.take("referentFixPhone", n.Referent.FixPhone, false)
	t.take("referentMobilePhone", n.Referent.MobilePhone, false)
	for i, r := range n.References {
		t.take(fmt.Sprintf("referenceExt%d", i+1), r, false)
	}
	if t.err == nil && !isEmail(n.Referent.Email) {
		t.err = &InvalidError{Field: "referentMail", Message: "must be an e-mail address"}
	}
	return t.err
}
