package variant

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
)

func acknowledgements() []Variant {
	return []Variant{
		{
			Name: "acknowledgement-echoes-the-order", Why: "GEN-09: echoed order fields are fine in an acknowledgement.", Mode: Async,
			Seam: func() partner.Seam {
				return onAnswers(func(m *message) {
					if m.kind != anOrder || m.state() != "acknowledged" {
						return
					}
					echo, _ := m.sent.(map[string]any)
					for name, value := range m.fields() {
						echo[name] = value
					}
					m.doc = echo
				})
			},
		},
	}
}

func updates() []Variant {
	return []Variant{
		{
			Name: "updates-without-id", Why: "wire.md, 4: the id of an update is optional; its event is matched by externalReference.",
			Seam: func() partner.Seam { return onMessages(withoutOf(anUpdate, "id")) },
		},
		{
			Name: "updates-without-reference", Why: "wire.md, 4: an event is matched by id or externalReference, whichever the acknowledgement held.",
			Seam: func() partner.Seam { return onMessages(withoutOf(anUpdate, "externalReference")) },
		},
		{
			Name: "updates-of-id-and-state", Why: "wire.md, 1: of a licence in an update's answer the judge may require what the contract names, id and state.",
			Seam: func() partner.Seam {
				return onMessages(func(m *message) {
					if m.kind == anUpdate {
						each(at(m.doc, "userServices"), func(licence map[string]any) { keep(licence, "id", "state") })
					}
				})
			},
		},
		{
			Name: "failed-update-shows-licences", Why: "wire.md, 4: on failed the array may hold the unchanged licences.",
			Seam: failedShows,
		},
	}
}

func orders() []Variant {
	return []Variant{
		{
			Name: "completed-with-a-note", Why: "wire.md, 3: note is a field of the order; it is compared as advice only.",
			Seam: func() partner.Seam {
				return onMessages(func(m *message) {
					if m.state() == "completed" {
						m.fields()["note"] = map[string]any{"text": "Done. Thank you!", "author": "Sales"}
					}
				})
			},
		},
		{
			Name: "customer-left-out", Why: "wire.md, 3: in UC2 and UC3 answers, customer and relatedContact may be left out.",
			Seam: func() partner.Seam {
				return onMessages(func(m *message) {
					if firstItem(m.doc) != nil {
						withoutOf(anOrder, "customer", "relatedContact")(m)
					}
				})
			},
		},
		{
			Name: "only-what-is-required", Why: "wire.md, 1, lists what the judge may require; everything else is left out.",
			Seam: func() partner.Seam { return onMessages(minimal) }, Profile: noOptions,
		},
		{
			Name: "contacts-in-another-order", Why: "Contacts are told apart by their externalReference (GEN-06); no clause sorts them.",
			Seam: func() partner.Seam {
				return onMessages(func(m *message) {
					contacts, _ := at(m.doc, "relatedContact").([]any)
					slices.Reverse(contacts)
				})
			},
		},
		{
			Name: "offerings-by-their-own-names", Why: "PO-UC2-09: the offering is named by its externalReference; its name is text for people.",
			Seam: func() partner.Seam {
				return onMessages(func(m *message) {
					walk(m.doc, func(fields map[string]any) {
						if offering, ok := fields["productOffering"].(map[string]any); ok {
							offering["name"], offering["id"] = "Notes by Vendor", "sku-7"
						}
					})
				})
			},
		},
		{
			Name: "quantity-as-text-is-met", Why: "PO-UC2-10: a quantity sent as text is refused or met as its number.",
			Seam: func() partner.Seam { return onExchanges(readNumbers) },
		},
		{
			Name: "repeated-order-refused", Why: "GEN-15 wants the same order sent twice to create one set of licences; the answer is left open.",
			Seam: repeatedRefused,
		},
	}
}

// withoutOf leaves fields out of documents of a kind; refusals are left as they are.
func withoutOf(k kind, names ...string) func(m *message) {
	return func(m *message) {
		if m.kind != k || m.status >= 400 {
			return
		}
		for _, name := range names {
			delete(m.fields(), name)
		}
	}
}

