package defect

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
)

// technical is about what an order says beyond its quantity, and about realizing resources.
func technical() []Defect {
	return family("technical", slices.Concat(technicalInformation(), resources()))
}

func technicalInformation() []Defect {
	return []Defect{
		{
			Name: "technical-information-refused", Requirement: "PO-UC2-07", Mode: Both, Needs: "technicalInformation",
			How: "The partner declared it in the agreement, but its API knows no characteristic on productRef.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return has(order, technicalPath) },
					func() *reply { return reject("orderItem[0].productRef.characteristic is not allowed") })
			},
		},
		{
			Name: "technical-information-crashes", Requirement: "PO-UC2-07", Mode: Both, Needs: "technicalInformation",
			How: "The value is cast to the wrong type, outside of any try.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return has(order, technicalPath) }, crash)
			},
		},
		{
			Name: "technical-information-not-required", Requirement: "PO-UC2-07", Mode: Both, Needs: "requiredTechnicalInformation",
			How:  "What the agreement calls required has a default in the code, so that its lack goes unnoticed.",
			Seam: func() partner.Seam { return unrefused("productRef.characteristic") },
		},
	}
}

func resources() []Defect {
	return []Defect{
		{
			Name: "resource-missing", Requirement: "PO-UC2-08", Mode: Both, Needs: "resourceFromOrder",
			How: "The address of the service is sent to the customer by mail and not told to Orange.",
			Seam: func() partner.Seam {
				return onLicences(func(l []byte) []byte { return remove(l, "realizingResource") })
			},
		},
		{
			Name: "resource-of-another-type", Requirement: "PO-UC2-08", Mode: Both, Needs: "resourceFromOrder",
			How: "The type is spelt as in the partner's code and not as in the agreement.",
			Seam: func() partner.Seam {
				return onLicences(func(l []byte) []byte {
					return change(l, "realizingResource.0.type", func(old gjson.Result) any { return "web_" + strings.ToLower(old.String()) })
				})
			},
		},
		{
			Name: "resource-for-each-licence", Requirement: "PO-UC2-08", Mode: Both, Needs: "resourceFromOrder resourceOfFleet",
			How: "The agreement says one for the fleet, and the software makes one for each licence.",
			Seam: func() partner.Seam {
				return onLicences(func(l []byte) []byte {
					id := text(l, "id")
					return change(l, "realizingResource.0.characteristic.0.value", func(old gjson.Result) any {
						return old.String() + "/" + id
					})
				})
			},
		},
		{
			Name: "resource-on-the-first-licence", Requirement: "PO-UC2-08", Mode: Both, Needs: "resourceFromOrder",
			How: "A resource of the whole fleet is stored with its first licence.",
			Seam: func() partner.Seam {
				var first memo[string]
				return onConsulted(func(l []byte) []byte {
					id := text(l, "id")
					if first.once(text(l, "relatedProductRefId"), func() string { return id }) == id {
						return l
					}
					return remove(l, "realizingResource")
				})
			},
		},
		{
			Name: "resource-for-two-only", Requirement: "PO-UC2-08", Mode: Both, Needs: "resourceFromOrder",
			How: "The pool of addresses is filled by hand, and each fleet gets two of them.",
			Seam: func() partner.Seam {
				var having memo[[]string]
				return onConsulted(func(l []byte) []byte {
					fleet, id := text(l, "relatedProductRefId"), text(l, "id")
					there, _ := having.get(fleet)
					if slices.Contains(there, id) {
						return l
					}
					if len(there) == 2 {
						return remove(l, "realizingResource")
					}
					having.set(fleet, append(slices.Clone(there), id))
					return l
				})
			},
		},
		{
			Name: "resource-of-first-orders-only", Requirement: "PO-UC2-08", Mode: Both, Needs: "resourceFromOrder",
			How: "Resources are made with the fleet, and licences that are added to it get none.",
			Seam: func() partner.Seam {
				var first memo[[]string]
				return onLists(func(x *exchange, licences []gjson.Result) []byte {
					shown := raws(licences)
					var ids []string
					for _, l := range shown {
						ids = append(ids, text(l, "id"))
					}
					there := first.once(asked(x), func() []string { return ids })
					for i, l := range shown {
						if !slices.Contains(there, ids[i]) {
							shown[i] = remove(l, "realizingResource")
						}
					}
					return array(shown)
				})
			},
		},
		{
			Name: "end-user-configuration-refused", Requirement: "PO-UC2-08", Mode: Both, Needs: "resourceFromOrder",
			How: "The validation knows no endUserConfiguration.",
			Seam: func() partner.Seam {
				return onOrder(func(order []byte) bool { return has(order, "orderItem.0.endUserConfiguration") },
					func() *reply { return reject("orderItem[0].endUserConfiguration is not allowed") })
			},
		},
	}
}

const technicalPath = "orderItem.0.productRef.characteristic"
