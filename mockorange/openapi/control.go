package openapi

import (
	"net/http"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// Where the control port's document and page are, behind its guard.
const (
	ControlPath     = "/control/docs"
	ControlDocument = "/control/openapi.json"
)

// Control describes the control port of a serving mock: the gateway's steering, the customer space's accounts, the ledger
// and what operators see.
func Control() (Served, error) {
	a := newAPI("Clementine control port", "How the simulated Orange is steered. It answers on the loopback interface only, or with a bearer token, and never a browser's scripts.",
		"The token of --control-token. On the loopback interface none is asked for where none is set.", control.Error{})
	for _, part := range [][]operation{steering(), accounts(), ledger(), operations()} {
		if err := a.add(part); err != nil {
			return Served{}, err
		}
	}
	return a.served(ControlDocument, "curl http://127.0.0.1:8091/control/journal"), nil
}

func bad() []int { return []int{http.StatusBadRequest} }

func steering() []operation {
	gone := []int{http.StatusBadRequest, http.StatusGone}
	return []operation{
		{method: http.MethodGet, path: "/control/info", id: "info", tag: "Gateway", summary: "Where the gateway is", about: "Its addresses, version and journal.", answer: control.Info{}, status: http.StatusOK},
		{method: http.MethodGet, path: "/control/journal", id: "journal", tag: "Gateway", summary: "What has arrived", about: "The calls with a number above after, with their answers, secrets masked. 410 where some of them were dropped.", query: []string{"after"}, answer: []control.Entry{}, status: http.StatusOK, refusals: gone},
		{method: http.MethodGet, path: "/control/events", id: "events", tag: "Gateway", summary: "Follow the journal", about: "The same as server-sent events that go on; takes Last-Event-ID, too.", query: []string{"after"}, media: "text/event-stream", status: http.StatusOK, refusals: gone},
		{method: http.MethodPost, path: "/control/reset", id: "reset", tag: "Gateway", summary: "Return to the start", about: "No faults, an empty journal, the first applications only.", status: http.StatusNoContent},
		{method: http.MethodPost, path: "/control/applications", id: "addApplication", tag: "Gateway", summary: "Let an application in", about: "Its secret is shown once.", body: control.Application{}, answer: control.Credentials{}, status: http.StatusCreated, refusals: bad()},
		{method: http.MethodPost, path: "/control/tokens/expire", id: "expireTokens", tag: "Gateway", summary: "End all tokens", about: "Those issued so far are answered 401 with code 42.", status: http.StatusNoContent},
		{method: http.MethodPost, path: "/control/port", id: "port", tag: "Gateway", summary: "Refuse connections for a while", about: "The gateway's port closes, and opens again at the same address; 0 opens it at once.", body: control.PortRefusal{}, status: http.StatusNoContent, refusals: bad()},
		{method: http.MethodPost, path: "/control/faults", id: "addFault", tag: "Gateway", summary: "Arm a fault", about: "Bound to one order, update, licence or client id by its key, or to all.", body: control.Fault{}, answer: control.Fault{}, status: http.StatusCreated, refusals: bad()},
		{method: http.MethodGet, path: "/control/faults", id: "faults", tag: "Gateway", summary: "List the armed faults", about: "In the order in which they were armed, with the number of calls that each has acted on.", answer: []control.ArmedFault{}, status: http.StatusOK},
		{method: http.MethodDelete, path: "/control/faults", id: "removeFaults", tag: "Gateway", summary: "Disarm all faults", about: "What they have done stays done.", status: http.StatusNoContent},
		{method: http.MethodDelete, path: "/control/faults/{id}", id: "removeFault", tag: "Gateway", summary: "Disarm a fault", about: "By the id that arming it gave.", status: http.StatusNoContent, refusals: []int{http.StatusNotFound}},
	}
}

func accounts() []operation {
	missing, badOrMissing := []int{http.StatusNotFound}, []int{http.StatusBadRequest, http.StatusNotFound}
	const accounts = "/control/accounts"
	return []operation{
		{method: http.MethodGet, path: accounts, id: "listAccounts", tag: "Customer space", summary: "List the accounts", about: "With their perimeters and keys, without the keys' texts.", answer: []control.Account{}, status: http.StatusOK},
		{method: http.MethodPost, path: accounts, id: "addAccount", tag: "Customer space", summary: "Make an account", about: "Of type client or administrator; its API key is shown once.", body: control.NewAccount{}, answer: control.Account{}, status: http.StatusCreated, refusals: bad()},
		{method: http.MethodDelete, path: accounts + "/{id}", id: "blockAccount", tag: "Customer space", summary: "Block an account", about: "Its calls are refused from now on.", status: http.StatusNoContent, refusals: missing},
		{method: http.MethodPost, path: accounts + "/{id}/perimeter", id: "setPerimeter", tag: "Customer space", summary: "Change what an account reaches", about: "Billing accounts and offers, or contracts.", body: control.Perimeter{}, answer: control.Account{}, status: http.StatusOK, refusals: badOrMissing},
		{method: http.MethodPost, path: accounts + "/{id}/keys", id: "addKey", tag: "Customer space", summary: "Give an account another key", about: "It is shown once.", body: control.NewKey{}, answer: control.Key{}, status: http.StatusCreated, refusals: badOrMissing},
		{method: http.MethodDelete, path: accounts + "/{id}/keys/{key}", id: "revokeKey", tag: "Customer space", summary: "Revoke a key", about: "It is refused from now on.", status: http.StatusNoContent, refusals: missing},
	}
}

func ledger() []operation {
	return []operation{
		{method: http.MethodPost, path: "/control/orders", id: "postOrder", tag: "Ledger", summary: "Tell of a final order or update", about: "202 where it is new, 200 where it is known. It is applied to billing once, by its reference.", body: control.Order{}, answer: control.OrderStatus{}, status: http.StatusAccepted, refusals: bad()},
		{method: http.MethodGet, path: "/control/orders", id: "listOrders", tag: "Ledger", summary: "What became of orders", about: "The newest first.", query: []string{"customer"}, answer: []control.OrderStatus{}, status: http.StatusOK},
		{method: http.MethodPost, path: "/control/clock", id: "moveClock", tag: "Ledger", summary: "Move the billing calendar", about: "Forward only, or back to today. 202 while documents are still to be made.", body: control.ClockMove{}, answer: control.Clock{}, status: http.StatusOK, refusals: bad()},
		{method: http.MethodGet, path: "/control/clock", id: "clock", tag: "Ledger", summary: "Where the billing calendar stands", about: "And what is left to be done.", answer: control.Clock{}, status: http.StatusOK},
		{method: http.MethodPost, path: "/control/offerings", id: "setOfferings", tag: "Ledger", summary: "Set prices", about: "Of product offerings, by code.", body: []control.Offering{}, status: http.StatusNoContent, refusals: bad()},
	}
}

func operations() []operation {
	return []operation{
		{method: http.MethodGet, path: "/metrics", id: "metrics", tag: "Operations", summary: "Metrics", about: "In the text format of Prometheus.", media: "text/plain", status: http.StatusOK},
		{method: http.MethodGet, path: "/healthz", id: "alive", tag: "Operations", summary: "Whether it is alive", about: "200 as long as it answers.", media: "text/plain", status: http.StatusOK},
		{method: http.MethodGet, path: "/readyz", id: "ready", tag: "Operations", summary: "Whether it takes calls", about: "503 while the database does not answer, and on the way down.", media: "text/plain", status: http.StatusOK},
		{method: http.MethodGet, path: ControlDocument, id: "document", tag: "Operations", summary: "This description", about: "OpenAPI 3.1.", media: "application/json", status: http.StatusOK},
		{method: http.MethodGet, path: ControlPath, id: "page", tag: "Operations", summary: "This page", about: "To be read.", media: "text/html", status: http.StatusOK},
	}
}
