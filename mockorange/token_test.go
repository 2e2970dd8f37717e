package mockorange_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2/clientcredentials"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
)

func TestToken(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	const bad = `{"error":"invalid_client","error_description":"The requested service needs credentials, but the ones provided were invalid."}`
	for _, tc := range []struct {
		name, method, authorization, contentType, body string
		status                                         int
		want                                           string
		grant                                          control.Grant
	}{
		{"granted", "POST", basic(clientID), formType, grant, 200, "",
			control.Grant{GrantType: "client_credentials", CredentialsIn: "basic", ClientID: clientID}},
		{"in the body", "POST", "", formType, grant + "&client_id=demo&client_secret=s%2B%2F%3D%25%C3%A9", 200, "",
			control.Grant{GrantType: "client_credentials", CredentialsIn: "body", ClientID: clientID}},
		{"unknown client", "POST", basic("x"), formType, grant, 401, bad,
			control.Grant{GrantType: "client_credentials", CredentialsIn: "basic", ClientID: "x", Error: "invalid_client"}},
		{"undecodable", "POST", "Basic %", formType, grant, 401,
			`{"error":"invalid_client","error_description":"Unable to decode Basic authorization."}`,
			control.Grant{GrantType: "client_credentials", CredentialsIn: "basic", Error: "invalid_client"}},
		{"other grant", "POST", basic(clientID), formType, "grant_type=password", 400,
			`{"error":"unsupported_grant_type","error_description":"Only grant_type client_credentials is supported."}`,
			control.Grant{GrantType: "password", CredentialsIn: "basic", ClientID: clientID, Error: "unsupported_grant_type"}},
		{"no grant", "POST", basic(clientID), formType, "", 400,
			`{"error":"invalid_request","error_description":"Parameter grant_type is missing."}`,
			control.Grant{CredentialsIn: "basic", ClientID: clientID, Error: "invalid_request"}},
		{"content type", "POST", basic(clientID), jsonType, "{}", 400,
			`{"error":"invalid_request","error_description":"Content-Type must be application/x-www-form-urlencoded."}`,
			control.Grant{CredentialsIn: "basic", ClientID: clientID, Error: "invalid_request"}},
		{"GET", "GET", basic(clientID), "", "", 405,
			`{"error":"invalid_request","error_description":"The token endpoint takes POST only."}`,
			control.Grant{CredentialsIn: "basic", ClientID: clientID, Error: "invalid_request"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			header := map[string]string{"Content-Type": tc.contentType}
			if tc.authorization != "" {
				header["Authorization"] = tc.authorization
			}
			r := m.send(tc.method, m.URL()+tokenPath, header, tc.body)
			if r.status != tc.status || (tc.want != "" && r.body != tc.want) || r.header.Get("Content-Type") != jsonType {
				t.Errorf("got %d %v %s", r.status, r.header, r.body)
			}
			if tc.status == 200 && !strings.HasPrefix(r.body, `{"token_type":"Bearer","access_token":"`) || tc.status == 200 && !strings.HasSuffix(r.body, `","expires_in":3600}`) {
				t.Errorf("got %s", r.body)
			}
			if (tc.status == 401) != (r.header.Get("WWW-Authenticate") == `Basic realm="Authorization Required"`) ||
				(tc.status == 405) != (r.header.Get("Allow") == "POST") || !uuid.MatchString(r.header.Get("X-OAPI-Request-Id")) {
				t.Errorf("header %v", r.header)
			}
			e := await(t, m.arrive)
			if e.Kind != control.KindToken || e.Status != tc.status || e.Grant == nil {
				t.Fatalf("journalled as %+v", e)
			}
			if (len(e.Grant.Token) == 12) != (tc.status == 200) {
				t.Errorf("fingerprint %q", e.Grant.Token)
			}
			e.Grant.Token = ""
			if d := cmp.Diff(tc.grant, *e.Grant); d != "" {
				t.Error(d)
			}
			if all := string(e.Body) + string(e.ResponseBody) + e.Header.Get("Authorization"); strings.Contains(all, "s%2B") || (tc.status == 200 && !strings.Contains(string(e.ResponseBody), `"***`)) {
				t.Errorf("not masked: %s", all)
			}
		})
	}
}

func TestForeignTokenClient(t *testing.T) {
	t.Parallel()
	m := start(t, mockorange.Options{})
	config := clientcredentials.Config{ClientID: clientID, ClientSecret: secret, TokenURL: m.URL() + tokenPath}
	client := config.Client(t.Context())
	for range 3 {
		res, err := client.Post(m.URL()+orderPath, jsonType, strings.NewReader(orderEvent))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusCreated {
			t.Errorf("got %d", res.StatusCode)
		}
	}
	granted := await(t, m.arrive)
	for range 3 {
		if e := m.next(); e.Auth.Token != granted.Grant.Token {
			t.Errorf("the token %s used is not the one granted, %s", e.Auth.Token, granted.Grant.Token)
		}
	}
}

func TestTokenOutlivesRestart(t *testing.T) {
	t.Parallel()
	token := start(t, mockorange.Options{}).token(clientID)
	if r := start(t, mockorange.Options{}).event(orderPath, token, orderEvent); r.status != 201 {
		t.Errorf("got %d %s", r.status, r.body)
	}
}

func TestTokenRate(t *testing.T) {
	t.Parallel()
	clock := make(chan time.Time, 1)
	clock <- time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	now := func() time.Time {
		at := <-clock
		clock <- at
		return at
	}
	limited, free := start(t, mockorange.Options{EnforceRate: true, Now: now}), start(t, mockorange.Options{})
	ask := func(m *mock, id string) reply {
		return m.send(http.MethodPost, m.URL()+tokenPath, map[string]string{"Authorization": basic(id), "Content-Type": formType}, grant)
	}
	for range 50 {
		ask(free, clientID)
		if r := ask(limited, clientID); r.status != 200 {
			t.Fatalf("within the limit: %d %s", r.status, r.body)
		}
	}
	r := ask(limited, clientID)
	want := `{"code":53,"message":"Too many requests","description":"The application has made too many calls and has exceeded the rate limit for this service."}`
	if r.status != 429 || r.body != want || r.header.Get("Retry-After") != "60" {
		t.Errorf("over the limit: %d %v %s", r.status, r.header, r.body)
	}
	if r := ask(free, clientID); r.status != 200 {
		t.Errorf("without a limit: %d", r.status)
	}
	if r := ask(limited, betaID); r.status != 200 {
		t.Errorf("another application: %d", r.status)
	}
	clock <- (<-clock).Add(time.Minute)
	if r := ask(limited, clientID); r.status != 200 {
		t.Errorf("a minute later: %d", r.status)
	}
}
