package defect

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// more is about orders into a fleet that Orange knows (ProductOrdering UC3).
func more() []Defect {
	return family("fleets", slices.Concat(deltas(), unnamedFleets(), changedEarlier(), unknownFleets()))
}

func deltas() []Defect {
	return []Defect{
		{
			Name: "quantity-is-total", Requirement: "PO-UC3-01", Mode: Both,
			How: "The quantity is taken for what the fleet shall hold, not for what is added to it.",
			Seam: func() partner.Seam {
				return partner.Join(intoFleet(func(next http.Handler, r *http.Request, fleet string, order []byte) []byte {
					return fewer(order, gjson.GetBytes(order, quantityPath).Int()-int64(len(licencesOf(next, r, fleet))))
				}), mended(quantityPath))
			},
		},
		{
			Name: "more-licences-one-short", Requirement: "PO-UC3-01", Mode: Both,
			How: "The number of the fleet's last licence is counted into the new ones.",
			Seam: func() partner.Seam {
				return partner.Join(intoFleet(func(_ http.Handler, _ *http.Request, _ string, order []byte) []byte {
					return fewer(order, gjson.GetBytes(order, quantityPath).Int()-1)
				}), mended(quantityPath))
			},
		},
		{
			Name: "more-licences-ignored", Requirement: "PO-UC3-01", Mode: Both,
			How: "The fleet exists, so the order counts as done: a create-if-missing that does no more.",
			Seam: func() partner.Seam {
				return onLists(firstBatch())
			},
		},
		{
			Name: "more-licences-refused", Requirement: "PO-UC3-01", Mode: Both,
			How: "A unique index allows one order for each customer, and the second is a conflict.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return strings.HasPrefix(text(order, fleetPath), "flt_") },
					func() *reply {
						return jsonReply(http.StatusConflict,
							`{"code":65,"message":"Conflict","description":"the customer has a fleet already"}`)
					})
			},
		},
	}
}

func unnamedFleets() []Defect {
	return []Defect{
		{
			Name: "more-without-fleet", Requirement: "PO-UC3-02", Mode: Both,
			How: "Orange sent the fleet's id, so the answer leaves it out.",
			Seam: func() partner.Seam {
				var known fleets
				return onCompleted(func(order []byte) []byte {
					fleet := text(order, fleetPath)
					if known.known(fleet) {
						return remove(order, fleetPath)
					}
					known.add(fleet)
					return order
				})
			},
		},
		{
			Name: "more-in-an-unnamed-fleet", Requirement: "PO-UC3-02", Mode: Both,
			How: "Each order makes a fleet of its own, but the answer repeats the one that Orange sent.",
			Seam: func() partner.Seam {
				var sent memo[string]
				return partner.Join(
					rules(func(r *partner.Rules) { r.Fleet = func(string) string { return "" } }),
					onRequest(isOrder, func(order []byte) []byte {
						sent.set(text(order, referencePath), text(order, fleetPath))
						return order
					}),
					onCompleted(func(order []byte) []byte {
						if fleet, _ := sent.get(text(order, referencePath)); fleet != "" {
							return set(order, fleetPath, fleet)
						}
						return order
					}))
			},
		},
	}
}

func changedEarlier() []Defect {
	return []Defect{
		{
			Name: "earlier-licences-lost", Requirement: "PO-UC3-03", Mode: Both,
			How: "The fleet's list is replaced by the new licences instead of being added to.",
			Seam: func() partner.Seam {
				return earlier(func([]byte) []byte { return nil })
			},
		},
		{
			Name: "earlier-licences-inactive", Requirement: "PO-UC3-03", Mode: Both,
			How: "Each order ends the subscription that was there, and its licences with it.",
			Seam: func() partner.Seam {
				return earlier(func(l []byte) []byte { return set(l, "state", string(wire.Inactive)) })
			},
		},
		{
			Name: "earlier-logins-renewed", Requirement: "PO-UC3-03", Mode: Both,
			How: "Provisioning runs again for the whole fleet and gives every licence a new login.",
			Seam: func() partner.Seam {
				return earlier(func(l []byte) []byte {
					return change(l, "right.0.loginKeyValue.value", func(old gjson.Result) any { return old.String() + "-2" })
				})
			},
		},
		{
			Name: "earlier-licences-renumbered", Requirement: "PO-UC3-03", Mode: Both,
			How: "An order writes the whole fleet anew, with new keys for the rows that were there.",
			Seam: func() partner.Seam {
				return earlier(func(l []byte) []byte { return set(l, "id", text(l, "id")+"-2") })
			},
		},
		{
			Name: "earlier-users-unlinked", Requirement: "PO-UC3-03", Mode: Both, Needs: userAdd,
			How: "Assignments are kept by version of the fleet, and an order makes a new version.",
			Seam: func() partner.Seam {
				return earlier(func(l []byte) []byte { return remove(l, "endUser") })
			},
		},
		{
			Name: "suspended-licences-woken", Requirement: "PO-UC3-03", Mode: Both,
			How: "An order renews the subscription of its fleet, and a renewed subscription is active with all that it holds.",
			Seam: func() partner.Seam {
				return earlier(func(l []byte) []byte {
					if state(l) == string(wire.Inactive) {
						return set(l, "state", string(wire.Active))
					}
					return l
				})
			},
		},
		{
			Name: "second-offering-ignored", Requirement: "PO-UC3-05", Mode: Both, Needs: "twoOfferings",
			How: "The offering belongs to the fleet, so that new licences get the fleet's whatever was ordered.",
			Seam: func() partner.Seam {
				return shareOffering(func(licences []gjson.Result) gjson.Result { return licences[0] })
			},
		},
		{
			Name: "second-offering-for-all", Requirement: "PO-UC3-05", Mode: Both, Needs: "twoOfferings",
			How: "The offering belongs to the fleet, and the last order changes it for all its licences.",
			Seam: func() partner.Seam {
				return shareOffering(func(licences []gjson.Result) gjson.Result { return licences[len(licences)-1] })
			},
		},
	}
}

