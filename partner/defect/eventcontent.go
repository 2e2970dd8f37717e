package defect

import (
	"context"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
)

func orderEvents() []Defect {
	return family("events of orders", []Defect{
		{
			Name: "failed-order-announced-completed", Requirement: "PO-UC4-01", Mode: Async,
			How: "The event's type is a constant in the sending code.",
			Seam: func() partner.Seam {
				return onEventsThat(failedOrder, func(event []byte) []byte { return set(event, "type", "completedStateNotification") })
			},
		},
		{
			Name: "completed-order-announced-failed", Requirement: "PO-UC4-01", Mode: Async,
			How: "A condition is turned round in the choice of the event's type.",
			Seam: func() partner.Seam {
				return onEventsThat(completedOrderEvent, func(event []byte) []byte { return set(event, "type", "failedStateNotification") })
			},
		},
		{
			Name: "order-event-still-acknowledged", Requirement: "PO-UC4-01", Mode: Async,
			How: "The event holds the order as it was stored on arrival, before its state changed.",
			Seam: func() partner.Seam {
				return onEventsThat(completedOrderEvent, func(event []byte) []byte { return set(event, "resource.state", "acknowledged") })
			},
		},
		{
			Name: "order-event-lies-failed", Requirement: "PO-UC4-01", Mode: Async,
			How: "The step after the creation of the licences, an e-mail, throws, and the whole order is reported as failed.",
			Seam: func() partner.Seam {
				return onEventsThat(completedOrderEvent, func(event []byte) []byte {
					event = set(set(event, "type", "failedStateNotification"), "resource.state", "failed")
					return set(event, "resource.note.text", "The customer could not be notified.")
				})
			},
		},
	})
}

func orderIdentity() []Defect {
	return family("events of orders", []Defect{
		{
			Name: "order-event-without-fleet", Requirement: "PO-UC4-02", Mode: Async,
			How: "The item in the event is the one that was received, which held no fleet id yet.",
			Seam: func() partner.Seam {
				return onEventsThat(completedOrderEvent, func(event []byte) []byte {
					return remove(event, "resource.orderItem.0.productRef.id")
				})
			},
		},
		{
			Name: "order-event-without-item", Requirement: "PO-UC4-02", Mode: Async,
			How: "The event holds the head of the order; its items are a resource of their own.",
			Seam: func() partner.Seam {
				return onEventsThat(completedOrderEvent, func(event []byte) []byte { return remove(event, "resource.orderItem") })
			},
		},
		{
			Name: "order-event-without-id", Requirement: "PO-UC4-02", Mode: Async,
			How: "The id is a key of the database that the serializer is told to hide.",
			Seam: func() partner.Seam {
				return onEventsThat(isOrderEvent, func(event []byte) []byte { return remove(event, "resource.id") })
			},
		},
		{
			Name: "order-event-without-reference", Requirement: "PO-UC4-02", Mode: Async,
			How: "Orange's reference is kept in the table of requests, which the job that sends the event does not read.",
			Seam: func() partner.Seam {
				return onEventsThat(isOrderEvent, func(event []byte) []byte { return remove(event, "resource.externalReference") })
			},
		},
		{
			Name: "order-event-with-job-id", Requirement: "PO-UC4-02", Mode: Async,
			How: "The event gives the id of the job that did the work instead of the order's.",
			Seam: func() partner.Seam {
				return onEventsThat(isOrderEvent, func(event []byte) []byte {
					return set(event, "resource.id", "job-"+text(event, "resource.id"))
				})
			},
		},
	})
}

