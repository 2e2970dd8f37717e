// Package variant holds partners that differ from the reference and are right all the same: each takes a liberty that
// the contract leaves. They prove that the judge does not fail the innocent.
//
// It owns the variants, one file for each kind, and how seams are joined. It does not own the reference partner, which
// knows none of them: a variant sits behind partner.Seam. It does not own the proof either (prove).
package variant

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/internal/nearest"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
)

// Modes that a variant makes sense in.
const (
	Both  = "both"
	Sync  = "sync"
	Async = "async"
)

// Variant is one way to differ and to be right.
type Variant struct {
	Name string // unique, kebab-case
	Why  string // why it is legal: one sentence that names its clause
	Mode string // Both, Sync or Async: the declared mode that it makes sense in
	// Seam makes the partner different. Each call gives a seam with state of its own. It is never nil.
	Seam func() partner.Seam
	// Profile changes what the partner declares; nil if it declares what it did.
	Profile func(*profile.Profile)
	// Delay is how long the partner works on what it acknowledged.
	Delay time.Duration
	// BasePath is the path below which the partner serves, "/api"; empty if it serves at the root.
	BasePath string
	// Warns lists the requirements that the contract itself answers with a warning here.
	Warns []string
}

// All returns every variant, sorted by name. A new kind is one more line here.
func All() []Variant {
	all := slices.Concat(
		identities(),
		fleets(),
		licences(),
		refusals(),
		wireForms(),
		timesAndTypes(),
		answers(),
		connections(),
		timings(),
		acknowledgements(),
		updates(),
		orders(),
		events(),
		changes(),
		logins(),
		tokens(),
		agreements(),
	)
	for i := range all {
		if all[i].Seam == nil {
			all[i].Seam = func() partner.Seam { return partner.Seam{} }
		}
		all[i].Mode = cmp.Or(all[i].Mode, Both)
	}
	slices.SortFunc(all, func(a, b Variant) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Find returns the variant of that name. The error names the variants that come nearest.
func Find(name string) (Variant, error) {
	all := All()
	names := make([]string, len(all))
	for i, v := range all {
		if v.Name == name {
			return v, nil
		}
		names[i] = v.Name
	}
	if near := nearest.Names(name, names, 3); len(near) > 0 {
		return Variant{}, fmt.Errorf("no variant is called %q; did you mean %s?", name, strings.Join(near, ", "))
	}
	return Variant{}, fmt.Errorf("no variant is called %q", name)
}
