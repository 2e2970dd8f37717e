package defect

import (
	"sync"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func result() []Defect {
	return family("result of an update", []Defect{
		{
			Name: "result-lists-fleet", Requirement: "US-UC2-06", Mode: Both,
			How:  "The result is read back with the query of the consultation, which is by fleet.",
			Seam: listingFleet,
		},
		{
			Name: "result-in-old-state", Requirement: "US-UC2-06", Mode: Both,
			How: "The licences are loaded before the change, and those objects are given back.",
			Seam: func() partner.Seam {
				return onResults(func(licences [][]byte) [][]byte {
					for i, l := range licences {
						licences[i] = change(l, "state", func(old gjson.Result) any {
							if old.String() == string(wire.Active) {
								return string(wire.Inactive)
							}
							return string(wire.Active)
						})
					}
					return licences
				})
			},
		},
		{
			Name: "result-on-old-offering", Requirement: "US-UC2-06", Mode: Both, Needs: "changeOffering",
			How:  "The licences of a swap are given back as they were loaded, with the new state copied over.",
			Seam: resultOnOldOffering,
		},
		{
			Name: "result-lists-licence-twice", Requirement: "US-UC2-06", Mode: Both,
			How: "The query joins each licence with its history, where a changed licence has a second row.",
			Seam: func() partner.Seam {
				return onResults(func(licences [][]byte) [][]byte {
					return append(licences[:len(licences):len(licences)], licences[:min(1, len(licences))]...)
				})
			},
		},
		{
			Name: "result-without-last-licence", Requirement: "US-UC2-06", Mode: Both,
			How: "The list is built while it is iterated over, and its last element is lost.",
			Seam: func() partner.Seam {
				return onResults(func(licences [][]byte) [][]byte { return licences[:max(len(licences)-1, 1)] })
			},
		},
	})
}

// onResults rewrites the array of the licences of a completed update.
func onResults(rewrite func(licences [][]byte) [][]byte) partner.Seam {
	return onUpdates(func(update []byte) []byte {
		if state(update) != "completed" {
			return update
		}
		return put(update, "userServices", array(rewrite(raws(gjson.GetBytes(update, "userServices").Array()))))
	})
}

// listingFleet adds, to the licences of a completed update, the others of their fleet.
func listingFleet() partner.Seam {
	fleets := newMarks()
	return partner.Join(
		onLists(func(x *exchange, licences []gjson.Result) []byte {
			for _, l := range licences {
				fleets.put(l.Get("relatedProductRefId").String(), string(x.body))
			}
			return x.body
		}),
		onResults(func(licences [][]byte) [][]byte {
			named := map[string]bool{}
			for _, l := range licences {
				named[text(l, "id")] = true
			}
			all, _ := fleets.get(text(licences[0], "relatedProductRefId"))
			for _, l := range gjson.Parse(all).Array() {
				if !named[l.Get("id").String()] {
					licences = append(licences, []byte(l.Raw))
				}
			}
			return licences
		}),
	)
}

// resultOnOldOffering gives back swapped licences on the offering from before.
func resultOnOldOffering() partner.Seam {
	var mu sync.Mutex
	old := map[string]string{}
	return partner.Join(
		altering(swaps, func(before, after wire.UserService) wire.UserService {
			mu.Lock()
			defer mu.Unlock()
			old[after.ID] = before.ProductOffering.ExternalReference.ID
			return after
		}),
		onResults(func(licences [][]byte) [][]byte {
			mu.Lock()
			defer mu.Unlock()
			for i, l := range licences {
				if code, swapped := old[text(l, "id")]; swapped {
					licences[i] = set(l, "productOffering.externalReference.id", code)
				}
			}
			return licences
		}),
	)
}