func unknownFleets() []Defect {
	return []Defect{
		{
			Name: "unknown-fleet-crashes", Requirement: "PO-UC3-04", Mode: Both,
			How:  "The fleet is looked up and used without looking whether it was found.",
			Seam: func() partner.Seam { return onOrder(unknownFleet, crash) },
		},
		{
			Name: "unknown-fleet-taken-as-sent", Requirement: "PO-UC3-04", Mode: Both,
			How: "The order is stored with the fleet's id as it came, without a foreign key: completed, and the licences hang nowhere.",
			Seam: func() partner.Seam {
				var sent memo[string]
				return partner.Join(unrefused("is not known for this customer"),
					onRequest(isOrder, func(order []byte) []byte {
						if unknownFleet(order) {
							sent.set(text(order, referencePath), text(order, fleetPath))
						}
						return order
					}),
					onCompleted(func(order []byte) []byte {
						if fleet, unknown := sent.get(text(order, referencePath)); unknown {
							return set(order, fleetPath, fleet)
						}
						return order
					}))
			},
		},
		{
			Name: "unknown-fleet-is-the-first", Requirement: "PO-UC3-04", Mode: Both,
			How: "The query falls back to the first row where the id is not found, and that is another customer's fleet.",
			Seam: func() partner.Seam {
				var known fleets
				return partner.Join(known.watch(), unrefused("is not known for this customer"),
					rules(func(r *partner.Rules) {
						r.Fleet = func(named string) string {
							if all := known.all(); named != "" && !known.known(named) && len(all) > 0 {
								return all[0]
							}
							return named
						}
					}))
			},
		},
	}
}

// unknownFleet tells an order into a fleet that is none of the reference's.
func unknownFleet(order []byte) bool {
	fleet := text(order, fleetPath)
	return fleet != "" && !strings.HasPrefix(fleet, "flt_")
}

// intoFleet rewrites orders into a known fleet.
func intoFleet(rewrite func(next http.Handler, r *http.Request, fleet string, order []byte) []byte) partner.Seam {
	return handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if isOrder(r) {
			order := slurp(r)
			if fleet := text(order, fleetPath); fleet != "" && !unknownFleet(order) {
				order = rewrite(next, r, fleet, order)
			}
			r.Body, r.ContentLength = readCloser(order), int64(len(order))
		}
		next.ServeHTTP(w, r)
	})
}

// fewer lowers the quantity of an order, down to 1; one that is wrong already stays so.
func fewer(order []byte, quantity int64) []byte {
	if sent := gjson.GetBytes(order, quantityPath); sent.Type != gjson.Number || sent.Num != float64(sent.Int()) || sent.Num < 2 {
		return order
	}
	return set(order, quantityPath, max(quantity, 1))
}

// mended gives a field of completed orders back as it was sent, whatever was done with it in between.
func mended(path string) partner.Seam {
	var sent memo[any]
	return partner.Join(
		onCompleted(func(order []byte) []byte {
			if value, ok := sent.get(text(order, referencePath)); ok {
				return set(order, path, value)
			}
			return order
		}),
		onRequest(isOrder, func(order []byte) []byte {
			if value := gjson.GetBytes(order, path); value.Exists() {
				sent.set(text(order, referencePath), value.Value())
			}
			return order
		}))
}

// firstBatch shows of each fleet only the licences that it had when it was first read.
func firstBatch() func(*exchange, []gjson.Result) []byte {
	var sizes memo[int]
	return func(x *exchange, licences []gjson.Result) []byte {
		n := sizes.once(asked(x), func() int { return len(licences) })
		return array(raws(licences)[:min(n, len(licences))])
	}
}

// earlier rewrites, once licences were added to a fleet, those that it had before; nil leaves one out.
func earlier(rewrite func(licence []byte) []byte) partner.Seam {
	var before, pending memo[map[string]bool]
	return partner.Join(
		onCompleted(func(order []byte) []byte {
			if ids, ok := pending.get(text(order, referencePath)); ok {
				before.set(text(order, fleetPath), ids)
			}
			return order
		}),
		onLists(func(x *exchange, licences []gjson.Result) []byte {
			old, _ := before.get(asked(x))
			var out [][]byte
			for _, l := range licences {
				shown := []byte(l.Raw)
				if old[l.Get("id").String()] {
					shown = rewrite(shown)
				}
				if shown != nil {
					out = append(out, shown)
				}
			}
			return array(out)
		}),
		intoFleet(func(next http.Handler, r *http.Request, fleet string, order []byte) []byte {
			ids := map[string]bool{}
			for _, l := range licencesOf(next, r, fleet) {
				ids[l.Get("id").String()] = true
			}
			pending.set(text(order, referencePath), ids)
			return order
		}))
}

// shareOffering shows all licences of a fleet that was ordered into twice on the offering of one.
func shareOffering(of func(licences []gjson.Result) gjson.Result) partner.Seam {
	var orders memo[int]
	return partner.Join(
		onCompleted(func(order []byte) []byte {
			fleet := text(order, fleetPath)
			n, _ := orders.get(fleet)
			orders.set(fleet, n+1)
			return order
		}),
		onLists(func(x *exchange, licences []gjson.Result) []byte {
			if n, _ := orders.get(asked(x)); n < 2 || len(licences) == 0 {
				return x.body
			}
			offering := of(licences).Get("productOffering").Raw
			return each(x.body, "", func(l []byte) []byte { return put(l, "productOffering", []byte(offering)) })
		}))
}
