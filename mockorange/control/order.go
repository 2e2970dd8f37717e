package control

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// OrderKind tells an order for licences from an update of licences.
type OrderKind string

// The kinds.
const (
	KindOrder  OrderKind = "order"
	KindUpdate OrderKind = "update"
)

// Order is an order for licences, or an update of licences, that the partner has ended as completed: what Orange's IT
// knows of it, and bills. Orange's own reference identifies it: the same one told again, by an event or after a
// broken connection, counts once.
type Order struct {
	Reference string        `json:"reference"` // externalReference.id of the order or of the update
	Kind      OrderKind     `json:"kind"`
	Customer  OrderCustomer `json:"customer"`

	// Of an order: licences of the offering that were added to the partner's fleet, quantity being at least 1.
	Fleet    string    `json:"fleet,omitempty"`
	Offering *Offering `json:"offering,omitempty"`
	Quantity int       `json:"quantity,omitempty"`

	// Of an update: what has become of each licence.
	Licences []LicenceChange `json:"licences,omitempty"`
}

// OrderCustomer is whom an order is for. An event need not name it; then its fleet does, once it is known.
type OrderCustomer struct {
	Reference string `json:"reference,omitempty"` // Orange's externalReference.id
	Name      string `json:"name,omitempty"`      // tradingName
	Country   string `json:"country,omitempty"`   // ISO 3166-1 alpha-2; it decides the language of invoices
}

// Offering is a product offering as Orange sells it. The price is for one licence and one period, excluding tax; an
// offering without one bills nothing.
type Offering struct {
	Code        string `json:"code"`
	Name        string `json:"name,omitempty"`
	Price       string `json:"price,omitempty"`       // decimal, up to six digits after the point
	Currency    string `json:"currency,omitempty"`    // ISO 4217; EUR if it is left out
	Periodicity string `json:"periodicity,omitempty"` // daily, weekly, monthly; monthly if it is left out
}

// LicenceState is what an update has made of a licence.
type LicenceState string

// The states: those that Orange asks for, as it spells them, and swapped for another offering, active or not as before.
const (
	LicenceActive    LicenceState = "active"
	LicenceSuspended LicenceState = "suspended"
	LicenceInactive  LicenceState = "inactive"
	LicenceDeleted   LicenceState = "deleted"
	LicenceSwapped   LicenceState = "swapped"
)

// LicenceChange is what one licence of an update has become. Fleet and Offering say where it stood before, which counts
// the first time that a licence is named at all.
type LicenceChange struct {
	ID       string       `json:"id"` // the partner's
	Fleet    string       `json:"fleet,omitempty"`
	Offering string       `json:"offering,omitempty"` // code
	State    LicenceState `json:"state"`
	Swap     *Offering    `json:"swap,omitempty"` // the offering that it has from now on; needed where State is swapped
}

// OrderState is how far the ledger is with an order.
type OrderState string

// The states: some of what billing needs is not known yet; stored, and about to be applied; applied to billing.
const (
	OrderIncomplete OrderState = "incomplete"
	OrderPending    OrderState = "pending"
	OrderApplied    OrderState = "applied"
)

// OrderStatus is an order in the ledger. Notes say what of it was not billed, and why.
type OrderStatus struct {
	Reference string     `json:"reference"`
	Kind      OrderKind  `json:"kind"`
	Customer  string     `json:"customer,omitempty"` // reference
	Day       string     `json:"day"`                // of the billing calendar, on which it acts
	Told      string     `json:"told"`               // control or event: by which way it came first
	State     OrderState `json:"state"`
	Notes     []string   `json:"notes,omitempty"`
}

// ClockMove moves the billing calendar forward: to a date, or by whole months. Reset lets it follow the system's date
// again. One of the three is given.
type ClockMove struct {
	Date   string `json:"date,omitempty"`   // YYYY-MM-DD
	Months int    `json:"months,omitempty"` // to the first day of the month that is so many months ahead
	Reset  bool   `json:"reset,omitempty"`
}

// Clock is the billing calendar. Tokens and API keys don't follow it.
type Clock struct {
	Date    string `json:"date"`
	Moved   bool   `json:"moved"`            // it stands at Date; else it follows the system's date, in UTC
	Pending int    `json:"pending"`          // orders and closings that are not done yet
	Parked  int    `json:"parked,omitempty"` // those that were given up, for a person to look at
}

// PostOrder hands over an order or an update that has ended. See Orange.
func (c *Client) PostOrder(ctx context.Context, o Order) error {
	err := c.call(ctx, http.MethodPost, "/control/orders", o, nil)
	var refused *Error
	if errors.As(err, &refused) && refused.Status == http.StatusNotFound {
		return nil // a mock that keeps no ledger
	}
	return err
}

// Orders are those that the ledger knows, the newest first; of one customer if customer is not "".
func (c *Client) Orders(ctx context.Context, customer string) ([]OrderStatus, error) {
	var orders []OrderStatus
	return orders, c.call(ctx, http.MethodGet, "/control/orders?customer="+url.QueryEscape(customer), nil, &orders)
}

// MoveClock moves the billing calendar. It returns once the months that ended on the way are billed, or after half a
// minute; Pending says what is left then.
func (c *Client) MoveClock(ctx context.Context, m ClockMove) (Clock, error) {
	var moved Clock
	return moved, c.call(ctx, http.MethodPost, "/control/clock", m, &moved)
}

// BillingClock reads the billing calendar.
func (c *Client) BillingClock(ctx context.Context) (Clock, error) {
	var clock Clock
	return clock, c.call(ctx, http.MethodGet, "/control/clock", nil, &clock)
}

// PutOfferings adds offerings to the catalogue, or changes their prices from today on.
func (c *Client) PutOfferings(ctx context.Context, offerings []Offering) error {
	return c.call(ctx, http.MethodPost, "/control/offerings", offerings, nil)
}
