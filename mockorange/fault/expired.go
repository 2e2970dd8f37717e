package fault

import (
	"net/http"
	"time"
)

// expiredOnce answers 401, code 42, until a call comes with a token that was issued after the first such answer. A
// partner that only sends again, with the token it has, is refused again: that is the mistake this fault brings out.
type expiredOnce struct{ first time.Time }

func (f *expiredOnce) Act(c Call) (Effect, bool) {
	if f.first.IsZero() {
		f.first = c.At
	}
	if c.IssuedAt.After(f.first) {
		return Effect{}, false
	}
	return Effect{Status: http.StatusUnauthorized, Code: 42, Stale: true}, true
}
