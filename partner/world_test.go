package partner_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/wire"
)

const patience = 10 * time.Second

// world is a partner, with an Orange that keeps what it gets.
type world struct {
	*testing.T
	partner *partner.Partner
	orange  *orange
	profile *profile.Profile
}

type option func(*partner.Options)

func modes(t *testing.T, test func(t *testing.T, mode profile.Mode)) {
	t.Helper()
	for _, mode := range []profile.Mode{profile.Sync, profile.Async} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			test(t, mode)
		})
	}
}

func newProfile(mode profile.Mode) *profile.Profile {
	return &profile.Profile{
		Partner:   profile.Partner{Name: "Acme SaaS"},
		Mode:      mode,
		Offer:     "mba2-beta",
		Ping:      "/ping",
		Offerings: []profile.Offering{{Code: "NOTES-S", Name: "Notes Standard"}, {Code: "NOTES-L", Name: "Notes Large"}},
		Features: profile.Features{
			ChangeOffering: true, EndUser: true, RenewLogin: true, ConsultByID: true,
			RealizingResource: &profile.RealizingResource{
				Type: "URL", Per: "fleet", From: "order", Changeable: true, Properties: []string{"url"},
			},
		},
		Login:  profile.Login{Key: "login"},
		Limits: profile.Limits{Quantity: 100},
	}
}

func newWorld(t *testing.T, mode profile.Mode, options ...option) *world {
	t.Helper()
	w := &world{T: t, orange: newOrange(t), profile: newProfile(mode)}
	o := partner.Options{
		Profile:      w.profile,
		GatewayURL:   w.orange.server.URL,
		TokenURL:     w.orange.server.URL + "/oauth/v3/token",
		ClientID:     "demo",
		ClientSecret: "s+/=%é",
	}
	o.Store = storeOf(t)
	for _, set := range options {
		set(&o)
	}
	p, err := partner.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Listen(); err != nil {
		t.Fatal(err)
	}
	p.Start()
	w.partner = p
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := p.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return w
}

// features changes what the profile declares.
func features(change func(*profile.Profile)) option {
	return func(o *partner.Options) { change(o.Profile) }
}

// reply is an answer of the partner.
type reply struct {
	status int
	body   []byte
}

func (w *world) call(method, path, body string) reply {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.partner.URL()+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	return w.do(req)
}

func (w *world) do(req *http.Request) reply {
	w.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	res, err := client.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	if len(body) > 0 {
		if got := res.Header.Get("Content-Type"); got != "application/json; charset=utf-8" {
			w.Errorf("%s %s: content type %q", req.Method, req.URL.Path, got)
		}
		noEmpties(w, body)
	}
	if schema := answerSchema(req, res.StatusCode); schema != "" {
		judge(w, schema, res.Header.Get("Content-Type"), body)
	}
	return reply{res.StatusCode, body}
}

// answerSchema names the contract's schema of an answer; "" if it has none.
func answerSchema(req *http.Request, status int) string {
	switch {
	case status/100 != 2:
		return ""
	case req.URL.Path == orders:
		return "order.answer"
	case req.URL.Path == updates:
		return "update.answer"
	case req.URL.Path == "/userservice/v2/userService":
		return "licences"
	case strings.HasPrefix(req.URL.Path, "/userservice/v2/userService/"):
		return "licence"
	}
	return ""
}

// eventSchema names the contract's schema of an event.
func eventSchema(t testing.TB, path string, body []byte) string {
	switch {
	case strings.HasSuffix(path, "/productordering/v2/event"):
		return "event.order"
	case read[struct{ Resource wire.Update }](t, body).Resource.State != "":
		return "event.update"
	default:
		return "event.operations"
	}
}

// judge holds a body to the contract pack, which was written apart from the structs.
func judge(t testing.TB, schema, contentType string, body []byte) {
	t.Helper()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Error(err)
		return
	}
	for _, v := range pack.Judge(schema, contentType, body) {
		t.Errorf("%s: %s: expected %s, seen %s", v.Requirement, v.Path, v.Expected, v.Seen)
	}
}

// noEmpties fails on null, {}, "" anywhere and on [] anywhere but at the root.
func noEmpties(t testing.TB, body []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		t.Errorf("not JSON: %v in %s", err, body)
		return
	}
	if list, ok := v.([]any); ok && len(list) == 0 {
		return
	}
	walk(t, "$", v)
}

func walk(t testing.TB, path string, v any) {
	t.Helper()
	empty := v == nil || v == ""
	switch v := v.(type) {
	case map[string]any:
		empty = len(v) == 0
		for name, member := range v {
			walk(t, path+"."+name, member)
		}
	case []any:
		empty = len(v) == 0
		for i, element := range v {
			walk(t, fmt.Sprintf("%s[%d]", path, i), element)
		}
	}
	if empty {
		t.Errorf("%s has no value but is there", path)
	}
}

