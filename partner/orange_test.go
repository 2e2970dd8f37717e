package partner_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/wire"
)

// orange is a token server and a gateway that do as they are told.
type orange struct {
	server *httptest.Server
	events chan event // those answered 2xx
	calls  chan event // all

	mu     sync.Mutex
	tokens []string
	script []http.HandlerFunc // answers to the next event calls; 201 after that
	denied []http.HandlerFunc // answers to the next token calls
}

type event struct {
	path, authorization string
	body                []byte
}

func newOrange(t *testing.T) *orange {
	t.Helper()
	o := &orange{events: make(chan event, 1000), calls: make(chan event, 1000)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /oauth/v3/token", o.token)
	mux.HandleFunc("POST /{offer}/{api}/v2/event", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		noEmpties(t, body)
		judge(t, eventSchema(t, r.URL.Path, body), r.Header.Get("Content-Type"), body)
		o.take(w, r, body)
	})
	o.server = httptest.NewServer(mux)
	t.Cleanup(o.server.Close)
	return o
}

func (o *orange) token(w http.ResponseWriter, r *http.Request) {
	// Read to the end first: an early answer can meet a client that is still writing.
	grant := r.FormValue("grant_type")
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.denied) > 0 {
		deny := o.denied[0]
		o.denied = o.denied[1:]
		deny(w, r)
		return
	}
	id, secret, _ := r.BasicAuth()
	if id != "demo" || secret != "s%2B%2F%3D%25%C3%A9" || grant != "client_credentials" {
		http.Error(w, `{"error":"invalid_client"}`, http.StatusUnauthorized)
		return
	}
	o.tokens = append(o.tokens, fmt.Sprintf("token-%d", len(o.tokens)+1))
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(wire.Token{TokenType: "Bearer", AccessToken: o.tokens[len(o.tokens)-1], ExpiresIn: 3600})
}

func (o *orange) take(w http.ResponseWriter, r *http.Request, body []byte) {
	e := event{path: r.URL.Path, authorization: r.Header.Get("Authorization"), body: body}
	o.mu.Lock()
	answer := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(body)
	}
	accepted := len(o.script) == 0
	if !accepted {
		answer, o.script = o.script[0], o.script[1:]
	}
	o.mu.Unlock()
	o.calls <- e
	answer(w, r)
	if accepted {
		o.events <- e
	}
}

func (o *orange) then(answers ...http.HandlerFunc) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.script = append(o.script, answers...)
}

func (o *orange) tokenCalls() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.tokens)
}

func (o *orange) next(t testing.TB) event { return receive(t, o.events, "an event") }

func receive[T any](t testing.TB, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("waited for %s in vain", what)
		panic("unreachable")
	}
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// cut ends the connection without an answer.
func cut(w http.ResponseWriter, _ *http.Request) {
	panic(http.ErrAbortHandler)
}
