package defect

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/clementine-ope/clementine/partner"
)

// exchange is one request to the partner and its answer, both held whole, for a defect to read and to rewrite.
type exchange struct {
	request *http.Request
	sent    []byte // the request's body
	status  int
	header  http.Header
	body    []byte // the answer's body
}

// onAnswer rewrites what the partner answers.
func onAnswer(rewrite func(x *exchange)) partner.Seam {
	return handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		x := &exchange{request: r, sent: slurp(r), header: w.Header()}
		rec := &recorder{header: w.Header()}
		next.ServeHTTP(rec, r)
		x.status, x.body = rec.code(), rec.body.Bytes()
		rewrite(x)
		x.header.Set("Content-Length", strconv.Itoa(len(x.body)))
		w.WriteHeader(x.status)
		_, _ = w.Write(x.body) // a caller that has gone misses nothing
	})
}

// onRequest rewrites the body that the partner gets to read.
func onRequest(matches func(*http.Request) bool, rewrite func(body []byte) []byte) partner.Seam {
	return handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		if matches(r) {
			body := rewrite(slurp(r))
			r.Body, r.ContentLength = readCloser(body), int64(len(body))
		}
		next.ServeHTTP(w, r)
	})
}

// onEvent rewrites each event before it is delivered; what it changes is what every attempt sends.
func onEvent(rewrite func(d *partner.Delivery)) partner.Seam {
	return partner.Seam{Deliver: func(ctx context.Context, d *partner.Delivery, next partner.Deliverer) error {
		rewrite(d)
		return next(ctx, d)
	}}
}

// slurp reads the request's body and puts it back.
func slurp(r *http.Request) []byte {
	body, err := io.ReadAll(io.LimitReader(r.Body, 2<<20))
	rest := r.Body
	if err != nil {
		return body
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), rest}
	return body
}

func readCloser(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }

// recorder keeps an answer instead of sending it.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) code() int {
	if r.status == 0 {
		return http.StatusOK
	}
	return r.status
}

// What a request is.
func isOrder(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/productOrder")
}

func isUpdate(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/userService/update")
}

func isConsultation(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/userService")
}

func isFleet(r *http.Request) bool { return isConsultation(r) && r.URL.Query().Has("productRefId") }

// asked is the fleet that a consultation asks for.
func asked(x *exchange) string { return x.request.URL.Query().Get("productRefId") }

// What an event is.
func isOrderEvent(d *partner.Delivery) bool { return strings.Contains(d.Path, "/productordering/") }

func isUpdateEvent(d *partner.Delivery) bool {
	return !isOrderEvent(d) && gjson.GetBytes(d.Body, "resource.state").Exists()
}

// isReport tells an event about a change that the partner made itself (UserService UC5).
func isReport(d *partner.Delivery) bool { return !isOrderEvent(d) && !isUpdateEvent(d) }

// onOrders rewrites each order that the partner gives back, in an answer or in an event; acknowledgements and failed
// orders too.
func onOrders(rewrite func(order []byte) []byte) partner.Seam {
	return onDocuments(isOrder, isOrderEvent, rewrite)
}

// onUpdates does the same for updates.
func onUpdates(rewrite func(update []byte) []byte) partner.Seam {
	return onDocuments(isUpdate, isUpdateEvent, rewrite)
}

func onDocuments(
	request func(*http.Request) bool, event func(*partner.Delivery) bool, rewrite func([]byte) []byte,
) partner.Seam {
	return partner.Join(
		onAnswer(func(x *exchange) {
			if request(x.request) && x.status/100 == 2 {
				x.body = rewrite(x.body)
			}
		}),
		onEvent(func(d *partner.Delivery) {
			if event(d) {
				d.Body = put(d.Body, "resource", rewrite([]byte(gjson.GetBytes(d.Body, "resource").Raw)))
			}
		}),
	)
}

// onConsulted rewrites each licence that GET shows, in a list or alone.
func onConsulted(rewrite func(licence []byte) []byte) partner.Seam {
	return onAnswer(func(x *exchange) {
		if !isConsultation(x.request) || x.status != http.StatusOK {
			return
		}
		if gjson.ParseBytes(x.body).IsArray() {
			x.body = each(x.body, "", rewrite)
			return
		}
		x.body = rewrite(x.body)
	})
}

// onLists rewrites the array that GET answers for a fleet.
func onLists(rewrite func(x *exchange, licences []gjson.Result) []byte) partner.Seam {
	return onAnswer(func(x *exchange) {
		if isFleet(x.request) && x.status == http.StatusOK {
			x.body = rewrite(x, gjson.ParseBytes(x.body).Array())
		}
	})
}

// onLicences rewrites each licence wherever the partner gives it: in GET, in answers to updates and in their events.
func onLicences(rewrite func(licence []byte) []byte) partner.Seam {
	return partner.Join(
		onConsulted(rewrite),
		onUpdates(func(update []byte) []byte { return each(update, "userServices", rewrite) }),
	)
}

// state is the state of an order, an update or a licence.
func state(doc []byte) string { return text(doc, "state") }

// text is the text at a gjson path; "" if there is none.
func text(doc []byte, path string) string { return gjson.GetBytes(doc, path).String() }

// has reports whether there is anything at a gjson path.
func has(doc []byte, path string) bool { return gjson.GetBytes(doc, path).Exists() }

// set puts a value at a path; a document in which there is no such place stays as it was.
func set(doc []byte, path string, value any) []byte {
	changed, err := sjson.SetBytes(doc, path, value)
	if err != nil {
		return doc
	}
	return changed
}

// put is set with JSON text, which need not be correct JSON.
func put(doc []byte, path string, raw []byte) []byte {
	changed, err := sjson.SetRawBytes(doc, path, raw)
	if err != nil {
		return doc
	}
	return changed
}

// change replaces the value at a path where there is one.
func change(doc []byte, path string, value func(old gjson.Result) any) []byte {
	if old := gjson.GetBytes(doc, path); old.Exists() {
		return set(doc, path, value(old))
	}
	return doc
}

// remove takes fields away.
func remove(doc []byte, paths ...string) []byte {
	for _, path := range paths {
		if changed, err := sjson.DeleteBytes(doc, path); err == nil {
			doc = changed
		}
	}
	return doc
}

// each rewrites every element of the array at a path; "" is the document itself.
func each(doc []byte, path string, rewrite func(element []byte) []byte) []byte {
	list := gjson.ParseBytes(doc)
	if path != "" {
		list = list.Get(path)
	}
	if !list.IsArray() {
		return doc
	}
	var out [][]byte
	for _, element := range list.Array() {
		out = append(out, rewrite([]byte(element.Raw)))
	}
	if path == "" {
		return array(out)
	}
	return put(doc, path, array(out))
}

// array writes elements as a JSON array.
func array(elements [][]byte) []byte {
	return append(append([]byte("["), bytes.Join(elements, []byte(","))...), ']')
}

// raws are the elements as they were written.
func raws(elements []gjson.Result) [][]byte {
	out := make([][]byte, 0, len(elements))
	for _, element := range elements {
		out = append(out, []byte(element.Raw))
	}
	return out
}
