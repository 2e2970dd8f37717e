package mockorange_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
)

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestEventTaken(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	token := m.token(clientID)
	for _, tc := range []struct{ name, path, body, api string }{
		{"order", orderPath, orderEvent, "productordering"},
		{"update", updatePath, updateEvent, "userservice"},
		{"update, the other spelling", aliasPath, updateEvent, "userservice"},
		{"operation of the end customer", updatePath, userEvent, "userservice"},
		{"order of mba2", strings.Replace(orderPath, "mba2-beta", "mba2", 1), orderEvent, "productordering"},
		{"update of mba2", strings.Replace(updatePath, "mba2-beta", "mba2", 1), updateEvent, "userservice"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := m.event(tc.path, token, tc.body)
			if r.status != http.StatusCreated || r.header.Get("Content-Type") != jsonType {
				t.Fatalf("got %d %v %s", r.status, r.header, r.body)
			}
			if !uuid.MatchString(r.header.Get("X-OAPI-Request-Id")) {
				t.Errorf("request id %q", r.header.Get("X-OAPI-Request-Id"))
			}
			id := gjson.Get(r.body, "id").String()
			if !uuid.MatchString(id) || r.body != `{"id":"`+id+`",`+tc.body[1:] {
				t.Errorf("the event was answered %s", r.body)
			}
			e := m.next()
			if string(e.Body) != tc.body || string(e.ResponseBody) != r.body || e.Status != 201 || e.API != tc.api ||
				e.RequestID != r.header.Get("X-OAPI-Request-Id") || "/"+e.Offer+"/" != tc.path[:len(e.Offer)+2] {
				t.Errorf("journalled as %+v", e)
			}
			if e.Auth.State != control.AuthValid || e.Auth.Application != clientID || e.Auth.Scheme != "Bearer" || e.Auth.IssuedAt.IsZero() {
				t.Errorf("auth %+v", e.Auth)
			}
			if len(e.Violations) > 0 {
				t.Errorf("violations %+v", e.Violations)
			}
			if strings.Contains(e.Header.Get("Authorization"), token) {
				t.Error("the journal holds the token")
			}
		})
	}
}

