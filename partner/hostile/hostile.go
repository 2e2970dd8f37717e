// Package hostile holds partners that try to hurt the judge: to stall it, to fill its memory, to crash it, to run
// something in its reports or to take over its terminal. They prove that a run ends with a verdict all the same.
//
// It owns the kinds of attack, one file for each way in. It does not own the reference partner, which knows none of
// them: a kind sits behind partner.Seam. It does not own the judge's limits either (harness, docs/limits.md).
package hostile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/internal/nearest"
	"github.com/clementine-ope/clementine/partner"
)

// Modes in which a kind shows.
const (
	Both  = "both"
	Async = "async"
)

// Kind is one way to attack the judge.
type Kind struct {
	Name string // unique, kebab-case
	What string // what the partner does: one sentence
	Mode string // Both or Async: the declared mode in which it shows
	// Seam makes the partner hostile. Each call gives a seam with state of its own. It is never nil.
	Seam func() partner.Seam
}

// All returns every kind, sorted by name. A new way in is one more line here.
func All() []Kind {
	all := slices.Concat(
		bodies(),
		documents(),
		headers(),
		connections(),
		framing(),
		redirects(),
		texts(),
		floods(),
		foreign(),
		eventBodies(),
	)
	for i := range all {
		all[i].Mode = cmp.Or(all[i].Mode, Both)
	}
	slices.SortFunc(all, func(a, b Kind) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Find returns the kind of that name. The error names the kinds that come nearest.
func Find(name string) (Kind, error) {
	all := All()
	names := make([]string, len(all))
	for i, k := range all {
		if k.Name == name {
			return k, nil
		}
		names[i] = k.Name
	}
	if near := nearest.Names(name, names, 3); len(near) > 0 {
		return Kind{}, fmt.Errorf("no hostile partner is called %q; did you mean %s?", name, strings.Join(near, ", "))
	}
	return Kind{}, fmt.Errorf("no hostile partner is called %q", name)
}
