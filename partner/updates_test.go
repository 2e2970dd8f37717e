package partner_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/wire"
)

const updates = "/userservice/v2/userService/update"

func swap(id, offering string) wire.Change {
	return wire.Change{ID: id, ProductOfferingOperation: wire.OfferingOperation{
		Action: wire.Swap, ProductOffering: wire.Offering{ExternalReference: ref(offering)},
	}}
}

func TestStates(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode)
		licences := w.fleet("c1", 3)
		fleet := licences[0].RelatedProductRefID
		for i, tt := range []struct{ external, state wire.State }{
			{wire.Suspended, wire.Inactive},
			{wire.Suspended, wire.Inactive},
			{wire.Active, wire.Active},
			{wire.Active, wire.Active},
			{wire.Inactive, wire.Inactive},
			{wire.Active, wire.Active},
		} {
			want := []wire.UserService{licences[0], licences[2]}
			for j := range want {
				want[j].State, want[j].ExternalState = tt.state, tt.external
			}
			got := w.change("u"+string(rune('0'+i)),
				wire.Change{ID: licences[0].ID, ExternalState: tt.external}, wire.Change{ID: licences[2].ID, ExternalState: tt.external})
			if got.State != wire.Completed {
				t.Fatalf("%s: %+v", tt.external, got)
			}
			if diff := cmp.Diff(want, got.UserServices); diff != "" {
				t.Errorf("%s: answer: %s", tt.external, diff)
			}
			if diff := cmp.Diff([]wire.UserService{want[0], licences[1], want[1]}, w.licences(fleet)); diff != "" {
				t.Errorf("%s: GET: %s", tt.external, diff)
			}
		}
	})
}

func TestDelete(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode)
		licences := w.fleet("c1", 3)
		fleet := licences[0].RelatedProductRefID
		got := w.change("u1", wire.Change{ID: licences[0].ID, ExternalState: wire.Deleted}, wire.Change{ID: licences[1].ID, ExternalState: wire.Deleted})
		if got.State != wire.Completed || len(got.UserServices) != 2 || got.UserServices[0].State != wire.Deleted {
			t.Fatalf("%+v", got)
		}
		if diff := cmp.Diff(licences[2:], w.licences(fleet)); diff != "" {
			t.Error(diff)
		}
		for _, id := range []string{licences[0].ID, licences[1].ID} {
			if got := w.call("GET", "/userservice/v2/userService/"+id, ""); got.status != 404 {
				t.Errorf("deleted licence: %d", got.status)
			}
		}
		if got := w.change("u2", wire.Change{ID: licences[0].ID, ExternalState: wire.Active}); got.State != wire.Failed || got.Note.Text == "" {
			t.Errorf("reactivated: %+v", got)
		}
		w.change("u3", wire.Change{ID: licences[2].ID, ExternalState: wire.Deleted})
		if left := w.licences(fleet); len(left) != 0 {
			t.Errorf("left: %+v", left)
		}
	})
}

func TestEmptyFleetTakesOrders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync)
	c := w.customer("c1")
	fleet := w.place(order("o1", c, "", "NOTES-S", 1)).OrderItem[0].ProductRef.ID
	w.change("u1", wire.Change{ID: w.licences(fleet)[0].ID, ExternalState: wire.Deleted})
	if got := w.place(order("o2", c, fleet, "NOTES-S", 2)); got.State != wire.Completed || len(w.licences(fleet)) != 2 {
		t.Errorf("%+v", got)
	}
}

func TestSwap(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode)
		licences := w.fleet("c1", 2)
		want := licences[1]
		want.ProductOffering = wire.Offering{Name: "Notes Large", ExternalReference: ref("NOTES-L")}
		got := w.change("u1", swap(want.ID, "NOTES-L"))
		if diff := cmp.Diff([]wire.UserService{want}, got.UserServices); diff != "" || got.State != wire.Completed {
			t.Errorf("%s %s", got.State, diff)
		}
		if diff := cmp.Diff([]wire.UserService{licences[0], want}, w.licences(want.RelatedProductRefID)); diff != "" {
			t.Error(diff)
		}
	})
}

func TestUpdateIsOneTransaction(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode)
		licences := w.fleet("c1", 3)
		fleet := licences[0].RelatedProductRefID
		w.change("u0", wire.Change{ID: licences[2].ID, ExternalState: wire.Deleted})
		before := w.licences(fleet)
		first := wire.Change{ID: licences[0].ID, ExternalState: wire.Suspended}
		for name, bad := range map[string]wire.Change{
			"unknown licence":  {ID: "lic_nowhere", ExternalState: wire.Suspended},
			"deleted licence":  {ID: licences[2].ID, ExternalState: wire.Suspended},
			"unknown offering": swap(licences[1].ID, "NOTES-XL"),
		} {
			got := w.change("u-"+name, first, bad)
			if got.State != wire.Failed || got.Note.Text == "" || got.UserServices != nil {
				t.Errorf("%s: %+v", name, got)
			}
			if diff := cmp.Diff(before, w.licences(fleet)); diff != "" {
				t.Errorf("%s changed something: %s", name, diff)
			}
		}
	})
}

func TestSwapNotDeclared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync, features(func(p *profile.Profile) { p.Features.ChangeOffering = false }))
	if got := w.change("u1", swap(w.fleet("c1", 1)[0].ID, "NOTES-L")); got.State != wire.Failed {
		t.Errorf("%+v", got)
	}
}

func TestSameUpdateTwice(t *testing.T) {
	t.Parallel()
	modes(t, func(t *testing.T, mode profile.Mode) {
		w := newWorld(t, mode)
		l := w.fleet("c1", 1)[0]
		body := write(w, wire.UpdateRequest{
			ExternalReference: ref("u1"), UserServices: []wire.Change{{ID: l.ID, ExternalState: wire.Suspended}},
		})
		first := w.call("POST", updates, body)
		if mode == profile.Async {
			w.orange.next(w)
		}
		if got := w.change("u2", wire.Change{ID: l.ID, ExternalState: wire.Active}); got.ExternalReference != ref("u2") {
			t.Fatalf("%+v", got)
		}
		sameBytes(t, first.body, w.call("POST", updates, body).body)
		if got := w.change("u3", wire.Change{ID: l.ID, ExternalState: wire.Active}); got.ExternalReference != ref("u3") {
			t.Errorf("the repetition had an event of its own: %+v", got)
		}
		if got := w.licences(l.RelatedProductRefID)[0].State; got != wire.Active {
			t.Errorf("the repetition was carried out: %s", got)
		}
	})
}

func TestOrderAndUpdateMayShareAReference(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync)
	l := w.fleet("c1", 1)[0]
	if got := w.change("order-c1", wire.Change{ID: l.ID, ExternalState: wire.Suspended}); got.State != wire.Completed || len(got.UserServices) != 1 {
		t.Errorf("%+v", got)
	}
}
