package defect

import (
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func eventForm() []Defect {
	return family("form of events", []Defect{
		{
			Name: "event-as-plain-text", Requirement: "GEN-12", Mode: Both, Needs: "events",
			How: "The HTTP client sends text unless it is told otherwise, and the gateway did not mind.",
			Seam: func() partner.Seam {
				return onEventCall(func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") })
			},
		},
		{
			Name: "update-event-cuts-reference", Requirement: "GEN-06", Mode: Async,
			How: "The column for Orange's reference is too short in the table of events.",
			Seam: func() partner.Seam {
				return onEventsThat(isUpdateEvent, func(event []byte) []byte {
					return change(event, "resource.externalReference.id", func(old gjson.Result) any { return old.String()[:8] })
				})
			},
		},
		{
			Name: "failed-update-event-with-order-type", Requirement: "US-UC6-01", Mode: Async,
			How: "The type of the orders' event is used for updates that failed: it says failed, after all.",
			Seam: func() partner.Seam {
				return onEventsThat(func(d *partner.Delivery) bool { return isUpdateEvent(d) && eventState(d) == "failed" },
					func(event []byte) []byte { return set(event, "type", "failedStateNotification") })
			},
		},
		{
			Name: "event-rebuilt-after-503", Requirement: "AUTH-06", Mode: Async,
			How:  "Each attempt builds the event anew, and by then the clean-up has set the order to failed.",
			Seam: afterUnavailable,
		},
		{
			Name: "report-of-bare-licence", Requirement: "US-UC5-08", Mode: Both, Needs: "uc5",
			How: "There is one licence, so the resource is that licence instead of a list.",
			Seam: func() partner.Seam {
				return onEventsThat(isReport, func(event []byte) []byte {
					return put(event, "resource", []byte(gjson.GetBytes(event, "resource.userServices.0").Raw))
				})
			},
		},
		{
			Name: "report-of-no-licence", Requirement: "US-UC5-08", Mode: Both, Needs: "uc5",
			How: "The operations go out with the partner's own key of the licence, in a member of its own.",
			Seam: func() partner.Seam {
				return onReports(func(licence []byte) []byte {
					return remove(set(licence, "licenceKey", len(text(licence, "id"))), "id")
				})
			},
		},
		{
			Name: "report-of-an-unknown-licence", Requirement: "US-UC5-08", Mode: Both, Needs: "uc5",
			How: "The event names the row of the assignment instead of the licence.",
			Seam: func() partner.Seam {
				return onReports(func(licence []byte) []byte { return set(licence, "id", "assignment-1") })
			},
		},
		{
			Name: "report-without-operations", Requirement: "US-UC5-08", Mode: Both, Needs: "uc5",
			How: "The event says which licence changed, for Orange to read it again.",
			Seam: func() partner.Seam {
				return onReports(func(licence []byte) []byte { return only(licence, "id") })
			},
		},
		{
			Name: "update-event-keeps-state-outside", Requirement: "US-UC6-01", Mode: Async,
			How: "The update's id, reference and state stand beside the resource, which is the list of its licences.",
			Seam: func() partner.Seam {
				return onEventsThat(func(d *partner.Delivery) bool { return isUpdateEvent(d) && eventState(d) == "completed" }, func(event []byte) []byte {
					update := gjson.GetBytes(event, "resource")
					for _, member := range []string{"id", "externalReference", "state"} {
						if v := update.Get(member); v.Exists() {
							event = put(event, member, []byte(v.Raw))
						}
					}
					return put(event, "resource", only([]byte(update.Raw), "userServices"))
				})
			},
		},
		{
			Name: "operation-not-in-array", Requirement: "US-UC5-08", Mode: Both, Needs: userAdd,
			How: "There is one operation, and the serializer writes lists of one as their element.",
			Seam: func() partner.Seam {
				return onReports(func(licence []byte) []byte {
					if op := gjson.GetBytes(licence, "endUserOperation.0"); op.Exists() {
						return put(licence, "endUserOperation", []byte(op.Raw))
					}
					return licence
				})
			},
		},
	})
}

// afterUnavailable sends an event that met a 503 as failed from then on.
func afterUnavailable() partner.Seam {
	met := newMarks()
	return onCalls(func(next http.RoundTripper, r *http.Request) (*http.Response, error) {
		if isTokenCall(r) {
			return next.RoundTrip(r)
		}
		body := string(slurp(r))
		if _, again := met.get(body); again {
			r = r.Clone(r.Context())
			event := set([]byte(body), "type", wire.OrderFailed)
			sending(r, r.Header.Get("Content-Type"), string(set(event, "resource.state", "failed")))
		}
		res, err := next.RoundTrip(r)
		if err == nil && res.StatusCode == http.StatusServiceUnavailable {
			met.put(body, "")
		}
		return res, err
	})
}
