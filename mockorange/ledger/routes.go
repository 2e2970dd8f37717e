package ledger

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// The paths of the ledger on the control port.
const (
	OrdersPath    = "/control/orders"
	ClockPath     = "/control/clock"
	OfferingsPath = "/control/offerings"
)

// bodyLimit is the largest body that is taken, in bytes: an update may name many licences.
const bodyLimit = 16 << 20

func (l *Ledger) routes() map[string]map[string]http.HandlerFunc {
	return map[string]map[string]http.HandlerFunc{
		OrdersPath:    {http.MethodPost: l.postOrder, http.MethodGet: l.getOrders},
		ClockPath:     {http.MethodPost: l.postClock, http.MethodGet: l.getClock},
		OfferingsPath: {http.MethodPost: l.postOfferings},
	}
}

// Routes are what a ledger serves on the control port: "POST /control/orders", in order.
func Routes() []string {
	var out []string
	for path, methods := range (*Ledger)(nil).routes() {
		for method := range methods {
			out = append(out, method+" "+path)
		}
	}
	slices.Sort(out)
	return out
}

// ServeHTTP answers the ledger's part of the control port; whoever mounts it lets in only who may steer.
//
//	POST /control/orders     control.Order     202, or 200 if it is known: control.OrderStatus
//	GET  /control/orders     ?customer=REF     200 [control.OrderStatus], the newest first
//	POST /control/clock      control.ClockMove 200, or 202 if something is left to be done: control.Clock
//	GET  /control/clock                        200 control.Clock
//	POST /control/offerings  [control.Offering] 204
//
// Errors are {code, message, description}, as those of the rest of the control port: 400 names the field that cannot be
// taken.
func (l *Ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	methods, ok := l.routes()[r.URL.Path]
	if !ok {
		refuse(w, http.StatusNotFound, "The control port has no "+r.URL.Path+".")
		return
	}
	handle, ok := methods[r.Method]
	if !ok {
		refuse(w, http.StatusMethodNotAllowed, "The control port has no "+r.Method+" of "+r.URL.Path+".")
		return
	}
	handle(w, r)
}

func (l *Ledger) postOrder(w http.ResponseWriter, r *http.Request) {
	var o control.Order
	if !read(w, r, &o) {
		return
	}
	status, err := l.Take(r.Context(), o)
	if l.failed(w, err) {
		return
	}
	code := http.StatusAccepted
	if status.State == control.OrderApplied {
		code = http.StatusOK
	}
	answer(w, code, status)
}

func (l *Ledger) getOrders(w http.ResponseWriter, r *http.Request) {
	orders, err := l.Orders(r.Context(), r.URL.Query().Get("customer"))
	if !l.failed(w, err) {
		answer(w, http.StatusOK, orders)
	}
}

func (l *Ledger) postClock(w http.ResponseWriter, r *http.Request) {
	var m control.ClockMove
	if !read(w, r, &m) {
		return
	}
	clock, err := l.MoveClock(r.Context(), m)
	if l.failed(w, err) {
		return
	}
	code := http.StatusOK
	if clock.Pending > 0 {
		code = http.StatusAccepted
	}
	answer(w, code, clock)
}

func (l *Ledger) getClock(w http.ResponseWriter, r *http.Request) {
	clock, err := l.Clock(r.Context())
	if !l.failed(w, err) {
		answer(w, http.StatusOK, clock)
	}
}

func (l *Ledger) postOfferings(w http.ResponseWriter, r *http.Request) {
	var offerings []control.Offering
	if !read(w, r, &offerings) {
		return
	}
	if !l.failed(w, l.PutOfferings(r.Context(), offerings)) {
		w.WriteHeader(http.StatusNoContent)
	}
}

// read reads a JSON body strictly; it answers where that fails.
func read(w http.ResponseWriter, r *http.Request, v any) bool {
	body, err := io.ReadAll(io.LimitReader(r.Body, bodyLimit+1))
	switch {
	case err != nil:
		refuse(w, http.StatusBadRequest, "The body ended before its end.")
		return false
	case len(body) > bodyLimit:
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("The body has more than %d bytes.", bodyLimit))
		return false
	case !json.Valid(body):
		refuse(w, http.StatusBadRequest, "The body is not JSON.")
		return false
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		refuse(w, http.StatusBadRequest, "The body cannot be read: "+err.Error()+".")
		return false
	}
	return true
}

// failed answers for an error, if there is one.
func (l *Ledger) failed(w http.ResponseWriter, err error) bool {
	var bad *InvalidError
	switch {
	case err == nil:
		return false
	case errors.As(err, &bad):
		refuse(w, http.StatusBadRequest, bad.Error()+".")
	default:
		l.log.Error("control port of the ledger", "error", err)
		refuse(w, http.StatusInternalServerError, "The ledger could not be read or written.")
	}
	return true
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	// Whoever asked may be gone: there is nobody to tell.
	_ = e.Encode(v)
}

// refuse answers as the rest of the control port does; its code is the status, as the ledger has none of its own.
func refuse(w http.ResponseWriter, status int, description string) {
	answer(w, status, control.Error{Code: status, Message: http.StatusText(status), Description: description})
}
