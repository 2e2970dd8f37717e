package defect

import (
	"context"
	"strings"

	"github.com/clementine-ope/clementine/partner"
)

func delivery() []Defect {
	return family("delivery of events", []Defect{
		{
			Name: "no-event-for-orders", Requirement: "GEN-10", Mode: Async,
			How:  "The worker sets the order's state in the database; nobody wired the call to Orange to it.",
			Seam: func() partner.Seam { return dropping(isOrderEvent) },
		},
		{
			Name: "no-event-for-updates", Requirement: "GEN-10", Mode: Async,
			How:  "The event was built for orders; that updates need one too was overlooked.",
			Seam: func() partner.Seam { return dropping(isUpdateEvent) },
		},
		{
			Name: "no-event-for-failed-orders", Requirement: "GEN-10", Mode: Async,
			How:  "The event is the last statement of the job, and an exception leaves the job before it.",
			Seam: func() partner.Seam { return dropping(failedOrder) },
		},
		{
			Name: "no-event-for-failed-updates", Requirement: "GEN-10", Mode: Async,
			How: "The transaction of a failed update is rolled back, and the row of its event with it.",
			Seam: func() partner.Seam {
				return dropping(func(d *partner.Delivery) bool { return isUpdateEvent(d) && eventState(d) == "failed" })
			},
		},
		{
			Name: "order-event-twice", Requirement: "GEN-10", Mode: Async,
			How:  "Two instances of the service poll the same outbox table without a lock.",
			Seam: func() partner.Seam { return twice(isOrderEvent) },
		},
		{
			Name: "update-event-twice", Requirement: "GEN-10", Mode: Async,
			How:  "Both the job and the listener on the licence table send the event.",
			Seam: func() partner.Seam { return twice(isUpdateEvent) },
		},
		{
			Name: "order-completed-then-failed", Requirement: "GEN-10", Mode: Async,
			How:  "A watchdog reports orders as failed after its time-out, also those that have ended meanwhile.",
			Seam: contradicting,
		},
		{
			Name: "order-event-late", Requirement: "GEN-10", Mode: Async,
			How: "Events leave by a batch that runs now and then.",
			Seam: func() partner.Seam {
				return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
					if isOrderEvent(d) && !wait(ctx, Late) {
						return ctx.Err()
					}
					return next(ctx, d)
				}}
			},
		},
	})
}

func eventState(d *partner.Delivery) string { return text(d.Body, "resource.state") }

func failedOrder(d *partner.Delivery) bool { return isOrderEvent(d) && eventState(d) == "failed" }

// twice delivers the events that match two times.
func twice(matches func(d *partner.Delivery) bool) partner.Seam {
	return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
		if err := next(ctx, d); err != nil || !matches(d) {
			return err
		}
		return next(ctx, d)
	}}
}

// contradicting reports each completed order as failed afterwards.
func contradicting() partner.Seam {
	return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
		again := *d
		if err := next(ctx, d); err != nil || !completedOrderEvent(d) {
			return err
		}
		again.Body = set(set(again.Body, "type", "failedStateNotification"), "resource.state", "failed")
		return next(ctx, &again)
	}}
}

func address() []Defect {
	return family("address of events", []Defect{
		{
			Name: "order-event-to-userservice", Requirement: "PO-UC4-03", Mode: Async,
			How:  "One address for all events is configured, and it is that of the other API.",
			Seam: func() partner.Seam { return readdressing(isOrderEvent, "/productordering/", "/userservice/") },
		},
		{
			Name: "order-event-to-old-version", Requirement: "PO-UC4-03", Mode: Async,
			How:  "The path was taken from an integration with the API's first version.",
			Seam: func() partner.Seam { return readdressing(isOrderEvent, "/v2/event", "/v1/event") },
		},
		{
			Name: "order-event-to-orders-path", Requirement: "PO-UC4-03", Mode: Async,
			How:  "The event is posted below the resource that it is about, as REST habits suggest.",
			Seam: func() partner.Seam { return readdressing(isOrderEvent, "/v2/event", "/v2/productOrder/event") },
		},
		{
			Name: "update-event-to-productordering", Requirement: "US-UC6-01", Mode: Async,
			How:  "One address for all events is configured, and it is that of the other API.",
			Seam: func() partner.Seam { return readdressing(isUpdateEvent, "/userservice/", "/productordering/") },
		},
		{
			Name: "report-to-productordering", Requirement: "US-UC5-08", Mode: Both, Needs: "uc5",
			How:  "Changes by the customer go out through the code that sends the events of orders.",
			Seam: func() partner.Seam { return readdressing(isReport, "/userservice/", "/productordering/") },
		},
		{
			Name: "report-to-user-path", Requirement: "US-UC5-08", Mode: Both, Needs: "uc5",
			How:  "Changes of end users are posted to a path of the partner's own making.",
			Seam: func() partner.Seam { return readdressing(isReport, "/v2/event", "/v2/endUser/event") },
		},
		{
			Name: "other-offer", Requirement: "AUTH-05", Mode: Both, Needs: "events",
			How: "The offer of the other phase, integration or production, is configured.",
			Seam: func() partner.Seam {
				return onEvent(func(d *partner.Delivery) {
					if strings.HasPrefix(d.Path, "/mba2-beta/") {
						d.Path = "/mba2/" + strings.TrimPrefix(d.Path, "/mba2-beta/")
					} else {
						d.Path = "/mba2-beta/" + strings.TrimPrefix(d.Path, "/mba2/")
					}
				})
			},
		},
		{
			Name: "no-offer-in-path", Requirement: "AUTH-05", Mode: Both, Needs: "events",
			How: "The documentation writes the path with [offer] in front, which was taken for a remark.",
			Seam: func() partner.Seam {
				return onEvent(func(d *partner.Delivery) {
					if _, rest, ok := strings.Cut(strings.TrimPrefix(d.Path, "/"), "/"); ok {
						d.Path = "/" + rest
					}
				})
			},
		},
	})
}

func readdressing(matches func(d *partner.Delivery) bool, old, replacement string) partner.Seam {
	return onEvent(func(d *partner.Delivery) {
		if matches(d) {
			d.Path = strings.Replace(d.Path, old, replacement, 1)
		}
	})
}
