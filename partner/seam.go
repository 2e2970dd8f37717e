package partner

import (
	"context"
	"net/http"

	"github.com/clementine-ope/clementine/wire"
)

// Seam is where partners that differ from the reference are made, by wrapping it: the reference's own code knows no
// variant. The zero value changes nothing. Each hook must be safe for concurrent use.
type Seam struct {
	// WrapHandler wraps the HTTP edge: what comes in and what goes out of the partner's own server.
	WrapHandler func(http.Handler) http.Handler
	// WrapTransport wraps the calls to the token server and to the gateway, one by one, retries included.
	WrapTransport func(http.RoundTripper) http.RoundTripper
	// Deliver wraps the delivery of one event. next delivers with token, retry and renewal; it may be called later,
	// twice or never. While Deliver runs, only the events of the same customer wait. It must end with its context.
	// With a durable store it is called for each attempt, and next makes one.
	Deliver func(ctx context.Context, d *Delivery, next func(context.Context, *Delivery) error) error
	// Rules replaces decisions: it gets those of the reference and returns those to use.
	Rules func(reference Rules) Rules
}

// Rules are the decisions of the partner that can be replaced. Most run inside a transaction: they must be quick and
// must not call the partner.
type Rules struct {
	// Key is the idempotency key of a request: two with the same key are one. "" is never a repetition.
	Key func(reference wire.Reference) string
	// OrderAtOnce tells whether an order is answered with its final state; the others are acknowledged and end with an
	// event, in synchronous mode too.
	OrderAtOnce func(order wire.ProductOrder) bool
	// UpdateAtOnce does the same for updates.
	UpdateAtOnce func(request wire.UpdateRequest) bool
	// Refuse has the last word on a reason for a refusal: of a malformed request, of an order that can't be met, of a
	// second end user. nil goes on all the same.
	Refuse func(reason error) error
	// Fleet is the fleet that takes the licences of an order which named one ("" if it named none); "" or a fleet
	// that is not known is a new one.
	Fleet func(named string) string
	// Licences is how many licences an order of that quantity creates.
	Licences func(quantity int) int
	// Update gives the licences that changes alter, as they are afterwards; with an error, which fails the update, none.
	// Whatever it gives is stored. known holds all licences of the fleets concerned, deleted ones too, and must not be
	// altered.
	Update func(known []wire.UserService, changes []wire.Change) ([]wire.UserService, error)
	// Shown is a licence as GET shows it; false hides it.
	Shown func(licence wire.UserService) (wire.UserService, bool)
}

func (p *Partner) reference() Rules {
	return Rules{
		Key: func(reference wire.Reference) string { return reference.ID },
		OrderAtOnce: func(order wire.ProductOrder) bool {
			// The sources foresee no event for an order without an item.
			return !p.async() || len(order.OrderItem) == 0
		},
		UpdateAtOnce: func(wire.UpdateRequest) bool { return !p.async() },
		Refuse:       func(reason error) error { return reason },
		Fleet:        func(named string) string { return named },
		Licences:     func(quantity int) int { return quantity },
		Update:       p.update,
		Shown: func(licence wire.UserService) (wire.UserService, bool) {
			return licence, licence.State != wire.Deleted
		},
	}
}

func (p *Partner) refuse(reason error) error {
	if reason == nil {
		return nil
	}
	return p.rules.Refuse(reason)
}
