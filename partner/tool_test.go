package partner_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// use makes a change by the customer tool and returns the licence and what Orange is told.
func (w *world) use(licence, change, body string) (wire.UserService, []wire.LicenceOperations) {
	w.Helper()
	got := w.call("POST", "/customer-tool/"+licence+"/"+change, body)
	if got.status != 200 {
		w.Fatalf("%s: %d %s", change, got.status, got.body)
	}
	e := w.orange.next(w)
	told := read[struct {
		Type     wire.EventType
		Resource struct {
			State        *string
			UserServices []wire.LicenceOperations
		}
	}](w, e.body)
	if e.path != "/mba2-beta/userservice/v2/event" || told.Type != wire.Updated || told.Resource.State != nil {
		w.Errorf("event to %s: %s", e.path, e.body)
	}
	l := read[wire.UserService](w, got.body)
	if diff := cmp.Diff(l, w.one(licence)); diff != "" {
		w.Errorf("%s: GET differs from the answer: %s", change, diff)
	}
	return l, told.Resource.UserServices
}

func (w *world) one(licence string) wire.UserService {
	w.Helper()
	return read[wire.UserService](w, w.call("GET", "/userservice/v2/userService/"+licence, "").body)
}

func TestEndUser(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode)
		id := w.fleet("c1", 2)[1].ID

		added, told := w.use(id, "user/add", `{"givenName":"Test","email":"test@example.com","id":"mine"}`)
		want := wire.EndUser{ID: added.EndUser.ID, GivenName: "Test", FamilyName: "User", Email: "test@example.com"}
		if diff := cmp.Diff(want, added.EndUser); diff != "" || want.ID == "" || want.ID == "mine" {
			t.Errorf("add: id %q %s", want.ID, diff)
		}
		operation := func(action wire.Action, u wire.EndUser) []wire.LicenceOperations {
			return []wire.LicenceOperations{{ID: id, EndUserOperation: []wire.EndUserOperation{{Action: action, EndUser: u}}}}
		}
		if diff := cmp.Diff(operation(wire.Add, want), told); diff != "" {
			t.Errorf("add: %s", diff)
		}
		w.refused(id, "user/add", "", 409)

		modified, told := w.use(id, "user/modify", "")
		if modified.EndUser.ID != want.ID || modified.EndUser == want {
			t.Errorf("modify: %+v", modified.EndUser)
		}
		if diff := cmp.Diff(operation(wire.Modify, modified.EndUser), told); diff != "" {
			t.Errorf("modify: %s", diff)
		}
		if again, _ := w.use(id, "user/modify", ""); again.EndUser.Email == modified.EndUser.Email {
			t.Errorf("modify changed nothing: %+v", again.EndUser)
		}

		deleted, told := w.use(id, "user/delete", "")
		if deleted.EndUser != (wire.EndUser{}) {
			t.Errorf("delete: %+v", deleted.EndUser)
		}
		if diff := cmp.Diff(operation(wire.Delete, wire.EndUser{ID: want.ID}), told); diff != "" {
			t.Errorf("delete: %s", diff)
		}
		w.refused(id, "user/delete", "", 409)
		w.refused(id, "user/modify", "", 409)
		if anew, _ := w.use(id, "user/add", ""); anew.EndUser.ID == want.ID {
			t.Error("a new user has the id of the old one")
		}
	})
}

func (w *world) refused(licence, change, body string, want int) {
	w.Helper()
	got := w.call("POST", "/customer-tool/"+licence+"/"+change, body)
	if got.status != want || read[wire.Error](w, got.body).Message == "" {
		w.Errorf("%s: %d %s, want %d", change, got.status, got.body, want)
	}
}

func TestToolRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync)
	id := w.fleet("c1", 1)[0].ID
	w.refused("lic_nowhere", "user/add", "", 404)
	w.refused(id, "user/add", `{"givenName":`, 400)
	w.refused(id, "user/add", `{"givenName":1}`, 400)
	w.refused(id, "resource/modify", `[]`, 400)
	w.refused(id, "login/modify", `x`, 400)
	w.change("u1", wire.Change{ID: id, ExternalState: wire.Deleted})
	w.refused(id, "user/add", "", 404)
	if n := len(w.orange.calls); n != 0 {
		t.Errorf("%d events for changes that were refused", n)
	}
}

func TestToolOffersWhatIsDeclared(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]option{
		"no features": features(func(p *profile.Profile) { p.Features = profile.Features{} }),
		"fixed resource": features(func(p *profile.Profile) {
			p.Features = profile.Features{RealizingResource: &profile.RealizingResource{Type: "URL", Per: "licence", From: "order"}}
		}),
		"no gateway": func(o *partner.Options) { o.GatewayURL, o.TokenURL = "", "" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, profile.Sync, set)
			id := w.fleet("c1", 1)[0].ID
			for _, change := range []string{"user/add", "resource/modify", "login/modify"} {
				w.refused(id, change, "", 404)
			}
		})
	}
}

func TestUserSurvivesSuspensionAndSwap(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Async)
	id := w.fleet("c1", 1)[0].ID
	want, _ := w.use(id, "user/add", "")
	w.change("u1", wire.Change{ID: id, ExternalState: wire.Suspended})
	w.change("u2", swap(id, "NOTES-L"))
	want.State, want.ExternalState = wire.Inactive, wire.Suspended
	want.ProductOffering = wire.Offering{Name: "Notes Large", ExternalReference: ref("NOTES-L")}
	if diff := cmp.Diff(want, w.one(id)); diff != "" {
		t.Error(diff)
	}
}

