package mockorange_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/fault"
)

func (m *mock) set(f control.Fault) control.Fault {
	m.t.Helper()
	armed, err := m.Control().AddFault(m.t.Context(), f)
	if err != nil {
		m.t.Fatal(err)
	}
	return armed
}

func (m *mock) askToken() reply {
	return m.send(http.MethodPost, m.URL()+tokenPath, map[string]string{"Authorization": basic(clientID), "Content-Type": formType}, grant)
}

// Every kind of fault has a name of its own on both sides, and a default that can be armed.
func TestEveryKindCanBeArmed(t *testing.T) {
	t.Parallel()
	m, c := withControl(t, mockorange.Options{})
	for _, k := range fault.Kinds() {
		if f, err := c.AddFault(t.Context(), control.Fault{Kind: control.FaultKind(k), Key: "nobody"}); err != nil || f.On != control.OnEvent {
			t.Errorf("%s: %+v, %v", k, f, err)
		}
	}
	for _, k := range []control.FaultKind{control.FaultUnavailableOnce, control.FaultExpiredOnce, control.FaultRefuseAlways, control.FaultCutOnce,
		control.FaultTokenRevoked, control.FaultOfferClosed, control.FaultRateLimited, control.FaultServerError, control.FaultUnavailable, control.FaultSlow,
		control.FaultNoAnswer, control.FaultCutBefore, control.FaultContentType, control.FaultHugeAnswer, control.FaultGarbage} {
		m.arm(k, "nobody")
	}
}

func TestFaultsThatAnswer(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		fault  control.Fault
		status int
		code   string
		retry  string
	}{
		{control.Fault{Kind: control.FaultRateLimited, RetryAfterSeconds: 3}, 429, `"code":53`, "3"},
		{control.Fault{Kind: control.FaultUnavailable}, 503, `"code":5,`, "1"},
		{control.Fault{Kind: control.FaultServerError}, 500, `"code":1,`, ""},
		{control.Fault{Kind: control.FaultServerError, Status: 504}, 504, `"code":1,`, ""},
		{control.Fault{Kind: control.FaultOfferClosed}, 403, `"code":50`, ""},
		{control.Fault{Kind: control.FaultTokenRevoked}, 401, `"code":41`, ""},
		{control.Fault{Kind: control.FaultGarbage, Status: 502}, 502, "<!DOCTYPE html>", ""},
	} {
		t.Run(string(tc.fault.Kind), func(t *testing.T) {
			t.Parallel()
			m := start(t, mockorange.Options{})
			m.set(tc.fault)
			r := m.event(orderPath, m.token(clientID), orderEvent)
			if r.status != tc.status || !strings.Contains(r.body, tc.code) || r.header.Get("Retry-After") != tc.retry {
				t.Errorf("got %d %q %s", r.status, r.header.Get("Retry-After"), r.body)
			}
			if e := m.next(); e.Fault != tc.fault.Kind || e.Status != tc.status || e.Auth.JudgeMade != (tc.status == 401) {
				t.Errorf("journalled as %+v", e)
			}
			if r := m.event(orderPath, m.token(clientID), orderEvent); r.status != 201 {
				t.Errorf("the second time, with a new token: %d", r.status)
			}
		})
	}
}

// Of two faults that are bound to one order the first acts until it has done its work.
func TestFaultTimes(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	f := m.set(control.Fault{Kind: control.FaultServerError, Key: "ord-1", Times: 2})
	always := m.set(control.Fault{Kind: control.FaultOfferClosed, Key: "ord-1", Times: control.FaultAlways})
	token := m.token(clientID)
	for i, want := range []int{500, 500, 403, 403} {
		if r := m.event(orderPath, token, orderEvent); r.status != want {
			t.Errorf("call %d: %d, want %d", i+1, r.status, want)
		}
	}
	if r := m.event(updatePath, token, updateEvent); r.status != 201 {
		t.Errorf("another resource: %d", r.status)
	}
	for _, id := range []string{f.ID, always.ID} {
		if err := m.Control().RemoveFault(t.Context(), id); err != nil {
			t.Error(err)
		}
	}
	if r := m.event(orderPath, token, orderEvent); r.status != 201 {
		t.Errorf("disarmed: %d", r.status)
	}
}

