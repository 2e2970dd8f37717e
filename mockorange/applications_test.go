package mockorange_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"

	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
)

func TestRegistry(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	digest := func(secret string) [sha256.Size]byte { return sha256.Sum256([]byte(secret)) }
	register := func(secret string, offers ...string) {
		t.Helper()
		if err := m.Register(t.Context(), "acme", "Acme", digest(secret), offers); err != nil {
			t.Fatal(err)
		}
	}
	var token string
	post := func(when string, status int, code string, state control.AuthState) {
		t.Helper()
		r := m.event(orderPath, token, orderEvent)
		if r.status != status || (code != "" && !strings.HasPrefix(r.body, `{"code":`+code+`,`)) {
			t.Errorf("%s: %d %s", when, r.status, r.body)
		}
		if e := m.next(); e.Auth.State != state || e.Auth.Application != "acme" {
			t.Errorf("%s it is journalled as %+v", when, e.Auth)
		}
	}
	register(secret)
	token = m.token("acme")
	post("without offers", 403, "50", control.AuthForbidden)
	register(secret, "mba2-beta")
	post("approved", 201, "", control.AuthValid)
	if c, err := m.CheckToken(t.Context(), token); err != nil || c.State != oauth.StateValid || !c.Token.Has("mba2-beta") {
		t.Errorf("check: %+v, %v", c, err)
	}
	register(secret, "mba2")
	post("moved to the other offer", 403, "50", control.AuthForbidden)
	register("rotated", "mba2-beta")
	post("with a token of the former secret", 401, "42", control.AuthExpired)
	register(secret, "mba2-beta")
	token = m.token("acme")
	if err := m.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	post("after a reset", 201, "", control.AuthValid)
	if err := m.Unregister(t.Context(), "acme"); err != nil {
		t.Fatal(err)
	}
	post("shut out", 401, "42", control.AuthExpired)
	if r := m.send("POST", m.URL()+tokenPath, map[string]string{"Authorization": basic("acme"), "Content-Type": formType}, grant); r.status != 401 {
		t.Errorf("shut out it got a token: %d %s", r.status, r.body)
	}
	register(secret, "mba2-beta")
	post("let in again", 201, "", control.AuthValid)
}

func TestRegistryRefuses(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	if err := m.Register(t.Context(), "acme", "Acme", [sha256.Size]byte{}, []string{"mba3"}); !errors.Is(err, mockorange.ErrUnknownOffer) {
		t.Errorf("an unknown offer: %v", err)
	}
	if err := m.Register(t.Context(), "", "Acme", [sha256.Size]byte{}, nil); !errors.Is(err, mockorange.ErrIncompleteApplication) {
		t.Errorf("no id: %v", err)
	}
	if err := m.Unregister(t.Context(), "nobody"); err != nil {
		t.Errorf("an unknown application: %v", err)
	}
	_, err := mockorange.New(mockorange.Options{Applications: []mockorange.Application{{ClientID: "a"}}})
	if !errors.Is(err, mockorange.ErrIncompleteApplication) {
		t.Errorf("without a secret: %v", err)
	}
}
