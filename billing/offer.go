package billing

// OfferCode and EnvelopeCode identify an offer and an envelope. They are given at creation and never change.
type (
	OfferCode    string
	EnvelopeCode string
)

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
