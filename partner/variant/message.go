package variant

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/clementine-ope/clementine/partner"
)

// kind says what a message is about.
type kind string

const (
	anOrder   kind = "order"
	anUpdate  kind = "update"
	aFleet    kind = "fleet"   // GET by productRefId
	aList     kind = "list"    // GET by ids
	aLicence  kind = "licence" // GET of one licence
	aReport   kind = "report"  // an event about a change that the partner made (UserService UC5)
	aToolCall kind = "tool"    // the customer's own tool
	another   kind = ""
)

func kindOf(r *http.Request) kind {
	get, path := r.Method == http.MethodGet, r.URL.Path
	switch {
	case strings.HasSuffix(path, "/productOrder"):
		return anOrder
	case strings.HasSuffix(path, "/userService/update"):
		return anUpdate
	case get && strings.HasSuffix(path, "/userService") && r.URL.Query().Has("productRefId"):
		return aFleet
	case get && strings.HasSuffix(path, "/userService"):
		return aList
	case get && strings.Contains(path, "/userService/v2/userService/"), get && strings.Contains(path, "/userservice/v2/userService/"):
		return aLicence
	case strings.Contains(path, "/customer-tool/"):
		return aToolCall
	}
	return another
}

// message is what the partner says of an order, an update or licences: in an answer or in an event.
type message struct {
	kind    kind
	event   bool
	status  int            // of the answer; may be changed
	doc     any            // the body, or the event's resource; may be changed or replaced
	wrapper map[string]any // the event around it; nil in an answer
	sent    any            // what Orange sent, nil in events
	request *http.Request  // nil in events
}

// order is the document of an order or of an update; nil if it is something else.
func (m *message) fields() map[string]any {
	fields, _ := m.doc.(map[string]any)
	return fields
}

func (m *message) state() string { return text(m.fields()["state"]) }

// onMessages changes whatever the partner says as JSON: answers, refusals included, and events. Each attempt to deliver
// an event sends what the change gave.
func onMessages(change func(m *message)) partner.Seam {
	return partner.Join(onAnswers(change), onEvents(change))
}

// onAnswers is onMessages without the events.
func onAnswers(change func(m *message)) partner.Seam {
	return onExchanges(func(next http.Handler, x *exchange) {
		x.serve(next)
		doc, ok := decode(x.body)
		if x.kind == another || !ok {
			return
		}
		sent, _ := decode(x.sent)
		m := &message{kind: x.kind, status: x.status, doc: doc, sent: sent, request: x.request}
		change(m)
		x.status, x.body = m.status, encode(m.doc)
	})
}

// onEvents is onMessages without the answers.
func onEvents(change func(m *message)) partner.Seam {
	return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
		if m, ok := messageOf(d); ok {
			change(m)
			m.wrapper["resource"] = m.doc
			d.Body = encode(m.wrapper)
		}
		return next(ctx, d)
	}}
}

func messageOf(d *partner.Delivery) (*message, bool) {
	doc, _ := decode(d.Body)
	wrapper, ok := doc.(map[string]any)
	if !ok {
		return nil, false
	}
	m := &message{kind: anOrder, event: true, status: http.StatusOK, doc: wrapper["resource"], wrapper: wrapper}
	if strings.Contains(strings.ToLower(d.Path), "/userservice/") {
		m.kind = anUpdate
		if m.fields()["state"] == nil {
			m.kind = aReport
		}
	}
	return m, true
}

// exchange is one request to the partner and its answer, both held whole.
type exchange struct {
	kind    kind
	request *http.Request
	sent    []byte // the request's body
	status  int
	header  http.Header
	body    []byte // the answer's body
	after   func() // done once the answer has left; nil for nothing
}

// serve lets next answer the request with the body that is in sent.
func (x *exchange) serve(next http.Handler) {
	x.request.Body, x.request.ContentLength = io.NopCloser(bytes.NewReader(x.sent)), int64(len(x.sent))
	rec := &recorder{header: x.header}
	next.ServeHTTP(rec, x.request)
	x.status, x.body = rec.status, rec.body.Bytes()
	if x.status == 0 {
		x.status = http.StatusOK
	}
}

// onExchanges stands between Orange and the partner: handle must fill in the answer, most often by serve.
func onExchanges(handle func(next http.Handler, x *exchange)) partner.Seam {
	return onWrites(handle, (*exchange).write)
}

// onWrites is onExchanges with another way to put the answer on the wire.
func onWrites(handle func(next http.Handler, x *exchange), write func(*exchange, http.ResponseWriter)) partner.Seam {
	return partner.Seam{WrapHandler: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			sent, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 2<<20))
			if err != nil {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			x := &exchange{kind: kindOf(r), request: r, sent: sent, header: w.Header()}
			handle(next, x)
			write(x, w)
			if x.after != nil {
				_ = http.NewResponseController(w).Flush() // a caller that has gone misses nothing
				x.after()
			}
		})
	}}
}

func (x *exchange) write(w http.ResponseWriter) {
	if x.status != http.StatusNoContent {
		x.header.Set("Content-Length", strconv.Itoa(len(x.body)))
	}
	w.WriteHeader(x.status)
	_, _ = w.Write(x.body) // a caller that has gone misses nothing
}

// recorder keeps an answer instead of sending it.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= http.StatusOK { // what comes before the answer itself is not kept
		r.status = status
	}
}

// decode reads JSON; numbers stay as they are written.
func decode(body []byte) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, false
	}
	return v, true
}

// encode writes what decode read.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // what was decoded can be encoded
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// text is v if it is text, else "".
func text(v any) string {
	s, _ := v.(string)
	return s
}

// at goes down names; nil if there is nothing.
func at(v any, names ...string) any {
	for _, name := range names {
		fields, _ := v.(map[string]any)
		v = fields[name]
	}
	return v
}

// each calls do with every object of an array.
func each(v any, do func(fields map[string]any)) {
	elements, _ := v.([]any)
	for _, element := range elements {
		if fields, ok := element.(map[string]any); ok {
			do(fields)
		}
	}
}

// walk calls do with every object of a document.
func walk(v any, do func(fields map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			walk(member, do)
		}
		do(v)
	case []any:
		for _, element := range v {
			walk(element, do)
		}
	}
}
