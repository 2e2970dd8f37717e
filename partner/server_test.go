package partner_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/partner"
	"github.com/clementine-ope/clementine/wire"
)

// Not parallel: it looks at all goroutines of the process, so it must run before the others start.
func TestCloseLeavesNothingRunning(t *testing.T) {
	w := newWorld(t, profile.Async)
	w.orange.then(status(503))
	w.place(order("o1", w.customer("c1"), "", "NOTES-S", 1))
	w.use(w.fleet("c2", 1)[0].ID, "user/add", "")
	w.orange.then(status(503, "Retry-After", "3600"))
	w.call("POST", orders, write(w, order("o2", w.customer("c3"), "", "NOTES-S", 1)))
	for range 5 {
		receive(w, w.orange.calls, "a call")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := w.partner.Close(ctx); err != nil {
		t.Fatal(err)
	}
	stacks := make([]byte, 1<<20)
	for deadline := time.Now().Add(patience); ; runtime.Gosched() {
		running := stacks[:runtime.Stack(stacks, true)]
		if !bytes.Contains(running, []byte("clementine/partner.(")) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still running:\n%s", running)
		}
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	for declared, path := range map[string]string{"/ping": "/ping", "": "/ping", "status/ping": "/status/ping"} {
		w := newWorld(t, profile.Sync, features(func(p *profile.Profile) {
			p.Ping = declared
			p.Auth = profile.Auth{Type: "bearer", Token: "secret"}
		}))
		if got := w.call("GET", path, ""); got.status != http.StatusOK {
			t.Errorf("%q: %d", declared, got.status)
		}
	}
}

func TestCallersAuthenticate(t *testing.T) {
	t.Parallel()
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	basic := func(user, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(user, password) }
	}
	for _, tt := range []struct {
		name string
		auth profile.Auth
		call func(*http.Request)
		want int
		code int
	}{
		{"none", profile.Auth{Type: "none"}, func(*http.Request) {}, 200, 0},
		{"basic", profile.Auth{Type: "basic", User: "orange", Password: "p:w"}, basic("orange", "p:w"), 200, 0},
		{"basic, wrong", profile.Auth{Type: "basic", User: "orange", Password: "p:w"}, basic("orange", "no"), 401, 41},
		{"basic, absent", profile.Auth{Type: "basic", User: "orange", Password: "p:w"}, func(*http.Request) {}, 401, 40},
		{"bearer", profile.Auth{Type: "bearer", Token: "t1"}, header("Authorization", "bearer t1"), 200, 0},
		{"bearer, wrong", profile.Auth{Type: "bearer", Token: "t1"}, header("Authorization", "Bearer t2"), 401, 41},
		{"bearer, other scheme", profile.Auth{Type: "bearer", Token: "t1"}, header("Authorization", "Basic t1"), 401, 40},
		{"header", profile.Auth{Type: "header", Name: "X-Partner-Key", Value: "k"}, header("X-Partner-Key", "k"), 200, 0},
		{"header, wrong", profile.Auth{Type: "header", Name: "X-Partner-Key", Value: "k"}, header("X-Partner-Key", "kk"), 401, 41},
		{"header, absent", profile.Auth{Type: "header", Name: "X-Partner-Key", Value: "k"}, func(*http.Request) {}, 401, 40},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, profile.Sync, features(func(p *profile.Profile) { p.Auth = tt.auth }))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.partner.URL()+"/userservice/v2/userService?productRefId=f", nil)
			if err != nil {
				t.Fatal(err)
			}
			tt.call(req)
			got := w.do(req)
			if got.status != tt.want {
				t.Fatalf("%d %s, want %d", got.status, got.body, tt.want)
			}
			if tt.want == 401 && read[wire.Error](w, got.body).Code != tt.code {
				t.Errorf("%s, want code %d", got.body, tt.code)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]partner.Options{
		"profile":   {},
		"mode":      {Profile: &profile.Profile{Mode: "asynchronous"}},
		"gateway":   {Profile: &profile.Profile{Mode: profile.Async}},
		"token URL": {Profile: &profile.Profile{Mode: profile.Sync}, GatewayURL: "http://127.0.0.1:1"},
		"offer":     {Profile: &profile.Profile{Mode: profile.Async}, GatewayURL: "http://127.0.0.1:1", TokenURL: "http://127.0.0.1:1"},
	} {
		if _, err := partner.New(o); err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(name)) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestListenOnAnAddressInUse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync)
	p, err := partner.New(partner.Options{Profile: w.profile, Listen: strings.TrimPrefix(w.partner.URL(), "http://")})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Listen(); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("got %v", err)
	}
	if err := p.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func TestSeam(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Async, func(o *partner.Options) {
		o.Seam = partner.Seam{
			WrapHandler: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path == "/ping" {
						w.WriteHeader(http.StatusTeapot)
						return
					}
					// A wrapper may hold the whole answer back: it has no Flush of its own.
					held := httptest.NewRecorder()
					next.ServeHTTP(struct{ http.ResponseWriter }{held}, r)
					w.Header().Set("Content-Type", held.Header().Get("Content-Type"))
					w.WriteHeader(held.Code)
					_, _ = io.Copy(w, held.Body)
				})
			},
			WrapTransport: func(next http.RoundTripper) http.RoundTripper {
				return transport(func(r *http.Request) (*http.Response, error) {
					r = r.Clone(r.Context())
					r.Header.Set("X-Wrapped", "yes")
					return next.RoundTrip(r)
				})
			},
			Deliver: func(ctx context.Context, d *partner.Delivery, next func(context.Context, *partner.Delivery) error) error {
				twice := *d
				twice.Body = bytes.Replace(d.Body, []byte("Notification"), []byte("Again"), 1)
				return errors.Join(next(ctx, d), next(ctx, &twice))
			},
			Rules: func(r partner.Rules) partner.Rules {
				refuse, update := r.Refuse, r.Update
				r.Key = func(wire.Reference) string { return "" }
				r.Licences = func(n int) int { return n - 1 }
				r.Fleet = func(string) string { return "" }
				r.Refuse = func(reason error) error {
					if strings.Contains(reason.Error(), "catalogue") || strings.Contains(reason.Error(), "end user already") {
						return nil
					}
					return refuse(reason)
				}
				r.Shown = func(l wire.UserService) (wire.UserService, bool) {
					l.ExternalState = "shown"
					return l, true
				}
				r.Update = func(known []wire.UserService, changes []wire.Change) ([]wire.UserService, error) {
					return update(known, changes[:1])
				}
				return r
			},
		}
	})
	if got := w.call("GET", "/ping", ""); got.status != http.StatusTeapot {
		t.Errorf("ping: %d", got.status)
	}
	c := w.customer("c1")
	o := w.place(order("o1", c, "", "NOTES-XL", 3))
	if o.State != wire.Completed {
		t.Fatalf("%+v", o)
	}
	if again := w.orange.next(w); !bytes.Contains(again.body, []byte("completedStateAgain")) {
		t.Errorf("second event %s", again.body)
	}
	licences := w.licences(o.OrderItem[0].ProductRef.ID)
	if len(licences) != 2 || licences[0].ExternalState != "shown" {
		t.Errorf("%+v", licences)
	}
	second := w.place(order("o1", c, o.OrderItem[0].ProductRef.ID, "NOTES-S", 2))
	w.orange.next(w)
	if second.ID == o.ID || second.OrderItem[0].ProductRef.ID == o.OrderItem[0].ProductRef.ID {
		t.Errorf("%+v", second)
	}
	for range 2 {
		if got := w.call("POST", "/customer-tool/"+licences[0].ID+"/user/add", ""); got.status != 200 {
			t.Errorf("user/add: %d %s", got.status, got.body)
		}
		w.orange.next(w)
		w.orange.next(w)
	}
	u := w.change("u1", wire.Change{ID: licences[0].ID, ExternalState: wire.Suspended}, wire.Change{ID: licences[1].ID, ExternalState: wire.Suspended})
	if u.State != wire.Completed || len(u.UserServices) != 2 || u.UserServices[1].State != wire.Active {
		t.Errorf("%+v", u)
	}
}