func orderInEvent() []Defect {
	return family("events of orders", []Defect{
		{
			Name: "order-event-names-inner-fleet", Requirement: "PO-UC4-02", Mode: Async,
			How: "The fleet id in the event is that of the provisioning system; GET knows only the shop's.",
			Seam: func() partner.Seam {
				return onEventsThat(completedOrderEvent, func(event []byte) []byte {
					return set(event, "resource.orderItem.0.productRef.id", "prov-"+text(event, "resource.orderItem.0.productRef.id"))
				})
			},
		},
		{
			Name: "order-event-anonymous", Requirement: "PO-UC4-02", Mode: Async,
			How: "The order in the event is reduced to what was produced; its address is left to a link.",
			Seam: func() partner.Seam {
				return onEventsThat(isOrderEvent, func(event []byte) []byte {
					event = set(event, "resource.href", "/productordering/v2/productOrder/"+text(event, "resource.id"))
					return remove(event, "resource.id", "resource.externalReference")
				})
			},
		},
		{
			Name: "failed-order-event-without-id", Requirement: "PO-UC4-02", Mode: Async,
			How: "A failed order is rolled back, and the id that it was acknowledged with is gone.",
			Seam: func() partner.Seam {
				return onEventsThat(failedOrder, func(event []byte) []byte { return remove(event, "resource.id") })
			},
		},
		{
			Name: "order-event-is-bare-order", Requirement: "PO-UC4-03", Mode: Async,
			How: "The order itself is posted, without the event around it.",
			Seam: func() partner.Seam {
				return onEventsThat(isOrderEvent, func(event []byte) []byte { return []byte(gjson.GetBytes(event, "resource").Raw) })
			},
		},
		{
			Name: "order-event-wraps-order", Requirement: "PO-UC4-03", Mode: Async,
			How: "The order stands in the resource under its type, as some event formats have it.",
			Seam: func() partner.Seam {
				return onEventsThat(isOrderEvent, func(event []byte) []byte {
					order := gjson.GetBytes(event, "resource").Raw
					return put(event, "resource", []byte(`{"productOrder":`+order+`}`))
				})
			},
		},
		{
			Name: "order-events-exchange-ids", Requirement: "PO-UC4-05", Mode: Async,
			How:  "The worker keeps the id of its order in a field that all threads share; large orders overlap.",
			Seam: func() partner.Seam { return crossing("resource.id") },
		},
		{
			Name: "order-events-exchange-fleets", Requirement: "PO-UC4-05", Mode: Async,
			How:  "The last fleet created is read back by its highest key, which by then is another order's.",
			Seam: func() partner.Seam { return crossing("resource.orderItem.0.productRef.id") },
		},
	})
}

func completedOrderEvent(d *partner.Delivery) bool {
	return isOrderEvent(d) && eventState(d) == "completed"
}

func onEventsThat(match func(d *partner.Delivery) bool, rewrite func(event []byte) []byte) partner.Seam {
	return onEvent(func(d *partner.Delivery) {
		if match(d) {
			d.Body = rewrite(d.Body)
		}
	})
}

// Orders of a size between these overlap and are mixed up; smaller ones are done at once, larger ones run at night.
const (
	overlapFrom = 5
	overlapTo   = 50
	overlap     = 500 * time.Millisecond // how long an order waits for another one to be mixed up with
)

// crossing exchanges the values at a path between the events of two orders that are in flight together.
func crossing(path string) partner.Seam {
	pair := &meeting{}
	return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
		n := gjson.GetBytes(d.Body, "resource.orderItem.0.productRef.userServiceQuantity").Int()
		if completedOrderEvent(d) && n >= overlapFrom && n <= overlapTo {
			if other, met := pair.meet(ctx, text(d.Body, path)); met {
				d.Body = set(d.Body, path, other)
			}
		}
		return next(ctx, d)
	}}
}

// meeting brings two together that come at about the same time.
type meeting struct {
	mu      sync.Mutex
	waiting *visitor
}

type visitor struct {
	value string
	other chan string
}

// meet gives value to another caller and returns that one's; false if nobody came in time.
func (m *meeting) meet(ctx context.Context, value string) (string, bool) {
	m.mu.Lock()
	if v := m.waiting; v != nil {
		m.waiting = nil
		m.mu.Unlock()
		v.other <- value
		return v.value, true
	}
	me := &visitor{value: value, other: make(chan string, 1)}
	m.waiting = me
	m.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, overlap)
	defer cancel()
	select {
	case other := <-me.other:
		return other, true
	case <-ctx.Done():
	}
	m.mu.Lock()
	left := m.waiting == me
	if left {
		m.waiting = nil
	}
	m.mu.Unlock()
	if left {
		return "", false
	}
	return <-me.other, true // whoever took me off the list is about to answer
}

