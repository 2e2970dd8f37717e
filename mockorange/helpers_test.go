package mockorange_test

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
)

const (
	clientID = "demo"
	secret   = "s+/=%é"
	betaID   = "beta-only"

	orderPath   = "/mba2-beta/productordering/v2/event"
	updatePath  = "/mba2-beta/userservice/v2/event"
	aliasPath   = "/mba2-beta/userService/v2/event"
	tokenPath   = "/oauth/v3/token"
	jsonType    = "application/json"
	formType    = "application/x-www-form-urlencoded"
	grant       = "grant_type=client_credentials"
	orderEvent  = `{"type": "completedStateNotification",  "time":"2026-03-01T12:00:00.000Z", "resource":{"id":"ord-1","externalReference":{"type":"orange","id":"ref-1"},"state":"completed"}}`
	updateEvent = `{"type":"updateNotification","time":"2026-03-01T12:00:00.000Z","resource":{"id":"upd-1","externalReference":{"type":"orange","id":"ref-2"},"state":"completed","userServices":[{"id":"lic-1","state":"active"}]}}`
	userEvent   = `{"type":"updateNotification","time":"2026-03-01T12:00:00.000Z","resource":{"userServices":[{"id":"lic-2","endUserOperation":[{"action":"delete","endUser":{"id":"usr-1"}}]}]}}`
)

// One server serves all tests of the binary.
var server databasetest.Server

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(databasetest.Run(m, &server))
}

// mock is a running mock Orange with a client of its own.
type mock struct {
	t testing.TB
	*mockorange.Server
	client *http.Client
	arrive <-chan control.Entry
}

func start(t testing.TB, o mockorange.Options) *mock {
	t.Helper()
	o.Applications = append(o.Applications,
		mockorange.Application{ClientID: clientID, Secret: secret},
		mockorange.Application{ClientID: betaID, Secret: secret, Offers: []string{"mba2-beta"}})
	s, err := mockorange.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	s.Start()
	arrive, err := s.Control().Subscribe(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	m := &mock{t, s, &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}, arrive}
	t.Cleanup(func() {
		m.client.CloseIdleConnections()
		if err := s.Close(t.Context()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return m
}

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	body   string
	err    error
}

func (m *mock) send(method, url string, header map[string]string, body string) reply {
	req, err := http.NewRequestWithContext(m.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		m.t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	res, err := m.client.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(b), err}
}

// event posts an event with a token.
func (m *mock) event(path, token, body string) reply {
	return m.send(http.MethodPost, m.URL()+path, map[string]string{
		"Authorization": "Bearer " + token, "Content-Type": jsonType,
	}, body)
}

func basic(id string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
}

func (m *mock) token(id string) string {
	m.t.Helper()
	r := m.send(http.MethodPost, m.URL()+tokenPath, map[string]string{"Authorization": basic(id), "Content-Type": formType}, grant)
	var t struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(r.body), &t); err != nil || t.AccessToken == "" {
		m.t.Fatalf("no token: %d %s %v", r.status, r.body, r.err)
	}
	return t.AccessToken
}

// next waits for the next event, leaving out token requests. An entry is there only after its answer, so a test never
// looks into the journal right after a call.
func (m *mock) next() control.Entry {
	m.t.Helper()
	for {
		if e := await(m.t, m.arrive); e.Kind == control.KindEvent {
			return e
		}
	}
}

func await(t testing.TB, ch <-chan control.Entry) control.Entry {
	t.Helper()
	select {
	case e, ok := <-ch:
		if !ok {
			t.Fatal("the subscription ended")
		}
		return e
	case <-time.After(10 * time.Second):
		t.Fatal("no entry arrived")
	}
	return control.Entry{}
}
