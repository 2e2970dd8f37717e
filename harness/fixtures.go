package harness

import (
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/schemas"
)

// Style is how much of the contract a message of ours uses.
type Style string

const (
	styleFull     Style = "full"
	styleMinimal  Style = "minimal"  // the minimal request of wire.md
	styleAccented Style = "accented" // long values and accents, as French companies have them
	styleUnknown  Style = "unknown"  // with fields that the contract does not know
)

// Customer is a customer that Orange creates at the partner, with its contacts and, later, its fleets.
type Customer struct {
	Reference string
	ID        string // the partner's
	Contacts  []Contact
	vars      map[string]any

	fleets   []string           // in the order in which the partner named them
	offering map[string]string  // licence id -> offering code it was ordered with
	licences map[string]Licence // as last seen
}

// Contact is one contact of a customer.
type Contact struct {
	Reference, Role string
	ID              string // the partner's
	vars            map[string]any
}

func (w *World) newCustomer(s Style) *Customer {
	ref := w.reference("C")
	c := &Customer{Reference: ref, offering: map[string]string{}, licences: map[string]Licence{}}
	sd, tail := w.run.seed, ref[len(ref)-6:]
	c.vars = map[string]any{"externalReference": ref, "tradingName": "Exemple " + tail}
	if s != styleMinimal {
		merge(c.vars, map[string]any{
			"registrationType": "SIREN", "registrationValue": sd.siren(ref), "streetNumber": "12", "streetName": "rue de l'Exemple",
			"postalCode": "75015", "city": "Paris", "country": "FR",
			"characteristics": []any{map[string]any{"name": "segment", "value": "PME"}},
		})
	}
	if s == styleAccented {
		merge(c.vars, map[string]any{
			"tradingName": "Société Générale d'Études & de Créations Électroniques « L'Œuvre Française » – Établissements Réunis " + tail,
			"streetName":  "boulevard des Frères-Exemple, bâtiment Ç, escalier n° 3, 2ᵉ étage", "city": "L'Haÿ-les-Roses", "postalCode": "01000", "streetNumber": "12 bis",
		})
	}
	manager, orange := w.role("role.fleetManager"), w.role("role.orangeContact")
	c.Contacts = append(c.Contacts, w.newContact(s, manager, "Camille", "Exemple"))
	if s != styleMinimal {
		c.Contacts = append(c.Contacts, w.newContact(s, w.role("role.customerContact"), "Dominique", "Modèle"))
	}
	if s == styleFull {
		// The contract asks for one fleet manager at least, so that there may be two.
		c.Contacts = append(c.Contacts, w.newContact(s, manager, "Morgan", "Exemple"))
	}
	c.Contacts = append(c.Contacts, w.newContact(s, orange, "Claude", "Orange"))
	w.customers = append(w.customers, c)
	return c
}

func (w *World) role(role string) string { return w.run.pack.Value(role) }

func (w *World) newContact(s Style, role, given, family string) Contact {
	ref := w.reference("P")
	n := w.run.seed.below(1e4, ref, "phone")
	c := Contact{Reference: ref, Role: role}
	if s == styleAccented {
		given, family = "Anaïs-Zoé", "Lefèvre-Nuñez d'Œuvrecourt "+family
	}
	c.vars = map[string]any{"externalReference": ref, "role": role, "givenName": given, "familyName": family,
		"email": fmt.Sprintf("%s.%s@example.com", slug(given), slug(ref[len(ref)-6:]))}
	if s != styleMinimal {
		merge(c.vars, map[string]any{"fixedCC": "33", "fixedSN": fmt.Sprintf("19900%04d", n), "mobileCC": "33", "mobileSN": fmt.Sprintf("63998%04d", n)})
	}
	return c
}

// customerVars are the payload variables of a customer order (UC1).
func (w *World) customerVars(c *Customer, s Style) map[string]any {
	contacts := make([]any, 0, len(c.Contacts))
	for _, p := range c.Contacts {
		contacts = append(contacts, p.vars)
	}
	vars := map[string]any{"order": w.orderVars(w.reference("O"), s), "customer": c.vars, "contacts": contacts}
	if s == styleUnknown {
		vars["extra"] = unknownFields()
	}
	return vars
}

// unknownFields is what nobody but us knows: whoever reads it is to ignore it (GEN-04).
func unknownFields() map[string]any {
	return map[string]any{"answer": 42, "list": []any{"a", "b"}}
}

func (w *World) orderVars(reference string, s Style) map[string]any {
	vars := map[string]any{"externalReference": reference}
	if s != styleMinimal {
		vars["date"] = w.stamp()
		vars["requestedStartDate"] = w.stamp()
	}
	return vars
}

// stamp is the run's clock as our messages carry it: RFC 3339, UTC, milliseconds.
func (w *World) stamp() string { return w.run.started.UTC().Format("2006-01-02T15:04:05.000Z") }

// itemVars are the payload variables of an order item.
func (w *World) itemVars(o *Order, s Style) map[string]any {
	item := map[string]any{"action": w.role("action.add"), "offering": o.Offering, "quantity": o.Quantity}
	if o.Sent != "" {
		item["fleet"] = o.Sent
	}
	if s != styleMinimal {
		if name := w.offeringName(o.Offering); name != "" {
			item["offeringName"] = name
		}
	}
	var technical []any
	for _, t := range w.run.profile.Features.TechnicalInformation {
		if (t.Required || o.informed) && t.Name != o.lacking {
			technical = append(technical, map[string]any{"name": t.Name, "value": t.Example})
		}
	}
	if len(technical) > 0 {
		item["technicalInformation"] = technical
	}
	if res := w.run.profile.Features.RealizingResource; res != nil && o.configured {
		item["resourceType"] = res.Type
		var props []any
		for _, p := range res.Properties {
			props = append(props, map[string]any{"name": p, "value": "https://example.com/" + slug(o.Reference)})
		}
		if len(props) > 0 {
			item["resourceProperties"] = props
		}
	}
	return item
}

func (w *World) offeringName(code string) string {
	for _, o := range w.run.profile.Offerings {
		if o.Code == code {
			return o.Name
		}
	}
	return ""
}

// offer returns the catalogue's n-th offering, "" if there is none.
func (w *World) offer(n int) string {
	if n >= len(w.run.profile.Offerings) {
		return ""
	}
	return w.run.profile.Offerings[n].Code
}

// unknownOffering is a code that no catalogue has.
func (w *World) unknownOffering() string { return w.run.seed.id("NO-SUCH-OFFERING", w.id) }

// render makes a message of ours and checks it: a breach there is Clementine's, never the partner's.
func (w *World) render(template, schema string, vars map[string]any) ([]byte, error) {
	body, err := w.run.pack.Payload(template, vars)
	if err != nil {
		return nil, w.breakDown("payload %s: %v", template, err)
	}
	if vs := w.run.pack.Validate(schema, body); len(vs) > 0 {
		return nil, w.breakDown("our own %s breaks its schema: %s", schema, describe(vs))
	}
	return body, nil
}

func describe(vs []schemas.Violation) string {
	v := vs[0]
	return fmt.Sprintf("%s: expected %s, seen %s", v.Path, v.Expected, v.Seen)
}

func merge(into, from map[string]any) {
	for k, v := range from {
		into[k] = v
	}
}

// at is the deadline d after t.
func at(t time.Time, d time.Duration) time.Time { return t.Add(d) }
