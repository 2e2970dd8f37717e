package billing

// RollupKey is a key of the roll-up, in the order in which rows are locked. An empty Envelope is the offer's level.
type RollupKey struct {
	Envelope EnvelopeCode
	Offer    OfferCode
	Month    Month
}

// Drift is a key whose stored value is not what the subscriptions make it.
type Drift struct {
	RollupKey
	Expected, Found Delta
}

// Reconciliation is the report of a comparison of the whole roll-up with the subscriptions, in one snapshot. It repairs
// nothing.
type Reconciliation struct {
	At            Instant
	Actor         Actor
	Subscriptions int64
	Keys          int64 // compared, those of either side
	Drifts        []Drift
	// Truncated is the number of drifts beyond those listed.
	Truncated int64
	// Faults are further sentences: months in which the envelopes do not sum up to the offer.
	Faults []string
}

// Clean says that nothing is wrong.
func (r Reconciliation) Clean() bool {
	return len(r.Drifts) == 0 && r.Truncated == 0 && len(r.Faults) == 0
}
