package fault

import "net/http"

// rateLimited answers 429, code 53, and says with Retry-After when to come again.
func rateLimited() kind {
	return kind{
		name: RateLimited, token: true, takes: []setting{times, retryAfter},
		behaviour: count(func(s Spec) Effect {
			return Effect{Status: http.StatusTooManyRequests, Code: 53, RetryAfter: s.RetryAfter}
		}),
	}
}
