package defect

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
)

// identity is about the partner's own ids.
func identity() []Defect {
	return family("identity", slices.Concat(idsOfOrders(), idsOfContacts(), idsOfFleets()))
}

func idsOfOrders() []Defect {
	return []Defect{
		{
			Name: "order-ids-shared", Requirement: "GEN-05", Mode: Sync,
			How: "The order's id is a time in whole seconds, so that two orders of the same second share it.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte { return set(order, "id", "20260301090000") })
			},
		},
		{
			Name: "order-ids-by-customer", Requirement: "GEN-05", Mode: Sync,
			How: "Orders are numbered within their customer: each customer's first is order 1.",
			Seam: func() partner.Seam {
				var last memo[int]
				return onCompleted(func(order []byte) []byte {
					customer := text(order, "customer.id")
					n, _ := last.get(customer)
					last.set(customer, n+1)
					return set(order, "id", "order-"+strconv.Itoa(n+1))
				})
			},
		},
		{
			Name: "order-id-missing", Requirement: "GEN-05", Mode: Sync,
			How: "The order is recognised by Orange's reference only, and no id of its own is made.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte { return remove(order, "id") })
			},
		},
	}
}

func idsOfContacts() []Defect {
	return []Defect{
		{
			Name: "contact-ids-by-role", Requirement: "GEN-05", Mode: Both,
			How: "A contact's id is a row of the table of roles instead of the table of contacts.",
			Seam: func() partner.Seam {
				return onContacts(func(contact []byte) []byte { return set(contact, "id", "role-"+text(contact, "role")) })
			},
		},
		{
			Name: "contact-ids-by-customer-and-role", Requirement: "GEN-05", Mode: Both,
			How: "A customer has one contact of each role in the partner's model, and its key says so.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					id := text(order, "customer.id")
					return each(order, "relatedContact", func(contact []byte) []byte { return set(contact, "id", id+"-"+text(contact, "role")) })
				})
			},
		},
		{
			Name: "contact-ids-of-the-customer", Requirement: "GEN-05", Mode: Both,
			How: "Contacts are columns of the customer's row, so that all come back with the customer's id.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					id := text(order, "customer.id")
					return each(order, "relatedContact", func(contact []byte) []byte { return set(contact, "id", id) })
				})
			},
		},
		{
			Name: "contact-ids-by-position", Requirement: "GEN-05", Mode: Both,
			How: "A contact's id is its position in the customer's list, which every customer has.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					n := 0
					return each(order, "relatedContact", func(contact []byte) []byte {
						n++
						return set(contact, "id", "contact-"+strconv.Itoa(n))
					})
				})
			},
		},
	}
}

func idsOfFleets() []Defect {
	return []Defect{
		{
			Name: "fleet-ids-by-customer", Requirement: "GEN-05", Mode: Both,
			How:  "Fleets are numbered within their customer, and the customer is no part of the number.",
			Seam: fleetsNumberedAlike,
		},
		{
			Name: "licence-ids-by-fleet", Requirement: "GEN-05", Mode: Both,
			How: "Licences are numbered within their fleet: 1, 2, 3 in each.",
			Seam: func() partner.Seam {
				return onLists(func(_ *exchange, licences []gjson.Result) []byte {
					var out [][]byte
					for i, l := range licences {
						out = append(out, set([]byte(l.Raw), "id", fmt.Sprintf("lic-%d", i+1)))
					}
					return array(out)
				})
			},
		},
		{
			Name: "licence-ids-cut", Requirement: "GEN-05", Mode: Both,
			How: "The column is too short for the id and silently cuts it to what all ids begin with.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte {
					return change(l, "id", func(old gjson.Result) any { return old.String()[:min(4, len(old.String()))] })
				})
			},
		},
	}
}

// fleetsNumberedAlike shows each customer's first fleet as fleet-1: GET then finds the first of that name.
func fleetsNumberedAlike() partner.Seam {
	var (
		mu  sync.Mutex
		own string
	)
	const shown = "fleet-1"
	rename := onCompleted(func(order []byte) []byte {
		mu.Lock()
		defer mu.Unlock()
		if own == "" {
			own = text(order, fleetPath)
		}
		return set(order, fleetPath, shown)
	})
	list := onConsulted(func(l []byte) []byte { return set(l, "relatedProductRefId", shown) })
	resolve := handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if isFleet(r) {
			mu.Lock()
			r.URL.RawQuery = strings.ReplaceAll(r.URL.RawQuery, shown, own)
			mu.Unlock()
		}
		next.ServeHTTP(w, r)
	})
	back := onNew(func(order []byte) []byte {
		mu.Lock()
		defer mu.Unlock()
		if text(order, fleetPath) == shown {
			return set(order, fleetPath, own)
		}
		return order
	})
	return partner.Join(rename, list, resolve, back)
}

// references is about Orange's references, which come back as they were sent.
func references() []Defect {
	return family("references", slices.Concat(referencesOfOrders(), referencesOfOfferings(), referencesOfContacts(), referencesOfCustomers()))
}