func read[T any](t testing.TB, body []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(body, &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return v
}

func write(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func ref(id string) wire.Reference { return wire.Reference{Type: "orange", ID: id} }

// order is an order of n licences of an offering, into a fleet unless it is "".
func order(reference string, c wire.Customer, fleet, offering string, n int) wire.ProductOrder {
	return wire.ProductOrder{
		ExternalReference: ref(reference),
		Category:          "production",
		Customer:          c,
		OrderItem: []wire.OrderItem{{
			Action:          wire.Add,
			ProductRef:      wire.ProductRef{ID: fleet, UserServiceQuantity: n},
			ProductOffering: wire.Offering{ExternalReference: ref(offering)},
		}},
	}
}

// customer creates a customer by UC1.
func (w *world) customer(reference string) wire.Customer {
	w.Helper()
	got := w.call("POST", "/productordering/v2/productOrder", write(w, wire.ProductOrder{
		ExternalReference: ref("uc1-" + reference),
		Customer:          wire.Customer{ExternalReference: ref(reference), TradingName: "Boulangerie " + reference},
		RelatedContact: []wire.Contact{
			{ExternalReference: ref(reference + "-fm"), Role: wire.FleetManager, Email: "fleet@example.com"},
			{ExternalReference: ref(reference + "-oc"), Role: wire.OrangeContact, Email: "orange@example.com"},
		},
	}))
	o := read[wire.ProductOrder](w, got.body)
	if got.status/100 != 2 || o.State != wire.Completed || o.Customer.ID == "" {
		w.Fatalf("UC1: %d %s", got.status, got.body)
	}
	return o.Customer
}

// place posts an order and returns it in its final state, by whichever way that comes.
func (w *world) place(o wire.ProductOrder) wire.ProductOrder {
	w.Helper()
	got := w.call("POST", "/productordering/v2/productOrder", write(w, o))
	if got.status/100 != 2 {
		w.Fatalf("order: %d %s", got.status, got.body)
	}
	answer := read[wire.ProductOrder](w, got.body)
	if w.profile.Mode == profile.Sync {
		return answer
	}
	if answer.State != wire.Acknowledged {
		w.Fatalf("order: %s", got.body)
	}
	e := w.orange.next(w)
	final := read[struct{ Resource wire.ProductOrder }](w, e.body).Resource
	if e.path != "/mba2-beta/productordering/v2/event" || final.ID != answer.ID {
		w.Fatalf("order %s got the event %s %s", answer.ID, e.path, e.body)
	}
	return final
}

// fleet orders n licences for a new customer and returns them.
func (w *world) fleet(reference string, n int) []wire.UserService {
	w.Helper()
	o := w.place(order("order-"+reference, w.customer(reference), "", "NOTES-S", n))
	if o.State != wire.Completed {
		w.Fatalf("order: %+v", o)
	}
	return w.licences(o.OrderItem[0].ProductRef.ID)
}

func (w *world) licences(fleet string) []wire.UserService {
	w.Helper()
	got := w.call("GET", "/userservice/v2/userService?productRefId="+fleet, "")
	if got.status != http.StatusOK {
		w.Fatalf("GET: %d %s", got.status, got.body)
	}
	return read[[]wire.UserService](w, got.body)
}

// change posts an update and returns it in its final state.
func (w *world) change(reference string, changes ...wire.Change) wire.Update {
	w.Helper()
	got := w.call("POST", "/userservice/v2/userService/update",
		write(w, wire.UpdateRequest{ExternalReference: ref(reference), UserServices: changes}))
	if got.status/100 != 2 {
		w.Fatalf("update: %d %s", got.status, got.body)
	}
	answer := read[wire.Update](w, got.body)
	if w.profile.Mode == profile.Sync {
		return answer
	}
	if answer.State != wire.Acknowledged || answer.UserServices != nil {
		w.Fatalf("update: %s", got.body)
	}
	e := w.orange.next(w)
	final := read[struct{ Resource wire.Update }](w, e.body).Resource
	if e.path != "/mba2-beta/userservice/v2/event" || final.ID != answer.ID || final.ExternalReference != ref(reference) {
		w.Fatalf("update %s got the event %s %s", answer.ID, e.path, e.body)
	}
	return final
}

func sameBytes(t testing.TB, a, b []byte) {
	t.Helper()
	if !bytes.Equal(a, b) {
		t.Errorf("not the same bytes:\n%s\n%s", a, b)
	}
}
