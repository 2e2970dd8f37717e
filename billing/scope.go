package billing

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Scope is what a caller may see and write. The zero value sees nothing. Only ScopeOf makes one that sees something, and
// no method widens one.
type Scope struct {
	readsAll    bool
	writesAll   bool
	administers bool
	reads       []OfferCode // sorted, without repetition
	writes      []OfferCode // sorted, without repetition
}

// ScopeOf is the scope of a client: nothing unless it is let in on that day; everything to read if it is omniscient;
// everything to read and write if it is an admin; else the offers of its list.
func ScopeOf(c Client, today Day) Scope {
	if !c.Admitted(today) {
		return Scope{}
	}
	admin := c.Role == RoleAdmin
	s := Scope{readsAll: admin || c.Omniscient, writesAll: admin, administers: admin, reads: sortedOffers(c.Offers)}
	if admin || c.Role == RoleWriter {
		s.writes = s.reads
	}
	return s
}

// Sees says whether what belongs to the offer may be read.
func (s Scope) Sees(offer OfferCode) bool { return s.readsAll || listed(s.reads, offer) }

// Writes says whether what belongs to the offer may be written. Omniscience is for reading only.
func (s Scope) Writes(offer OfferCode) bool { return s.writesAll || listed(s.writes, offer) }

// All says that every offer may be read; Offers is then not a limit.
func (s Scope) All() bool { return s.readsAll }

// Offers are the offers that may be read, sorted, when All is false.
func (s Scope) Offers() []OfferCode { return slices.Clone(s.reads) }

// Administers says that offers, envelopes and clients may be written, the audit of everyone read and the roll-up
// reconciled.
func (s Scope) Administers() bool { return s.administers }

// Only is s without the offers that are not named, and without administration: it intersects, whatever is named.
func (s Scope) Only(offers ...OfferCode) Scope {
	var n Scope
	for _, o := range sortedOffers(offers) {
		if s.Sees(o) {
			n.reads = append(n.reads, o)
		}
		if s.Writes(o) {
			n.writes = append(n.writes, o)
		}
	}
	return n
}

// Digest identifies what the scope allows; it goes into cursors, entity tags and keys of caches.
func (s Scope) Digest() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%t %t %t", s.readsAll, s.writesAll, s.administers)
	for _, list := range [][]OfferCode{s.reads, s.writes} {
		fmt.Fprintf(&b, " %d", len(list))
		for _, o := range list {
			fmt.Fprintf(&b, " %q", string(o))
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

func sortedOffers(offers []OfferCode) []OfferCode {
	sorted := slices.Clone(offers)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

func listed(sorted []OfferCode, offer OfferCode) bool {
	_, found := slices.BinarySearch(sorted, offer)
	return found
}
