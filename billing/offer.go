package billing

// OfferCode identifies an offer. It is given at creation and never changes.
type OfferCode string

// EnvelopeCode identifies an envelope. It is given at creation and never changes.
type EnvelopeCode string

// Offer is what subscriptions are taken on. Its currency never changes.
type Offer struct {
	Code     OfferCode
	Name     string
	Currency Currency
}

// Envelope is a budget label across offers. It never grants access to anything.
type Envelope struct {
	Code  EnvelopeCode
	Label string
}
