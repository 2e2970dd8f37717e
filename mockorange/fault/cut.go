package fault

import "net/http"

// cutOnce takes the first event and lets its answer get lost.
type cutOnce struct{}

func (cutOnce) Act(_ Call, done Progress) (Effect, bool) {
	return Effect{Status: http.StatusCreated, Cut: true}, done.Acted == 0
}
