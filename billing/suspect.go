package billing

// Decision is what became of a suspected duplicate.
type Decision string

// The decisions.
const (
	DecisionOpen   Decision = "open"
	DecisionKeep   Decision = "keep"
	DecisionCancel Decision = "cancel" // the newer subscription was deleted
)

// Suspect is a pair of subscriptions of one offer and envelope that look like one thing recorded twice (F4-3).
type Suspect struct {
	ID           string
	Offer        OfferCode
	Envelope     EnvelopeCode
	Subscription SubscriptionID // the newer one
	Twin         SubscriptionID // the one that was there before
	Similarity   int            // of the labels, 0 to 100
	FoundAt      Instant
	Decision     Decision
	DecidedBy    ClientID
	DecidedAt    Instant
	Reason       string
}

// SuspectPage is a part of the suspects, the newest first.
type SuspectPage struct {
	Items []Suspect
	Pages
}
