package defect

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

func unasked() []Defect {
	return family("events in synchronous mode", []Defect{
		{
			Name: "order-event-in-sync", Requirement: "GEN-08", Mode: Sync,
			How: "The event of the asynchronous mode was left switched on when the agreement became synchronous.",
			Seam: func() partner.Seam {
				return announcing(sentItem, "/productordering/", "completedStateNotification")
			},
		},
		{
			Name: "customer-event-in-sync", Requirement: "GEN-08", Mode: Sync,
			How: "Whatever the partner creates is announced to all who subscribed to its message bus, Orange too.",
			Seam: func() partner.Seam {
				return announcing(sentCustomer, "/productordering/", "completedStateNotification")
			},
		},
		{
			Name: "update-event-in-sync", Requirement: "GEN-08", Mode: Sync,
			How: "Changes of licences are reported whoever made them, Orange's own too.",
			Seam: func() partner.Seam {
				return announcing(func(r *http.Request, _ []byte) bool { return isUpdate(r) }, "/userservice/", "updateNotification")
			},
		},
	})
}

// internal is the reference of the orders by which announcing makes the partner send events.
const internal = "internal-"

// announcing sends an event about each completed answer that matches. The partner itself has none to send, so it is
// given an order of its own to acknowledge, and that order's event is replaced.
func announcing(matches func(r *http.Request, sent []byte) bool, api string, kind wire.EventType) partner.Seam {
	bodies := newMarks()
	replace := onEvent(func(d *partner.Delivery) {
		if body, ok := bodies.get(reference(d)); ok {
			d.Body, d.Path = []byte(body), strings.Replace(d.Path, "/productordering/", api, 1)
		}
	})
	announce := handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		var resource []byte
		onAnswer(func(x *exchange) {
			if x.status/100 == 2 && state(x.body) == "completed" && matches(r, x.sent) {
				resource = bytes.Clone(x.body)
			}
		}).WrapHandler(next).ServeHTTP(w, r)
		if resource == nil {
			return
		}
		name := internal + text(resource, "id")
		event := put(set([]byte("{}"), "type", kind), "resource", resource)
		if at := text(resource, "completionDate"); at != "" {
			event = set(event, "time", at)
		}
		bodies.put(name, string(event))
		order := set([]byte("{}"), "externalReference.id", name)
		order = set(set(order, "customer.tradingName", "Internal"), "customer.externalReference.id", internal)
		own := r.Clone(context.WithoutCancel(r.Context()))
		own.Method, own.URL.Path, own.URL.RawPath = http.MethodPost, "/productordering/v2/productOrder", ""
		own.Body, own.ContentLength = io.NopCloser(bytes.NewReader(order)), int64(len(order))
		next.ServeHTTP(httptest.NewRecorder(), own)
	})
	return partner.Join(announce, replace, rules(func(r *partner.Rules) {
		next := r.OrderAtOnce
		r.OrderAtOnce = func(order wire.ProductOrder) bool {
			return next(order) && !strings.HasPrefix(order.ExternalReference.ID, internal)
		}
	}))
}
