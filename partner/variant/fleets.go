package variant

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/clementine-ope/clementine/partner"
)

func fleets() []Variant {
	return []Variant{
		{
			Name: "fleet-per-order", Why: "PO-UC3-02: the answer names the fleet that took the licences, the one sent or another one; here always a new one.",
			Seam: func() partner.Seam {
				return partner.Seam{Rules: func(r partner.Rules) partner.Rules {
					r.Fleet = func(string) string { return "" }
					return r
				}}
			},
		},
		{
			Name: "fleet-per-offering", Why: "PO-UC3-02: the answer names the fleet that took the licences; here each offering of a customer has its own.",
			Seam: func() partner.Seam {
				return grouped(func(order any) string {
					return text(at(order, "customer", "id")) + "." + offeringOf(order)
				}, true)
			},
		},
		{
			Name: "fleet-per-customer", Why: "GEN-05 wants two fleets to differ, not a fleet and its customer: a customer has one fleet, with the customer's id.",
			Seam: func() partner.Seam {
				return grouped(func(order any) string { return text(at(order, "customer", "id")) }, false)
			},
		},
		{
			Name: "unknown-fleet-met-in-a-new-one", Why: "PO-UC3-04: an order that names an unknown fleet may be met in a new fleet that the answer names.",
			Seam: unknownFleetIsNew,
		},
		{
			Name: "unknown-fleet-not-found", Why: "US-UC1-04: GET for an unknown fleet may answer 4xx.",
			Seam: func() partner.Seam { return unknownFleet(http.StatusNotFound) },
		},
		{
			Name: "unknown-fleet-bad-request", Why: "US-UC1-04: GET for an unknown fleet may answer 4xx, whichever.",
			Seam: func() partner.Seam { return unknownFleet(http.StatusBadRequest) },
		},
	}
}

func firstItem(order any) map[string]any {
	items, _ := at(order, "orderItem").([]any)
	if len(items) == 0 {
		return nil
	}
	item, _ := items[0].(map[string]any)
	return item
}

func offeringOf(order any) string {
	return text(at(firstItem(order), "productOffering", "externalReference", "id"))
}

func fleetOf(order any) string { return text(at(firstItem(order), "productRef", "id")) }

// groups shows several of the reference's fleets as one.
type groups struct {
	key func(order any) string // the outer fleet of a completed order
	// own says that a fleet takes orders of its own offering only; those of others are met elsewhere.
	own bool

	mu       sync.Mutex
	outer    map[string]string   // by the reference's fleet
	inner    map[string][]string // by outer fleet
	offering map[string]string   // by outer fleet
}

func grouped(key func(order any) string, own bool) partner.Seam {
	g := &groups{key: key, own: own, outer: map[string]string{}, inner: map[string][]string{}, offering: map[string]string{}}
	return partner.Join(
		onExchanges(func(next http.Handler, x *exchange) {
			switch x.kind {
			case aFleet:
				g.consult(next, x)
				return
			case anOrder:
				g.order(x)
			}
			x.serve(next)
		}),
		onMessages(g.rename),
	)
}

// order sends an order into one of the reference's fleets.
func (g *groups) order(x *exchange) {
	doc, _ := decode(x.sent)
	ref, _ := at(firstItem(doc), "productRef").(map[string]any)
	g.mu.Lock()
	inner, offering := g.inner[fleetOf(doc)], g.offering[fleetOf(doc)]
	g.mu.Unlock()
	switch {
	case len(inner) == 0:
		return
	case g.own && offering != offeringOf(doc):
		delete(ref, "id")
	default:
		ref["id"] = inner[0]
	}
	x.sent = encode(doc)
}

// consult joins the licences of a group.
func (g *groups) consult(next http.Handler, x *exchange) {
	query := x.request.URL.Query()
	g.mu.Lock()
	inner := slices.Clone(g.inner[query.Get("productRefId")])
	g.mu.Unlock()
	if len(inner) == 0 {
		x.serve(next)
		return
	}
	licences := []any{}
	for _, fleet := range inner {
		query.Set("productRefId", fleet)
		x.request.URL.RawQuery = query.Encode()
		x.serve(next)
		doc, _ := decode(x.body)
		part, _ := doc.([]any)
		licences = append(licences, part...)
	}
	x.body = encode(licences)
}

func (g *groups) rename(m *message) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if fleet := fleetOf(m.doc); m.kind == anOrder && m.state() == "completed" && fleet != "" && g.outer[fleet] == "" {
		outer := g.key(m.doc)
		g.outer[fleet], g.offering[outer] = outer, offeringOf(m.doc)
		g.inner[outer] = append(g.inner[outer], fleet)
	}
	walk(m.doc, func(fields map[string]any) {
		if outer := g.outer[text(fields["relatedProductRefId"])]; outer != "" {
			fields["relatedProductRefId"] = outer
		}
		if ref, ok := fields["productRef"].(map[string]any); ok && g.outer[text(ref["id"])] != "" {
			ref["id"] = g.outer[text(ref["id"])]
		}
	})
}

// unknownFleetIsNew relies on the reference asking both rules in one transaction, one right after the other.
func unknownFleetIsNew() partner.Seam {
	return partner.Seam{Rules: func(r partner.Rules) partner.Rules {
		refuse, fleet := r.Refuse, r.Fleet
		var unknown atomic.Bool
		r.Refuse = func(reason error) error {
			if reason := reason.Error(); strings.HasPrefix(reason, "fleet ") && strings.Contains(reason, "is not known") {
				unknown.Store(true)
				return nil
			}
			return refuse(reason)
		}
		r.Fleet = func(named string) string {
			if unknown.Swap(false) {
				return ""
			}
			return fleet(named)
		}
		return r
	}}
}

// unknownFleet answers GET for a fleet that no order has made.
func unknownFleet(status int) partner.Seam {
	var known sync.Map
	return partner.Join(
		onMessages(func(m *message) {
			if fleet := fleetOf(m.doc); m.kind == anOrder && m.state() == "completed" && fleet != "" {
				known.Store(fleet, true)
			}
		}),
		onAnswers(func(m *message) {
			if m.kind != aFleet {
				return
			}
			if _, ok := known.Load(m.request.URL.Query().Get("productRefId")); !ok {
				m.status, m.doc = status, refusal("There is no such fleet.")
			}
		}),
	)
}

func refusal(why string) map[string]any {
	return map[string]any{"code": 60, "message": "Resource not found", "description": why}
}
