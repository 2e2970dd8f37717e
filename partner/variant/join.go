package variant

import (
	"context"

	"github.com/clementine-ope/clementine/partner"
)

// deliverer is how partner.Seam.Deliver sends an event on.
type deliverer = func(context.Context, *partner.Delivery) error

// Join makes one seam of several. The first is nearest to the reference partner: what it answers and what it sends goes
// through the others afterwards.
func Join(seams ...partner.Seam) partner.Seam {
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

func chainDelivery(
	first, second func(context.Context, *partner.Delivery, deliverer) error,
) func(context.Context, *partner.Delivery, deliverer) error {
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