// A panic of a rule must cost one answer, not the server.
func TestPanicIsAnInternalError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, profile.Sync, func(o *partner.Options) {
		o.Seam.Rules = func(r partner.Rules) partner.Rules {
			r.Key = func(wire.Reference) string { panic("out of order") }
			return r
		}
	})
	got := w.call("POST", orders, write(w, order("o1", wire.Customer{TradingName: "Acme"}, "", "NOTES-S", 1)))
	if e := read[wire.Error](w, got.body); got.status != 500 || e.Code != 1 || bytes.Contains(got.body, []byte("out of order")) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := w.call("GET", "/ping", ""); got.status != 200 {
		t.Errorf("ping: %d", got.status)
	}
}

// handler is the partner's HTTP edge without a port.
func handler(t testing.TB) http.Handler {
	t.Helper()
	var h http.Handler
	_, err := partner.New(partner.Options{
		Profile: newProfile(profile.Sync),
		Seam: partner.Seam{WrapHandler: func(next http.Handler) http.Handler {
			h = next
			return next
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func FuzzBodies(f *testing.F) {
	h := handler(f)
	for _, seed := range []string{
		``, `{`, `[]`, `null`, `{"customer":{"id":"x"}}`,
		`{"externalReference":{"id":"1"},"customer":{"tradingName":"A"},"relatedContact":[{"role":"customerFleetManager"}]}`,
		`{"customer":{"tradingName":"A"},"orderItem":[{"productRef":{"userServiceQuantity":2},"productOffering":{"externalReference":{"id":"NOTES-S"}}}]}`,
		`{"userServices":[{"id":"lic_1","externalState":"suspended"}]}`,
		`{"userServices":[{"id":"lic_1","productOfferingOperation":{"action":"swap","productOffering":{"externalReference":{"id":"NOTES-L"}}}}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, path := range []string{orders, updates} {
			r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
			got := httptest.NewRecorder()
			h.ServeHTTP(got, r)
			state := read[struct{ State wire.State }](t, got.Body.Bytes()).State
			if got.Code >= 500 || got.Code/100 == 2 && state != wire.Completed && state != wire.Failed {
				t.Errorf("%s %q: %d %s", path, body, got.Code, got.Body)
			}
		}
	})
}
