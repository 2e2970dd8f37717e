package variant

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func timings() []Variant {
	return []Variant{
		{
			Name: "answers-slow-but-in-time", Why: "The profile's delays.answer is a promise: an answer within it is in time.",
			Seam: func() partner.Seam {
				var calls atomic.Int64
				return onExchanges(func(next http.Handler, x *exchange) {
					if calls.Add(1)%20 == 0 {
						wait(x.request.Context(), time.Second)
					}
					x.serve(next)
				})
			},
		},
		{
			Name: "work-slow-but-in-time", Why: "The profile's delays.event is a promise: an event within it is in time.", Mode: Async,
			Delay: 500 * time.Millisecond,
		},
		{
			Name: "one-thing-at-a-time", Why: "The profile's delays are promises: a partner with a single worker that keeps them is right.",
			Seam: oneAtATime,
		},
		{
			Name: "events-out-of-order", Why: "GEN-10 wants one event for each acknowledged request within its delay; no clause orders the events.", Mode: Async,
			Seam: func() partner.Seam {
				return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
					if !wait(ctx, rand.N(60*time.Millisecond)) {
						return ctx.Err()
					}
					return next(ctx, d)
				}}
			},
		},
		{
			Name: "events-before-answers", Why: "GEN-10 wants the event within its delay; a fast worker may overtake the answer on the way.",
			Seam: eventFirst,
		},
	}
}

// wait waits for d and reports whether it was let to.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// oneAtATime is a partner with one thread, for which each order and each update is 20 ms of work.
func oneAtATime() partner.Seam {
	var busy sync.Mutex
	work := func() { wait(context.Background(), 20*time.Millisecond) }
	return partner.Seam{
		WrapHandler: onExchanges(func(next http.Handler, x *exchange) {
			busy.Lock()
			defer busy.Unlock()
			x.serve(next)
		}).WrapHandler,
		// The rules run inside the reference's transaction: while one works, all others wait.
		Rules: func(r partner.Rules) partner.Rules {
			licences, update := r.Licences, r.Update
			r.Licences = func(quantity int) int {
				work()
				return licences(quantity)
			}
			r.Update = func(known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
				work()
				return update(known, changes)
			}
			return r
		},
	}
}

// eventFirst holds answers back until their event is in, or the gateway has had a bad moment.
func eventFirst() partner.Seam {
	all := &outcomes{byID: map[string]*outcome{}}
	return partner.Seam{
		WrapHandler: onExchanges(func(next http.Handler, x *exchange) {
			caller := x.request.Context()
			x.request = x.request.WithContext(atOnce{caller})
			x.serve(next)
			doc, _ := decode(x.body)
			if text(at(doc, "state")) != "acknowledged" && (x.kind != aToolCall || x.status != http.StatusOK) {
				return
			}
			limit, cancel := context.WithTimeout(caller, 200*time.Millisecond)
			defer cancel()
			select {
			case <-all.of(text(at(doc, "id"))).left:
			case <-limit.Done():
			}
		}).WrapHandler,
		Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
			err := next(ctx, d)
			if m, ok := messageOf(d); ok {
				all.of(text(m.fields()["id"])).answered(false)
				if m.kind == aReport {
					each(m.fields()["userServices"], func(l map[string]any) { all.of(text(l["id"])).answered(false) })
				}
			}
			return err
		},
	}
}
