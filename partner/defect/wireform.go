package defect

import (
	"slices"

	"github.com/clementine-ope/clementine/partner"
)

// wireForm is about members without value.
func wireForm() []Defect {
	return family("wire form", slices.Concat(nothingInOrders(), nothingInLicences()))
}

func nothingInOrders() []Defect {
	return []Defect{
		{
			Name: "null-note", Requirement: "GEN-02", Mode: Both,
			How: "The serialiser writes fields without value as null: the default of Jackson, System.Text.Json and json_encode.",
			Seam: func() partner.Seam {
				return onOrders(func(order []byte) []byte {
					if has(order, "note") {
						return order
					}
					return put(order, "note", []byte("null"))
				})
			},
		},
		{
			Name: "empty-array-in-item", Requirement: "GEN-02", Mode: Both,
			How: "Collections are initialised to an empty list, as C# and Java guidelines say, and the serialiser writes them.",
			Seam: func() partner.Seam {
				return onCompleted(func(order []byte) []byte {
					return absent(order, "orderItem.0.endUserConfiguration", "[]")
				})
			},
		},
		{
			Name: "empty-telephone-number", Requirement: "GEN-02", Mode: Both,
			How: "An optional column is declared NOT NULL DEFAULT '', and the answer is written straight from the row.",
			Seam: func() partner.Seam {
				return onContacts(func(contact []byte) []byte { return absent(contact, "birthDate", `""`) })
			},
		},
		{
			Name: "null-in-event", Requirement: "GEN-02", Mode: Async,
			How: "The event is built by another code path than the answers, with a serialiser that nobody configured.",
			Seam: func() partner.Seam {
				return onEvent(func(d *partner.Delivery) {
					if isOrderEvent(d) {
						d.Body = absent(d.Body, "resource.note", "null")
					}
				})
			},
		},
	}
}

func nothingInLicences() []Defect {
	return []Defect{
		{
			Name: "null-end-user", Requirement: "GEN-02", Mode: Both,
			How: "A licence is mapped from a database row whose user column is NULL, and the mapper keeps the member.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte { return absent(l, "endUser", "null") })
			},
		},
		{
			Name: "empty-end-user-object", Requirement: "GEN-02", Mode: Both,
			How: "The DTO creates its nested objects in the constructor, so that a licence without user shows an empty one.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte { return absent(l, "endUser", "{}") })
			},
		},
		{
			Name: "empty-string-in-licence", Requirement: "GEN-02", Mode: Both,
			How: "Go structs without omitempty, or protobuf with defaults emitted, write zero values as empty strings.",
			Seam: func() partner.Seam {
				return onConsulted(func(l []byte) []byte { return absent(l, "endDate", `""`) })
			},
		},
	}
}

// absent gives a member that is not there a value that says nothing.
func absent(doc []byte, path, nothing string) []byte {
	if has(doc, path) {
		return doc
	}
	return put(doc, path, []byte(nothing))
}