func referencesOfOrders() []Defect {
	return []Defect{
		{
			Name: "order-reference-lost", Requirement: "GEN-06", Mode: Sync,
			How: "The answer is built from the partner's own order object, which has no place for Orange's reference.",
			Seam: func() partner.Seam {
				return onOrders(func(order []byte) []byte { return remove(order, "externalReference") })
			},
		},
		{
			Name: "order-reference-in-capitals", Requirement: "GEN-06", Mode: Sync,
			How: "References are normalised to capitals before they are stored.",
			Seam: func() partner.Seam {
				return onOrders(func(order []byte) []byte {
					return change(order, referencePath, func(old gjson.Result) any { return "REF-" + strings.ToUpper(old.String()) })
				})
			},
		},
		{
			Name: "order-reference-type-changed", Requirement: "GEN-06", Mode: Both,
			How: "The type is rebuilt from an enum of the partner's, which spells it its own way.",
			Seam: func() partner.Seam {
				return onOrders(func(order []byte) []byte {
					return change(order, "externalReference.type", func(gjson.Result) any { return "ORANGE_FR" })
				})
			},
		},
	}
}

func referencesOfOfferings() []Defect {
	return []Defect{
		{
			Name: "offering-reference-type-changed", Requirement: "GEN-06", Mode: Both,
			How: "The catalogue's own references have the partner's name for their type, and so has Orange's code in it.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte {
					return change(order, "orderItem.0.productOffering.externalReference.type", func(gjson.Result) any { return "partner" })
				})
			},
		},
		{
			Name: "licence-offering-reference-type-changed", Requirement: "GEN-06", Mode: Both,
			How: "A licence names its offering as the catalogue does, whose references have the partner's name for their type.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte {
					return change(l, "productOffering.externalReference.type", func(gjson.Result) any { return "partner" })
				})
			},
		},
	}
}

func referencesOfContacts() []Defect {
	return []Defect{
		{
			Name: "contact-references-lost", Requirement: "GEN-06", Mode: Both,
			How: "The table of contacts has no column for Orange's reference.",
			Seam: func() partner.Seam {
				return onContacts(func(contact []byte) []byte { return remove(contact, "externalReference") })
			},
		},
		{
			Name: "contact-reference-is-the-email", Requirement: "GEN-06", Mode: Both,
			How: "Contacts are keyed by their e-mail address, which comes back as the reference.",
			Seam: func() partner.Seam {
				return onContacts(func(contact []byte) []byte { return set(contact, "externalReference.id", text(contact, "email")) })
			},
		},
		{
			Name: "contact-reference-without-type", Requirement: "GEN-06", Mode: Both,
			How: "The table of contacts keeps the reference as one column: its id.",
			Seam: func() partner.Seam {
				return onContacts(func(contact []byte) []byte { return remove(contact, "externalReference.type") })
			},
		},
		{
			Name: "contact-references-reversed", Requirement: "GEN-06", Mode: Both,
			How:  "Contacts and references are read by two queries that sort the other way round.",
			Seam: func() partner.Seam { return onContactReferences(slices.Reverse[[]string]) },
		},
		{
			Name: "contact-reference-shared", Requirement: "GEN-06", Mode: Both,
			How: "A variable outside of the loop keeps the first contact's reference for all of them.",
			Seam: func() partner.Seam {
				return onContactReferences(func(references []string) {
					for i := range references {
						references[i] = references[0]
					}
				})
			},
		},
	}
}

// onContactReferences rewrites the references of the contacts in those answers, by position.
func onContactReferences(rewrite func(references []string)) partner.Seam {
	return onCustomers(func(order []byte) []byte {
		var references []string
		for _, contact := range gjson.GetBytes(order, "relatedContact").Array() {
			references = append(references, contact.Get(referencePath).String())
		}
		rewrite(references)
		for i, reference := range references {
			order = set(order, "relatedContact."+strconv.Itoa(i)+"."+referencePath, reference)
		}
		return order
	})
}

func referencesOfCustomers() []Defect {
	return []Defect{
		{
			Name: "customer-reference-lost", Requirement: "GEN-06", Mode: Both,
			How: "The customer comes back from the CRM, which knows its own id only.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte { return remove(order, "customer.externalReference") })
			},
		},
		{
			Name: "customer-reference-cut", Requirement: "GEN-06", Mode: Both,
			How: "The column for Orange's reference is VARCHAR(8), and the database cuts what is longer.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return change(order, "customer.externalReference.id", func(old gjson.Result) any {
						return old.String()[:min(8, len(old.String()))]
					})
				})
			},
		},
		{
			Name: "customer-reference-replaced", Requirement: "GEN-06", Mode: Both,
			How: "The partner puts its own id into externalReference too, taking it for a reference to itself.",
			Seam: func() partner.Seam {
				return onCustomers(func(order []byte) []byte {
					return set(order, "customer.externalReference.id", text(order, "customer.id"))
				})
			},
		},
		{
			Name: "customer-reference-of-another", Requirement: "GEN-06", Mode: Both,
			How: "A variable that all requests share holds the reference of the customer who came before.",
			Seam: func() partner.Seam {
				var mu sync.Mutex
				last := "C-0"
				return onCustomers(func(order []byte) []byte {
					mu.Lock()
					defer mu.Unlock()
					own := text(order, "customer.externalReference.id")
					order = set(order, "customer.externalReference.id", last)
					last = own
					return order
				})
			},
		},
	}
}
