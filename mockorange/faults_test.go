package mockorange_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
)

func (m *mock) arm(kind control.FaultKind, key string) control.Fault {
	m.t.Helper()
	f, err := m.Control().AddFault(m.t.Context(), control.Fault{Kind: kind, Key: key})
	if err != nil {
		m.t.Fatal(err)
	}
	return f
}

func TestFaultsActAndAreJournalled(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind          control.FaultKind
		first, second int
		body          string
	}{
		{control.FaultUnavailableOnce, 503, 201, `{"code":5,"message":"Service temporarily unavailable","description":"The service in charge of the requested endpoint is temporarily unavailable."}`},
		{control.FaultExpiredOnce, 401, 401, `{"code":42,"message":"Expired credentials","description":"The requested service needs credentials, and the ones provided were out-of-date."}`},
		{control.FaultRefuseAlways, 400, 400, `{"code":24,"message":"Invalid body field","description":"The body has a field with an invalid value."}`},
	} {
		t.Run(string(tc.kind), func(t *testing.T) {
			t.Parallel()
			m := start(t, mockorange.Options{})
			m.arm(tc.kind, "")
			token := m.token(clientID)
			r := m.event(orderPath, token, orderEvent)
			if r.status != tc.first || r.body != tc.body || !uuid.MatchString(r.header.Get("X-OAPI-Request-Id")) {
				t.Errorf("got %d %s", r.status, r.body)
			}
			e := m.next()
			if e.Fault != tc.kind || e.Status != tc.first || e.Auth.JudgeMade != (tc.kind == control.FaultExpiredOnce) {
				t.Errorf("journalled as %+v", e)
			}
			if r := m.event(orderPath, token, orderEvent); r.status != tc.second {
				t.Errorf("the second time: %d", r.status)
			}
			if e := m.next(); (e.Fault == "") != (tc.second == 201) {
				t.Errorf("journalled as %+v", e)
			}
		})
	}
}

func TestFaultIsBound(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ key, path, hit, miss string }{
		{"ord-1", orderPath, orderEvent, updateEvent},
		{"ref-1", orderPath, orderEvent, updateEvent},
		{"upd-1", updatePath, updateEvent, userEvent},
		{"lic-1", updatePath, updateEvent, userEvent},
		{"lic-2", updatePath, userEvent, updateEvent},
	} {
		t.Run(tc.key, func(t *testing.T) {
			t.Parallel()
			m := start(t, mockorange.Options{})
			f := m.arm(control.FaultRefuseAlways, tc.key)
			token := m.token(clientID)
			if r := m.event(tc.path, token, tc.miss); r.status != 201 {
				t.Errorf("it acted on another event: %d", r.status)
			}
			if r := m.event(tc.path, token, tc.hit); r.status != 400 {
				t.Errorf("it did not act: %d", r.status)
			}
			if err := m.Control().RemoveFault(t.Context(), f.ID); err != nil {
				t.Error(err)
			}
			if r := m.event(tc.path, token, tc.hit); r.status != 201 {
				t.Errorf("it acts though it is disarmed: %d", r.status)
			}
		})
	}
}

func TestFaultHidesNoMistake(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	m.arm(control.FaultUnavailableOnce, "")
	token := m.token(clientID)
	if r := m.event(orderPath, "forged", orderEvent); r.status != 401 {
		t.Errorf("a forged token got %d", r.status)
	}
	if r := m.event(orderPath, token, "{"); r.status != 400 {
		t.Errorf("no JSON got %d", r.status)
	}
	if r := m.event(orderPath, token, orderEvent); r.status != 503 {
		t.Errorf("a good call got %d", r.status)
	}
}

func TestFaultExpiredUntilNewToken(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	m.arm(control.FaultExpiredOnce, "ord-1")
	token, other := m.token(clientID), m.token(clientID)
	for i, old := range []string{token, token, other} {
		if r := m.event(orderPath, old, orderEvent); r.status != 401 {
			t.Errorf("call %d with an old token: %d", i, r.status)
		}
		if e := m.next(); e.Auth.State != control.AuthExpired || !e.Auth.JudgeMade {
			t.Errorf("auth %+v", e.Auth)
		}
	}
	if r := m.event(updatePath, token, updateEvent); r.status != 201 {
		t.Errorf("another order with the old token: %d", r.status)
	}
	m.next()
	if r := m.event(orderPath, m.token(clientID), orderEvent); r.status != 201 {
		t.Errorf("with a new token: %d", r.status)
	}
	if e := m.next(); e.Auth.State != control.AuthValid || e.Auth.JudgeMade {
		t.Errorf("auth %+v", e.Auth)
	}
}

func TestFaultCut(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	m.arm(control.FaultCutOnce, "ord-1")
	config := clientcredentials.Config{ClientID: clientID, ClientSecret: secret, TokenURL: m.URL() + tokenPath, AuthStyle: oauth2.AuthStyleInHeader}
	client := config.Client(t.Context())
	_, err := client.Post(m.URL()+orderPath, jsonType, strings.NewReader(orderEvent))
	if !errors.Is(err, io.EOF) {
		t.Errorf("the cut call ended with %v", err)
	}
	e := m.next()
	if e.Status != 201 || !e.Cut || e.Fault != control.FaultCutOnce || string(e.Body) != orderEvent || len(e.ResponseBody) > 0 || e.ResponseHeader != nil {
		t.Errorf("journalled as %+v", e)
	}
	res, err := client.Post(m.URL()+orderPath, jsonType, strings.NewReader(orderEvent))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if e := m.next(); res.StatusCode != http.StatusCreated || e.Cut || e.Fault != "" {
		t.Errorf("the second time: %d, %+v", res.StatusCode, e)
	}
}
