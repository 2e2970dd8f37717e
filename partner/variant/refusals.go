package variant

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"

	"github.com/clementine-ope/clementine/partner"
)

func refusals() []Variant {
	all := []Variant{
		{
			Name: "refused-at-once-as-failed", Why: "wire.md, 1 (refused): a 2xx with state failed, at once in asynchronous mode too.", Mode: Async,
			Seam: func() partner.Seam { return refusedAtOnce(func(*exchange) {}) },
		},
		{
			Name: "malformed-as-failed", Why: "wire.md, 1 (refused): a 2xx with state failed, also for what is malformed but can be read.", Mode: Sync,
			Seam: func() partner.Seam { return onExchanges(malformedFails) },
		},
		{
			Name: "malformed-acknowledged-then-failed", Why: "wire.md, 1 (refused): an acknowledgement followed by a failed event, also for what is malformed but can be read.", Mode: Async,
			Seam: func() partner.Seam { return onExchanges(malformedIsUnmeetable) },
		},
		{
			Name: "malformed-echoed-as-failed", Why: "A failed answer may repeat what it refuses as it was sent: what is wrong in it is Orange's.", Mode: Sync,
			Seam: func() partner.Seam { return onExchanges(malformedEchoed) },
		},
		{
			Name: "malformed-echoed-by-event", Why: "A failed event may repeat what it refuses as it was sent: what is wrong in it is Orange's.", Mode: Async,
			Seam: malformedEchoedByEvent,
		},
		{
			Name: "failed-order-echoed", Why: "An answer may repeat the order's fields (wire.md, 3), a failed one too.",
			Seam: failedEchoed,
		},
	}
	for _, status := range []int{400, 404, 409, 422} {
		all = append(all, Variant{
			Name: fmt.Sprintf("refused-by-%d", status), Why: "wire.md, 1 (refused): a 4xx, whichever it is.",
			Seam: func() partner.Seam {
				return refusedBy(status, "application/json", string(encode(refusal("It can't be met."))))
			},
		})
	}
	for name, body := range map[string][2]string{
		"html":    {"text/html; charset=utf-8", "<!DOCTYPE html><html><head><title>400</title></head><body><h1>Bad Request</h1></body></html>"},
		"text":    {"text/plain", "order can't be met\n"},
		"problem": {"application/problem+json", `{"type":"about:blank","title":"Unprocessable","status":422,"detail":null,"violations":[]}`},
		"nothing": {"", ""},
	} {
		all = append(all, Variant{
			Name: "refused-by-422-with-" + name, Why: "wire.md, 1: the body of a 4xx is compared with the contract as advice only.",
			Seam: func() partner.Seam { return refusedBy(422, body[0], body[1]) },
		})
	}
	return all
}

// refusedBy answers every refusal of an order or update by one status and one body.
func refusedBy(status int, contentType, body string) partner.Seam {
	as := func(x *exchange) {
		x.status, x.body = status, []byte(body)
		x.header.Set("Content-Type", contentType)
		if contentType == "" {
			x.header.Del("Content-Type")
		}
	}
	return partner.Join(refusedAtOnce(as), onExchanges(func(next http.Handler, x *exchange) {
		x.serve(next)
		if x.status >= 400 && x.status < 500 && (x.kind == anOrder || x.kind == anUpdate) {
			as(x)
		}
	}))
}

// outcomes knows how acknowledged requests ended before their acknowledgement leaves.
type outcomes struct {
	mu   sync.Mutex
	byID map[string]*outcome
}

type outcome struct {
	known    chan struct{}
	resource any
	left     chan struct{} // the answer has left
	swallow  bool          // no event: the answer has said it all
	tell     sync.Once
	let      sync.Once
}

func (o *outcomes) of(id string) *outcome {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.byID[id] == nil {
		o.byID[id] = &outcome{known: make(chan struct{}), left: make(chan struct{})}
	}
	return o.byID[id]
}

// answered lets the event of an outcome go, or swallows it.
func (e *outcome) answered(swallow bool) {
	e.let.Do(func() {
		e.swallow = swallow
		close(e.left)
	})
}

// refusedAtOnce does the work before it answers, so that a refusal needs no event. as makes the refusal of a failed
// answer.
func refusedAtOnce(as func(x *exchange)) partner.Seam {
	all := &outcomes{byID: map[string]*outcome{}}
	return partner.Seam{
		WrapHandler: onExchanges(func(next http.Handler, x *exchange) {
			caller := x.request.Context()
			x.request = x.request.WithContext(atOnce{caller})
			x.serve(next)
			doc, _ := decode(x.body)
			if x.kind != anOrder && x.kind != anUpdate {
				return
			}
			switch text(at(doc, "state")) {
			case "failed":
				as(x)
			case "acknowledged":
				all.settle(caller, x, text(at(doc, "id")), as)
			}
		}).WrapHandler,
		Deliver: all.deliver,
	}
}

