package variant

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/clementine-ope/clementine/partner"
)

func identities() []Variant {
	return []Variant{
		{
			Name: "ids-numeric", Why: "Ids are opaque strings (wire.md, 2): those of a database sequence look like numbers.",
			Seam: func() partner.Seam { return renamed(func(_ string, n int) string { return strconv.Itoa(1000000 + n) }) },
		},
		{
			Name: "ids-zero-padded", Why: "Ids are compared as text (wire.md, 2): 007 and 7 are two ids.",
			Seam: func() partner.Seam {
				return renamed(func(_ string, n int) string { return strings.Repeat("0", n%3) + strconv.Itoa(n/3+1) })
			},
		},
		{
			Name: "ids-beyond-doubles", Why: "Ids are never parsed (wire.md, 2): neighbours above 2^53 differ as text only.",
			Seam: func() partner.Seam {
				return renamed(func(_ string, n int) string { return strconv.FormatUint(9007199254740992+uint64(n), 10) }) // #nosec G115 -- n counts from 0
			},
		},
		{
			Name: "ids-uuid", Why: "Ids are opaque strings (wire.md, 2): many partners use UUIDs.",
			Seam: func() partner.Seam { return renamed(byUUID) },
		},
		{
			Name: "ids-of-200-characters", Why: "No clause limits the length of an id (wire.md, 2).",
			Seam: func() partner.Seam {
				return renamed(func(_ string, n int) string { return strings.Repeat("x", 190) + fmt.Sprintf("%010d", n) })
			},
		},
		{
			Name: "ids-special-in-urls", Why: "Ids are opaque strings (wire.md, 2): whoever puts one into a URL escapes it.",
			Seam: func() partner.Seam {
				return renamed(func(_ string, n int) string { return fmt.Sprintf("a/b c+d?e&f#g%%é=%d", n) })
			},
		},
		{
			Name: "ids-differ-by-case", Why: "Ids are compared as text (wire.md, 2): Ab and aB are two ids, as Base64 makes them.",
			Seam: func() partner.Seam { return renamed(byCase) },
		},
		{
			Name: "ids-by-table", Why: "GEN-05 wants two orders, two fleets, two licences to differ, not an order and a fleet: each table counts from 1.",
			Seam: func() partner.Seam {
				return renamedBy(func(kind string) string { return kind }, func(_ string, n int) string { return strconv.Itoa(n) })
			},
		},
		{
			Name: "ids-of-orders-are-those-of-updates", Why: "Orders and updates are two resources of two APIs (wire.md, 3 and 4): each counts from 1.",
			Seam: func() partner.Seam {
				return renamedBy(func(kind string) string { return kind }, func(kind string, n int) string {
					if kind == "ord" || kind == "upd" {
						return strconv.Itoa(n)
					}
					return fmt.Sprintf("%s-%d", kind, n)
				})
			},
		},
		{
			Name: "contact-shared-by-customers", Why: "GEN-05 wants ids to differ for contacts with different externalReferences: one with the same is the same person.",
			Seam: func() partner.Seam { return onMessages(contactsByReference) },
		},
	}
}

// byUUID writes n in the form of a UUID.
func byUUID(kind string, n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", n, len(kind)) }

// byCase writes n in binary, as the case of letters.
func byCase(_ string, n int) string {
	letters := []byte("licencenumber")
	for i := range letters {
		if n>>i&1 == 1 {
			letters[i] -= 'a' - 'A'
		}
	}
	return string(letters) + strconv.Itoa(n>>len(letters))
}

func contactsByReference(m *message) {
	each(at(m.doc, "relatedContact"), func(contact map[string]any) {
		if reference := text(at(contact, "externalReference", "id")); reference != "" {
			contact["id"] = "person-" + reference
		}
	})
}

// names gives the reference's ids other names, each the same one for ever.
type names struct {
	table func(kind string) string
	name  func(kind string, n int) string

	mu    sync.Mutex
	count map[string]int
	outer map[string]string // by the reference's id
	inner map[string]string // by kind and outer id
}

// renamed renames all ids; n counts them from 1.
func renamed(name func(kind string, n int) string) partner.Seam {
	return renamedBy(func(string) string { return "" }, name)
}

// renamedBy is renamed with a count of its own for each table.
func renamedBy(table func(kind string) string, name func(kind string, n int) string) partner.Seam {
	ns := &names{table: table, name: name, count: map[string]int{}, outer: map[string]string{}, inner: map[string]string{}}
	incoming := onExchanges(func(next http.Handler, x *exchange) {
		ns.incoming(x)
		x.serve(next)
	})
	return partner.Join(onMessages(func(m *message) { m.doc = ns.outgoing(m.doc) }), incoming)
}

func made() *regexp.Regexp {
	return regexp.MustCompile(`^(ord|cus|con|flt|itm|lic|upd|usr)_[a-z2-7]{26}$`)
}

func (ns *names) outgoing(v any) any {
	pattern := made()
	var rename func(v any) any
	rename = func(v any) any {
		switch v := v.(type) {
		case string:
			if kind := pattern.FindStringSubmatch(v); kind != nil {
				return ns.outside(kind[1], v)
			}
		case []any:
			for i := range v {
				v[i] = rename(v[i])
			}
		case map[string]any:
			for name, member := range v {
				v[name] = rename(member)
			}
		}
		return v
	}
	return rename(v)
}

func (ns *names) outside(kind, id string) string {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if outer, known := ns.outer[id]; known {
		return outer
	}
	ns.count[ns.table(kind)]++
	outer := ns.name(kind, ns.count[ns.table(kind)])
	ns.outer[id], ns.inner[kind+" "+outer] = outer, id
	return outer
}

// inside is the reference's id; an id that is not known stays as it is.
func (ns *names) inside(kind, id string) string {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if inner, known := ns.inner[kind+" "+id]; known {
		return inner
	}
	return id
}

func (ns *names) incoming(x *exchange) {
	u := x.request.URL
	query := u.Query()
	switch x.kind {
	case aFleet:
		query.Set("productRefId", ns.inside("flt", query.Get("productRefId")))
		u.RawQuery = query.Encode()
	case aList:
		ids := strings.Split(query.Get("id"), ",")
		for i := range ids {
			ids[i] = ns.inside("lic", ids[i])
		}
		query.Set("id", strings.Join(ids, ","))
		u.RawQuery = query.Encode()
	case aLicence, aToolCall:
		segments := strings.Split(u.EscapedPath(), "/")
		for i, segment := range segments {
			if id, err := url.PathUnescape(segment); err == nil {
				segments[i] = ns.inside("lic", id)
			}
		}
		u.Path, u.RawPath = strings.Join(segments, "/"), ""
	case anOrder, anUpdate:
		doc, ok := decode(x.sent)
		if !ok {
			return
		}
		ns.insideOf(at(doc, "customer"), "cus")
		each(at(doc, "relatedContact"), func(contact map[string]any) { ns.insideOf(contact, "con") })
		each(at(doc, "orderItem"), func(item map[string]any) { ns.insideOf(at(item, "productRef"), "flt") })
		each(at(doc, "userServices"), func(licence map[string]any) { ns.insideOf(licence, "lic") })
		x.sent = encode(doc)
	}
}

func (ns *names) insideOf(v any, kind string) {
	if fields, ok := v.(map[string]any); ok && text(fields["id"]) != "" {
		fields["id"] = ns.inside(kind, text(fields["id"]))
	}
}
