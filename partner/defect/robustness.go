package defect

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// availability is about ping.
func availability() []Defect {
	return family("availability", []Defect{
		{
			Name: "ping-not-served", Requirement: "GEN-01", Mode: Both,
			How:  "The health check has another path, such as /health.",
			Seam: func() partner.Seam { return ping(reply{status: http.StatusNotFound}) },
		},
		{
			Name: "ping-needs-credentials", Requirement: "GEN-01", Mode: Both,
			How: "The gateway in front of the service protects every path.",
			Seam: func() partner.Seam {
				return ping(reply{status: http.StatusUnauthorized, header: map[string]string{"WWW-Authenticate": "Bearer"}})
			},
		},
		{
			Name: "ping-unavailable", Requirement: "GEN-01", Mode: Both,
			How:  "The health check counts a back end that this service does not need.",
			Seam: func() partner.Seam { return ping(reply{status: http.StatusServiceUnavailable}) },
		},
		{
			Name: "ping-redirects", Requirement: "GEN-01", Mode: Both,
			How: "The framework redirects to the path with a slash at its end.",
			Seam: func() partner.Seam {
				return ping(reply{status: http.StatusMovedPermanently, header: map[string]string{"Location": "/ping/"}})
			},
		},
		{
			Name: "ping-hangs-up", Requirement: "GEN-01", Mode: Both,
			How: "The proxy in front of the service drops paths that it does not know.",
			Seam: func() partner.Seam {
				return handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
					if strings.HasSuffix(r.URL.Path, "/ping") {
						panic(http.ErrAbortHandler)
					}
					next.ServeHTTP(w, r)
				})
			},
		},
		{
			Name: "ping-no-content", Requirement: "GEN-01", Mode: Both,
			How:  "The handler has nothing to say, and answers 204.",
			Seam: func() partner.Seam { return ping(reply{status: http.StatusNoContent}) },
		},
	})
}

func ping(a reply) partner.Seam {
	return instead(func(r *http.Request, _ []byte) *reply {
		if strings.HasSuffix(r.URL.Path, "/ping") {
			return &a
		}
		return nil
	})
}

// strictness is about requests with less or more in them than the partner had in mind.
func strictness() []Defect {
	return family("strictness", slices.Concat(needyCustomers(), needyOrders(), strangeMembers()))
}

func needyCustomers() []Defect {
	return []Defect{
		{
			Name: "customer-needs-siren", Requirement: "GEN-03", Mode: Both,
			How: "The partner's model demands a SIREN of each company.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool {
					return isCustomerOrder(order) && !has(order, "customer.registration")
				}, func() *reply { return reject("customer.registration is required") })
			},
		},
		{
			Name: "customer-without-address-crashes", Requirement: "GEN-03", Mode: Both,
			How: "The city is read from an address that is null.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool {
					return isCustomerOrder(order) && !has(order, "customer.postalAddress")
				}, crash)
			},
		},
		{
			Name: "contacts-need-a-telephone", Requirement: "GEN-03", Mode: Both,
			How: "The form that people fill in demands a telephone number, and the API shares its validation.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool {
					contacts := gjson.GetBytes(order, "relatedContact")
					return slices.ContainsFunc(contacts.Array(), func(c gjson.Result) bool {
						return !c.Get("fixedTelephoneNumber").Exists()
					})
				}, func() *reply { return reject("relatedContact[0].fixedTelephoneNumber is required") })
			},
		},
	}
}

func needyOrders() []Defect {
	return []Defect{
		{
			Name: "order-needs-a-start-date", Requirement: "GEN-03", Mode: Both,
			How: "The date of the contract is taken from requestedStartDate, which is optional.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return hasItem(order) && !has(order, "requestedStartDate") },
					func() *reply { return reject("requestedStartDate is required") })
			},
		},
		{
			Name: "order-needs-the-address", Requirement: "GEN-03", Mode: Both,
			How: "The address is read again from each order, although the customer was created with it or without.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return hasItem(order) && !has(order, "customer.postalAddress") }, crash)
			},
		},
		{
			Name: "item-needs-an-offering-name", Requirement: "GEN-03", Mode: Both,
			How: "The licence's title is the offering's name, taken from the order instead of the catalogue.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool {
					return hasItem(order) && !has(order, "orderItem.0.productOffering.name")
				}, func() *reply { return reject("orderItem[0].productOffering.name is required") })
			},
		},
	}
}

