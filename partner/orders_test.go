package partner_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/wire"
)

const orders = "/productordering/v2/productOrder"

func TestCustomer(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode)
		sent := wire.ProductOrder{
			ExternalReference: ref("o1"),
			OrderDate:         "2026-03-01T09:00:00.000Z",
			Customer: wire.Customer{
				ExternalReference: ref("c1"),
				TradingName:       "Société Générale de Pâtisserie & Fils <Œuvre>",
				Registration:      wire.Registration{Type: "SIREN", Value: "123456789"},
				PostalAddress:     wire.Address{StreetName: "rue de l'Été", City: "Évian", Country: "FR"},
				Characteristic:    []wire.Characteristic{{Name: "segment", Value: "small"}},
			},
			RelatedContact: []wire.Contact{
				{ExternalReference: ref("k1"), Role: wire.FleetManager, Email: "fm@example.com", FixedTelephoneNumber: wire.Phone{CC: "33", SN: "102030405"}},
				{ExternalReference: ref("k2"), Role: wire.CustomerContact, GivenName: "Zoé"},
				{ExternalReference: ref("k3"), Role: wire.OrangeContact},
			},
		}
		got := w.call("POST", orders, write(w, sent))
		answer := read[wire.ProductOrder](w, got.body)
		if got.status != http.StatusCreated || answer.State != wire.Completed {
			t.Fatalf("%d %s", got.status, got.body)
		}
		ids := []string{answer.ID, answer.Customer.ID}
		for _, contact := range answer.RelatedContact {
			ids = append(ids, contact.ID)
		}
		slices.Sort(ids)
		if len(slices.Compact(ids)) != 5 || ids[0] == "" {
			t.Errorf("ids %q: want five different ones", ids)
		}
		want := answer
		want.Customer, want.RelatedContact = sent.Customer, slices.Clone(sent.RelatedContact)
		want.ExternalReference, want.OrderDate = sent.ExternalReference, sent.OrderDate
		want.Customer.ID = answer.Customer.ID
		for i := range want.RelatedContact {
			want.RelatedContact[i].ID = answer.RelatedContact[i].ID
		}
		want.OrderItem = nil
		if diff := cmp.Diff(want, answer); diff != "" {
			t.Error(diff)
		}
		t.Run("again", func(t *testing.T) {
			sameBytes(t, got.body, w.call("POST", orders, write(w, sent)).body)
		})
		t.Run("another order for the same customer", func(t *testing.T) {
			again := sent
			again.ExternalReference = ref("o2")
			other := read[wire.ProductOrder](w, w.call("POST", orders, write(w, again)).body)
			if other.ID == answer.ID || other.Customer.ID != answer.Customer.ID {
				t.Errorf("order %s, customer %s; want a new order of the customer %s", other.ID, other.Customer.ID, answer.Customer.ID)
			}
			if diff := cmp.Diff(answer.RelatedContact, other.RelatedContact); diff != "" {
				t.Error(diff)
			}
		})
	})
}

func TestOrder(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode)
		c := w.customer("c1")
		for _, n := range []int{1, 3, 100} {
			sent := order("o-"+string(rune('a'+n)), c, "", "NOTES-S", n)
			got := w.place(sent)
			if got.State != wire.Completed || got.ExternalReference != sent.ExternalReference || got.CompletionDate == "" {
				t.Fatalf("%+v", got)
			}
			item := got.OrderItem[0]
			if item.State != wire.Completed || item.ID == "" || item.ProductRef.UserServiceQuantity != n {
				t.Errorf("item %+v", item)
			}
			licences := w.licences(item.ProductRef.ID)
			if len(licences) != n {
				t.Fatalf("%d licences, want %d", len(licences), n)
			}
			ids := map[string]bool{}
			for _, l := range licences {
				ids[l.ID] = true
				want := wire.UserService{
					ID: l.ID, RelatedProductRefID: item.ProductRef.ID, State: wire.Active, ExternalState: wire.Active,
					ProductOffering:   wire.Offering{Name: "Notes Standard", ExternalReference: ref("NOTES-S")},
					RealizingResource: licences[0].RealizingResource,
					Right: []wire.Right{{
						LoginKeyValue: wire.LoginKeyValue{Key: "login", Value: "user-" + l.ID}, Email: "fleet@example.com",
					}},
				}
				if diff := cmp.Diff(want, l); diff != "" || len(l.RealizingResource) != 1 || l.RealizingResource[0].Type != "URL" {
					t.Errorf("licence: %s", diff)
				}
			}
			if len(ids) != n || ids[""] {
				t.Errorf("%d different ids, want %d", len(ids), n)
			}
		}
	})
}

