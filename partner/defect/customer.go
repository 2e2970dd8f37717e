package defect

import (
	"html"
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// customers is about ProductOrdering UC1.
func customers() []Defect {
	return family("customer", slices.Concat(refusedCustomers(), missingIDs(), producedTooSoon(), customersLate()))
}

func refusedCustomers() []Defect {
	return []Defect{
		{
			Name: "customer-needs-item", Requirement: "PO-UC1-01", Mode: Both,
			How: "The validation demands an order item in each order, as in any shop.",
			Seam: func() partner.Seam {
				return onOrder(isCustomerOrder, func() *reply { return reject("orderItem must not be empty") })
			},
		},
		{
			Name: "customer-crashes-without-item", Requirement: "PO-UC1-01", Mode: Both,
			How:  "The code reads orderItem[0] before it looks whether there is one.",
			Seam: func() partner.Seam { return onOrder(isCustomerOrder, crash) },
		},
		{
			Name: "orange-contact-unknown-role", Requirement: "PO-UC1-01", Mode: Both,
			How: "The enum of roles was written from the customer's contacts and lacks orangeContact.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return strings.Contains(string(order), string(wire.OrangeContact)) },
					func() *reply { return reject("relatedContact[2].role: no enum constant orangeContact") })
			},
		},
		{
			Name: "customer-answered-failed", Requirement: "PO-UC1-01", Mode: Both,
			How: "Nothing was produced, so the order counts as failed.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return set(set(order, "state", "failed"), "note.text", "nothing to produce")
				})
			},
		},
	}
}

func missingIDs() []Defect {
	return []Defect{
		{
			Name: "customer-id-missing", Requirement: "PO-UC1-02", Mode: Both,
			How: "The answer repeats the request, and the id stays in the partner's database.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte { return remove(order, "customer.id") })
			},
		},
		{
			Name: "customer-left-out", Requirement: "PO-UC1-02", Mode: Both,
			How: "The answer holds the order's own fields only, because the request held the customer already.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte { return remove(order, "customer") })
			},
		},
		{
			Name: "customer-id-misnamed", Requirement: "PO-UC1-02", Mode: Both,
			How: "The partner's API calls the field customerId, and the mapping was forgotten.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return remove(set(order, "customer.customerId", text(order, "customer.id")), "customer.id")
				})
			},
		},
		{
			Name: "contact-ids-missing", Requirement: "PO-UC1-03", Mode: Both,
			How: "Contacts are stored as one JSON column without ids of their own.",
			Seam: func() partner.Seam {
				return onContacts(func(contact []byte) []byte { return remove(contact, "id") })
			},
		},
		{
			Name: "contact-ids-by-telephone", Requirement: "PO-UC1-03", Mode: Both,
			How: "A contact is stored under its telephone number, and one without a number is not stored.",
			Seam: func() partner.Seam {
				return onContacts(func(contact []byte) []byte {
					if has(contact, "mobileTelephoneNumber") {
						return contact
					}
					return remove(contact, "id")
				})
			},
		},
		{
			Name: "orange-contact-dropped", Requirement: "PO-UC1-03", Mode: Both,
			How: "Only the customer's contacts are kept: the partner sees no use in Orange's.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return keepContacts(order, func(i int, role string) bool { return role != string(wire.OrangeContact) })
				})
			},
		},
		{
			Name: "first-contact-only", Requirement: "PO-UC1-03", Mode: Both,
			How: "The partner's model has one contact for each customer and takes the first.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return keepContacts(order, func(i int, _ string) bool { return i == 0 })
				})
			},
		},
		{
			Name: "contacts-left-out", Requirement: "PO-UC1-03", Mode: Both,
			How: "Contacts are saved by a later process, so that the answer doesn't have them.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte { return remove(order, "relatedContact") })
			},
		},
	}
}

func producedTooSoon() []Defect {
	return []Defect{
		{
			Name: "fleet-with-the-customer", Requirement: "PO-UC1-04", Mode: Both,
			How: "Creating a customer opens an empty fleet at once: the product has a workspace for each customer.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return put(order, "orderItem", []byte(`[{"state":"completed","productRef":{"id":"flt_default"}}]`))
				})
			},
		},
		{
			Name: "trial-licence-with-the-customer", Requirement: "PO-UC1-04", Mode: Both,
			How: "Every new customer gets a trial licence, as on the partner's own web site.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return put(order, "orderItem", []byte(`[{"action":"add","state":"completed",`+
						`"productRef":{"id":"flt_trial","userServiceQuantity":1},`+
						`"productOffering":{"name":"Trial","externalReference":{"type":"orange","id":"TRIAL"}}}]`))
				})
			},
		},
		{
			Name: "trial-licence-under-the-customer", Requirement: "PO-UC1-04", Mode: Both,
			How:  "A new customer gets a licence to try, in a fleet with the customer's id that no answer names.",
			Seam: tryingOut,
		},
		{
			Name: "fleet-on-the-customer-order", Requirement: "PO-UC1-04", Mode: Both,
			How: "Opening an account makes its first workspace, whose id stands on the order itself.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return set(order, "productRef.id", "flt_"+text(order, referencePath))
				})
			},
		},
		{
			Name: "fleet-of-the-customer-named", Requirement: "PO-UC1-04", Mode: Both,
			How: "The customer's first workspace is told by the name that Orange will ask for it by.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return set(order, "customer.productRefId", "flt_"+text(order, referencePath))
				})
			},
		},
		{
			Name: "licences-with-the-customer", Requirement: "PO-UC1-04", Mode: Both,
			How: "A customer starts with a licence for its administrator, and the answer lists it.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return put(order, "userServices", []byte(`[{"id":"lic_admin","state":"active"}]`))
				})
			},
		},
		{
			Name: "fleet-in-the-customer", Requirement: "PO-UC1-04", Mode: Both,
			How: "The customer is given back as the partner's console shows it, with the workspace that it starts with.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return set(order, "customer.productRef.id", "flt_"+text(order, referencePath))
				})
			},
		},
	}
}

