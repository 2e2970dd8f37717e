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
			Name: "new-user-shown-on-fleet", Requirement: "US-UC5-07", Mode: Both, Needs: userAdd,
			How:  "The consultation joins users by fleet, so that one who is linked to a licence shows on all.",
			Seam: showingOnFleet,
		},
		{
			Name: "modification-changes-nothing", Requirement: "US-UC5-02", Mode: Both, Needs: userModify,
			How:  "The event and the consultation read the user from a cache that a change does not reach.",
			Seam: cachingUsers,
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

// showingOnFleet shows an end user on every licence of the fleet that has none.
func showingOnFleet() partner.Seam {
	return onLists(func(x *exchange, licences []gjson.Result) []byte {
		for _, l := range licences {
			if user := l.Get("endUser"); user.Exists() {
				return each(x.body, "", func(licence []byte) []byte { return absent(licence, "endUser", user.Raw) })
			}
		}
		return x.body
	})
}

// cachingUsers reports and shows the data that the first end user of a licence had at first.
func cachingUsers() partner.Seam {
	users := newMarks()
	return partner.Join(
		onReports(func(licence []byte) []byte {
			return each(licence, "endUserOperation", func(op []byte) []byte {
				id := text(licence, "id")
				first, cached := users.get(id)
				switch {
				case text(op, "action") == "modify" && cached:
					return put(op, "endUser", []byte(first))
				case text(op, "action") == "add":
					users.put(id, gjson.GetBytes(op, "endUser").Raw)
				}
				return op
			})
		}),
		onConsulted(func(licence []byte) []byte {
			if first, cached := users.get(text(licence, "id")); cached && has(licence, "endUser") {
				return put(licence, "endUser", []byte(first))
			}
			return licence
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
