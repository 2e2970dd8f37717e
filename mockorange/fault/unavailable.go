package fault

import "net/http"

// unavailableOnce answers 503, code 5, to the first call.
type unavailableOnce struct{ done bool }

func (f *unavailableOnce) Act(Call) (Effect, bool) {
	if f.done {
		return Effect{}, false
	}
	f.done = true
	return Effect{Status: http.StatusServiceUnavailable, Code: 5}, true
}