func (o *outcomes) settle(ctx context.Context, x *exchange, id string, as func(x *exchange)) {
	e := o.of(id)
	select {
	case <-e.known:
	case <-ctx.Done():
		e.answered(false)
		return
	}
	if text(at(e.resource, "state")) == "failed" {
		x.status, x.body = http.StatusOK, encode(e.resource)
		as(x)
		e.answered(true)
		return
	}
	x.after = func() { e.answered(false) }
}

func (o *outcomes) deliver(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
	m, ok := messageOf(d)
	if !ok || m.kind == aReport {
		return next(ctx, d)
	}
	e := o.of(text(m.fields()["id"]))
	e.tell.Do(func() {
		e.resource = m.doc
		close(e.known)
	})
	select {
	case <-e.left:
	case <-ctx.Done():
		return ctx.Err()
	}
	if e.swallow {
		return nil
	}
	return next(ctx, d)
}

// atOnce hides the server's values: the reference then starts its work without waiting for the answer to leave.
type atOnce struct{ context.Context }

func (atOnce) Value(any) any { return nil }

// malformedFails answers what can be read at all by state failed.
func malformedFails(next http.Handler, x *exchange) {
	x.serve(next)
	doc, ok := decode(x.sent)
	if !ok || x.status/100 != 4 || (x.kind != anOrder && x.kind != anUpdate) {
		return
	}
	x.status = http.StatusOK
	x.body = encode(map[string]any{
		"id": "refused-" + text(at(doc, "externalReference", "id")), "externalReference": at(doc, "externalReference"), "state": "failed",
		"note": map[string]any{"text": "It is malformed."},
	})
}

// malformedEchoed is malformedFails with all that was sent.
func malformedEchoed(next http.Handler, x *exchange) {
	sent, ok := decode(x.sent)
	fields, isObject := sent.(map[string]any)
	malformedFails(next, x)
	answer, failed := decode(x.body)
	if !ok || !isObject || !failed || text(at(answer, "state")) != "failed" {
		return
	}
	x.body = encode(echoing(fields, answer.(map[string]any)))
}

// echoing is what was sent, with what the partner says of it.
func echoing(sent, said map[string]any) map[string]any {
	for _, name := range []string{"id", "externalReference", "state", "note", "completionDate"} {
		if value, ok := said[name]; ok {
			sent[name] = value
		}
	}
	return sent
}

// malformedEchoedByEvent acknowledges what is malformed, and repeats it in the event that it failed.
func malformedEchoedByEvent() partner.Seam {
	sent := &echoes{}
	return partner.Join(
		onExchanges(func(next http.Handler, x *exchange) {
			original := bytes.Clone(x.sent)
			malformedIsUnmeetable(next, x)
			answer, _ := decode(x.body)
			if id := text(at(answer, "id")); id != "" && !bytes.Equal(original, x.sent) {
				sent.orders.Store(id, original)
			}
		}),
		onEvents(func(m *message) {
			original, known := sent.orders.Load(text(m.fields()["id"]))
			if !known || m.state() != "failed" {
				return
			}
			if doc, ok := decode(original.([]byte)); ok {
				m.doc = echoing(doc.(map[string]any), m.fields())
			}
		}),
	)
}

// malformedIsUnmeetable gives the reference, in place of what it would not take, something that it will not be able to
// meet.
func malformedIsUnmeetable(next http.Handler, x *exchange) {
	sent := x.sent
	x.serve(next)
	doc, ok := decode(sent)
	fields, _ := doc.(map[string]any)
	if !ok || x.status/100 != 4 || fields == nil {
		return
	}
	switch item := firstItem(doc); {
	case x.kind == anOrder && item != nil:
		item["productOffering"] = map[string]any{"externalReference": map[string]any{"type": "orange", "id": "none"}}
		item["productRef"] = map[string]any{"userServiceQuantity": 1, "characteristic": at(firstItem(doc), "productRef", "characteristic")}
	case x.kind == anUpdate:
		fields["userServices"] = []any{map[string]any{"id": "none", "externalState": "active"}}
	default:
		return
	}
	x.sent = encode(doc)
	x.serve(next)
}

// failedEchoed repeats the order in its failure.
func failedEchoed() partner.Seam {
	sent := &echoes{}
	return partner.Join(
		onAnswers(func(m *message) {
			if m.kind == anOrder && m.status < 300 {
				sent.keep(m)
				sent.echoFailed(m)
			}
		}),
		onEvents(func(m *message) {
			if m.kind == anOrder {
				sent.echoFailed(m)
			}
		}),
	)
}

// echoes are orders as Orange sent them, by the partner's id.
type echoes struct{ orders sync.Map }

func (e *echoes) keep(m *message) {
	if id := text(m.fields()["id"]); id != "" {
		e.orders.LoadOrStore(id, encode(m.sent))
	}
}

func (e *echoes) echoFailed(m *message) {
	body, known := e.orders.Load(text(m.fields()["id"]))
	if !known || m.state() != "failed" {
		return
	}
	doc, _ := decode(body.([]byte))
	order, _ := doc.(map[string]any)
	for name, value := range m.fields() {
		order[name] = value
	}
	each(order["orderItem"], func(item map[string]any) { item["state"] = "failed" })
	m.doc = order
}
