// Package defect holds named ways for a partner to be wrong: each breaks one requirement as real partners break it, and
// as little else as can be. They prove the judge: a check that no defect fails has never been seen to work.
//
// It owns the defects, one file for each family, and how several are combined. It does not own the reference partner,
// which knows none of them: a defect sits behind partner.Seam. It does not own the proof either (prove).
package defect

import (
	"fmt"
	"strings"

	"github.com/clementine-ope/clementine/internal/nearest"
	"github.com/clementine-ope/clementine/partner"
)

// Modes that a defect shows in.
const (
	Both  = "both"
	Sync  = "sync"
	Async = "async"
)

// Defect is one way to be wrong.
type Defect struct {
	Name        string // unique, kebab-case
	Requirement string // the id of the requirement that it breaks
	Mode        string // Both, Sync or Async: the declared mode in which it shows
	Family      string // what kind of mistake it is
	How         string // how real partners come to it: one sentence
	// Seam makes the partner wrong. Each call gives a seam with state of its own.
	Seam func() partner.Seam
	// Needs is what the profile must declare for it to show, besides the feature of its requirement: features, triggers
	// and other needs of profile.Meets, with spaces between them; empty if none.
	Needs string
}

// Find returns the defect of that name. The error names the defects that come nearest.
func Find(name string) (Defect, error) {
	all := All()
	names := make([]string, len(all))
	for i, d := range all {
		if d.Name == name {
			return d, nil
		}
		names[i] = d.Name
	}
	if near := nearest.Names(name, names, 3); len(near) > 0 {
		return Defect{}, fmt.Errorf("no defect is called %q; did you mean %s?", name, strings.Join(near, ", "))
	}
	return Defect{}, fmt.Errorf("no defect is called %q", name)
}

// Seam combines the defects of those names, the first one nearest to the reference partner. Without a name it changes
// nothing.
func Seam(names ...string) (partner.Seam, error) {
	seams := make([]partner.Seam, 0, len(names))
	for _, name := range names {
		d, err := Find(name)
		if err != nil {
			return partner.Seam{}, err
		}
		seams = append(seams, d.Seam())
	}
	return partner.Join(seams...), nil
}
