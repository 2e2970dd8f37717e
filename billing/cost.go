package billing

// MonthlyCost is the cost of one month in one currency. Amount is the sum of Offers, and of Envelopes: both are sorted by
// code, and hold what is not zero.
type MonthlyCost struct {
	Month     Month
	Currency  Currency
	Amount    Minor
	Offers    []OfferAmount
	Envelopes []EnvelopeAmount
}

// OfferAmount is the part of an offer.
type OfferAmount struct {
	Offer  OfferCode
	Amount Minor
}

// EnvelopeAmount is the part of an envelope, over the offers of the query.
type EnvelopeAmount struct {
	Envelope EnvelopeCode
	Amount   Minor
}

// YearlyCost is the cost of the twelve months of a year in one currency. Amount is the sum of Months, of Offers and of
// Envelopes; these are sorted by code, and hold what is not zero in some month. Envelopes are filled if the filter asks for
// it (ByEnvelope).
type YearlyCost struct {
	Year      int
	Currency  Currency
	Amount    Minor
	Months    [12]Minor
	Offers    []OfferYear
	Envelopes []EnvelopeYear
}

// OfferYear is the part of an offer.
type OfferYear struct {
	Offer  OfferCode
	Amount Minor
	Months [12]Minor
}

// EnvelopeYear is the part of an envelope, over the offers of the query.
type EnvelopeYear struct {
	Envelope EnvelopeCode
	Amount   Minor
	Months   [12]Minor
}
