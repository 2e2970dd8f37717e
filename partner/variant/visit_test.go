package variant_test

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/partner/variant"
)

func declared(mode profile.Mode) *profile.Profile {
	return &profile.Profile{
		Mode: mode, Offer: "mba2-beta", Auth: profile.Auth{Type: "none"}, Ping: "/ping",
		Offerings: []profile.Offering{{Code: "NOTES-S", Name: "Standard"}, {Code: "NOTES-L", Name: "Large"}},
		Features: profile.Features{
			ChangeOffering: true, EndUser: true, RenewLogin: true, ConsultByID: true,
			RealizingResource: &profile.RealizingResource{Type: "URL", Per: "fleet", From: "order", Changeable: true, Properties: []string{"url"}},
		},
		Triggers:    map[string]profile.Trigger{profile.TriggerEndUserAdd: {Ask: "add one"}},
		Limits:      profile.Limits{Quantity: 100},
		Concurrency: 4,
	}
}

// visitor walks through both APIs once and writes down all that the partner says. The same partner says the same twice:
// its ids are counted and its clock stands still.
type visitor struct {
	t        *testing.T
	base     string
	client   *http.Client
	events   chan struct{}
	requests map[string]bool

	mu    sync.Mutex
	said  strings.Builder // in answers
	sent  strings.Builder // to Orange; apart, because an answer and an event may overtake each other
	fleet string          // the one that took the latest order
}

func visit(t *testing.T, mode profile.Mode, v variant.Variant) string {
	t.Helper()
	wires := &http.Transport{}
	defer wires.CloseIdleConnections()
	w := &visitor{t: t, client: &http.Client{Transport: retrying{wires}}, events: make(chan struct{}, 100), requests: map[string]bool{}}
	orange := httptest.NewServer(http.HandlerFunc(w.orange))
	defer orange.Close()
	p, err := partner.New(partner.Options{
		Profile: declared(mode), Listen: "127.0.0.1:0", GatewayURL: orange.URL, TokenURL: orange.URL + "/oauth/v3/token",
		ClientID: "id", ClientSecret: "secret", IDs: counter(), Seam: v.Seam(),
		Now: func() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Listen(); err != nil {
		t.Fatal(err)
	}
	p.Start()
	defer func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := p.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	w.base = p.URL() + v.BasePath
	w.walk()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.said.String() + w.sent.String()
}

// retrying sends a request again that met a connection which the partner had ended.
type retrying struct{ *http.Transport }

func (r retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := r.Transport.RoundTrip(req)
	if err == nil || req.GetBody == nil {
		return res, err
	}
	if req.Body, err = req.GetBody(); err != nil {
		return nil, err
	}
	r.CloseIdleConnections()
	return r.Transport.RoundTrip(req)
}

func counter() func(kind string) string {
	var mu sync.Mutex
	n := 0
	return func(kind string) string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return kind + "_" + strings.Repeat("a", 23) + string([]byte{'a' + byte(n/676%26), 'a' + byte(n/26%26), 'a' + byte(n%26)})
	}
}

func (v *visitor) note(where *strings.Builder, format string, args ...any) {
	v.mu.Lock()
	defer v.mu.Unlock()
	fmt.Fprintf(where, format+"\n", args...)
}

// orange is token server and gateway.
func (v *visitor) orange(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		v.t.Error(err)
	}
	v.note(&v.sent, "%s %s %v %t %q", r.Method, r.URL, r.TransferEncoding, r.Close, r.Header["Content-Type"])
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/token") {
		v.note(&v.sent, "%s %s", r.Header.Get("Authorization"), body)
		fmt.Fprint(w, `{"token_type":"Bearer","access_token":"t","expires_in":3600}`)
		return
	}
	v.note(&v.sent, "%s %s", r.Header.Get("Authorization"), body)
	v.took(gjson.GetBytes(body, "resource"))
	w.WriteHeader(http.StatusCreated)
	fmt.Fprint(w, "{}")
	v.events <- struct{}{}
}

// call makes one call, waits for the event that it announces, and returns what was answered.
func (v *visitor) call(method, path, body string) gjson.Result {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	res, err := v.client.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if res.Header.Get("Date") != "" {
		res.Header.Set("Date", "now")
	}
	for _, name := range slices.Sorted(maps.Keys(res.Header)) {
		v.note(&v.said, "%s: %s", name, res.Header[name])
	}
	v.note(&v.said, "%s %d %d %t %v %s", res.Proto, res.StatusCode, res.ContentLength, res.Close, res.TransferEncoding, answer)
	doc := gjson.ParseBytes(answer)
	v.took(doc)
	if doc.Get("state").String() == "acknowledged" && !v.repeated(body) || strings.Contains(path, "/customer-tool/") && res.StatusCode/100 == 2 {
		select {
		case <-v.events:
		case <-time.After(10 * time.Second):
			v.t.Fatalf("no event after %s %s: %s", method, path, answer)
		}
	}
	return doc
}

