package openapi

import "net/http"

// Where the gateway's document and page are, on the protocol port.
const (
	GatewayPath     = "/docs/gateway"
	GatewayDocument = "/docs/gateway/openapi.json"
)

// event is what a partner reports; the contract pack's schemas say what is in it.
type event struct {
	ID       string         `json:"id,omitempty" doc:"Filled in by Orange."`
	Type     string         `json:"type" doc:"Such as completedStateNotification, failedStateNotification, updateNotification."`
	Time     string         `json:"time,omitempty" doc:"RFC 3339, with an offset."`
	Resource map[string]any `json:"resource" doc:"The order, the update, or licences with their operations."`
}

type tokenAnswer struct {
	TokenType   string `json:"token_type"`
	AccessToken string `json:"access_token" doc:"Opaque."`
	ExpiresIn   int    `json:"expires_in" doc:"Seconds."`
}

// apiError is Orange's error model.
type apiError struct {
	Code        int    `json:"code"`
	Message     string `json:"message"`
	Description string `json:"description"`
}

// Gateway describes what a partner calls: the token endpoint, and the events of each path, with {offer} in it.
func Gateway(token string, orders, updates []string) (Served, error) {
	a := newAPI("Orange gateway, as Clementine plays it", "The token server and the OPE gateway that takes a partner's events.",
		"A token of the token endpoint, of an application that has subscribed to the offer.", apiError{})
	list := []operation{{
		method: http.MethodPost, path: token, id: "token", tag: "Tokens", summary: "Get a token", status: http.StatusOK, basic: true,
		about: "The client credentials grant (RFC 6749, 4.4). Errors are those of RFC 6749.", form: []string{"grant_type", "scope"}, answer: tokenAnswer{},
		refusals: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusTooManyRequests},
	}}
	add := func(id, summary, about string, paths []string) {
		for i, path := range paths {
			if i > 0 {
				id += "Alias"
			}
			list = append(list, operation{method: http.MethodPost, path: path, id: id, tag: "Events", summary: summary, about: about, body: event{},
				answer: event{}, status: http.StatusCreated, refusals: []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden,
					http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable}})
		}
	}
	add("orderEvent", "Report the end of an order", "ProductOrdering UC4.", orders)
	add("updateEvent", "Report the end of an update, or a change", "UserService UC6 and UC5.", updates)
	if err := a.add(list); err != nil {
		return Served{}, err
	}
	return a.served(GatewayDocument, "curl -u demo:demo-secret -d grant_type=client_credentials http://127.0.0.1:8090"+token), nil
}