func TestFaultsThatTakeTheEvent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		fault       control.Fault
		status      int
		contentType string
		bytes       int
	}{
		{control.Fault{Kind: control.FaultContentType}, 201, "text/html; charset=utf-8", 0},
		{control.Fault{Kind: control.FaultHugeAnswer, Bytes: 3<<20 + 1}, 201, jsonType, 3<<20 + 1},
		{control.Fault{Kind: control.FaultHugeAnswer, Bytes: 1}, 201, jsonType, 0},
		{control.Fault{Kind: control.FaultSlow, DelayMs: 20}, 201, jsonType, 0},
	} {
		t.Run(string(tc.fault.Kind), func(t *testing.T) {
			t.Parallel()
			m := start(t, mockorange.Options{})
			m.set(tc.fault)
			before := time.Now()
			r := m.event(orderPath, m.token(clientID), orderEvent)
			if r.err != nil || r.status != tc.status || r.header.Get("Content-Type") != tc.contentType || !json.Valid([]byte(r.body)) {
				t.Errorf("got %d %s %v", r.status, r.header, r.err)
			}
			if tc.bytes > 0 && len(r.body) != tc.bytes {
				t.Errorf("%d bytes, want %d", len(r.body), tc.bytes)
			}
			if took := time.Since(before); took < time.Duration(tc.fault.DelayMs)*time.Millisecond {
				t.Errorf("answered after %s", took)
			}
			if e := m.next(); e.Fault != tc.fault.Kind || e.Status != 201 || e.Cut || len(e.ResponseBody) > 1<<10 {
				t.Errorf("journalled as %+v", e)
			}
		})
	}
}

func TestFaultGarbage(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	m.set(control.Fault{Kind: control.FaultGarbage})
	r := m.event(orderPath, m.token(clientID), orderEvent)
	if r.status != 200 || !strings.Contains(r.body, "</html>") || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Errorf("got %d %s %s", r.status, r.header, r.body)
	}
}

func TestFaultsThatCut(t *testing.T) {
	t.Parallel()
	for _, f := range []control.Fault{{Kind: control.FaultCutBefore}, {Kind: control.FaultNoAnswer, DelayMs: 20}} {
		t.Run(string(f.Kind), func(t *testing.T) {
			t.Parallel()
			m := start(t, mockorange.Options{})
			m.set(f)
			token := m.token(clientID)
			if r := m.event(orderPath, token, orderEvent); !errors.Is(r.err, io.EOF) {
				t.Errorf("got %d %v", r.status, r.err)
			}
			if e := m.next(); e.Status != 0 || !e.Cut || e.Fault != f.Kind || string(e.Body) != orderEvent || e.ResponseBody != nil {
				t.Errorf("journalled as %+v", e)
			}
			if r := m.event(orderPath, token, orderEvent); r.status != 201 {
				t.Errorf("the second time: %d", r.status)
			}
		})
	}
}

// A caller that gives up is seen to have done so long before the delay has passed, and holds up no other call.
func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind   control.FaultKind
		status int
	}{{control.FaultNoAnswer, 0}, {control.FaultSlow, 201}} {
		t.Run(string(tc.kind), func(t *testing.T) {
			t.Parallel()
			m := start(t, mockorange.Options{})
			m.set(control.Fault{Kind: tc.kind, Key: "ord-1", DelayMs: 600_000})
			token := m.token(clientID)
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			sent := make(chan struct{})
			ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { close(sent) }})
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL()+orderPath, strings.NewReader(orderEvent))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {jsonType}}
			done := make(chan error, 1)
			go func() {
				res, err := m.client.Do(req)
				if err == nil {
					err = errors.Join(errors.New("it was answered"), res.Body.Close())
				}
				done <- err
			}()
			if r := m.event(updatePath, token, updateEvent); r.status != 201 {
				t.Errorf("another event: %d", r.status)
			}
			if e := m.next(); e.Path != updatePath {
				t.Fatalf("the held call stands in the journal: %+v", e)
			}
			<-sent
			giveUp()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("the caller got %v", err)
			}
			if e := m.next(); e.Fault != tc.kind || !e.Cut || e.Status != tc.status || e.Path != orderPath {
				t.Errorf("journalled as %+v", e)
			}
		})
	}
}

