package customerspace_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
)

// steered is a space and a client of its control port.
func steered(t *testing.T, s *space) *control.Client {
	t.Helper()
	server := httptest.NewServer(s.api.Control())
	t.Cleanup(server.Close)
	return control.NewClient(server.URL, "", nil)
}

func TestAccountsComeAndGo(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		s := serve(b, customerspace.Options{})
		c := steered(t, s)
		first, second := s.put(contract("1", "BA1", "NOTES")), s.put(contract("2", "BA1", "MAIL"))
		if none, err := c.Accounts(ctx); err != nil || none == nil || len(none) != 0 {
			t.Errorf("%v, %v", none, err)
		}
		check := func(key string, want int) {
			t.Helper()
			if got := s.call(key, http.MethodGet, "/contracts", ""); got.status != want {
				t.Errorf("%s, not %d", got, want)
			}
		}
		admin, err := c.AddAccount(ctx, control.NewAccount{
			Type: "administrator", Login: "jane.doe.ext", Email: "jane.doe@example.com",
			Perimeter: control.Perimeter{BillingAccounts: []string{"BA2", "BA1", "BA1"}, Offers: []string{"NOTES"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		key := admin.APIKey
		check(key, http.StatusOK)
		want := control.Account{
			ID: admin.ID, Type: "administrator", Login: "jane.doe.ext", Email: "jane.doe@example.com", CreatedAt: noon,
			Perimeter: control.Perimeter{BillingAccounts: []string{"BA1", "BA2"}, Offers: []string{"NOTES"}},
			Keys:      []control.Key{{ID: admin.Keys[0].ID, State: "valid", CreatedAt: noon, ExpiresAt: noon.AddDate(2, 0, 0)}},
		}
		admin.APIKey = ""
		if d := cmp.Diff(want, admin); d != "" || len(key) < 20 {
			t.Errorf("key %q: %s", key, d)
		}
		b.clock.at = noon.Add(time.Minute)
		s.token = s.issue(clientID)
		client, err := c.AddAccount(ctx, control.NewAccount{Type: "client", Perimeter: control.Perimeter{Contracts: []string{first.ID}}})
		if err != nil {
			t.Fatal(err)
		}
		if client, err = c.SetPerimeter(ctx, client.ID, control.Perimeter{Contracts: []string{second.ID}}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff([]string{second.ID}, client.Perimeter.Contracts); d != "" {
			t.Error(d)
		}
		// What is listed is what is there, without a secret.
		listed, err := c.Accounts(ctx)
		if d := cmp.Diff([]control.Account{want, client}, listed); d != "" || err != nil {
			t.Errorf("%v: %s", err, d)
		}
		// A second key beside the first, and an end to the first.
		again, err := c.AddKey(ctx, admin.ID, control.NewKey{ExpiresAt: noon.Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		check(again.APIKey, http.StatusOK)
		if err := c.RevokeKey(ctx, admin.ID, admin.Keys[0].ID); err != nil {
			t.Fatal(err)
		}
		check(key, http.StatusUnauthorized)
		check(again.APIKey, http.StatusOK)
		if err := c.BlockAccount(ctx, admin.ID); err != nil {
			t.Fatal(err)
		}
		check(again.APIKey, http.StatusForbidden)
		listed, err = c.Accounts(ctx)
		if err != nil || listed[0].Keys[0].State != "revoked" || listed[0].Keys[1].State != "valid" || listed[0].BlockedAt.IsZero() {
			t.Errorf("%+v, %v", listed, err)
		}
	})
}

func TestAccountsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	c := steered(t, s)
	ok := control.Perimeter{BillingAccounts: []string{"BA1"}, Offers: []string{"NOTES"}}
	if _, err := c.AddAccount(t.Context(), control.NewAccount{Type: "administrator", Login: "jane.doe", Perimeter: ok}); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		account      control.NewAccount
		status, code int
	}{
		"no type":               {control.NewAccount{}, 400, 23},
		"another type":          {control.NewAccount{Type: "king", Perimeter: ok}, 400, 24},
		"login is taken":        {control.NewAccount{Type: "client", Login: "JANE.DOE"}, 409, 24},
		"short login":           {control.NewAccount{Type: "client", Login: "jane"}, 400, 24},
		"odd email":             {control.NewAccount{Type: "client", Email: "jane"}, 400, 24},
		"no perimeter":          {control.NewAccount{Type: "administrator"}, 400, 23},
		"half a perimeter":      {control.NewAccount{Type: "administrator", Perimeter: control.Perimeter{Offers: ok.Offers}}, 400, 23},
		"contracts":             {control.NewAccount{Type: "administrator", Perimeter: control.Perimeter{Contracts: []string{"OCB0000001"}}}, 400, 24},
		"a client's offers":     {control.NewAccount{Type: "client", Perimeter: ok}, 400, 24},
		"no such contract":      {control.NewAccount{Type: "client", Perimeter: control.Perimeter{Contracts: []string{"OCB0000001"}}}, 400, 24},
		"more than two years":   {control.NewAccount{Type: "client", ExpiresAt: noon.AddDate(2, 0, 1)}, 400, 24},
		"empty entry":           {control.NewAccount{Type: "administrator", Perimeter: control.Perimeter{BillingAccounts: []string{""}, Offers: ok.Offers}}, 400, 23},
		"too large a perimeter": {control.NewAccount{Type: "administrator", Perimeter: control.Perimeter{BillingAccounts: make([]string, 1001), Offers: ok.Offers}}, 400, 24},
	} {
		_, err := c.AddAccount(t.Context(), tc.account)
		var refused *control.Error
		if !errors.As(err, &refused) || refused.Status != tc.status || refused.Code != tc.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all, err := c.Accounts(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("%d accounts, %v", len(all), err)
	}
	_, perimeter := c.SetPerimeter(t.Context(), "nobody", ok)
	_, key := c.AddKey(t.Context(), "nobody", control.NewKey{})
	for name, err := range map[string]error{
		"perimeter": perimeter, "key": key, "block": c.BlockAccount(t.Context(), "nobody"), "revoke": c.RevokeKey(t.Context(), "nobody", "x"),
	} {
		var refused *control.Error
		if !errors.As(err, &refused) || refused.Status != http.StatusNotFound {
			t.Errorf("%s of nobody: %v", name, err)
		}
	}
}

func TestControlPortIsStrict(t *testing.T) {
	t.Parallel()
	s := newSpace(t)
	call := func(method, target, body string) reply {
		w := httptest.NewRecorder()
		s.api.Control().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body)))
		return reply{w.Code, w.Result().Header, w.Body.String()}
	}
	s.want(http.StatusBadRequest, 24, call(http.MethodPost, "/control/accounts", `{"type":"client","perimetre":{}}`))
	s.want(http.StatusBadRequest, 21, call(http.MethodPost, "/control/accounts", ``))
	s.want(http.StatusBadRequest, 22, call(http.MethodPost, "/control/accounts", `{`))
	s.want(http.StatusBadRequest, 24, call(http.MethodPost, "/control/accounts", `{"type":5}`))
	s.want(http.StatusBadRequest, 24, call(http.MethodPost, "/control/accounts", `{"type":"client","expiresAt":"tomorrow"}`))
	s.want(http.StatusNotFound, 60, call(http.MethodGet, "/control/accounts/x/y/z", ``))
	s.want(http.StatusMethodNotAllowed, 61, call(http.MethodPut, "/control/accounts", ``))
	// A key needs no body.
	made := into[control.Account](s, http.StatusCreated, call(http.MethodPost, "/control/accounts", `{"type":"client"}`))
	into[control.Key](s, http.StatusCreated, call(http.MethodPost, "/control/accounts/"+made.ID+"/keys", ``))
	s.want(http.StatusNotFound, 60, call(http.MethodPost, "/control/accounts/%00/keys", ``))
}
