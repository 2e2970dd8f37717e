package defect

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func sequence() []Defect {
	return family("whole sequence", []Defect{
		{
			Name: "reactivated-licence-not-deleted", Requirement: "INT-01", Mode: Both,
			How:  "Reactivation leaves the old row behind as history, and deletion finds that one first.",
			Seam: func() partner.Seam { return onHistory("sa", false, to(wire.Deleted), keepOld) },
		},
		{
			Name: "reactivated-licence-not-swapped", Requirement: "INT-01", Mode: Both, Needs: "changeOffering",
			How:  "The lock of a suspension is never released, and a swap passes over what is locked.",
			Seam: func() partner.Seam { return onHistory("sa", true, swaps, keepOld) },
		},
		{
			Name: "swapped-licence-suspended-again", Requirement: "INT-01", Mode: Both, Needs: "changeOffering",
			How: "The new offering's record takes over the flag of a suspension that is over.",
			Seam: func() partner.Seam {
				return onHistory("sa", true, swaps, func(_, l wire.UserService) wire.UserService { return inState(wire.Inactive)(l) })
			},
		},
		{
			Name: "swap-undone-by-next-order", Requirement: "INT-01", Mode: Both, Needs: "changeOffering",
			How:  "An order into a fleet rebuilds its licences from the orders, and swaps are no orders.",
			Seam: undoingSwaps,
		},
		{
			Name: "suspended-licence-not-deleted", Requirement: "INT-02", Mode: Both, Needs: "production",
			How:  "Deletion looks for active licences only, and says nothing about the others.",
			Seam: func() partner.Seam { return onHistory("s", true, to(wire.Deleted), keepOld) },
		},
		{
			Name: "deletion-of-suspended-refused", Requirement: "INT-02", Mode: Both, Needs: "production",
			How:  "The state machine has no arrow from inactive to deleted.",
			Seam: refusingSuspended,
		},
	})
}

func keepOld(before, _ wire.UserService) wire.UserService { return before }

// onHistory alters the changes picked of licences that went through the changes of past before: s a suspension, a an
// activation, w a swap, in this order; as their last ones, if last is set.
func onHistory(past string, last bool, p picking, alter func(before, after wire.UserService) wire.UserService) partner.Seam {
	var mu sync.Mutex
	histories := map[string]string{}
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		mu.Lock()
		defer mu.Unlock()
		for j, l := range changed {
			i := finding(changes, l.ID)
			k := slices.IndexFunc(known, func(old wire.UserService) bool { return old.ID == l.ID })
			if i < 0 || k < 0 {
				continue
			}
			history := histories[l.ID]
			if p(i, changes[i]) && (!last && strings.Contains(history, past) || last && strings.HasSuffix(history, past)) {
				changed[j] = alter(known[k], l)
			}
			histories[l.ID] = history + letter(changes[i])
		}
		return changed, err
	})
}

func letter(c wire.Change) string {
	switch {
	case c.ProductOfferingOperation.Action == wire.Swap:
		return "w"
	case c.ExternalState == wire.Active:
		return "a"
	case c.ExternalState == wire.Deleted:
		return "d"
	}
	return "s"
}

// refusingSuspended fails the deletion of inactive licences.
func refusingSuspended() partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		for _, l := range known {
			if i := finding(changes, l.ID); i >= 0 && changes[i].ExternalState == wire.Deleted && l.State == wire.Inactive {
				return nil, errRefused
			}
		}
		return next(known, changes)
	})
}

// undoingSwaps shows licences on the offering from before their swap, once an order has come into their fleet.
func undoingSwaps() partner.Seam {
	var mu sync.Mutex
	old, ordered := map[string]wire.Offering{}, map[string]bool{}
	return partner.Join(
		altering(swaps, func(before, after wire.UserService) wire.UserService {
			mu.Lock()
			defer mu.Unlock()
			old[after.ID] = before.ProductOffering
			return after
		}),
		handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			if isOrder(r) {
				fleet := text(slurp(r), "orderItem.0.productRef.id")
				mu.Lock()
				ordered[fleet] = true
				mu.Unlock()
			}
			next.ServeHTTP(w, r)
		}),
		rules(func(r *partner.Rules) {
			next := r.Shown
			r.Shown = func(l wire.UserService) (wire.UserService, bool) {
				mu.Lock()
				defer mu.Unlock()
				if before, swapped := old[l.ID]; swapped && ordered[l.RelatedProductRefID] {
					l.ProductOffering = before
				}
				return next(l)
			}
		}),
	)
}

func timing() []Defect {
	return family("time", []Defect{
		{
			Name: "slow-order", Requirement: "PO-UC2-01", Mode: Sync,
			How:  "Each licence is provisioned by a call to a subsystem, and from the third on that takes longer than agreed.",
			Seam: func() partner.Seam { return slow(sentThree) },
		},
		{
			Name: "slow-acknowledgement", Requirement: "PO-UC2-06", Mode: Async,
			How:  "The acknowledgement waits until the licences are reserved, one after the other.",
			Seam: func() partner.Seam { return slow(sentThree) },
		},
		{
			Name: "slow-suspension", Requirement: "US-UC2-01", Mode: Both,
			How:  "Suspension waits for the user's sessions to end.",
			Seam: func() partner.Seam { return slow(sentStates("suspended")) },
		},
		{
			Name: "slow-consultation", Requirement: "US-UC1-01", Mode: Both,
			How:  "GET reads each licence by a call of its own to another service.",
			Seam: func() partner.Seam { return slow(func(r *http.Request, _ []byte) bool { return isFleet(r) }) },
		},
	})
}

// slow gives the answers that match later than delays.answer allows; what can't be met is refused at once.
func slow(matches func(r *http.Request, sent []byte) bool) partner.Seam {
	return onAnswer(func(x *exchange) {
		if x.status/100 == 2 && state(x.body) != "failed" && matches(x.request, x.sent) {
			wait(x.request.Context(), Late) // or until the caller has gone
		}
	})
}

// sentThree picks first orders of three licences, so that the slow ones are a part only.
func sentThree(r *http.Request, sent []byte) bool {
	return sentItem(r, sent) && !has(sent, "orderItem.0.productRef.id") &&
		text(sent, "orderItem.0.productRef.userServiceQuantity") == "3"
}
