// Package ledger turns orders into money: completed orders and updates become subscriptions in billing, and the end of
// a month becomes the documents of each contract.
//
// It owns what it was told, which licences a customer holds, the catalogue of prices, the sandbox's billing calendar, and
// the documents' content. It does not own amounts, which are billing's, nor contracts and documents once they are made,
// which are the customer space's.
package ledger
