package fault

import "net/http"

// revoked answers 401, code 41, until a call comes with a token that was issued after the first such answer.
type revoked struct{}

func (revoked) Act(c Call, done Progress) (Effect, bool) {
	return Effect{Status: http.StatusUnauthorized, Code: 41, Revoked: true}, !renewed(c, done)
}
