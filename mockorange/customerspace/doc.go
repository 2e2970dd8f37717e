// Package customerspace plays Orange's Cloud Store Customer Space: the contracts that an account may see, their
// documents, their users, and new contracts, at /cloud/b2b/v1 (wire.md, section 7).
//
// It owns accounts and their API keys, perimeters, contracts, users and documents, with the tables that keep them, and
// the rule that nobody sees a contract out of reach. It does not own tokens, which the mock Orange issues and checks,
// nor what a contract costs: whoever knows puts contracts and documents into the Store.
package customerspace
