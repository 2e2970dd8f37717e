package defect

import (
	"errors"
	"slices"
	"sync"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func transaction() []Defect {
	inactivating := to(wire.Suspended, wire.Inactive)
	return family("transactions", []Defect{
		{
			Name: "half-suspended-batch", Requirement: "US-UC2-05", Mode: Both,
			How:  "Licences are changed in a loop, each with a commit of its own; the unknown one ends the loop.",
			Seam: func() partner.Seam { return halfApplying(inactivating, false) },
		},
		{
			Name: "suspension-completed-without-unknown", Requirement: "US-UC2-05", Mode: Both,
			How:  "The licences are found by WHERE id IN (…), which passes over those that do not exist.",
			Seam: func() partner.Seam { return halfApplying(inactivating, true) },
		},
		{
			Name: "first-of-refused-batch-suspended", Requirement: "US-UC2-05", Mode: Both,
			How:  "The first licence is changed by the request itself, the others by workers that are told to stop.",
			Seam: func() partner.Seam { return firstApplied(inactivating) },
		},
		{
			Name: "half-deleted-batch", Requirement: "US-UC3-02", Mode: Both,
			How:  "Each deletion is a call to another service, and what it has deleted it does not bring back.",
			Seam: func() partner.Seam { return halfApplying(to(wire.Deleted), false) },
		},
		{
			Name: "deletion-completed-without-unknown", Requirement: "US-UC3-02", Mode: Both,
			How:  "DELETE is taken as idempotent, so a licence that does not exist counts as deleted.",
			Seam: func() partner.Seam { return halfApplying(to(wire.Deleted), true) },
		},
		{
			Name: "only-first-deleted", Requirement: "US-UC3-02", Mode: Both,
			How:  "The array was taken for a wrapper of one licence: the code reads userServices[0].",
			Seam: func() partner.Seam { return ignoring(butFirst(to(wire.Deleted))) },
		},
		{
			Name: "half-swapped-batch", Requirement: "US-UC4-04", Mode: Both, Needs: "changeOffering",
			How:  "Each swap is an order in the billing system; the first ones are not cancelled when a later one fails.",
			Seam: func() partner.Seam { return halfApplying(swaps, false) },
		},
		{
			Name: "swap-completed-without-unknown", Requirement: "US-UC4-04", Mode: Both, Needs: "changeOffering",
			How:  "Licences that are not found are logged as a warning and passed over.",
			Seam: func() partner.Seam { return halfApplying(swaps, true) },
		},
		{
			Name: "only-first-swapped", Requirement: "US-UC4-04", Mode: Both, Needs: "changeOffering",
			How:  "The offering is read from the first element and the change is written for that one.",
			Seam: func() partner.Seam { return ignoring(butFirst(swaps)) },
		},
	})
}

// firstApplied carries out an update's first change although the update is refused.
func firstApplied(p picking) partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		if err != nil && p.in(changes) {
			changed, _ = next(known, changes[:1])
		}
		return changed, err
	})
}

func suspension() []Defect {
	return family("suspension", []Defect{
		{
			Name: "suspension-ignored", Requirement: "US-UC2-01", Mode: Both,
			How:  "The call is accepted and logged; the team meant to build it once a customer asks.",
			Seam: func() partner.Seam { return ignoring(to(wire.Suspended)) },
		},
		{
			Name: "only-first-suspended", Requirement: "US-UC2-01", Mode: Both,
			How:  "All tests had one licence; the code stops after the first one.",
			Seam: func() partner.Seam { return ignoring(butFirst(to(wire.Suspended))) },
		},
		{
			Name: "suspension-refused", Requirement: "US-UC2-01", Mode: Both,
			How:  "The state is parsed by the enumeration of a licence's states, which has no suspended.",
			Seam: func() partner.Seam { return refusing(to(wire.Suspended)) },
		},
		{
			Name: "inactive-ignored", Requirement: "US-UC2-02", Mode: Both,
			How:  "Only suspended is handled: inactive was taken for the partner's own word.",
			Seam: func() partner.Seam { return ignoring(to(wire.Inactive)) },
		},
		{
			Name: "inactive-refused", Requirement: "US-UC2-02", Mode: Both,
			How:  "The switch over externalState has no case for inactive and falls into the default.",
			Seam: func() partner.Seam { return refusing(to(wire.Inactive)) },
		},
		{
			Name: "reactivation-ignored", Requirement: "US-UC2-03", Mode: Both,
			How:  "Suspension blocks the account; the way back is done by the support desk.",
			Seam: func() partner.Seam { return ignoring(to(wire.Active)) },
		},
		{
			Name: "only-first-reactivated", Requirement: "US-UC2-03", Mode: Both,
			How:  "The rows are locked by the suspension, and the query takes the first that is free.",
			Seam: func() partner.Seam { return ignoring(butFirst(to(wire.Active))) },
		},
		{
			Name: "inactive-for-good", Requirement: "US-UC2-03", Mode: Both,
			How:  "Only suspension was built with a way back; inactive was taken for the end of the licence.",
			Seam: func() partner.Seam { return ignoring(backFrom(wire.Inactive)) },
		},
		{
			Name: "reactivation-refused", Requirement: "US-UC2-03", Mode: Both,
			How:  "The state machine has no arrow from inactive back to active.",
			Seam: func() partner.Seam { return refusing(to(wire.Active)) },
		},
	})
}

