package defect

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// orders is about what an order of licences is answered, and what its licences look like.
func orders() []Defect {
	return family("orders", slices.Concat(wrongAnswers(), unknownOfferings(), wrongItems()))
}

func wrongAnswers() []Defect {
	return []Defect{
		{
			Name: "fleet-id-missing", Requirement: "PO-UC2-01", Mode: Sync,
			How: "The answer holds the order's id only; the fleet's is to be read elsewhere.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte { return remove(order, fleetPath) })
			},
		},
		{
			Name: "fleet-id-on-the-order", Requirement: "PO-UC2-01", Mode: Sync,
			How: "The fleet's id stands on the order itself, because an order has one item anyway.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte {
					return remove(set(order, "productRef.id", text(order, fleetPath)), fleetPath)
				})
			},
		},
		{
			Name: "order-answered-failed", Requirement: "PO-UC2-01", Mode: Sync,
			How: "The state is set before the licences are saved and not again afterwards.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if isOrder(x.request) && has(x.body, "orderItem.0") && completed(x.body) {
						x.body = set(x.body, "state", "failed")
					}
				})
			},
		},
		{
			Name: "order-crashes", Requirement: "PO-UC2-01", Mode: Sync,
			How: "The e-mail server is down, and an order ends with the welcome mail.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if isOrder(x.request) && hasItem(x.body) && completed(x.body) {
						x.status, x.body = http.StatusInternalServerError, []byte(crash().body)
					}
				})
			},
		},
		{
			Name: "async-order-refused", Requirement: "PO-UC2-06", Mode: Async,
			How: "The queue demands a call-back address in the order, which Orange does not send.",
			Seam: func() partner.Seam {
				return onOrder(hasItem, func() *reply { return reject("callbackUrl is required") })
			},
		},
		{
			Name: "async-order-completed-at-once", Requirement: "PO-UC2-06", Mode: Async,
			How: "Small orders are done before the answer is written, so that it says completed.",
			Seam: func() partner.Seam {
				return rules(func(r *partner.Rules) { r.OrderAtOnce = func(wire.ProductOrder) bool { return true } })
			},
		},
	}
}

func unknownOfferings() []Defect {
	return []Defect{
		{
			Name: "unknown-offering-accepted", Requirement: "PO-UC2-04", Mode: Both,
			How:  "The code is stored as text and never looked up in a catalogue.",
			Seam: func() partner.Seam { return unrefused("not in the catalogue") },
		},
		{
			Name: "unknown-offering-crashes", Requirement: "PO-UC2-04", Mode: Both,
			How:  "The catalogue's lookup returns null, and its price is read all the same.",
			Seam: func() partner.Seam { return onOrder(unknownOffering, crash) },
		},
		{
			Name: "unknown-offering-made-though-refused", Requirement: "PO-UC2-04", Mode: Both,
			How:  "Licences are created first and checked against the catalogue afterwards, without a transaction around both.",
			Seam: madeThoughRefused,
		},
	}
}

func wrongItems() []Defect {
	return []Defect{
		{
			Name: "item-without-state", Requirement: "PO-UC2-09", Mode: Both,
			How: "The state is kept on the order only.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte { return remove(order, "orderItem.0.state") })
			},
		},
		{
			Name: "item-still-acknowledged", Requirement: "PO-UC2-09", Mode: Both,
			How: "Completing the order does not touch its item, which stays as it was first stored.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte { return set(order, "orderItem.0.state", "acknowledged") })
			},
		},
		{
			Name: "item-failed", Requirement: "PO-UC2-09", Mode: Both,
			How: "The item's state is an enum whose default, failed, is never changed.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte { return set(order, "orderItem.0.state", "failed") })
			},
		},
		{
			Name: "failed-item-completed", Requirement: "PO-UC2-09", Mode: Both,
			How: "The item's state says that the item was handled, and a refused one was.",
			Seam: func() partner.Seam {
				return onOrders(func(order []byte) []byte {
					if state(order) == string(wire.Failed) {
						return set(order, "orderItem.0.state", string(wire.Completed))
					}
					return order
				})
			},
		},
		{
			Name: "item-given-back-twice", Requirement: "PO-UC2-09", Mode: Both,
			How: "The item as ordered and the item as produced both stand in the list.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte {
					item := []byte(gjson.GetBytes(order, "orderItem.0").Raw)
					return put(order, "orderItem", array([][]byte{item, item}))
				})
			},
		},
		{
			Name: "item-of-another-offering", Requirement: "PO-UC2-09", Mode: Both,
			How: "The partner's own product code is given back where Orange's was sent.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte {
					return change(order, offeringPath, func(old gjson.Result) any { return "SKU-" + old.String() })
				})
			},
		},
		{
			Name: "item-quantity-is-the-fleets", Requirement: "PO-UC2-09", Mode: Both,
			How: "The quantity that comes back is counted in the fleet instead of taken from the order.",
			Seam: func() partner.Seam {
				var held memo[int64]
				return onCompleted(func(order []byte) []byte {
					fleet := text(order, fleetPath)
					before, _ := held.get(fleet)
					all := before + gjson.GetBytes(order, quantityPath).Int()
					held.set(fleet, all)
					return set(order, quantityPath, all)
				})
			},
		},
	}
}

