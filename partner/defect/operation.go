package defect

import (
	"net/http"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func singleOperations() []Defect {
	return family("one operation only", []Defect{
		{
			Name: "deletion-completed-in-async", Requirement: "GEN-14", Mode: Async,
			How:  "Deletion is answered at once, because there is nothing to provision.",
			Seam: func() partner.Seam { return updatesAtOnce(to(wire.Deleted)) },
		},
		{
			Name: "swap-completed-in-async", Requirement: "GEN-14", Mode: Async, Needs: "changeOffering",
			How:  "Swaps came with a later version, written by a team that knew the synchronous mode only.",
			Seam: func() partner.Seam { return updatesAtOnce(swaps) },
		},
		{
			Name: "no-event-for-deletions", Requirement: "GEN-10", Mode: Async,
			How: "The event is sent by a query over the licences of the update, and deleted ones are not found any more.",
			Seam: func() partner.Seam {
				return dropping(func(d *partner.Delivery) bool {
					return isUpdateEvent(d) && text(d.Body, "resource.userServices.0.state") == "deleted"
				})
			},
		},
		{
			Name: "reactivation-hits-fleet", Requirement: "US-UC2-07", Mode: Both,
			How:  "Reactivation is done for the customer's account, with all that hangs on it.",
			Seam: func() partner.Seam { return spreading(to(wire.Active), inState(wire.Active)) },
		},
		{
			Name: "swap-moves-to-new-fleet", Requirement: "US-UC4-01", Mode: Both, Needs: "changeOffering",
			How:  "Each offering has a contract of its own, so the licence goes to another fleet.",
			Seam: emigrating,
		},
		{
			Name: "order-after-swap-refused", Requirement: "INT-01", Mode: Both, Needs: "changeOffering",
			How:  "A fleet takes licences of its first licence's offering only, and a swap has changed that one.",
			Seam: closedBySwaps,
		},
	})
}

// emigrating moves swapped licences to a fleet that nobody was told of.
func emigrating() partner.Seam {
	gone := newMarks()
	return partner.Join(
		altering(swaps, func(_, l wire.UserService) wire.UserService {
			gone.put(l.ID, "")
			return l
		}),
		rules(func(r *partner.Rules) {
			next := r.Shown
			r.Shown = func(l wire.UserService) (wire.UserService, bool) {
				l, shown := next(l)
				_, moved := gone.get(l.ID)
				return l, shown && !moved
			}
		}),
		onUpdates(func(update []byte) []byte {
			return each(update, "userServices", func(l []byte) []byte {
				if _, moved := gone.get(text(l, "id")); !moved {
					return l
				}
				return set(l, "relatedProductRefId", text(l, "relatedProductRefId")+"-L")
			})
		}),
	)
}

// closedBySwaps refuses orders into a fleet of which a licence was suspended, reactivated and swapped.
func closedBySwaps() partner.Seam {
	closed := newMarks()
	return partner.Join(
		onHistory("sa", true, swaps, func(_, l wire.UserService) wire.UserService {
			closed.put(l.RelatedProductRefID, "")
			return l
		}),
		handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			if isOrder(r) {
				if _, is := closed.get(text(slurp(r), "orderItem.0.productRef.id")); is {
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(http.StatusConflict)
					_, _ = w.Write([]byte(`{"code":29,"message":"The fleet has another offering"}`))
					return
				}
			}
			next.ServeHTTP(w, r)
		}),
	)
}
