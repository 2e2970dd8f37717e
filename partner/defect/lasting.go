package defect

import (
	"sync"
	"time"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// soon is how long nobody has looked at a changed licence when the change is undone: two looks in a row see the same.
const soon = 120 * time.Millisecond

func lasting() []Defect {
	return family("what lasts", []Defect{
		{
			Name: "suspension-wears-off", Requirement: "US-UC2-01", Mode: Both,
			How:  "A job that renews subscriptions writes all of them back as active.",
			Seam: func() partner.Seam { return wearingOff(to(wire.Suspended)) },
		},
		{
			Name: "inactivation-wears-off", Requirement: "US-UC2-02", Mode: Both,
			How:  "The identity provider synchronises its own state, which nobody changed, over the licence's.",
			Seam: func() partner.Seam { return wearingOff(to(wire.Inactive)) },
		},
		{
			Name: "reactivation-wears-off", Requirement: "US-UC2-03", Mode: Both,
			How:  "A message of the suspension that was late in its queue is carried out after the reactivation.",
			Seam: func() partner.Seam { return wearingOff(to(wire.Active)) },
		},
		{
			Name: "deletion-wears-off", Requirement: "US-UC3-01", Mode: Both,
			How:  "An import from the provisioning system, which still has the account, creates the licence again.",
			Seam: func() partner.Seam { return wearingOff(to(wire.Deleted)) },
		},
		{
			Name: "swap-wears-off", Requirement: "US-UC4-01", Mode: Both, Needs: "changeOffering",
			How:  "The catalogue's nightly comparison puts each licence back on the offering of its order.",
			Seam: func() partner.Seam { return wearingOff(swaps) },
		},
	})
}

// wearingOff shows licences as they were before a change picked, once nobody has looked for a while.
func wearingOff(p picking) partner.Seam {
	type former struct {
		licence wire.UserService
		looked  time.Time
		undone  bool
	}
	var mu sync.Mutex
	old := map[string]former{}
	return partner.Join(
		altering(func(int, wire.Change) bool { return true }, func(_, after wire.UserService) wire.UserService {
			mu.Lock()
			defer mu.Unlock()
			delete(old, after.ID)
			return after
		}),
		altering(p, func(before, after wire.UserService) wire.UserService {
			mu.Lock()
			defer mu.Unlock()
			old[after.ID] = former{licence: before, looked: time.Now()}
			return after
		}),
		rules(func(r *partner.Rules) {
			next := r.Shown
			r.Shown = func(l wire.UserService) (wire.UserService, bool) {
				mu.Lock()
				was, changed := old[l.ID]
				if was.undone, was.looked = was.undone || time.Since(was.looked) > soon, time.Now(); changed {
					old[l.ID] = was
				}
				mu.Unlock()
				if changed && was.undone {
					l.State, l.ExternalState, l.ProductOffering = was.licence.State, was.licence.ExternalState, was.licence.ProductOffering
				}
				return next(l)
			}
		}),
	)
}