func TestAcknowledgementIsTechnical(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Async)
	got := w.call("POST", orders, write(w, order("o1", w.customer("c1"), "", "NOTES-S", 1)))
	if got.status != http.StatusAccepted {
		t.Errorf("status %d, want 202", got.status)
	}
	a := read[wire.ProductOrder](w, got.body)
	want := wire.ProductOrder{ID: a.ID, ExternalReference: ref("o1"), State: wire.Acknowledged}
	if diff := cmp.Diff(want, a); diff != "" || a.ID == "" {
		t.Errorf("%s", diff)
	}
}

func TestMoreLicences(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode)
		c := w.customer("c1")
		fleet := w.place(order("o1", c, "", "NOTES-S", 2)).OrderItem[0].ProductRef.ID
		before := w.licences(fleet)
		if got := w.place(order("o2", c, fleet, "NOTES-L", 3)).OrderItem[0].ProductRef.ID; got != fleet {
			t.Errorf("the licences went to %s, want the fleet sent, %s", got, fleet)
		}
		after := w.licences(fleet)
		if len(after) != 5 {
			t.Fatalf("%d licences, want 5", len(after))
		}
		if diff := cmp.Diff(before, after[:2]); diff != "" {
			t.Errorf("the old licences changed: %s", diff)
		}
		for _, l := range after[2:] {
			if l.ProductOffering.ExternalReference.ID != "NOTES-L" {
				t.Errorf("new licence on offering %+v", l.ProductOffering)
			}
			if diff := cmp.Diff(before[0].RealizingResource, l.RealizingResource); diff != "" {
				t.Errorf("a fleet has one resource: %s", diff)
			}
		}
	})
}

func TestOrderThatCannotBeMet(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode)
		c, other := w.customer("c1"), w.customer("c2")
		mine := w.place(order("mine", c, "", "NOTES-S", 1)).OrderItem[0].ProductRef.ID
		theirs := w.place(order("theirs", other, "", "NOTES-S", 1)).OrderItem[0].ProductRef.ID
		for name, o := range map[string]wire.ProductOrder{
			"unknown offering":                order("f1", c, "", "NOTES-XL", 1),
			"unknown offering, known fleet":   order("f2", c, mine, "NOTES-XL", 1),
			"unknown fleet":                   order("f3", c, "flt_nowhere", "NOTES-S", 1),
			"another customer's fleet":        order("f4", c, theirs, "NOTES-S", 1),
			"too many":                        order("f5", c, mine, "NOTES-S", 101),
			"unknown customer without a name": order("f6", wire.Customer{ID: "cus_nobody"}, "", "NOTES-S", 1),
		} {
			got := w.place(o)
			if got.State != wire.Failed || got.Note.Text == "" || got.OrderItem != nil || got.ExternalReference != o.ExternalReference {
				t.Errorf("%s: %+v", name, got)
			}
		}
		if a, b := len(w.licences(mine)), len(w.licences(theirs)); a != 1 || b != 1 {
			t.Errorf("fleets hold %d and %d licences, want 1 each", a, b)
		}
	})
}

func TestFailedOrderIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Async)
	w.call("POST", orders, write(w, order("o1", w.customer("c1"), "", "NOTES-XL", 1)))
	e := read[wire.Event](w, w.orange.next(w).body)
	if e.Type != wire.OrderFailed || e.Time == "" {
		t.Errorf("event %+v", e)
	}
	w.call("POST", orders, write(w, order("o2", w.customer("c1"), "", "NOTES-S", 1)))
	if e := read[wire.Event](w, w.orange.next(w).body); e.Type != wire.OrderCompleted {
		t.Errorf("event %+v", e)
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	const customer = `"customer":{"externalReference":{"type":"orange","id":"c1"},"tradingName":"Acme"}`
	item := func(s string) string {
		return `{"externalReference":{"id":"o1"},` + customer + `,"orderItem":[{"action":"add",` + s + `}]}`
	}
	const offering = `"productOffering":{"externalReference":{"id":"NOTES-S"}}`
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode, features(func(p *profile.Profile) {
			p.Features.TechnicalInformation = []profile.TechnicalInformation{{Name: "storageSize", Required: true}, {Name: "os"}}
		}))
		const info = `,"characteristic":[{"name":"storageSize","value":"50"}]`
		for _, tt := range []struct {
			name, path, body string
			status, code     int
		}{
			{"no body", orders, ``, 400, 21},
			{"not JSON", orders, `{"externalReference":`, 400, 22},
			{"trailing data", orders, `{} {}`, 400, 22},
			{"not an object", orders, `[]`, 400, 24},
			{"nothing in it", orders, `{}`, 400, 23},
			{"two items", orders, `{` + customer + `,"orderItem":[{},{}]}`, 400, 24},
			{"no offering", orders, item(`"productRef":{"userServiceQuantity":1` + info + `}`), 400, 23},
			{"no quantity", orders, item(`"productRef":{"characteristic":[]},` + offering), 400, 24},
			{"zero", orders, item(`"productRef":{"userServiceQuantity":0` + info + `},` + offering), 400, 24},
			{"negative", orders, item(`"productRef":{"userServiceQuantity":-1` + info + `},` + offering), 400, 24},
			{"fractional", orders, item(`"productRef":{"userServiceQuantity":1.5` + info + `},` + offering), 400, 24},
			{"text", orders, item(`"productRef":{"userServiceQuantity":"2"` + info + `},` + offering), 400, 24},
			{"huge", orders, item(`"productRef":{"userServiceQuantity":1e99` + info + `},` + offering), 400, 24},
			{"another action", orders, `{` + customer + `,"orderItem":[{"action":"delete"}]}`, 400, 24},
			{"no technical information", orders, item(`"productRef":{"userServiceQuantity":1},` + offering), 400, 23},
			{"update without licences", updates, `{"externalReference":{"id":"u1"}}`, 400, 23},
			{"update of an empty list", updates, `{"externalReference":{"id":"u1"},"userServices":[]}`, 400, 23},
			{"update without id", updates, `{"userServices":[{"externalState":"active"}]}`, 400, 23},
			{"update of nothing", updates, `{"userServices":[{"id":"lic_1"}]}`, 400, 23},
			{"unknown state", updates, `{"userServices":[{"id":"lic_1","externalState":"asleep"}]}`, 400, 24},
			{"unknown operation", updates, `{"userServices":[{"id":"l","productOfferingOperation":{"action":"add"}}]}`, 400, 24},
			{"swap to nothing", updates, `{"userServices":[{"id":"l","productOfferingOperation":{"action":"swap"}}]}`, 400, 23},
			{"unknown path", "/userservice/v2/nothing/at/all", `{}`, 404, 60},
			{"wrong method", "/ping", `{}`, 405, 61},
		} {
			got := w.call("POST", tt.path, tt.body)
			e := read[wire.Error](w, got.body)
			if got.status != tt.status || e.Code != tt.code || e.Message == "" || e.Description == "" {
				t.Errorf("%s: %d %s, want %d with code %d", tt.name, got.status, got.body, tt.status, tt.code)
			}
		}
		if got := w.call("POST", orders, item(`"productRef":{"userServiceQuantity":1`+info+`,"x":[{}]},"y":null,`+offering)); got.status/100 != 2 {
			t.Errorf("the refused orders left their reference behind, or unknown fields are refused: %d %s", got.status, got.body)
		}
	})
}

func TestOversizedBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync)
	// Just over the limit: a client that is still writing when the server closes may see a reset and not the answer.
	got := w.call("POST", orders, `{"note":{"text":"`+string(make([]byte, 1<<20))+`"}}`)
	if e := read[wire.Error](w, got.body); got.status != http.StatusRequestEntityTooLarge || e.Code != 66 {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestTechnicalInformationIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync, features(func(p *profile.Profile) {
		p.Features.TechnicalInformation = []profile.TechnicalInformation{{Name: "storageSize", Required: true}}
	}))
	o := order("o1", w.customer("c1"), "", "NOTES-S", 1)
	o.OrderItem[0].ProductRef.Characteristic = []wire.Characteristic{{Name: "storageSize", Value: "50"}}
	fleet := w.place(o).OrderItem[0].ProductRef.ID
	if diff := cmp.Diff(o.OrderItem[0].ProductRef.Characteristic, w.licences(fleet)[0].ServiceCharacteristic); diff != "" {
		t.Error(diff)
	}
}

