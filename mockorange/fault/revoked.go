package fault

import "net/http"

// revoked answers 401, code 41, until a call comes with a token that was issued after the first such answer.
type revoked struct{ expiredOnce }

func (f *revoked) Act(c Call) (Effect, bool) {
	if _, ok := f.expiredOnce.Act(c); !ok {
		return Effect{}, false
	}
	return Effect{Status: http.StatusUnauthorized, Code: 41, Revoked: true}, true
}