// backFrom picks the reactivations of licences of which that state was asked last.
func backFrom(state wire.State) picking {
	var mu sync.Mutex
	last := map[string]wire.State{}
	return func(_ int, c wire.Change) bool {
		mu.Lock()
		defer mu.Unlock()
		if c.ExternalState == wire.Active {
			return last[c.ID] == state
		}
		last[c.ID] = c.ExternalState
		return false
	}
}

func beyondSuspension() []Defect {
	return family("suspension", []Defect{
		{
			Name: "suspension-hits-fleet", Requirement: "US-UC2-07", Mode: Both,
			How:  "Suspension exists for a customer's account only, so it takes the whole fleet.",
			Seam: func() partner.Seam { return spreading(to(wire.Suspended), inState(wire.Inactive)) },
		},
		{
			Name: "suspension-takes-one-more", Requirement: "US-UC2-07", Mode: Both,
			How:  "The range of rows to update ends one row too far.",
			Seam: func() partner.Seam { return oneMore(to(wire.Suspended, wire.Inactive), inState(wire.Inactive)) },
		},
		{
			Name: "suspended-twice-refused", Requirement: "US-UC2-08", Mode: Both,
			How:  "A transition to the state that the licence is in already is an error of the state machine.",
			Seam: func() partner.Seam { return refusingRepeats(wire.Suspended, wire.Inactive) },
		},
		{
			Name: "activated-twice-refused", Requirement: "US-UC2-08", Mode: Both,
			How:  "Activation is a purchase in the partner's system, and an active licence can't be bought again.",
			Seam: func() partner.Seam { return refusingRepeats(wire.Active, wire.Active) },
		},
		{
			Name: "suspended-twice-unlinks-user", Requirement: "US-UC2-08", Mode: Both, Needs: userAdd,
			How: "A second suspension is taken for the end of the subscription, which frees the licence.",
			Seam: func() partner.Seam {
				return altering(to(wire.Suspended), func(before, l wire.UserService) wire.UserService {
					if before.State == wire.Inactive {
						l.EndUser = wire.EndUser{}
					}
					return l
				})
			},
		},
	})
}

// oneMore alters one licence of the fleet that no change names.
func oneMore(p picking, alter func(wire.UserService) wire.UserService) partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		if err != nil || !p.in(changes) {
			return changed, err
		}
		for _, l := range known {
			if finding(changes, l.ID) < 0 && l.State != wire.Deleted {
				return append(changed, alter(l)), nil
			}
		}
		return changed, nil
	})
}

var errRepeated = errors.New("the licence is in that state already")

// refusingRepeats fails updates to an external state of licences that are in the state which it leads to.
func refusingRepeats(external, leadsTo wire.State) partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		for _, l := range known {
			i := finding(changes, l.ID)
			if i >= 0 && changes[i].ExternalState == external && l.State == leadsTo {
				return nil, errRepeated
			}
		}
		return next(known, changes)
	})
}

func keeping() []Defect {
	inactivating := to(wire.Suspended, wire.Inactive)
	return family("what a suspension keeps", []Defect{
		{
			Name: "suspension-drops-login", Requirement: "US-UC2-04", Mode: Both,
			How: "Suspending disables the account at the identity provider by deleting its login.",
			Seam: func() partner.Seam {
				return altering(inactivating, func(_, l wire.UserService) wire.UserService {
					l.Right = nil
					return l
				})
			},
		},
		{
			Name: "reactivation-renews-login", Requirement: "US-UC2-04", Mode: Both,
			How: "Reactivation opens a new account, and that one has another login.",
			Seam: func() partner.Seam {
				return altering(to(wire.Active), func(_, l wire.UserService) wire.UserService {
					l.Right = slices.Clone(l.Right)
					for i := range l.Right {
						l.Right[i].LoginKeyValue.Value += "-2"
					}
					return l
				})
			},
		},
		{
			Name: "suspension-unlinks-user", Requirement: "US-UC2-04", Mode: Both, Needs: userAdd,
			How: "A suspended licence goes back to the pool of free ones, without its user.",
			Seam: func() partner.Seam {
				return altering(inactivating, func(_, l wire.UserService) wire.UserService {
					l.EndUser = wire.EndUser{}
					return l
				})
			},
		},
		{
			Name: "suspension-frees-resource", Requirement: "US-UC2-04", Mode: Both, Needs: "resourceFromOrder",
			How: "The tenant is shut down during a suspension, and its address with it.",
			Seam: func() partner.Seam {
				return altering(inactivating, func(_, l wire.UserService) wire.UserService {
					l.RealizingResource = nil
					return l
				})
			},
		},
		{
			Name: "suspension-deletes", Requirement: "US-UC2-04", Mode: Both,
			How:  "The product knows no suspension; the account is closed, to be opened anew later.",
			Seam: hidingSuspended,
		},
	})
}

// hidingSuspended lets GET show no inactive licence.
func hidingSuspended() partner.Seam {
	return rules(func(r *partner.Rules) {
		next := r.Shown
		r.Shown = func(l wire.UserService) (wire.UserService, bool) {
			l, shown := next(l)
			return l, shown && l.State != wire.Inactive
		}
	})
}