func customersLate() []Defect {
	return []Defect{
		{
			Name: "customer-acknowledged-only", Requirement: "PO-UC1-05", Mode: Async,
			How: "An asynchronous partner acknowledges each order, and its batch that sends events looks at order items only.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if isOrder(x.request) && completed(x.body) {
						x.status = http.StatusAccepted
						x.body = remove(set(x.body, "state", "acknowledged"), "completionDate")
					}
				})
			},
		},
		{
			Name: "customer-by-event-without-order", Requirement: "PO-UC1-05", Mode: Async,
			How: "Customers go through the queue like licences, but the event is made from the order item, and there is none.",
			Seam: func() partner.Seam {
				return partner.Join(rules(func(r *partner.Rules) { r.OrderAtOnce = func(wire.ProductOrder) bool { return false } }),
					onEvent(func(d *partner.Delivery) {
						if isOrderEvent(d) && !has(d.Body, "resource.orderItem") {
							d.Body = remove(d.Body, "resource.id", "resource.externalReference")
						}
					}))
			},
		},
	}
}

func keepContacts(order []byte, keep func(i int, role string) bool) []byte {
	var kept [][]byte
	for i, contact := range gjson.GetBytes(order, "relatedContact").Array() {
		if keep(i, contact.Get("role").String()) {
			kept = append(kept, []byte(contact.Raw))
		}
	}
	return put(order, "relatedContact", array(kept))
}

// texts is about what happens to the values of French companies.
func texts() []Defect {
	return family("texts", []Defect{
		{
			Name: "accents-mojibake", Requirement: "PO-UC1-06", Mode: Both,
			How:  "The body is read as Latin-1 although it is UTF-8, so that é becomes Ã©.",
			Seam: func() partner.Seam { return onTexts(mojibake) },
		},
		{
			Name: "accents-dropped", Requirement: "PO-UC1-06", Mode: Both,
			How: "Names are transliterated to ASCII for an old back end.",
			Seam: func() partner.Seam {
				return onTexts(func(s string) string {
					return strings.NewReplacer("é", "e", "É", "E", "è", "e", "ï", "i", "ë", "e", "ñ", "n", "Œ", "OE", "œ", "oe",
						"ÿ", "y", "Ÿ", "Y", "ç", "c", "Ç", "C").Replace(s)
				})
			},
		},
		{
			Name: "accents-question-marks", Requirement: "PO-UC1-06", Mode: Both,
			How: "The database's character set can't hold all letters and stores a question mark for the others.",
			Seam: func() partner.Seam {
				return onTexts(func(s string) string {
					return strings.Map(func(c rune) rune {
						if c > 0x7f {
							return '?'
						}
						return c
					}, s)
				})
			},
		},
		{
			Name: "long-names-cut", Requirement: "PO-UC1-06", Mode: Both,
			How: "The column for the company's name holds 40 characters.",
			Seam: func() partner.Seam {
				return onTexts(func(s string) string {
					if r := []rune(s); len(r) > 40 {
						return string(r[:40])
					}
					return s
				})
			},
		},
		{
			Name: "names-escaped-for-html", Requirement: "PO-UC1-06", Mode: Both,
			How:  "Input is escaped for HTML when it arrives, and comes back as &amp; and &#39;.",
			Seam: func() partner.Seam { return onTexts(html.EscapeString) },
		},
	})
}

// onTexts changes what people would read in a customer that is given back.
func onTexts(rewrite func(string) string) partner.Seam {
	changed := func(old gjson.Result) any { return rewrite(old.String()) }
	return onCustomers(func(order []byte) []byte {
		for _, path := range []string{"customer.tradingName", "customer.postalAddress.streetName", "customer.postalAddress.city"} {
			order = change(order, path, changed)
		}
		return each(order, "relatedContact", func(contact []byte) []byte {
			return change(change(contact, "givenName", changed), "familyName", changed)
		})
	})
}

// tryingOut shows a licence in a fleet with the id of each new customer.
func tryingOut() partner.Seam {
	var customers fleets
	return partner.Join(
		onCustomers(func(order []byte) []byte {
			customers.add(text(order, "customer.id"))
			return order
		}),
		onAnswer(func(x *exchange) {
			if id := asked(x); isFleet(x.request) && customers.known(id) {
				x.status = http.StatusOK
				x.header.Set("Content-Type", "application/json")
				x.body = array([][]byte{set(set([]byte(`{"id":"trial","state":"active","productOffering":{"externalReference":{"type":"orange","id":"TRIAL"}}}`),
					"id", "trial-"+id), "relatedProductRefId", id)})
			}
		}),
	)
}