func strangeMembers() []Defect {
	return []Defect{
		{
			Name: "unknown-members-refused", Requirement: "GEN-04", Mode: Both,
			How: "The schema says additionalProperties: false, or Jackson runs with FAIL_ON_UNKNOWN_PROPERTIES.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return strange(order, "") }, func() *reply { return reject("unrecognised member") })
			},
		},
		{
			Name: "unknown-members-crash", Requirement: "GEN-04", Mode: Both,
			How: "A strict deserialiser throws, and no handler turns its exception into a 400.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return strange(order, "") }, crash)
			},
		},
		{
			Name: "unknown-item-members-refused", Requirement: "GEN-04", Mode: Both,
			How: "Only the type of the order item is generated strictly.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return strange(order, "orderItem.0") },
					func() *reply { return reject("unrecognised member of orderItem[0]") })
			},
		},
		{
			Name: "unknown-contact-members-refused", Requirement: "GEN-04", Mode: Both,
			How: "Only the table of contacts is filled member by member, and knows no column for others.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool {
					return slices.ContainsFunc(gjson.GetBytes(order, "relatedContact").Array(), func(c gjson.Result) bool {
						return holdsOther(c, "id", "externalReference", "role", "givenName", "familyName", "email", "fixedTelephoneNumber", "mobileTelephoneNumber", "characteristic")
					})
				}, func() *reply { return reject("unrecognised member of relatedContact[0]") })
			},
		},
		{
			Name: "unknown-update-members-refused", Requirement: "GEN-04", Mode: Both,
			How: "The type of the update is generated from a schema that closes its objects.",
			Seam: func() partner.Seam {
				return onUpdate(func(update []byte) bool {
					return holdsOther(gjson.ParseBytes(update), "externalReference", "userServices")
				}, func([]byte) *reply { return reject("unrecognised member") })
			},
		},
		{
			Name: "unknown-swap-members-refused", Requirement: "GEN-04", Mode: Both, Needs: "changeOffering",
			How: "Only the operation of a swap is generated strictly.",
			Seam: func() partner.Seam {
				return onUpdate(func(update []byte) bool {
					return holdsOther(gjson.GetBytes(update, "userServices.0.productOfferingOperation"), "action", "productOffering")
				}, func([]byte) *reply { return reject("unrecognised member") })
			},
		},
	}
}

// strange reports a member that the contract doesn't know, in an order or in its item.
func strange(order []byte, path string) bool {
	known := []string{
		"id", "externalReference", "state", "category", "orderDate", "requestedStartDate", "completionDate", "note",
		"customer", "relatedContact", "orderItem",
	}
	of := gjson.ParseBytes(order)
	if path != "" {
		known = []string{"id", "action", "state", "productRef", "productOffering", "endUserConfiguration"}
		of = of.Get(path)
	}
	return holdsOther(of, known...)
}

// holdsOther reports a member of an object with a name other than these.
func holdsOther(of gjson.Result, known ...string) bool {
	found := false
	of.ForEach(func(name, _ gjson.Result) bool {
		found = !slices.Contains(known, name.String())
		return !found
	})
	return found
}

// malformed is about requests that are to be refused.
func malformed() []Defect {
	return family("malformed requests", slices.Concat(brokenBodies(), incompleteItems(), incompleteUpdates()))
}

func brokenBodies() []Defect {
	return []Defect{
		{
			Name: "broken-json-crashes", Requirement: "GEN-13", Mode: Both,
			How: "The parser's exception is caught by the last handler, which answers 500.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return !json.Valid(order) }, crash)
			},
		},
		{
			Name: "broken-json-completed", Requirement: "GEN-13", Mode: Both,
			How: "The body is stored first and read later, so that each POST is answered with success.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return !json.Valid(order) }, func() *reply {
					return jsonReply(http.StatusOK,
						`{"id":"ord_stored","externalReference":{"type":"orange","id":"unknown"},"state":"completed"}`)
				})
			},
		},
	}
}

