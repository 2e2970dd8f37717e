package fault

import "net/http"

// maintenance answers 503, code 5, and says with Retry-After when to come again.
func maintenance() kind {
	return kind{
		name: Unavailable, token: true, takes: []setting{times, retryAfter},
		behaviour: count(func(s Spec) Effect {
			return Effect{Status: http.StatusServiceUnavailable, Code: 5, RetryAfter: s.RetryAfter}
		}),
	}
}
