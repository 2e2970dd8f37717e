package partner

import (
	"context"
	"net/http"
)

// Deliverer is how Seam.Deliver sends an event on.
type Deliverer = func(context.Context, *Delivery) error

// deliveryHook is Seam.Deliver.
type deliveryHook = func(ctx context.Context, d *Delivery, next Deliverer) error

// Join makes one seam of several. The first is nearest to the reference partner: what it answers and what it sends goes
// through the others afterwards.
func Join(seams ...Seam) Seam {
	var joined Seam
	for _, s := range seams {
		joined.WrapHandler = chain[http.Handler](joined.WrapHandler, s.WrapHandler)
		joined.WrapTransport = chain[http.RoundTripper](joined.WrapTransport, s.WrapTransport)
		joined.Rules = chain[Rules](joined.Rules, s.Rules)
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
	return func(ctx context.Context, d *Delivery, next Deliverer) error {
		return first(ctx, d, func(ctx context.Context, d *Delivery) error { return second(ctx, d, next) })
	}
}