func TestResource(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, per, from string
		atOrder, others bool // whether licences have one from the start; whether a change touches the others too
	}{
		{"per fleet", "fleet", "order", true, true},
		{"per licence", "licence", "order", true, false},
		{"per licence, at assignment", "licence", "assignment", false, false},
		{"per fleet, at assignment", "fleet", "assignment", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, profile.Sync, features(func(p *profile.Profile) {
				p.Features.RealizingResource = &profile.RealizingResource{
					Type: "URL", Per: tt.per, From: tt.from, Changeable: true, Properties: []string{"url", "email", "zone"},
				}
			}))
			licences := w.fleet("c1", 2)
			if got := len(licences[0].RealizingResource) == 1; got != tt.atOrder {
				t.Fatalf("after the order: %+v", licences[0].RealizingResource)
			}
			if tt.atOrder {
				if same := cmp.Equal(licences[0].RealizingResource, licences[1].RealizingResource); same != (tt.per == "fleet") {
					t.Errorf("the licences share one: %t", same)
				}
			} else {
				l, told := w.use(licences[0].ID, "user/add", "")
				if len(l.RealizingResource) != 1 || len(told) != 1 || len(told[0].RealizingResourceOperation) != 1 {
					t.Errorf("assigned: %+v, told %+v", l, told)
				}
			}
			l, told := w.use(licences[0].ID, "resource/modify", `{"characteristic":[{"name":"url","value":"https://example.com/new"}]}`)
			want := wire.Resource{Type: "URL", Characteristic: []wire.Characteristic{{Name: "url", Value: "https://example.com/new"}}}
			operation := []wire.ResourceOperation{{Action: wire.Modify, RealizingResource: want}}
			wantTold := []wire.LicenceOperations{{ID: l.ID, RealizingResourceOperation: operation}}
			if tt.others {
				wantTold = append(wantTold, wire.LicenceOperations{ID: licences[1].ID, RealizingResourceOperation: operation})
			}
			if diff := cmp.Diff(wantTold, told); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]wire.Resource{want}, l.RealizingResource); diff != "" {
				t.Error(diff)
			}
			if same := cmp.Equal(w.one(licences[1].ID), licences[1]); same == tt.others {
				t.Errorf("the other licence stayed as it was: %t", same)
			}
		})
	}
}

func TestResourceGivenByTheOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync)
	given := wire.Resource{Type: "URL", Characteristic: []wire.Characteristic{{Name: "url", Value: "https://example.com/given"}}}
	o := order("o1", w.customer("c1"), "", "NOTES-S", 2)
	o.OrderItem[0].EndUserConfiguration = []wire.EndUserConfiguration{{RealizingResource: given}}
	for _, l := range w.licences(w.place(o).OrderItem[0].ProductRef.ID) {
		if diff := cmp.Diff([]wire.Resource{given}, l.RealizingResource); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Async)
	licences := w.fleet("c1", 2)
	l, told := w.use(licences[0].ID, "login/modify", "")
	login := l.Right[0].LoginKeyValue
	if len(l.Right) != 1 || login.Key != "login" || login.Value == "" || login == licences[0].Right[0].LoginKeyValue {
		t.Errorf("%+v", l.Right)
	}
	want := []wire.LicenceOperations{{ID: l.ID, RightOperation: []wire.RightOperation{{
		Action: wire.Modify, LoginKeyValue: login, Email: "fleet@example.com",
	}}}}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
	if l, _ := w.use(licences[0].ID, "login/modify", `{"value":"chosen","email":"me@example.com"}`); l.Right[0].LoginKeyValue.Value != "chosen" || l.Right[0].Email != "me@example.com" {
		t.Errorf("%+v", l.Right)
	}
	if diff := cmp.Diff(licences[1], w.one(licences[1].ID)); diff != "" {
		t.Errorf("the other licence changed: %s", diff)
	}
}

func TestOrganizationCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync, features(func(p *profile.Profile) { p.Login.Key = "organizationCode" }))
	c := w.customer("c1")
	first := w.licences(w.place(order("o1", c, "", "NOTES-S", 1)).OrderItem[0].ProductRef.ID)[0]
	second := w.licences(w.place(order("o2", c, "", "NOTES-S", 1)).OrderItem[0].ProductRef.ID)[0]
	other := w.fleet("c2", 1)[0]
	code := first.Right[0].LoginKeyValue
	if code.Key != "organizationCode" || code != second.Right[0].LoginKeyValue || code == other.Right[0].LoginKeyValue {
		t.Errorf("codes %+v, %+v; of another customer %+v", code, second.Right, other.Right)
	}
	_, told := w.use(first.ID, "login/modify", `{"value":"acme-2"}`)
	if len(told) != 2 || told[0].ID != first.ID || told[1].ID != second.ID {
		t.Errorf("told %+v", told)
	}
	if got := w.one(second.ID).Right[0].LoginKeyValue.Value; got != "acme-2" {
		t.Errorf("the second fleet's code is %q", got)
	}
	third := w.licences(w.place(order("o3", c, "", "NOTES-S", 1)).OrderItem[0].ProductRef.ID)[0]
	if got := third.Right[0].LoginKeyValue.Value; got != "acme-2" {
		t.Errorf("a new licence's code is %q", got)
	}
}