func incompleteItems() []Defect {
	return []Defect{
		{
			Name: "item-without-offering-crashes", Requirement: "GEN-13", Mode: Both,
			How: "item.getProductOffering().getExternalReference(): a null pointer.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return hasItem(order) && !has(order, offeringPath) }, crash)
			},
		},
		{
			Name: "item-without-offering-gets-default", Requirement: "GEN-13", Mode: Both,
			How: "The partner sells one product mainly, and takes it where none is named.",
			Seam: func() partner.Seam {
				var last memo[string]
				return onNew(func(order []byte) []byte {
					switch code := text(order, offeringPath); {
					case code != "" && !unknownOffering(order):
						last.set("", code)
					case json.Valid(order) && hasItem(order):
						if known, ok := last.get(""); ok && code == "" {
							return set(order, offeringPath, known)
						}
					}
					return order
				})
			},
		},
		{
			Name: "item-without-quantity-is-one", Requirement: "GEN-13", Mode: Both,
			How: "The field has the default 1 in the partner's model.",
			Seam: func() partner.Seam {
				return onNew(func(order []byte) []byte {
					if json.Valid(order) && hasItem(order) && !has(order, quantityPath) {
						return set(order, quantityPath, 1)
					}
					return order
				})
			},
		},
		{
			Name: "item-without-quantity-crashes", Requirement: "GEN-13", Mode: Both,
			How: "A missing Integer is unboxed to an int.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool {
					return json.Valid(order) && hasItem(order) && !has(order, quantityPath)
				}, crash)
			},
		},
	}
}

func incompleteUpdates() []Defect {
	return []Defect{
		{
			Name: "update-of-nothing-completed", Requirement: "GEN-13", Mode: Both,
			How: "A loop over no licence ends at once, and the update counts as completed.",
			Seam: func() partner.Seam {
				return onUpdate(func(update []byte) bool { return !has(update, "userServices.0") }, func(update []byte) *reply {
					reference := gjson.GetBytes(update, "externalReference").Raw
					return jsonReply(http.StatusOK, `{"externalReference":`+reference+`,"state":"completed"}`)
				})
			},
		},
		{
			Name: "update-without-id-crashes", Requirement: "GEN-13", Mode: Both,
			How: "The licence is looked up by null, which the repository answers with an exception.",
			Seam: func() partner.Seam {
				return onUpdate(func(update []byte) bool {
					licences := gjson.GetBytes(update, "userServices").Array()
					return slices.ContainsFunc(licences, func(l gjson.Result) bool { return !l.Get("id").Exists() })
				},
					func([]byte) *reply { return crash() })
			},
		},
	}
}

// onUpdate answers in the partner's place the updates that match.
func onUpdate(matches func(update []byte) bool, answer func(update []byte) *reply) partner.Seam {
	return instead(func(r *http.Request, sent []byte) *reply {
		if isUpdate(r) && matches(sent) {
			return answer(sent)
		}
		return nil
	})
}

// repetition is about requests that come twice.
func repetition() []Defect {
	return family("repetition", []Defect{
		{
			Name: "repeated-order-made-twice", Requirement: "GEN-15", Mode: Both,
			How: "Orange's reference is stored, but nobody looks whether it was there before.",
			Seam: func() partner.Seam {
				return rules(func(r *partner.Rules) { r.Key = func(wire.Reference) string { return "" } })
			},
		},
		{
			Name: "repeated-customer-made-twice", Requirement: "GEN-15", Mode: Both,
			How: "Each UC1 order inserts a customer; there is no unique index on Orange's reference.",
			Seam: func() partner.Seam {
				var seen memo[bool]
				return onCustomers(func(order []byte) []byte {
					reference := text(order, referencePath)
					if again, _ := seen.get(reference); again {
						return set(order, "customer.id", text(order, "customer.id")+"-2")
					}
					seen.set(reference, true)
					return order
				})
			},
		},
	})
}
