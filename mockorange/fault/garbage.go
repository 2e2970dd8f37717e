package fault

import "net/http"

// garbage answers with a page of HTML, as a proxy does that knows nothing of the API. With a 2xx the event is taken,
// though a caller that reads the answer can't know; a token is never in it.
func garbage() kind {
	return kind{
		name: Garbage, token: true, takes: []setting{times, status},
		defaults: Spec{Status: http.StatusOK}, statuses: [2]int{200, 599},
		behaviour: count(func(s Spec) Effect {
			return Effect{Status: s.Status, ContentType: "text/html; charset=utf-8", Page: true}
		}),
	}
}
