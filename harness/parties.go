package harness

import (
	"fmt"

	"github.com/tidwall/gjson"
)

// CustomerReferencesKept judges GEN-06 for the customer and its contacts: whatever came back kept Orange's reference.
func (w *World) CustomerReferencesKept() error {
	w.judged("GEN-06")
	w.partiesKept(w.customer(), w.order.final, w.order.finalExchange, true)
	return nil
}

// partiesKept judges GEN-06 on the customer and the contacts that an order gives back. Where they were created, the
// reference has to be there; later orders may name them by the partner's id alone.
func (w *World) partiesKept(c *Customer, doc gjson.Result, exchange int, created bool) {
	path := "$." + w.run.pack.Path("order.customer")
	if cust := doc.Get(w.run.pack.Path("order.customer")); cust.IsObject() {
		if got := w.run.text(cust, "customer.externalReference"); got != c.Reference && (created || got != "") {
			w.fail("GEN-06", breach{fix: toSay(path+"."+w.run.pack.Path("customer.externalReference"), c.Reference), expected: fmt.Sprintf("the customer's externalReference %q", c.Reference), seen: orAbsent(got), path: path, exchange: exchange,
				hint: keepHint})
		} else if created {
			w.sameType(cust, "customer.externalReferenceType", path+".", exchange)
		}
	}
	want, seen := map[string]Contact{}, map[string]bool{}
	for _, p := range c.Contacts {
		want[p.Reference] = p
	}
	doc.Get(w.run.pack.Path("order.contacts")).ForEach(func(i, p gjson.Result) bool {
		got := w.run.text(p, "contact.externalReference")
		at := fmt.Sprintf("$.%s[%d].%s", w.run.pack.Path("order.contacts"), i.Int(), w.run.pack.Path("contact.externalReference"))
		_, known := want[got]
		switch {
		case !known && (created || got != ""):
			w.fail("GEN-06", breach{expected: "the contact's externalReference as Orange sent it", seen: orAbsent(got), path: at, exchange: exchange, hint: keepHint})
		case seen[got]:
			w.fail("GEN-06", breach{expected: "each contact under its own externalReference", seen: fmt.Sprintf("%q a second time", got), path: at, exchange: exchange, hint: keepHint})
		}
		seen[got] = got != ""
		if known && created {
			w.contactKept(c, want[got], p, i.Int(), exchange)
		}
		return true
	})
}

// contactKept judges GEN-06 on a contact that came back under a reference that Orange sent: with the reference's type, and
// with nobody else's data.
func (w *World) contactKept(c *Customer, sent Contact, back gjson.Result, i int64, exchange int) {
	p := w.run.pack
	at := fmt.Sprintf("$.%s[%d].", p.Path("order.contacts"), i)
	// The pack has one path for the type: an externalReference is laid out alike everywhere.
	if p.Path("contact.externalReference") == p.Path("customer.externalReference") {
		w.sameType(back, "customer.externalReferenceType", at, exchange)
	}
	for _, other := range c.Contacts {
		if other.Reference != sent.Reference && w.shows(back, other, sent) {
			w.fail("GEN-06", breach{expected: fmt.Sprintf("the externalReference %q on the contact that it was sent with", sent.Reference), seen: fmt.Sprintf("it stands on the data of the contact %q", other.Reference),
				path: at + p.Path("contact.externalReference"), exchange: exchange, hint: keepHint})
		}
	}
}

// shows reports whether a contact that came back holds all of one person's data and not the other's, as far as it is there.
func (w *World) shows(back gjson.Result, one, other Contact) bool {
	differs := false
	for _, field := range []string{"role", "givenName", "familyName", "email"} {
		got := w.run.text(back, "contact."+field)
		if got == "" {
			continue
		}
		if got != one.vars[field] {
			return false
		}
		differs = differs || got != other.vars[field]
	}
	return differs
}

const keepHint = "Store Orange's externalReference and give it back unchanged."

func orAbsent(s string) string {
	if s == "" {
		return "absent"
	}
	return fmt.Sprintf("%q", s)
}
