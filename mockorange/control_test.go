package mockorange_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
)

const loopbackPort = "127.0.0.1:0"

func withControl(t testing.TB, o mockorange.Options) (*mock, *control.Client) {
	t.Helper()
	if o.ControlListen == "" {
		o.ControlListen = loopbackPort
	}
	m := start(t, o)
	return m, control.NewClient(m.ControlURL(), o.ControlToken, m.client)
}

// Who has an answer finds the call in the journal: a test that counts calls needs no second look.
func TestJournalHoldsWhatWasAnswered(t *testing.T) {
	t.Parallel()
	m, c := withControl(t, mockorange.Options{})
	for n := range 50 {
		if r := m.send(http.MethodPost, m.URL()+"/nowhere", nil, "{}"); r.err != nil {
			t.Fatal(r.err)
		}
		if all, err := c.Journal(t.Context(), int64(n)); err != nil || len(all) != 1 {
			t.Fatalf("after call %d: %d new entries, %v", n+1, len(all), err)
		}
	}
	if err := c.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all, err := c.Journal(t.Context(), 50); err != nil || len(all) != 0 {
		t.Errorf("after the reset: %v, %v", all, err)
	}
}

func TestControlClient(t *testing.T) {
	t.Parallel()
	_, c := withControl(t, mockorange.Options{Version: "1.2", PublicURL: "https://mock.example.com/"})
	info, err := c.Info(t.Context())
	want := control.Info{GatewayURL: "https://mock.example.com", TokenURL: "https://mock.example.com/oauth/v3/token", Version: "1.2"}
	if info.Journal == "" {
		t.Error("the journal has no name")
	}
	info.Journal = ""
	if d := cmp.Diff(want, info); d != "" || err != nil {
		t.Errorf("info: %v %s", err, d)
	}
	f, err := c.AddFault(t.Context(), control.Fault{Kind: control.FaultRefuseAlways, Key: "x"})
	if err != nil || f.ID == "" || f.Kind != control.FaultRefuseAlways || f.Key != "x" {
		t.Errorf("fault %+v, %v", f, err)
	}
	if all, err := c.Faults(t.Context()); err != nil || !cmp.Equal(all, []control.ArmedFault{{Fault: f}}) {
		t.Errorf("armed are %+v, %v", all, err)
	}
	if err := c.RemoveFault(t.Context(), f.ID); err != nil {
		t.Errorf("remove: %v", err)
	}
	if all, err := c.Faults(t.Context()); err != nil || all == nil || len(all) > 0 {
		t.Errorf("armed are %#v, %v after the removal", all, err)
	}
	var refused *control.Error
	if err := c.RemoveFault(t.Context(), f.ID); !errors.As(err, &refused) || refused.Status != 404 || refused.Code != 60 {
		t.Errorf("remove twice: %v", err)
	}
	if err := c.RemoveFault(t.Context(), ""); err == nil {
		t.Error("a fault without id was removed")
	}
	if _, err := c.AddFault(t.Context(), control.Fault{Kind: "sluggish"}); !errors.As(err, &refused) || refused.Status != 400 || !strings.Contains(err.Error(), "cut-once") {
		t.Errorf("unknown fault: %v", err)
	}
	none, err := c.Journal(t.Context(), 0)
	if err != nil || len(none) != 0 {
		t.Errorf("journal %v, %v", none, err)
	}
}

