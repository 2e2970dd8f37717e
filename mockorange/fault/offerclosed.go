package fault

import "net/http"

// offerClosed answers 403, code 50, as to an application that is not subscribed to the offer.
func offerClosed() kind {
	return kind{
		name: OfferClosed, takes: []setting{times},
		behaviour: count(func(Spec) Effect { return Effect{Status: http.StatusForbidden, Code: 50} }),
	}
}
