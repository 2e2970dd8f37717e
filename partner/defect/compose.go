package defect

import (
	"context"
	"net/http"

	"github.com/clementine-ope/clementine/partner"
)

// deliverer is how partner.Seam.Deliver sends an event on; deliveryHook is that hook.
type (
	deliverer    = func(context.Context, *partner.Delivery) error
	deliveryHook = func(ctx context.Context, d *partner.Delivery, next deliverer) error
)

// join makes one seam of several. The first is nearest to the reference partner: what it answers and what it sends
// goes through the others afterwards.
func join(seams ...partner.Seam) partner.Seam {
	var joined partner.Seam
	for _, s := range seams {
		joined.WrapHandler = chain(joined.WrapHandler, s.WrapHandler)
		joined.WrapTransport = chain(joined.WrapTransport, s.WrapTransport)
		joined.Rules = chain(joined.Rules, s.Rules)
		joined.Deliver = chainDelivery(joined.Deliver, s.Deliver)
	}
	return joined
}

func chain[T any](inner, outer func(T) T) func(T) T {
	switch {
	case inner == nil:
		return outer
	case outer == nil:
		return inner
	}
	return func(v T) T { return outer(inner(v)) }
}

func chainDelivery(first, second deliveryHook) deliveryHook {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(ctx context.Context, d *partner.Delivery, next deliverer) error {
		return first(ctx, d, func(ctx context.Context, d *partner.Delivery) error { return second(ctx, d, next) })
	}
}

// rules makes a seam of a change to the reference's rules.
func rules(change func(r *partner.Rules)) partner.Seam {
	return partner.Seam{Rules: func(r partner.Rules) partner.Rules {
		change(&r)
		return r
	}}
}

// handler makes a seam of a wrapper of the partner's server.
func handler(wrap func(next http.Handler, w http.ResponseWriter, r *http.Request)) partner.Seam {
	return partner.Seam{WrapHandler: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { wrap(next, w, r) })
	}}
}