// repeated reports whether a request was sent before: it has had its event.
func (v *visitor) repeated(body string) bool {
	again := v.requests[body]
	v.requests[body] = true
	return again
}

const (
	orderPath   = "/productordering/v2/productOrder"
	licencePath = "/userservice/v2/userService"
)

func (v *visitor) walk() {
	v.call("GET", "/ping", "")
	customer := v.call("POST", orderPath, `{"externalReference":{"type":"orange","id":"o1"},"customer":{"externalReference":{"type":"orange","id":"c1"},"tradingName":"Société é"},
		"relatedContact":[{"externalReference":{"id":"p1"},"role":"customerFleetManager","email":"a@example.com"},{"externalReference":{"id":"p2"},"role":"orangeContact"}]}`).Get("customer.id").String()
	v.order("o2", customer, `"userServiceQuantity":3`, "NOTES-S")
	fleet, licences := v.holds()
	v.order("o2", customer, `"userServiceQuantity":3`, "NOTES-S")
	v.order("o3", customer, `"id":"`+fleet+`","userServiceQuantity":1`, "NOTES-L")
	v.order("o4", customer, `"userServiceQuantity":1`, "NONE")
	v.order("o5", customer, `"userServiceQuantity":"2"`, "NOTES-S")
	v.order("o6", customer, `"id":"unknown","userServiceQuantity":1`, "NOTES-S")
	v.order("o7", customer, `"userServiceQuantity":0`, "NOTES-S")
	v.read(fleet)
	v.call("GET", licencePath+"?productRefId=unknown", "")
	v.call("GET", licencePath+"?id="+url.QueryEscape(licences[0])+","+url.QueryEscape(licences[1]), "")
	v.call("GET", licencePath+"/"+url.PathEscape(licences[0]), "")
	v.call("GET", licencePath+"/unknown", "")
	v.change("u1", "suspended", licences[0], licences[1], licences[2])
	v.change("u2", "deleted", licences[1])
	v.change("u3", "active", licences[0], "unknown")
	v.call("POST", licencePath+"/update", `{"externalReference":{"id":"u4"}}`)
	v.read(fleet)
	for _, change := range []string{"user/add", "user/modify", "user/delete", "login/modify", "resource/modify"} {
		v.call("POST", "/customer-tool/"+url.PathEscape(licences[0])+"/"+change, "")
	}
}

func (v *visitor) order(reference, customer, productRef, offering string) {
	v.call("POST", orderPath, `{"externalReference":{"type":"orange","id":"`+reference+`"},"customer":{"id":"`+customer+`","externalReference":{"type":"orange","id":"c1"}},
		"orderItem":[{"action":"add","productRef":{`+productRef+`},"productOffering":{"externalReference":{"id":"`+offering+`"}}}]}`)
}

func (v *visitor) change(reference, state string, licences ...string) {
	var list []string
	for _, id := range licences {
		list = append(list, `{"id":"`+id+`","externalState":"`+state+`"}`)
	}
	v.call("POST", licencePath+"/update", `{"externalReference":{"type":"orange","id":"`+reference+`"},"userServices":[`+strings.Join(list, ",")+`]}`)
}

func (v *visitor) read(fleet string) gjson.Result {
	return v.call("GET", licencePath+"?productRefId="+url.QueryEscape(fleet), "")
}

// took keeps the fleet of an order, if doc is one.
func (v *visitor) took(doc gjson.Result) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if id := doc.Get("orderItem.0.productRef.id"); id.Exists() {
		v.fleet = id.String()
	}
}

// holds reads the latest fleet.
func (v *visitor) holds() (fleet string, licences []string) {
	v.t.Helper()
	v.mu.Lock()
	fleet = v.fleet
	v.mu.Unlock()
	for _, l := range v.read(fleet).Array() {
		licences = append(licences, l.Get("id").String())
	}
	if fleet == "" || len(licences) != 3 {
		v.t.Fatalf("fleet %q holds %q", fleet, licences)
	}
	return fleet, licences
}
