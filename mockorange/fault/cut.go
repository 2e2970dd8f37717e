package fault

import "net/http"

// cutOnce takes the first event and lets its answer get lost.
type cutOnce struct{ done bool }

func (f *cutOnce) Act(Call) (Effect, bool) {
	if f.done {
		return Effect{}, false
	}
	f.done = true
	return Effect{Status: http.StatusCreated, Cut: true}, true
}
