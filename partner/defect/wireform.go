package defect

import "github.com/clementine-ope/clementine/partner"

func wireForm() []Defect {
	return family("wire form", []Defect{
		{
			Name: "null-note", Requirement: "GEN-02", Mode: Both,
			How: "The serializer writes fields without value as null: the default of Jackson, System.Text.Json and json_encode.",
			Seam: func() partner.Seam {
				return onOrders(func(order []byte) []byte {
					if has(order, "note") {
						return order
					}
					return put(order, "note", []byte("null"))
				})
			},
		},
	})
}