func TestFaultsOnToken(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		fault  control.Fault
		status int
		grant  string // the error that the journal shows
	}{
		{control.Fault{Kind: control.FaultRateLimited, RetryAfterSeconds: 2}, 429, "too_many_requests"},
		{control.Fault{Kind: control.FaultServerError}, 500, "temporarily_unavailable"},
		{control.Fault{Kind: control.FaultUnavailable}, 503, "temporarily_unavailable"},
		{control.Fault{Kind: control.FaultGarbage}, 200, "temporarily_unavailable"},
		{control.Fault{Kind: control.FaultCutBefore}, 0, "no_answer"},
		{control.Fault{Kind: control.FaultNoAnswer, DelayMs: 1}, 0, "no_answer"},
		{control.Fault{Kind: control.FaultSlow, DelayMs: 1}, 200, ""},
		{control.Fault{Kind: control.FaultContentType}, 200, ""},
		{control.Fault{Kind: control.FaultHugeAnswer}, 200, ""},
	} {
		t.Run(string(tc.fault.Kind), func(t *testing.T) {
			t.Parallel()
			m := start(t, mockorange.Options{})
			tc.fault.On, tc.fault.Key = control.OnToken, clientID
			m.set(tc.fault)
			r := m.askToken()
			if r.status != tc.status || (r.err == nil) != (tc.status != 0) {
				t.Errorf("got %d %v", r.status, r.err)
			}
			e := await(t, m.arrive)
			if e.Kind != control.KindToken || e.Fault != tc.fault.Kind || e.Status != tc.status || e.Grant == nil || e.Grant.Error != tc.grant {
				t.Errorf("journalled as %+v with grant %+v", e, e.Grant)
			}
			if (e.Grant.Token == "") != (tc.grant != "") || strings.Contains(r.body, "access_token") != (tc.grant == "") {
				t.Errorf("token %q in the journal, answer %.200s", e.Grant.Token, r.body)
			}
			if r := m.event(orderPath, m.token(clientID), orderEvent); r.status != 201 {
				t.Errorf("with the next token: %d", r.status)
			}
		})
	}
}

func TestTokenFaultHidesNoMistake(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	m.set(control.Fault{Kind: control.FaultServerError, On: control.OnToken})
	r := m.send(http.MethodPost, m.URL()+tokenPath, map[string]string{"Authorization": "Basic eDp5", "Content-Type": formType}, grant)
	if r.status != 401 {
		t.Errorf("wrong credentials got %d", r.status)
	}
	if r := m.askToken(); r.status != 500 {
		t.Errorf("a good request got %d", r.status)
	}
}

// A mock that stops waits for no call that it holds.
func TestCloseEndsHeldCalls(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	m.set(control.Fault{Kind: control.FaultSlow, DelayMs: 600_000})
	token := m.token(clientID)
	done := make(chan reply, 1)
	go func() { done <- m.event(orderPath, token, orderEvent) }()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := m.Close(ctx); err != nil || ctx.Err() != nil {
		t.Errorf("close: %v, %v", err, ctx.Err())
	}
	<-done
}

func TestRefusedPort(t *testing.T) {
	t.Parallel()
	m, c := withControl(t, mockorange.Options{})
	token, url := m.token(clientID), m.URL()
	if err := c.RefuseConnections(t.Context(), 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	// A kept connection would tell of its end, not of the port.
	m.client.CloseIdleConnections()
	// A connection that was waiting to be taken when the port closed ends without an answer; the next one is refused.
	r := m.event(orderPath, token, orderEvent)
	for range 10 {
		if r.err == nil || errors.Is(r.err, syscall.ECONNREFUSED) {
			break
		}
		r = m.event(orderPath, token, orderEvent)
	}
	if !errors.Is(r.err, syscall.ECONNREFUSED) {
		t.Errorf("while it is closed: %d %v", r.status, r.err)
	}
	if info, err := c.Info(t.Context()); err != nil || info.GatewayURL != url {
		t.Errorf("info %+v, %v", info, err)
	}
	if err := c.RefuseConnections(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if r := m.event(orderPath, token, orderEvent); r.status != 201 || m.URL() != url {
		t.Errorf("once it is open again: %d %v at %s", r.status, r.err, m.URL())
	}
	var refused *control.Error
	for _, d := range []time.Duration{-time.Second, 11 * time.Minute} {
		if err := c.RefuseConnections(t.Context(), d); !errors.As(err, &refused) || refused.Status != 400 || !strings.Contains(err.Error(), "forMs") {
			t.Errorf("for %s: %v", d, err)
		}
	}
}

// The port comes back by itself. A client that tries again finds it, however long that takes.
func TestRefusedPortComesBack(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	token := m.token(clientID)
	if err := m.RefuseConnections(30 * time.Millisecond); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if r := m.event(orderPath, token, orderEvent); r.status == 201 {
			return
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatal("the port stays closed")
		}
	}
}

func TestRefusalNeedsAnOpenPort(t *testing.T) {
	t.Parallel()
	s, err := mockorange.New(mockorange.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RefuseConnections(time.Second); !errors.Is(err, mockorange.ErrRefusal) {
		t.Errorf("before it is served: %v", err)
	}
	m := start(t, mockorange.Options{})
	if err := m.RefuseConnections(time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := m.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r := m.askToken(); r.status != 200 {
		t.Errorf("after reset: %d %v", r.status, r.err)
	}
	if err := m.RefuseConnections(time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(t.Context()); err != nil {
		t.Errorf("close while the port is closed: %v", err)
	}
	if err := m.RefuseConnections(time.Second); !errors.Is(err, mockorange.ErrRefusal) {
		t.Errorf("after close: %v", err)
	}
}