// keep leaves out all fields but those.
func keep(fields map[string]any, names ...string) {
	kept := map[string]any{}
	for _, name := range names {
		if value, ok := fields[name]; ok {
			kept[name] = value
		}
	}
	clear(fields)
	for name, value := range kept {
		fields[name] = value
	}
}

func minimal(m *message) {
	switch m.kind {
	case anOrder:
		if m.status >= 400 {
			return
		}
		if firstItem(m.doc) != nil {
			keep(m.fields(), "id", "externalReference", "state", "orderItem")
		} else {
			keep(m.fields(), "id", "externalReference", "state", "customer", "relatedContact")
		}
		if customer, ok := m.fields()["customer"].(map[string]any); ok {
			keep(customer, "id", "externalReference")
		}
		each(m.fields()["relatedContact"], func(contact map[string]any) { keep(contact, "id", "externalReference") })
		each(m.fields()["orderItem"], func(item map[string]any) {
			keep(item, "state", "productRef")
			if ref, ok := item["productRef"].(map[string]any); ok {
				keep(ref, "id")
			}
		})
	case anUpdate:
		keep(m.fields(), "externalReference", "state", "userServices", "code", "message", "description")
		each(m.fields()["userServices"], func(licence map[string]any) { keep(licence, "id", "state") })
	case aFleet:
		each(m.doc, func(licence map[string]any) {
			keep(licence, "id", "relatedProductRefId", "state", "productOffering")
			if offering, ok := licence["productOffering"].(map[string]any); ok {
				keep(offering, "externalReference")
			}
		})
	}
	if m.event {
		keep(m.wrapper, "type", "resource")
	}
}

func noOptions(p *profile.Profile) {
	p.Features = profile.Features{}
	p.Triggers = nil
}

// readNumbers reads quantities as lenient parsers do.
func readNumbers(next http.Handler, x *exchange) {
	if doc, ok := decode(x.sent); ok && x.kind == anOrder {
		ref, _ := at(firstItem(doc), "productRef").(map[string]any)
		if n, err := strconv.Atoi(text(ref["userServiceQuantity"])); err == nil {
			ref["userServiceQuantity"] = json.Number(strconv.Itoa(n))
			x.sent = encode(doc)
		}
	}
	x.serve(next)
}

func repeatedRefused() partner.Seam {
	var seen sync.Map
	return onExchanges(func(next http.Handler, x *exchange) {
		doc, _ := decode(x.sent)
		reference := text(at(doc, "externalReference", "id"))
		if x.kind == anOrder && reference != "" {
			if _, again := seen.LoadOrStore(reference, true); again {
				x.header.Set("Content-Type", "application/json")
				x.status, x.body = http.StatusConflict, encode(refusal("This order is known already."))
				return
			}
		}
		x.serve(next)
	})
}

// failedShows reads the licences back by the partner's own GET.
func failedShows() partner.Seam {
	var (
		edge http.Handler
		sent sync.Map // the ids that an update named, by the update's id
	)
	show := func(m *message) {
		ids, _ := sent.Load(text(m.fields()["id"]))
		named, _ := ids.([]string)
		if m.kind != anUpdate || m.state() != "failed" || len(named) == 0 {
			return
		}
		var shown []any
		for _, id := range named {
			rec := &recorder{header: http.Header{}}
			r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "/userservice/v2/userService/"+id, http.NoBody)
			if err != nil {
				continue
			}
			edge.ServeHTTP(rec, r)
			if doc, ok := decode(rec.body.Bytes()); ok && rec.status == http.StatusOK {
				shown = append(shown, doc)
			}
		}
		if len(shown) > 0 {
			m.fields()["userServices"] = shown
		}
	}
	catch := partner.Seam{WrapHandler: func(next http.Handler) http.Handler {
		edge = next
		return next
	}}
	return partner.Join(catch, onAnswers(func(m *message) {
		if m.kind == anUpdate && m.status < 300 {
			var ids []string
			each(at(m.sent, "userServices"), func(change map[string]any) { ids = append(ids, text(change["id"])) })
			sent.Store(text(m.fields()["id"]), ids)
			show(m)
		}
	}), onEvents(show))
}
