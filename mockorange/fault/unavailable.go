package fault

import "net/http"

// unavailableOnce answers 503, code 5, to the first call.
type unavailableOnce struct{}

func (unavailableOnce) Act(_ Call, done Progress) (Effect, bool) {
	return Effect{Status: http.StatusServiceUnavailable, Code: 5}, done.Acted == 0
}