func TestBothDoorsSeeTheSame(t *testing.T) {
	t.Parallel()
	m, c := withControl(t, mockorange.Options{})
	stream, err := c.Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	token := m.token(clientID)
	m.event(orderPath, token, orderEvent)
	m.event(updatePath, token, `{"type":"x","resource":{"id":null}}`)
	var inProcess, streamed []control.Entry
	for range 3 {
		inProcess = append(inProcess, await(t, m.arrive))
		streamed = append(streamed, await(t, stream))
	}
	read, err := c.Journal(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(inProcess[2].Violations) == 0 {
		t.Error("the flawed event has no violations, so the test shows too little")
	}
	if d := cmp.Diff(inProcess, streamed, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("event stream: %s", d)
	}
	if d := cmp.Diff(inProcess, read, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("journal: %s", d)
	}
	if late, err := c.Journal(t.Context(), 2); err != nil || len(late) != 1 || late[0].Seq != 3 {
		t.Errorf("after 2: %v, %v", late, err)
	}
}

func TestControlApplicationsAndReset(t *testing.T) {
	t.Parallel()
	m, c := withControl(t, mockorange.Options{})
	made, err := c.AddApplication(t.Context(), control.Application{Name: "Acme", Offers: []string{"mba2-beta"}})
	if err != nil {
		t.Fatal(err)
	}
	ask := func() reply {
		return m.send(http.MethodPost, m.URL()+tokenPath, map[string]string{"Content-Type": formType},
			grant+"&client_id="+made.ClientID+"&client_secret="+made.ClientSecret)
	}
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(ask().body), &token); err != nil {
		t.Fatal(err)
	}
	if r := m.event(orderPath, token.AccessToken, orderEvent); r.status != 201 {
		t.Errorf("the new application got %d", r.status)
	}
	if r := m.event("/mba2/productordering/v2/event", token.AccessToken, orderEvent); r.status != 403 {
		t.Errorf("the other offer got %d", r.status)
	}
	var refused *control.Error
	if _, err := c.AddApplication(t.Context(), control.Application{Offers: []string{"mba3"}}); !errors.As(err, &refused) || refused.Status != 400 || !strings.Contains(err.Error(), "mba3") {
		t.Errorf("unknown offer: %v", err)
	}
	m.arm(control.FaultRefuseAlways, "")
	await(t, m.arrive)
	m.next()
	m.next()
	if err := c.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all, err := c.Journal(t.Context(), 0); err != nil || len(all) != 0 {
		t.Errorf("after reset the journal holds %v, %v", all, err)
	}
	if r := ask(); r.status != 401 {
		t.Errorf("after reset the application got %d", r.status)
	}
	if r := m.event(orderPath, token.AccessToken, orderEvent); r.status != 401 || !strings.Contains(r.body, `"code":42`) {
		t.Errorf("after reset its token got %d %s", r.status, r.body)
	}
	if r := m.event(orderPath, m.token(clientID), orderEvent); r.status != 201 {
		t.Errorf("after reset an application of the options got %d", r.status)
	}
}

func TestControlExpiresTokens(t *testing.T) {
	t.Parallel()
	m, c := withControl(t, mockorange.Options{})
	token := m.token(clientID)
	if err := c.ExpireTokens(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := m.event(orderPath, token, orderEvent); r.status != 401 || !strings.Contains(r.body, `"code":42`) {
		t.Errorf("got %d %s", r.status, r.body)
	}
	if e := m.next(); e.Auth.State != control.AuthExpired || !e.Auth.JudgeMade {
		t.Errorf("auth %+v", e.Auth)
	}
	if r := m.event(orderPath, m.token(clientID), orderEvent); r.status != 201 {
		t.Errorf("with a new token: %d", r.status)
	}
}

func TestControlGuard(t *testing.T) {
	t.Parallel()
	open, _ := withControl(t, mockorange.Options{})
	locked, _ := withControl(t, mockorange.Options{ControlListen: "0.0.0.0:0", ControlToken: "t0ken"})
	for _, tc := range []struct {
		name         string
		m            *mock
		method, path string
		header       map[string]string
		body         string
		status       int
	}{
		{"open", open, "GET", "/control/info", nil, "", 200},
		{"page in a browser", open, "GET", "/control/info", map[string]string{"Origin": "http://evil.example.com"}, "", 403},
		{"form", open, "POST", "/control/reset", map[string]string{"Content-Type": formType}, "a=b", 415},
		{"no content type", open, "POST", "/control/reset", nil, "", 415},
		{"reset", open, "POST", "/control/reset", map[string]string{"Content-Type": jsonType}, "", 204},
		{"not built yet", open, "POST", "/control/orders", map[string]string{"Content-Type": jsonType}, "{}", 404},
		{"method", open, "DELETE", "/control/info", nil, "", 405},
		{"no body", open, "POST", "/control/faults", map[string]string{"Content-Type": jsonType}, "", 400},
		{"no JSON", open, "POST", "/control/faults", map[string]string{"Content-Type": jsonType}, "{", 400},
		{"unknown field", open, "POST", "/control/faults", map[string]string{"Content-Type": jsonType}, `{"knd":"x"}`, 400},
		{"all faults", open, "DELETE", "/control/faults", nil, "", 204},
		{"after is no number", open, "GET", "/control/journal?after=x", nil, "", 400},
		{"after is negative", open, "GET", "/control/events?after=-1", nil, "", 400},
		{"locked, no token", locked, "GET", "/control/info", nil, "", 401},
		{"locked, wrong token", locked, "GET", "/control/info", map[string]string{"Authorization": "Bearer x"}, "", 401},
		{"locked, token", locked, "GET", "/control/info", map[string]string{"Authorization": "Bearer t0ken"}, "", 200},
		{"locked, token in a page", locked, "GET", "/control/info", map[string]string{"Authorization": "Bearer t0ken", "Origin": "null"}, "", 403},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r := tc.m.send(tc.method, tc.m.ControlURL()+tc.path, tc.header, tc.body)
			if r.status != tc.status || r.err != nil {
				t.Errorf("got %d %s, %v", r.status, r.body, r.err)
			}
			if r.status >= 400 && !strings.HasPrefix(r.body, `{"code":`) {
				t.Errorf("error body %s", r.body)
			}
		})
	}
}

