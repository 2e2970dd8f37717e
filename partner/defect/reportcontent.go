package defect

import (
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
)

func reportContent() []Defect {
	return family("content of reports", []Defect{
		{
			Name: "new-user-reported-for-fleet", Requirement: "US-UC5-07", Mode: Both, Needs: userAdd,
			How:  "The event lists all licences of the fleet, each with the user who was linked to one of them.",
			Seam: reportingFleet,
		},
		{
			Name: "two-logins-in-report", Requirement: "US-UC5-06", Mode: Both, Needs: loginModify,
			How: "Old and new login are both in the event, for comparison.",
			Seam: func() partner.Seam {
				return onReports(func(licence []byte) []byte {
					op := []byte(gjson.GetBytes(licence, "rightOperation.0").Raw)
					if len(op) == 0 {
						return licence
					}
					return put(licence, "rightOperation.-1", set(op, "loginKeyValue.value", "former-"+text(licence, "id")))
				})
			},
		},
		{
			Name: "resource-shown-as-before", Requirement: "US-UC5-05", Mode: Both, Needs: resourceModify + " resourceFromOrder",
			How:  "The consultation reads the resource from the order, where a change never arrives.",
			Seam: showingFirstResource,
		},
	})
}

// reportingFleet reports a new user for every licence of the fleet.
func reportingFleet() partner.Seam {
	var mu sync.Mutex
	fleets := map[string][]string{} // licences, by each licence of their fleet
	return partner.Join(
		onLists(func(x *exchange, licences []gjson.Result) []byte {
			mu.Lock()
			defer mu.Unlock()
			var ids []string
			for _, l := range licences {
				ids = append(ids, l.Get("id").String())
			}
			for _, id := range ids {
				fleets[id] = ids
			}
			return x.body
		}),
		onEvent(func(d *partner.Delivery) {
			if !isReport(d) || userAction(d) != "add" {
				return
			}
			one := gjson.GetBytes(d.Body, "resource.userServices.0")
			mu.Lock()
			defer mu.Unlock()
			for _, id := range fleets[one.Get("id").String()] {
				if id != one.Get("id").String() {
					d.Body = put(d.Body, "resource.userServices.-1", set([]byte(strings.Clone(one.Raw)), "id", id))
				}
			}
		}),
	)
}

// showingFirstResource shows the resource that a licence had at first.
func showingFirstResource() partner.Seam {
	resources := newMarks()
	return onConsulted(func(licence []byte) []byte {
		id, now := text(licence, "id"), gjson.GetBytes(licence, "realizingResource")
		first, known := resources.get(id)
		switch {
		case !now.Exists():
			return licence
		case !known:
			resources.put(id, now.Raw)
			return licence
		}
		return put(licence, "realizingResource", []byte(first))
	})
}
