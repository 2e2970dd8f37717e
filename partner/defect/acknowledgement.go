package defect

import (
	"time"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func acknowledgement() []Defect {
	return family("acknowledgement", []Defect{
		{
			Name: "acknowledgement-names-fleet", Requirement: "GEN-09", Mode: Async,
			How: "The fleet's number is drawn when the order arrives, and the whole record is given back.",
			Seam: func() partner.Seam {
				return onAcknowledgedOrder(func(x *exchange) []byte {
					return set(x.body, "orderItem.0", map[string]any{"productRef": map[string]any{"id": "fleet-of-" + text(x.body, "id")}})
				})
			},
		},
		{
			Name: "acknowledgement-has-a-fleet-of-its-own", Requirement: "GEN-09", Mode: Async,
			How: "The fleet is made when the order arrives, and stands beside the order's own members.",
			Seam: func() partner.Seam {
				return onAcknowledgedOrder(func(x *exchange) []byte { return set(x.body, "productRef.id", "fleet-of-"+text(x.body, "id")) })
			},
		},
		{
			Name: "acknowledgement-has-completion-date", Requirement: "GEN-09", Mode: Async,
			How: "The column completionDate has a default of now().",
			Seam: func() partner.Seam {
				return onAcknowledgedOrder(func(x *exchange) []byte { return set(x.body, "completionDate", wire.Time(time.Now())) })
			},
		},
		{
			Name: "acknowledgement-lists-new-licences", Requirement: "GEN-09", Mode: Async,
			How: "Licence keys come from a pool and are reserved at once; the answer already shows them.",
			Seam: func() partner.Seam {
				return onAcknowledgedOrder(func(x *exchange) []byte {
					return set(x.body, "userServices.0", map[string]any{"id": "reserved-for-" + text(x.body, "id")})
				})
			},
		},
		{
			Name: "acknowledged-update-lists-licences", Requirement: "GEN-09", Mode: Async,
			How: "Acknowledgement and result come from one template, which always lists the licences.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if isUpdate(x.request) && state(x.body) == "acknowledged" {
						x.body = completedUpdate(x)
					}
				})
			},
		},
		{
			Name: "acknowledged-update-has-completion-date", Requirement: "GEN-09", Mode: Async,
			How: "The date of completion is set whenever the record is written.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if isUpdate(x.request) && state(x.body) == "acknowledged" {
						x.body = set(x.body, "completionDate", wire.Time(time.Now()))
					}
				})
			},
		},
		{
			Name: "acknowledged-update-echoes-request", Requirement: "GEN-09", Mode: Async,
			How: "The acknowledgement is the request with an id and a state put in.",
			Seam: func() partner.Seam {
				return onAnswer(func(x *exchange) {
					if isUpdate(x.request) && state(x.body) == "acknowledged" {
						x.body = put(x.body, "userServices", []byte(gjson.GetBytes(x.sent, "userServices").Raw))
					}
				})
			},
		},
	})
}

func onAcknowledgedOrder(rewrite func(x *exchange) []byte) partner.Seam {
	return onAnswer(func(x *exchange) {
		if sentItem(x.request, x.sent) && state(x.body) == "acknowledged" {
			x.body = rewrite(x)
		}
	})
}