func updateEvents() []Defect {
	return family("events of updates", []Defect{
		{
			Name: "update-event-with-order-type", Requirement: "US-UC6-01", Mode: Async,
			How: "The type of the orders' event is used for updates too: it says completed, after all.",
			Seam: func() partner.Seam {
				return onEventsThat(isUpdateEvent, func(event []byte) []byte { return set(event, "type", "completedStateNotification") })
			},
		},
		{
			Name: "update-event-without-licences", Requirement: "US-UC6-01", Mode: Async,
			How: "The event tells only that the update has ended; Orange is expected to GET the rest.",
			Seam: func() partner.Seam {
				return onEventsThat(isUpdateEvent, func(event []byte) []byte { return remove(event, "resource.userServices") })
			},
		},
		{
			Name: "update-event-is-a-list", Requirement: "US-UC6-01", Mode: Async,
			How: "Events are collected and sent as lists, also where there is only one.",
			Seam: func() partner.Seam {
				return onEventsThat(isUpdateEvent, func(event []byte) []byte {
					return put(event, "resource", []byte("["+gjson.GetBytes(event, "resource").Raw+"]"))
				})
			},
		},
		{
			Name: "update-event-still-acknowledged", Requirement: "US-UC6-02", Mode: Async,
			How: "The event is built from the update as it was stored on arrival.",
			Seam: func() partner.Seam {
				return onEventsThat(isUpdateEvent, func(event []byte) []byte { return set(event, "resource.state", "acknowledged") })
			},
		},
		{
			Name: "update-event-lies-failed", Requirement: "US-UC6-02", Mode: Async,
			How: "A time-out of a subsystem is reported as failed although its work went through.",
			Seam: func() partner.Seam {
				return onEventsThat(isUpdateEvent, func(event []byte) []byte {
					return set(remove(event, "resource.userServices"), "resource.state", "failed")
				})
			},
		},
		{
			Name: "update-event-says-done", Requirement: "US-UC6-02", Mode: Async,
			How: "The state is the workflow engine's own, which calls it done.",
			Seam: func() partner.Seam {
				return onEventsThat(isUpdateEvent, func(event []byte) []byte { return set(event, "resource.state", "done") })
			},
		},
	})
}

func updateIdentity() []Defect {
	return family("events of updates", []Defect{
		{
			Name: "update-event-anonymous", Requirement: "US-UC6-03", Mode: Async,
			How: "The event is sent by a listener on the licence table, which knows nothing of the update.",
			Seam: func() partner.Seam {
				return onEventsThat(isUpdateEvent, func(event []byte) []byte {
					return remove(event, "resource.id", "resource.externalReference")
				})
			},
		},
		{
			Name: "update-event-with-job-id", Requirement: "US-UC6-03", Mode: Async,
			How: "The event carries the id of the job that did the work, which Orange has never seen.",
			Seam: func() partner.Seam {
				return onEventsThat(isUpdateEvent, func(event []byte) []byte {
					return set(remove(event, "resource.externalReference"), "resource.id", "job-"+text(event, "resource.id"))
				})
			},
		},
	})
}

func partial() []Defect {
	return family("partial", []Defect{
		{
			Name: "order-event-partial", Requirement: "GEN-11", Mode: Async,
			How: "Large orders are filled in portions, and the enumeration has partial for that.",
			Seam: func() partner.Seam {
				return onEventsThat(completedOrderEvent, func(event []byte) []byte { return set(event, "resource.state", "partial") })
			},
		},
		{
			Name: "updated-licence-partial", Requirement: "GEN-11", Mode: Both,
			How: "Each licence says how far its change has come.",
			Seam: func() partner.Seam {
				return onResults(func(licences [][]byte) [][]byte {
					for i, l := range licences {
						licences[i] = set(l, "state", "partial")
					}
					return licences
				})
			},
		},
		{
			Name: "update-partial", Requirement: "GEN-11", Mode: Both,
			How: "Licences are changed one by one, and partial seemed the honest word when one of them could not be.",
			Seam: func() partner.Seam {
				return partner.Join(halfApplying(to("suspended", "inactive"), false), onUpdates(func(update []byte) []byte {
					return change(update, "state", func(old gjson.Result) any {
						if old.String() == "failed" {
							return "partial"
						}
						return old.String()
					})
				}))
			},
		},
	})
}
