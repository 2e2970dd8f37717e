package billing

// SubscriptionID is opaque, and given by the store; it tells nothing of how many others there are.
type SubscriptionID string

// HoldID is as opaque as a SubscriptionID.
type HoldID string

// Instant is a moment in milliseconds since 1970-01-01T00:00:00Z. The domain orders instants and shows them; no cost
// depends on one.
type Instant int64

// Periodicity is how often a subscription is charged.
type Periodicity string

// The periodicities.
const (
	Daily   Periodicity = "daily"
	Weekly  Periodicity = "weekly"
	Monthly Periodicity = "monthly"
)

// Rule says what the cost of a month means.
type Rule string

// The rules.
const (
	// OnDate charges the full amount in the month of each charge date. It is the default.
	OnDate Rule = "onDate"
	// DaysOfMonth spreads a monthly amount over the calendar days of each month. Monthly subscriptions only (I3).
	DaysOfMonth Rule = "daysOfMonth"
)

// Subscription is a contract on an offer, charged to an envelope. A subscription read from a store satisfies I1 to I7.
type Subscription struct {
	ID          SubscriptionID
	Offer       OfferCode
	Envelope    EnvelopeCode
	Currency    Currency // the offer's
	Reference   string   // as given; NormalText(Reference) is part of the natural key
	Label       string
	Periodicity Periodicity
	Rule        Rule
	// Anchor is the first charge date of the infinite grid, kept as given; it may be before the term.
	Anchor Day
	Term   Interval
	// Holds are sorted and disjoint, inside Term (I1).
	Holds []Hold
	// Revisions are sorted by From, strictly; the first starts with Term (I2). There is at least one.
	Revisions []Revision
	// Version counts the writes, from 1: the optimistic lock.
	Version   int
	CreatedBy ClientID
	CreatedOn Day
	UpdatedOn Day
	CreatedAt Instant
	UpdatedAt Instant
}

// Hold suspends a subscription: a charge date inside it is not due, the others don't move.
type Hold struct {
	ID HoldID
	Interval
	Reason string
}

// Revision is the price from a day on: the amount of one period, and the lines it is made of. Amount is the sum of the
// leaves of Lines (I4).
type Revision struct {
	From   Day
	Amount Minor
	Lines  []Line
}

// Line is a cost line: a leaf with a quantity and a unit price, or a group of lines. Amount is the leaf's product rounded
// half to even, or the sum of the group's leaves; PriceLines fills it in.
type Line struct {
	Label     string
	Quantity  Decimal6
	UnitPrice Decimal6
	Amount    Minor
	Lines     []Line // of a group; empty for a leaf
}

// Leaf says that l is not a group.
func (l Line) Leaf() bool { return len(l.Lines) == 0 }

// NewSubscription is what creates a subscription. A nil Anchor is Term.From; an empty Rule is OnDate; Lines carry no
// amounts yet.
type NewSubscription struct {
	Offer       OfferCode
	Envelope    EnvelopeCode
	Reference   string
	Label       string
	Periodicity Periodicity
	Rule        Rule
	Anchor      *Day
	Term        Interval
	Lines       []Line
	// What a subscription that is brought along from elsewhere has already: prices from later days on, in their order, and holds.
	Revisions []Revision
	Holds     []Hold
	// Currency, if set, is the one that the amounts were meant in: the offer must have it.
	Currency Currency
}

// SubscriptionPatch changes what is not nil. Offer and Envelope move the subscription: both offers must be in the scope.
type SubscriptionPatch struct {
	Offer     *OfferCode
	Envelope  *EnvelopeCode
	Reference *string
	Label     *string
}

// Amount is the amount of one period at the last agreed price: what lists show, filter and order by.
func (s *Subscription) Amount() Minor { return s.Revisions[len(s.Revisions)-1].Amount }

// Lines are those of the last agreed price.
func (s *Subscription) Lines() []Line { return s.Revisions[len(s.Revisions)-1].Lines }

// RevisionOn is the revision in force on day d: the first one before the term, the last one after it.
func (s *Subscription) RevisionOn(d Day) Revision {
	in := s.Revisions[0]
	for _, r := range s.Revisions[1:] {
		if r.From > d {
			break
		}
		in = r
	}
	return in
}

// Status is where a subscription stands on a day.
type Status string

// The states of a subscription.
const (
	StatusPlanned Status = "planned"
	StatusActive  Status = "active"
	StatusHeld    Status = "held"
	StatusEnded   Status = "ended"
)

// StatusOn is the status on day d.
func (s *Subscription) StatusOn(d Day) Status {
	switch {
	case d < s.Term.From:
		return StatusPlanned
	case d >= s.Term.To:
		return StatusEnded
	}
	for _, h := range s.Holds {
		if h.Has(d) {
			return StatusHeld
		}
	}
	return StatusActive
}
