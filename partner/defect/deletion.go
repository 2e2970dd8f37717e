package defect

import (
	"net/http"
	"slices"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func deletion() []Defect {
	return family("deletion", slices.Concat(deletions(), afterDeletion()))
}

func deletions() []Defect {
	deleting := to(wire.Deleted)
	return []Defect{
		{
			Name: "deletion-ignored", Requirement: "US-UC3-01", Mode: Both,
			How:  "Licences may not be deleted before the end of the month, so the call only leaves a mark.",
			Seam: func() partner.Seam { return ignoring(deleting) },
		},
		{
			Name: "deletion-only-suspends", Requirement: "US-UC3-01", Mode: Both,
			How: "Nothing is ever deleted for legal reasons; the licence is set to inactive instead.",
			Seam: func() partner.Seam {
				return altering(deleting, func(_, l wire.UserService) wire.UserService { return inState(wire.Inactive)(l) })
			},
		},
		{
			Name: "deletion-refused", Requirement: "US-UC3-01", Mode: Both,
			How:  "A licence must be suspended before it can be deleted.",
			Seam: func() partner.Seam { return refusing(deleting) },
		},
		{
			Name: "deletion-takes-fleet", Requirement: "US-UC3-03", Mode: Both,
			How:  "Deletion closes the contract, and the contract holds the whole fleet.",
			Seam: func() partner.Seam { return spreading(deleting, inState(wire.Deleted)) },
		},
		{
			Name: "deletion-takes-one-more", Requirement: "US-UC3-03", Mode: Both,
			How:  "Only the number of licences is kept, and it is counted down by one too many.",
			Seam: func() partner.Seam { return oneMore(deleting, inState(wire.Deleted)) },
		},
		{
			Name: "deletion-suspends-others", Requirement: "US-UC3-03", Mode: Both,
			How:  "A change of the fleet sets it under review, and its licences are inactive until that has ended.",
			Seam: func() partner.Seam { return spreading(deleting, inState(wire.Inactive)) },
		},
		{
			Name: "deletion-wakes-others", Requirement: "US-UC3-03", Mode: Both,
			How:  "The contract is signed anew for the licences that are left, and a new contract starts as active.",
			Seam: func() partner.Seam { return spreading(deleting, inState(wire.Active)) },
		},
		{
			Name: "deletion-of-free-only", Requirement: "US-UC3-01", Mode: Both, Needs: userAdd,
			How: "A licence with an end user is not deleted, so that nobody loses data, and nobody looks at the number of rows.",
			Seam: func() partner.Seam {
				return altering(deleting, func(before, after wire.UserService) wire.UserService {
					if before.EndUser.ID != "" {
						return before
					}
					return after
				})
			},
		},
		{
			Name: "deletion-replaces", Requirement: "US-UC3-03", Mode: Both,
			How:  "The contract is for a number of licences, so that one which is deleted makes room for a new one.",
			Seam: func() partner.Seam { return replacing(deleting) },
		},
	}
}

func afterDeletion() []Defect {
	return []Defect{
		{
			Name: "deleted-licence-comes-back", Requirement: "US-UC3-04", Mode: Both,
			How:  "Deletion is a flag, and activation takes it away again.",
			Seam: func() partner.Seam { return reviving(true) },
		},
		{
			Name: "activation-of-deleted-completed", Requirement: "US-UC3-04", Mode: Both,
			How:  "UPDATE … WHERE NOT deleted changes no row, which nobody looks at, so the answer is completed.",
			Seam: func() partner.Seam { return reviving(false) },
		},
		{
			Name: "empty-fleet-not-found", Requirement: "US-UC3-05", Mode: Both,
			How:  "A fleet exists by its licences only; without one GET answers 404.",
			Seam: emptyNotFound,
		},
		{
			Name: "empty-fleet-closed", Requirement: "US-UC3-05", Mode: Both,
			How:  "The deletion of the last licence ends the contract, and orders into it are refused.",
			Seam: emptyClosed,
		},
	}
}

// replacing makes, for each licence that a change picked names, a new one like it.
func replacing(p picking) partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		for _, l := range changed[:len(changed):len(changed)] {
			if i := finding(changes, l.ID); err == nil && i >= 0 && p(i, changes[i]) {
				l.ID += "-new"
				changed = append(changed, inState(wire.Active)(l))
			}
		}
		return changed, err
	})
}

// reviving completes the activation of deleted licences, which then come back or not.
func reviving(really bool) partner.Seam {
	return onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
		changed, err := next(known, changes)
		if err == nil || !to(wire.Active).in(changes) {
			return changed, err
		}
		for _, l := range known {
			if finding(changes, l.ID) >= 0 && l.State == wire.Deleted {
				changed = append(changed, inState(wire.Active)(l))
			}
		}
		if len(changed) == 0 {
			return nil, err
		}
		if !really {
			return nil, nil
		}
		return changed, nil
	})
}

// emptyNotFound answers 404 for a fleet that had licences and has none.
func emptyNotFound() partner.Seam {
	filled := newMarks()
	return onAnswer(func(x *exchange) {
		fleet := x.request.URL.Query().Get("productRefId")
		if !isFleet(x.request) || x.status != http.StatusOK {
			return
		}
		if string(x.body) != "[]" {
			filled.put(fleet, "")
			return
		}
		if _, had := filled.get(fleet); had {
			x.status, x.body = http.StatusNotFound, []byte(`{"code":60,"message":"Resource not found"}`)
		}
	})
}

// emptyClosed refuses orders into a fleet whose licences are all deleted.
func emptyClosed() partner.Seam {
	closed := newMarks()
	return partner.Join(
		onChanges(func(next updater, known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
			changed, err := next(known, changes)
			gone := map[string]bool{}
			for _, l := range changed {
				gone[l.ID] = l.State == wire.Deleted
			}
			alive := 0
			for _, l := range known {
				if l.State != wire.Deleted && !gone[l.ID] {
					alive++
				}
			}
			if err == nil && alive == 0 && len(known) > 0 {
				closed.put(known[0].RelatedProductRefID, "")
			}
			return changed, err
		}),
		handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			if isOrder(r) {
				if _, is := closed.get(text(slurp(r), "orderItem.0.productRef.id")); is {
					w.Header().Set("Content-Type", "application/json")
					w.WriteHeader(http.StatusConflict)
					_, _ = w.Write([]byte(`{"code":29,"message":"The contract has ended"}`))
					return
				}
			}
			next.ServeHTTP(w, r)
		}),
	)
}