// hasItem tells an order of licences.
func hasItem(order []byte) bool { return has(order, "orderItem.0") }

// unknownOffering tells an order of something that Orange made up: its codes for that say so.
func unknownOffering(order []byte) bool {
	return strings.Contains(text(order, offeringPath), "NO-SUCH")
}

// madeThoughRefused orders, before it lets an order of an unknown offering be refused, the same of a known one.
func madeThoughRefused() partner.Seam {
	const mark = "-made-first"
	return partner.Join(
		handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
			order := slurp(r)
			if fleet := text(order, fleetPath); isOrder(r) && unknownOffering(order) && fleet != "" {
				if there := licencesOf(next, r, fleet); len(there) > 0 {
					good := set(order, offeringPath, there[0].Get("productOffering.externalReference.id").String())
					ask(next, r, http.MethodPost, r.URL.Path, set(good, referencePath, text(order, referencePath)+mark))
				}
			}
			next.ServeHTTP(w, r)
		}),
		partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
			if strings.HasSuffix(text(d.Body, "resource."+referencePath), mark) {
				return nil
			}
			return next(ctx, d)
		}})
}

// made is about the licences that an order makes.
func made() []Defect {
	return family("licences", slices.Concat(licenceStates(), licenceLinks(), strangers()))
}

func licenceStates() []Defect {
	return []Defect{
		{
			Name: "licence-inactive-at-first", Requirement: "PO-UC2-03", Mode: Both,
			How: "A licence becomes active when its first user signs in.",
			Seam: func() partner.Seam {
				var touched memo[bool]
				return onLicences(func(l []byte) []byte {
					id := text(l, "id")
					if state(l) != string(wire.Active) {
						touched.set(id, true)
					} else if changed, _ := touched.get(id); !changed {
						return set(l, "state", string(wire.Inactive))
					}
					return l
				})
			},
		},
		{
			Name: "licence-without-state", Requirement: "PO-UC2-03", Mode: Both,
			How: "Only licences that are not active carry a state.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte {
					if state(l) == string(wire.Active) {
						return remove(l, "state")
					}
					return l
				})
			},
		},
	}
}

func licenceLinks() []Defect {
	return []Defect{
		{
			Name: "licence-without-fleet", Requirement: "PO-UC2-03", Mode: Both,
			How: "Orange asked for the fleet, so its id seems not worth repeating in each licence.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte { return remove(l, "relatedProductRefId") })
			},
		},
		{
			Name: "licence-names-the-customer", Requirement: "PO-UC2-03", Mode: Both,
			How: "relatedProductRefId is filled with the account that the licence belongs to.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte {
					return change(l, "relatedProductRefId", func(old gjson.Result) any { return "account-" + old.String() })
				})
			},
		},
		{
			Name: "licence-without-offering", Requirement: "PO-UC2-03", Mode: Both,
			How: "The offering is known to the order only, and licences are not linked to orders.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte { return remove(l, "productOffering") })
			},
		},
		{
			Name: "licence-offering-by-name", Requirement: "PO-UC2-03", Mode: Both,
			How: "The offering is shown by the name that people know, without Orange's code.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte { return remove(l, "productOffering.externalReference") })
			},
		},
		{
			Name: "licence-offering-own-code", Requirement: "PO-UC2-03", Mode: Both,
			How: "The licence names the partner's own product instead of the offering that was ordered.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte {
					return change(l, "productOffering.externalReference.id", func(old gjson.Result) any { return "SKU-" + old.String() })
				})
			},
		},
	}
}

func strangers() []Defect {
	return []Defect{
		{
			Name: "neighbours-licence-shown", Requirement: "PO-UC2-11", Mode: Both,
			How: "The query joins the fleets of one reseller, and to the partner Orange is one reseller.",
			Seam: func() partner.Seam {
				return neighbour(func(licence []byte, _ string) []byte { return licence })
			},
		},
		{
			Name: "neighbours-licence-moved", Requirement: "PO-UC2-11", Mode: Both,
			How: "A free licence of any customer is handed out again, and so stands in two fleets.",
			Seam: func() partner.Seam {
				return neighbour(func(licence []byte, fleet string) []byte { return set(licence, "relatedProductRefId", fleet) })
			},
		},
	}
}

// neighbour adds to the list of each fleet but the first a licence of another one, always the same.
func neighbour(rewrite func(licence []byte, fleet string) []byte) partner.Seam {
	var known fleets
	var strangers memo[[]byte]
	return partner.Join(handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		fleet, all := r.URL.Query().Get("productRefId"), known.all()
		if !isFleet(r) || !slices.Contains(all, fleet) || fleet == all[0] {
			next.ServeHTTP(w, r)
			return
		}
		stranger := strangers.once(fleet, func() []byte {
			for _, other := range all {
				if there := licencesOf(next, r, other); other != fleet && len(there) > 0 {
					return rewrite([]byte(there[0].Raw), fleet)
				}
			}
			return nil
		})
		shown := raws(licencesOf(next, r, fleet))
		if stranger != nil {
			shown = append(shown, stranger)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(array(shown)) // a caller that has gone misses nothing
	}), known.watch())
}
