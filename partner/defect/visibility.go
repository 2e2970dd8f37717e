package defect

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func visibility() []Defect {
	return family("visibility", []Defect{
		{
			Name: "licences-show-before-event", Requirement: "PO-UC2-05", Mode: Async,
			How:  "Licences are created when the order arrives; only the event waits for the provisioning to end.",
			Seam: func() partner.Seam { return tooEarly(nil) },
		},
		{
			Name: "reserved-licences-show-inactive", Requirement: "PO-UC2-05", Mode: Async,
			How: "Licences are reserved as inactive rows, and GET has no filter for them.",
			Seam: func() partner.Seam {
				return tooEarly(func(licence []byte) []byte { return set(licence, "state", "inactive") })
			},
		},
		{
			Name: "new-fleet-shows-late", Requirement: "PO-UC4-04", Mode: Async,
			How: "GET is served from a search index that learns of a new fleet after the event has left.",
			Seam: func() partner.Seam {
				seen := newMarks()
				return onLists(func(x *exchange, licences []gjson.Result) []byte {
					if len(licences) > 0 && seen.first(x.request.URL.Query().Get("productRefId")) {
						return []byte("[]")
					}
					return x.body
				})
			},
		},
		{
			Name: "last-licence-shows-late", Requirement: "PO-UC4-04", Mode: Async,
			How: "The event leaves inside the transaction that creates the last licence, before its commit.",
			Seam: func() partner.Seam {
				seen := newMarks()
				return onLists(func(x *exchange, licences []gjson.Result) []byte {
					if len(licences) > 1 && seen.first(x.request.URL.Query().Get("productRefId")) {
						return array(raws(licences[:len(licences)-1]))
					}
					return x.body
				})
			},
		},
		{
			Name: "suspension-shows-late", Requirement: "US-UC6-02", Mode: Async,
			How:  "GET reads a replica of the database, which lags behind the one that the event is sent from.",
			Seam: func() partner.Seam { return staleOnce(to(wire.Suspended, wire.Inactive)) },
		},
		{
			Name: "reactivation-shows-late", Requirement: "US-UC6-02", Mode: Async,
			How:  "A cache in front of GET is dropped only when the next reader finds it too old.",
			Seam: func() partner.Seam { return staleOnce(to(wire.Active)) },
		},
	})
}

// staleOnce shows licences as they were before a change picked, at the first GET after it.
func staleOnce(p picking) partner.Seam {
	var mu sync.Mutex
	old := map[string]wire.UserService{}
	return partner.Join(
		altering(p, func(before, after wire.UserService) wire.UserService {
			mu.Lock()
			defer mu.Unlock()
			old[after.ID] = before
			return after
		}),
		rules(func(r *partner.Rules) {
			next := r.Shown
			r.Shown = func(l wire.UserService) (wire.UserService, bool) {
				mu.Lock()
				stale, is := old[l.ID]
				delete(old, l.ID)
				mu.Unlock()
				if is {
					l = stale
				}
				return next(l)
			}
		}),
	)
}

// tooEarly holds back the event of an order into a known fleet, whose licences show meanwhile, altered if alter is set.
// GET waits for them to be there, and the event for a GET: that they come early must not hang on who is faster.
func tooEarly(alter func(licence []byte) []byte) partner.Seam {
	o := &openOrders{orders: map[string]*openOrder{}}
	return partner.Seam{
		WrapHandler: handler(o.serve(alter)).WrapHandler,
		Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
			id := text(d.Body, "resource.id")
			if order, open := o.get(id); open {
				close(order.made)
				select {
				case <-order.seen:
					wait(ctx, early)
				case <-time.After(early):
				case <-ctx.Done():
				}
				o.drop(id)
			}
			return next(ctx, d)
		},
	}
}

// openOrder is an order into a known fleet that was acknowledged and whose event has not left.
type openOrder struct {
	fleet string
	made  chan struct{} // closed once its licences are there
	seen  chan struct{} // closed once GET has shown them
	once  sync.Once
}

type openOrders struct {
	mu     sync.Mutex
	orders map[string]*openOrder // by id
}

func (o *openOrders) serve(alter func([]byte) []byte) func(http.Handler, http.ResponseWriter, *http.Request) {
	known := newMarks()
	return func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		var shown []*openOrder
		if isFleet(r) {
			shown = o.await(r.Context(), r.URL.Query().Get("productRefId"))
		}
		onAnswer(func(x *exchange) {
			switch {
			case isOrder(r) && has(x.sent, "orderItem.0.productRef.id") && state(x.body) == "acknowledged":
				o.add(text(x.body, "id"), text(x.sent, "orderItem.0.productRef.id"))
			case isFleet(r) && alter != nil:
				x.body = each(x.body, "", func(licence []byte) []byte {
					if _, old := known.get(text(licence, "id")); len(shown) > 0 && !old {
						return alter(licence)
					}
					known.put(text(licence, "id"), "")
					return licence
				})
			}
		}).WrapHandler(next).ServeHTTP(w, r)
		for _, order := range shown {
			order.once.Do(func() { close(order.seen) })
		}
	}
}

func (o *openOrders) add(id, fleet string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.orders[id] = &openOrder{fleet: fleet, made: make(chan struct{}), seen: make(chan struct{})}
}

func (o *openOrders) get(id string) (*openOrder, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	order, open := o.orders[id]
	return order, open
}

func (o *openOrders) drop(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.orders, id)
}

// await waits for the open orders of a fleet to have their licences, and returns those orders.
func (o *openOrders) await(ctx context.Context, fleet string) []*openOrder {
	o.mu.Lock()
	var open []*openOrder
	for _, order := range o.orders {
		if order.fleet == fleet {
			open = append(open, order)
		}
	}
	o.mu.Unlock()
	for _, order := range open {
		select {
		case <-order.made:
		case <-ctx.Done():
		}
	}
	return open
}