func TestSameOrderTwice(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode)
		c := w.customer("c1")
		o := order("o1", c, "", "NOTES-S", 2)
		answers := make([]reply, 8)
		var wg sync.WaitGroup
		for i := range answers {
			wg.Go(func() { answers[i] = w.call("POST", orders, write(w, o)) })
		}
		wg.Wait()
		for _, a := range answers {
			sameBytes(t, answers[0].body, a.body)
		}
		o.OrderItem[0].ProductRef.UserServiceQuantity = 5
		sameBytes(t, answers[0].body, w.call("POST", orders, write(w, o)).body)
		final := read[wire.ProductOrder](w, answers[0].body)
		if mode == profile.Async {
			final = read[struct{ Resource wire.ProductOrder }](w, w.orange.next(w).body).Resource
		}
		if n := len(w.licences(final.OrderItem[0].ProductRef.ID)); n != 2 {
			t.Errorf("%d licences, want 2", n)
		}
		// The customer's events come in order: if the next one is of the next order, there was no second one of the first.
		if next := w.place(order("o2", c, "", "NOTES-S", 1)); next.ExternalReference != ref("o2") {
			t.Errorf("the order o2 got %+v", next)
		}
	})
}

func TestOrdersInFlightKeepTheirOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Async)
	c := w.customer("c1")
	references := []string{"o1", "o2", "o3", "o4", "o5"}
	for _, reference := range references {
		w.call("POST", orders, write(w, order(reference, c, "", "NOTES-S", 1)))
	}
	fleets := map[string]bool{}
	for _, reference := range references {
		o := read[struct{ Resource wire.ProductOrder }](w, w.orange.next(w).body).Resource
		if o.ExternalReference != ref(reference) {
			t.Errorf("event of %s, want %s", o.ExternalReference.ID, reference)
		}
		fleets[o.OrderItem[0].ProductRef.ID] = true
	}
	if len(fleets) != len(references) {
		t.Errorf("%d fleets for %d orders", len(fleets), len(references))
	}
}

func TestConsult(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync)
	licences := w.fleet("c1", 3)
	w.fleet("c2", 2)
	const path = "/userservice/v2/userService"
	for name, tt := range map[string]struct {
		query string
		want  []wire.UserService
	}{
		"fleet":         {"?productRefId=" + licences[0].RelatedProductRefID, licences},
		"unknown fleet": {"?productRefId=nowhere", []wire.UserService{}},
		"ids":           {"?id=" + licences[2].ID + "," + licences[0].ID, []wire.UserService{licences[2], licences[0]}},
		"an unknown id": {"?id=nothing," + licences[1].ID, []wire.UserService{licences[1]}},
	} {
		got := w.call("GET", path+tt.query, "")
		if diff := cmp.Diff(tt.want, read[[]wire.UserService](w, got.body)); diff != "" || got.status != http.StatusOK {
			t.Errorf("%s: %d %s", name, got.status, diff)
		}
	}
	if got := w.call("GET", path+"?productRefId=nowhere", ""); string(got.body) != "[]" {
		t.Errorf("unknown fleet: %s, want []", got.body)
	}
	one := w.call("GET", path+"/"+licences[1].ID, "")
	if diff := cmp.Diff(licences[1], read[wire.UserService](w, one.body)); diff != "" {
		t.Error(diff)
	}
	if got := w.call("GET", path+"/nothing", ""); got.status != http.StatusNotFound {
		t.Errorf("unknown licence: %d", got.status)
	}
	if got := w.call("GET", path, ""); got.status != http.StatusBadRequest {
		t.Errorf("no parameter: %d", got.status)
	}
}

func TestConsultByIDNotDeclared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync, features(func(p *profile.Profile) { p.Features.ConsultByID = false }))
	id := w.fleet("c1", 1)[0].ID
	if got := w.call("GET", "/userservice/v2/userService?id="+id, ""); got.status != http.StatusBadRequest {
		t.Errorf("by ids: %d", got.status)
	}
	if got := w.call("GET", "/userservice/v2/userService/"+id, ""); got.status != http.StatusNotFound {
		t.Errorf("by id: %d", got.status)
	}
}
