package fault

import "net/http"

// expiredOnce answers 401, code 42, until a call comes with a token that was issued after the first such answer. A
// partner that only sends again, with the token it has, is refused again: that is the mistake this fault brings out.
type expiredOnce struct{}

func (expiredOnce) Act(c Call, done Progress) (Effect, bool) {
	return Effect{Status: http.StatusUnauthorized, Code: 42, Stale: true}, !renewed(c, done)
}

// renewed says whether a call comes with a token that was issued after the fault first acted.
func renewed(c Call, done Progress) bool { return done.Acted > 0 && c.IssuedAt.After(done.Since) }