func TestEventRefused(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{BodyLimit: 4096})
	token, beta := m.token(clientID), m.token(betaID)
	const (
		none    = `{"code":40,"message":"Missing credentials","description":"The requested service needs credentials, but none were provided."}`
		invalid = `{"code":41,"message":"Invalid credentials","description":"The requested service needs credentials, but the ones provided were invalid."}`
	)
	for _, tc := range []struct {
		name, method, path, authorization, body string
		status                                  int
		want                                    string
		state                                   control.AuthState
	}{
		{"no credentials", "POST", orderPath, "", orderEvent, 401, none, control.AuthNone},
		{"no Bearer", "POST", orderPath, "Basic " + token, orderEvent, 401, none, control.AuthNone},
		{"token alone", "POST", orderPath, token, orderEvent, 401, none, control.AuthNone},
		{"Bearer alone", "POST", orderPath, "Bearer ", orderEvent, 401, none, control.AuthNone},
		{"forged", "POST", orderPath, "Bearer abc", orderEvent, 401, invalid, control.AuthInvalid},
		{"offer not subscribed", "POST", strings.Replace(orderPath, "mba2-beta", "mba2", 1), "Bearer " + beta, orderEvent, 403,
			`{"code":50,"message":"Access denied","description":"The application that makes the request is not authorized to access this endpoint."}`, control.AuthForbidden},
		{"no body", "POST", orderPath, "Bearer " + token, "", 400,
			`{"code":21,"message":"Missing body","description":"A body was expected, and there is none."}`, control.AuthValid},
		{"not JSON", "POST", orderPath, "bearer " + token, `{"type":`, 400,
			`{"code":22,"message":"Invalid body","description":"The body is not well-formed JSON."}`, control.AuthValid},
		{"no type", "POST", orderPath, "Bearer " + token, `{"resource":{}}`, 400,
			`{"code":23,"message":"Missing body field","description":"The event has no type."}`, control.AuthValid},
		{"no resource", "POST", orderPath, "Bearer " + token, `{"type":"x"}`, 400,
			`{"code":23,"message":"Missing body field","description":"The event has no resource."}`, control.AuthValid},
		{"not an object", "POST", orderPath, "Bearer " + token, `[]`, 400,
			`{"code":23,"message":"Missing body field","description":"The event has no type."}`, control.AuthValid},
		{"too large", "POST", orderPath, "Bearer " + token, strings.Repeat(" ", 5000), 413,
			`{"code":66,"message":"Request entity too large","description":"The body is larger than the gateway takes."}`, control.AuthValid},
		{"unknown offer", "POST", "/mba3/productordering/v2/event", "Bearer " + token, orderEvent, 404,
			`{"code":60,"message":"Resource not found","description":"The requested URI or the requested resource does not exist."}`, control.AuthValid},
		{"unknown path", "POST", "/mba2/productordering/v1/event", "", orderEvent, 404,
			`{"code":60,"message":"Resource not found","description":"The requested URI or the requested resource does not exist."}`, control.AuthNone},
		{"last slash", "POST", orderPath + "/", "Bearer " + token, orderEvent, 404,
			`{"code":60,"message":"Resource not found","description":"The requested URI or the requested resource does not exist."}`, control.AuthValid},
		{"wrong method", "GET", orderPath, "Bearer " + token, "", 405,
			`{"code":61,"message":"Method not allowed","description":"The URI does not support the requested method."}`, control.AuthValid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			header := map[string]string{"Content-Type": jsonType}
			if tc.authorization != "" {
				header["Authorization"] = tc.authorization
			}
			r := m.send(tc.method, m.URL()+tc.path, header, tc.body)
			if r.status != tc.status || r.body != tc.want || r.header.Get("Content-Type") != jsonType {
				t.Errorf("got %d %s %s, want %d %s", r.status, r.header.Get("Content-Type"), r.body, tc.status, tc.want)
			}
			if !uuid.MatchString(r.header.Get("X-OAPI-Request-Id")) {
				t.Errorf("request id %q", r.header.Get("X-OAPI-Request-Id"))
			}
			if (r.status == 401) != (r.header.Get("WWW-Authenticate") == "Bearer") || (r.status == 405) != (r.header.Get("Allow") == "POST") {
				t.Errorf("header %v", r.header)
			}
			e := m.next()
			if e.Status != tc.status || e.Auth.State != tc.state || e.Path != tc.path || e.Method != tc.method || e.BodyBytes != int64(len(tc.body)) {
				t.Errorf("journalled as %+v", e)
			}
			if e.Truncated != (tc.status == 413) || strings.Contains(e.Auth.Scheme+e.Header.Get("Authorization"), token) {
				t.Errorf("journalled as %+v", e)
			}
		})
	}
}

func TestExpiredToken(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := make(chan time.Time, 1)
	clock <- now
	m := start(t, mockorange.Options{Now: func() time.Time {
		at := <-clock
		clock <- at
		return at
	}})
	token := m.token(clientID)
	<-clock
	clock <- now.Add(time.Hour)
	r := m.event(orderPath, token, orderEvent)
	want := `{"code":42,"message":"Expired credentials","description":"The requested service needs credentials, and the ones provided were out-of-date."}`
	if r.status != 401 || r.body != want {
		t.Errorf("got %d %s", r.status, r.body)
	}
	e := m.next()
	if e.Auth.State != control.AuthExpired || e.Auth.JudgeMade || e.Auth.Application != clientID {
		t.Errorf("auth %+v", e.Auth)
	}
	if r := m.event(orderPath, m.token(clientID), orderEvent); r.status != 201 {
		t.Errorf("with a new token: %d %s", r.status, r.body)
	}
}

