package defect

import (
	"context"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func mode() []Defect {
	return family("mode", []Defect{
		{
			Name: "customer-acknowledged-in-sync", Requirement: "GEN-07", Mode: Sync,
			How:  "New customers are checked by hand, so creation was put on a queue although the agreement says synchronous.",
			Seam: func() partner.Seam { return acknowledging(sentCustomer) },
		},
		{
			Name: "order-acknowledged-in-sync", Requirement: "GEN-07", Mode: Sync,
			How:  "Orders are answered by a message broker's receipt; the team took the sample of the asynchronous mode.",
			Seam: func() partner.Seam { return acknowledging(sentItem) },
		},
		{
			Name: "deletion-acknowledged-in-sync", Requirement: "GEN-07", Mode: Sync,
			How:  "Deletion runs in a nightly clean-up, so it alone is acknowledged.",
			Seam: func() partner.Seam { return acknowledging(sentStates("deleted")) },
		},
		{
			Name: "order-completed-in-async", Requirement: "PO-UC2-06", Mode: Async,
			How: "Small orders turned out to be fast, so a shortcut answers them at once in their final state.",
			Seam: func() partner.Seam {
				return ordersAtOnce(func(order wire.ProductOrder) bool { return len(order.OrderItem) > 0 })
			},
		},
		{
			Name: "order-refused-for-new-customers", Requirement: "PO-UC2-06", Mode: Async,
			How: "A customer must first be activated by hand in the back office; until then its orders get 403.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if sentItem(x.request, x.sent) && !has(x.sent, "orderItem.0.productRef.id") && state(x.body) == "acknowledged" {
						x.status, x.body = http.StatusForbidden, []byte(`{"code":50,"message":"Customer is not active"}`)
					}
				})
			},
		},
		{
			Name: "suspension-completed-in-async", Requirement: "GEN-14", Mode: Async,
			How:  "Suspension is one flag in the database, so nobody saw why it should be asynchronous as orders are.",
			Seam: func() partner.Seam { return updatesAtOnce(to(wire.Suspended)) },
		},
		{
			Name: "updates-completed-in-async", Requirement: "GEN-14", Mode: Async,
			How:  "Asynchronous mode was built for orders only; updates kept the synchronous code.",
			Seam: func() partner.Seam { return updatesAtOnce(func(int, wire.Change) bool { return true }) },
		},
	})
}

// acknowledging answers acknowledged what was completed.
func acknowledging(matches func(r *http.Request, sent []byte) bool) partner.Seam {
	return onAnswer(func(x *exchange) {
		if x.status/100 != 2 || state(x.body) != "completed" || !matches(x.request, x.sent) {
			return
		}
		x.status, x.body = http.StatusAccepted, set(only(x.body, "id", "externalReference"), "state", "acknowledged")
	})
}

// only keeps these members of a document.
func only(doc []byte, members ...string) []byte {
	out := []byte("{}")
	for _, m := range members {
		if v := gjson.GetBytes(doc, m); v.Exists() {
			out = put(out, m, []byte(v.Raw))
		}
	}
	return out
}

// ordersAtOnce answers the orders picked in their final state; updatesAtOnce does so for updates with a change picked.
func ordersAtOnce(picked func(order wire.ProductOrder) bool) partner.Seam {
	return rules(func(r *partner.Rules) {
		next := r.OrderAtOnce
		r.OrderAtOnce = func(order wire.ProductOrder) bool { return picked(order) || next(order) }
	})
}

func updatesAtOnce(p picking) partner.Seam {
	return rules(func(r *partner.Rules) {
		next := r.UpdateAtOnce
		r.UpdateAtOnce = func(request wire.UpdateRequest) bool { return p.in(request.UserServices) || next(request) }
	})
}

func completedUpdate(x *exchange) []byte {
	var licences [][]byte
	for _, l := range gjson.GetBytes(x.sent, "userServices").Array() {
		licences = append(licences, set(only([]byte(l.Raw), "id"), "state", stateAfter(l.Get("externalState").String())))
	}
	return put(x.body, "userServices", array(licences))
}

// stateAfter is the state of a licence that Orange asked an external state for.
func stateAfter(external string) string {
	switch wire.State(external) {
	case wire.Suspended, wire.Inactive:
		return string(wire.Inactive)
	case wire.Deleted:
		return string(wire.Deleted)
	}
	return string(wire.Active)
}

// dropping never sends the events that match.
func dropping(matches func(d *partner.Delivery) bool) partner.Seam {
	return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
		if matches(d) {
			return nil
		}
		return next(ctx, d)
	}}
}
