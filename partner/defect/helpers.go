package defect

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// Paths of what the defects rewrite most.
const (
	fleetPath     = "orderItem.0.productRef.id"
	quantityPath  = "orderItem.0.productRef.userServiceQuantity"
	offeringPath  = "orderItem.0.productOffering.externalReference.id"
	referencePath = "externalReference.id"
)

// isCustomerOrder tells an order that creates a customer and its contacts only (ProductOrdering UC1).
func isCustomerOrder(order []byte) bool { return has(order, "customer") && !has(order, "orderItem.0") }

// completed reports whether an order or an update is.
func completed(doc []byte) bool { return state(doc) == string(wire.Completed) }

// onCompleted rewrites completed orders of licences, in answers and in events.
func onCompleted(rewrite func(order []byte) []byte) partner.Seam {
	return onOrders(func(order []byte) []byte {
		if completed(order) && has(order, "orderItem.0") {
			return rewrite(order)
		}
		return order
	})
}

// onCustomers rewrites answers to orders that create a customer.
func onCustomers(rewrite func(order []byte) []byte) partner.Seam {
	return onOrders(func(order []byte) []byte {
		if completed(order) && isCustomerOrder(order) {
			return rewrite(order)
		}
		return order
	})
}

// onContacts rewrites each contact in those answers.
func onContacts(rewrite func(contact []byte) []byte) partner.Seam {
	return onCustomers(func(order []byte) []byte { return each(order, "relatedContact", rewrite) })
}

// onNew rewrites the body of orders, before the partner reads it.
func onNew(rewrite func(order []byte) []byte) partner.Seam { return onRequest(isOrder, rewrite) }

// instead answers some requests in the partner's place. nil leaves a request to it.
func instead(answer func(r *http.Request, sent []byte) *reply) partner.Seam {
	return handler(func(next http.Handler, w http.ResponseWriter, r *http.Request) {
		a := answer(r, slurp(r))
		if a == nil {
			next.ServeHTTP(w, r)
			return
		}
		if a.kind != "" {
			w.Header().Set("Content-Type", a.kind)
		}
		for name, value := range a.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(a.status)
		_, _ = w.Write([]byte(a.body))
	})
}

// reply is an answer of a defect's own.
type reply struct {
	status int
	kind   string // content type
	body   string
	header map[string]string
}

func jsonReply(status int, body string) *reply {
	return &reply{status: status, kind: "application/json", body: body}
}

// crash is what a framework answers where nobody caught an exception.
func crash() *reply {
	return jsonReply(http.StatusInternalServerError, `{"code":1,"message":"Internal error","description":"NullPointerException"}`)
}

// reject is a validation that the contract does not foresee.
func reject(why string) *reply {
	return jsonReply(http.StatusBadRequest, `{"code":24,"message":"Invalid request","description":"`+why+`"}`)
}

// onOrder answers in the partner's place the orders that match.
func onOrder(matches func(order []byte) bool, answer func() *reply) partner.Seam {
	return instead(func(r *http.Request, sent []byte) *reply {
		if isOrder(r) && matches(sent) {
			return answer()
		}
		return nil
	})
}

// ask puts a request of its own to the partner behind the wrapper.
func ask(next http.Handler, like *http.Request, method, path string, body []byte) *recorder {
	r := like.Clone(like.Context())
	u, err := url.Parse(path)
	if err != nil {
		return &recorder{status: http.StatusBadRequest}
	}
	r.Method, r.URL, r.RequestURI = method, u, path
	r.Body, r.ContentLength = http.NoBody, int64(len(body))
	if len(body) > 0 {
		r.Body = readCloser(body)
	}
	rec := &recorder{header: http.Header{}}
	next.ServeHTTP(rec, r)
	return rec
}

// licencesOf are the licences that the partner shows for a fleet.
func licencesOf(next http.Handler, like *http.Request, fleet string) []gjson.Result {
	rec := ask(next, like, http.MethodGet, "/userservice/v2/userService?productRefId="+url.QueryEscape(fleet), nil)
	return gjson.ParseBytes(rec.body.Bytes()).Array()
}

// fleets remembers, in order, the fleets that completed orders name.
type fleets struct {
	mu  sync.Mutex
	ids []string
}

// watch is the seam that fills it.
func (f *fleets) watch() partner.Seam {
	return onCompleted(func(order []byte) []byte {
		f.add(text(order, fleetPath))
		return order
	})
}

func (f *fleets) add(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, known := range f.ids {
		if known == id {
			return
		}
	}
	if id != "" {
		f.ids = append(f.ids, id)
	}
}

func (f *fleets) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.ids...)
}

func (f *fleets) known(id string) bool {
	for _, known := range f.all() {
		if known == id {
			return true
		}
	}
	return false
}

// memo remembers something for each key.
type memo[T any] struct {
	mu     sync.Mutex
	values map[string]T
}

func (m *memo[T]) get(key string) (T, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.values[key]
	return v, ok
}

func (m *memo[T]) set(key string, value T) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		m.values = map[string]T{}
	}
	m.values[key] = value
}

// once sets the value for a key that has none and returns the one that it then has.
func (m *memo[T]) once(key string, value func() T) T {
	m.mu.Lock()
	defer m.mu.Unlock()
	if v, ok := m.values[key]; ok {
		return v
	}
	if m.values == nil {
		m.values = map[string]T{}
	}
	v := value()
	m.values[key] = v
	return v
}

// mojibake is UTF-8 read as if it were Latin-1.
func mojibake(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteRune(rune(c))
	}
	return b.String()
}

// latin1 is the text in ISO-8859-1; what that can't say becomes a question mark.
func latin1(body []byte) []byte {
	var b bytes.Buffer
	for _, c := range string(body) {
		if c > 0xff {
			c = '?'
		}
		b.WriteByte(byte(c))
	}
	return b.Bytes()
}