func TestEventWithFlawsIsTaken(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	strict := start(t, mockorange.Options{Strict: true})
	token, strictToken := m.token(clientID), strict.token(clientID)
	for _, tc := range []struct {
		name, contentType, body, requirement string
		strict                               int
		code                                 int64
	}{
		{"content type", "text/plain", orderEvent, "GEN-12", 415, 68},
		{"byte order mark", jsonType, "\xef\xbb\xbf" + orderEvent, "GEN-12", 400, 24},
		{"null", jsonType, strings.Replace(orderEvent, `"completed"`, `"completed","note":null`, 1), "GEN-02", 400, 24},
		{"no state", jsonType, strings.Replace(orderEvent, `,"state":"completed"`, "", 1), "PO-UC4-01", 400, 24},
		{"nothing", jsonType, orderEvent, "", 201, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			post := func(m *mock, token string) reply {
				return m.send(http.MethodPost, m.URL()+orderPath, map[string]string{
					"Authorization": "Bearer " + token, "Content-Type": tc.contentType}, tc.body)
			}
			r := post(m, token)
			if r.status != 201 || !gjson.Valid(r.body) || !strings.HasSuffix(r.body, strings.TrimPrefix(tc.body, "\xef\xbb\xbf")[1:]) {
				t.Errorf("got %d %s", r.status, r.body)
			}
			var cited []string
			for _, v := range m.next().Violations {
				cited = append(cited, v.Requirement)
			}
			if strings.Join(cited, " ") != tc.requirement {
				t.Errorf("violations cite %v, want %s", cited, tc.requirement)
			}
			if r := post(strict, strictToken); r.status != tc.strict || gjson.Get(r.body, "code").Int() != tc.code {
				t.Errorf("strict: got %d %s", r.status, r.body)
			}
		})
	}
}

func TestEventWithIDAlready(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	token := m.token(clientID)
	for _, body := range []string{
		`{"type":"x","id":"mine","resource":{}}`, `{ "id" : 7, "type":"x","resource":{"id":"o"}}`, ` {"type":"x","resource":{}} `,
	} {
		r := m.event(orderPath, token, body)
		if id := gjson.Get(r.body, "id").String(); r.status != 201 || !uuid.MatchString(id) || !gjson.Valid(r.body) || strings.Count(r.body, `"id"`) > 1+strings.Count(body, `"o"`) {
			t.Errorf("%s was answered %d %s", body, r.status, r.body)
		}
	}
}

func TestTokenInQueryAndStrayForm(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	token := m.token(clientID)
	r := m.send(http.MethodPost, m.URL()+orderPath+"?access_token="+token+"&a=b", map[string]string{"Content-Type": jsonType}, orderEvent)
	if r.status != 401 {
		t.Errorf("a token in the query was answered %d", r.status)
	}
	m.send(http.MethodPost, m.URL()+"/oauth/v2/token", map[string]string{"Content-Type": formType}, "client_secret=hidden-one")
	if e := m.next(); !e.Auth.InQuery || strings.Contains(e.Query, token) || !strings.HasSuffix(e.Query, "&a=b") {
		t.Errorf("journalled as %+v", e)
	}
	if e := m.next(); e.Status != 404 || strings.Contains(string(e.Body), "hidden-one") {
		t.Errorf("journalled as %+v with %s", e, e.Body)
	}
}

func TestJournalledHeaders(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	r := m.event(orderPath, m.token(clientID), orderEvent)
	e := m.next()
	want := r.header.Clone()
	want.Del("Date")
	if d := cmp.Diff(want, e.ResponseHeader); d != "" {
		t.Error(d)
	}
	if e.ContentType != jsonType || e.Header.Get("Content-Type") != jsonType || e.At.IsZero() || e.DurationMs < 0 {
		t.Errorf("journalled as %+v", e)
	}
}
