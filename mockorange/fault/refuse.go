package fault

import "net/http"

// refuseAlways answers 400, code 24, to every call.
type refuseAlways struct{}

func (refuseAlways) Act(Call, Progress) (Effect, bool) {
	return Effect{Status: http.StatusBadRequest, Code: 24}, true
}