func TestControlGuardAgainstRebinding(t *testing.T) {
	t.Parallel()
	m, _ := withControl(t, mockorange.Options{})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m.ControlURL()+"/control/info", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "rebound.example.com"
	res, err := m.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("got %d", res.StatusCode)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		o    mockorange.Options
		want error
	}{
		{"every interface", mockorange.Options{ControlListen: ":0"}, mockorange.ErrOpenControl},
		{"a host name", mockorange.Options{ControlListen: "mock.example.com:80"}, mockorange.ErrOpenControl},
		{"localhost", mockorange.Options{ControlListen: "localhost:0"}, nil},
		{"IPv6 loopback", mockorange.Options{ControlListen: "[::1]:0"}, nil},
		{"with token", mockorange.Options{ControlListen: ":0", ControlToken: "x"}, nil},
		{"unknown offer", mockorange.Options{Applications: []mockorange.Application{{ClientID: "a", Secret: "b", Offers: []string{"mba3"}}}}, mockorange.ErrUnknownOffer},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if _, err := mockorange.New(tc.o); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestListenTakesBothOrNone(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	busy := strings.TrimPrefix(m.URL(), "http://")
	for _, o := range []mockorange.Options{{Listen: busy}, {ControlListen: busy}} {
		s, err := mockorange.New(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Listen(); !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), busy) {
			t.Errorf("got %v", err)
		}
		if err := s.Close(t.Context()); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

func TestEventStreamOnTheWire(t *testing.T) {
	t.Parallel()
	m, _ := withControl(t, mockorange.Options{})
	token := m.token(clientID)
	m.event(orderPath, token, orderEvent)
	m.event(orderPath, token, orderEvent)
	m.next()
	m.next()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, m.ControlURL()+"/control/events?after=0", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Last-Event-ID", "2")
	res, err := m.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.Header.Get("Content-Type") != "text/event-stream" || res.Header.Get(control.JournalHeader) == "" {
		t.Errorf("header %v", res.Header)
	}
	var lines []string
	for s := bufio.NewScanner(res.Body); len(lines) < 5 && s.Scan(); {
		lines = append(lines, s.Text())
	}
	if len(lines) < 5 || lines[0] != ": journal" || lines[2] != "id: 3" || !strings.HasPrefix(lines[3], `data: {"seq":3,`) || lines[4] != "" {
		t.Errorf("stream %q", lines)
	}
}
