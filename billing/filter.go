package billing

// DateBounds bounds a date; nil is no bound, and all that are given hold together. A day that does not exist (no end)
// satisfies no upper bound and every lower one.
type DateBounds struct {
	After, StrictlyAfter, Before, StrictlyBefore *Day
}

// AmountBounds bounds an amount; nil is no bound, and all that are given hold together. The amounts are in minor units
// of the subscription's own currency.
type AmountBounds struct {
	AtLeast, MoreThan, AtMost, LessThan *Minor
}

// Filter keeps the subscriptions that satisfy all that is given; within one field, any of its values. The zero value
// keeps all. One filter serves list, report and export. Its meaning is Matches.
type Filter struct {
	Offers        []OfferCode
	Envelopes     []EnvelopeCode
	Periodicities []Periodicity
	Rules         []Rule
	// Statuses are taken on the day AsOf, which whoever asks sets (today, usually).
	Statuses []Status
	AsOf     Day
	// Clients are the API clients that created the subscription.
	Clients []ClientID
	// Reference is compared in its normal form.
	Reference string
	// Text is looked for, in its normal form, in reference and label.
	Text string
	// Period keeps subscriptions with a charge in the month; under DaysOfMonth, with a day that is charged for.
	Period *Month
	Amount AmountBounds
	Start  DateBounds
	// End bounds the last day included, as on the wire.
	End     DateBounds
	Anchor  DateBounds
	Created DateBounds
	Updated DateBounds
	// ByEnvelope asks YearlyCosts for Envelopes too, which takes reading every envelope's part of the roll-up. It keeps all.
	ByEnvelope bool
}

// OrderField is what a list is ordered by; ties are broken by id.
type OrderField string

// The fields that lists can be ordered by.
const (
	OrderByCreated   OrderField = "createdAt"
	OrderByUpdated   OrderField = "updatedAt"
	OrderByStart     OrderField = "startDate"
	OrderByEnd       OrderField = "endDate"
	OrderByReference OrderField = "reference"
	OrderByLabel     OrderField = "label"
	OrderByOffer     OrderField = "offer"
	OrderByEnvelope  OrderField = "envelope"
	OrderByAmount    OrderField = "amount"
)

// Order is one field and its direction. The zero value is OrderByCreated, descending: the newest first.
type Order struct {
	By        OrderField
	Ascending bool
}

// Page is which part of a list is wanted: after a cursor, or by number.
type Page struct {
	Size int // 1 to MaxPageSize; 0 is DefaultPageSize
	// Number counts from 1; it is looked at only without Cursor.
	Number int
	// Cursor is the Next or Previous of another page with the same scope, filter and order. Any other is an
	// *InvalidError at path "cursor".
	Cursor string
	// Count asks for the total, which costs a statement.
	Count bool
}

// The sizes of pages.
const (
	DefaultPageSize = 30
	MaxPageSize     = 100
)

// Pages is where a page stands in its list.
type Pages struct {
	Next     string // cursor of the next page; "" on the last
	Previous string // cursor of the previous page; "" on the first
	Total    *int64 // within scope and filter; nil unless it was asked for
}

// SubscriptionPage is a part of a list of subscriptions.
type SubscriptionPage struct {
	Items []Subscription
	Pages
}
