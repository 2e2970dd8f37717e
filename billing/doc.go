// Package billing is the domain of subscriptions and their monthly cost: offers, envelopes, API clients, subscriptions
// with their holds and price revisions, the rules that turn them into money, and the Store interface that keeps them.
//
// It owns the vocabulary, the rules (exact to the minor unit, on civil days, without a clock), the coded errors and what
// a caller may see. It does not own storage, HTTP, screens or the time of day: whoever needs today passes a Day.
package billing
