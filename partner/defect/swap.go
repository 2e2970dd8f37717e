package defect

import (
	"slices"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func swap() []Defect {
	return family("offering migration", []Defect{
		{
			Name: "swap-ignored", Requirement: "US-UC4-01", Mode: Both, Needs: "changeOffering",
			How:  "The operation is an unknown field for the parser, which passes over it as it should over others.",
			Seam: func() partner.Seam { return ignoring(swaps) },
		},
		{
			Name: "swap-refused", Requirement: "US-UC4-01", Mode: Both, Needs: "changeOffering",
			How:  "A change of offering needs a new contract, signed by hand.",
			Seam: func() partner.Seam { return refusing(swaps) },
		},
		{
			Name: "swap-takes-fleet", Requirement: "US-UC4-01", Mode: Both, Needs: "changeOffering",
			How:  "The offering is a property of the fleet in the partner's system.",
			Seam: swappingFleet,
		},
		{
			Name: "swap-names-another-fleet", Requirement: "US-UC4-01", Mode: Both, Needs: "changeOffering",
			How:  "Fleets are grouped by offering in the partner's system, and GET shows the group's name.",
			Seam: regrouping,
		},
		{
			Name: "swap-gives-new-id", Requirement: "US-UC4-01", Mode: Both, Needs: "changeOffering",
			How:  "A swap is a deletion and a new licence.",
			Seam: renumbering,
		},
		{
			Name: "swap-to-unknown-offering-completed", Requirement: "US-UC4-02", Mode: Both, Needs: "changeOffering",
			How:  "The new code is stored as it comes; there is no foreign key to the catalogue.",
			Seam: func() partner.Seam { return swappingAnywhere(nil) },
		},
		{
			Name: "swap-to-unknown-offering-applied-though-refused", Requirement: "US-UC4-02", Mode: Both, Needs: "changeOffering",
			How:  "The price of the new offering is looked up after the licence was changed, and that fails.",
			Seam: func() partner.Seam { return swappingAnywhere(errRefused) },
		},
		{
			Name: "swap-to-unknown-offering-passed-over", Requirement: "US-UC4-02", Mode: Both, Needs: "changeOffering",
			How:  "An offering that is not in the catalogue is replaced by the one that the licence has.",
			Seam: passingOver,
		},
	})
}

func survivingSwap() []Defect {
	return family("offering migration", []Defect{
		{
			Name: "swap-drops-login", Requirement: "US-UC4-03", Mode: Both, Needs: "changeOffering",
			How: "The licence is created anew under the other offering, with an empty account.",
			Seam: func() partner.Seam {
				return altering(swaps, func(_, l wire.UserService) wire.UserService {
					l.Right = nil
					return l
				})
			},
		},
		{
			Name: "swap-unlinks-user", Requirement: "US-UC4-03", Mode: Both, Needs: "endUser.add",
			How: "The assignment of users hangs on the offering, and the new one has none yet.",
			Seam: func() partner.Seam {
				return altering(swaps, func(_, l wire.UserService) wire.UserService {
					l.EndUser = wire.EndUser{}
					return l
				})
			},
		},
		{
			Name: "swap-reactivates", Requirement: "US-UC4-03", Mode: Both, Needs: "changeOffering",
			How: "A licence on a new offering starts as active, whatever it was.",
			Seam: func() partner.Seam {
				return altering(swaps, func(_, l wire.UserService) wire.UserService { return inState(wire.Active)(l) })
			},
		},
	})
}

// swappingFleet moves, with the licence that a swap names, the whole fleet.
func swappingFleet() partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		if err != nil || len(changed) == 0 || !picking(swaps).in(changes) {
			return changed, err
		}
		offering := changed[0].ProductOffering
		for _, l := range known {
			if finding(changes, l.ID) < 0 && l.State != wire.Deleted {
				l.ProductOffering = offering
				changed = append(changed, l)
			}
		}
		return changed, nil
	})
}

// regrouping shows swapped licences under another name of their fleet.
func regrouping() partner.Seam {
	swapped := newMarks()
	return partner.Join(
		altering(swaps, func(_, after wire.UserService) wire.UserService {
			swapped.put(after.ID, after.ProductOffering.ExternalReference.ID)
			return after
		}),
		rules(func(r *partner.Rules) {
			next := r.Shown
			r.Shown = func(l wire.UserService) (wire.UserService, bool) {
				if code, is := swapped.get(l.ID); is {
					l.RelatedProductRefID += "-" + code
				}
				return next(l)
			}
		}),
	)
}

// renumbering deletes the licence that a swap names and creates another one in its place.
func renumbering() partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		if err != nil || !picking(swaps).in(changes) {
			return changed, err
		}
		for i, l := range changed {
			another := l
			another.ID += "-2"
			l.State = wire.Deleted
			changed[i] = l
			changed = append(changed, another)
		}
		return changed, nil
	})
}

// swappingAnywhere swaps to any offering; an unknown one ends with failure.
func swappingAnywhere(failure error) partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		if err == nil || !picking(swaps).in(changes) {
			return changed, err
		}
		for _, c := range changes {
			i := slices.IndexFunc(known, func(l wire.UserService) bool { return l.ID == c.ID })
			if i < 0 {
				return nil, err
			}
			l := known[i]
			l.ProductOffering = c.ProductOfferingOperation.ProductOffering
			changed = append(changed, l)
		}
		return changed, failure
	})
}

// passingOver completes swaps to an offering that is not known, without an effect.
func passingOver() partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		if err == nil || !picking(swaps).in(changes) {
			return changed, err
		}
		for _, c := range changes {
			if !slices.ContainsFunc(known, func(l wire.UserService) bool { return l.ID == c.ID }) {
				return nil, err
			}
		}
		return nil, nil
	})
}
