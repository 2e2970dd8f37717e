package oauth_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/oauth"
)

const (
	clientID = "app:lication"
	plainID  = "demo"
	secret   = "s+/=%é"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// issuer is a directory over clients in memory, which never fails.
type issuer struct {
	*oauth.Directory
	clients map[string]oauth.Stored
}

func newIssuer(name string, now func() time.Time) issuer {
	i := issuer{clients: map[string]oauth.Stored{}}
	i.Directory = oauth.NewDirectory(name, func(_ context.Context, id string) (oauth.Stored, bool, error) {
		c, found := i.clients[id]
		return c, found, nil
	}, now)
	i.put(clientID, secret, "mba2")
	i.put(plainID, secret, "mba2", "mba2-beta")
	return i
}

func (i issuer) put(id, secret string, offers ...string) {
	i.clients[id] = oauth.Stored{ID: id, SecretDigest: sha256.Sum256([]byte(secret)), Offers: offers}
}

func (i issuer) Answer(method string, header http.Header, body []byte) oauth.Answer {
	a, err := i.Directory.Answer(context.Background(), method, header, body)
	if err != nil {
		panic(err)
	}
	return a
}

func (i issuer) Check(token string) oauth.Check {
	c, err := i.Directory.Check(context.Background(), token)
	if err != nil {
		panic(err)
	}
	return c
}

func basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
}

func encoded(id, secret string) string {
	return basic(url.QueryEscape(id), url.QueryEscape(secret))
}

const grant = "grant_type=client_credentials"

func formHeader(authorization string) http.Header {
	h := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if authorization != "" {
		h.Set("Authorization", authorization)
	}
	return h
}

func issue(t *testing.T, i issuer, id, secret string) string {
	t.Helper()
	a := i.Answer(http.MethodPost, formHeader(encoded(id, secret)), []byte(grant))
	if a.Token == "" {
		t.Fatalf("no token for %s: %d %s", id, a.Status, a.Body)
	}
	return a.Token
}

func TestGranted(t *testing.T) {
	t.Parallel()
	issuer := newIssuer("applications", nil)
	inBody := grant + "&client_id=" + url.QueryEscape(plainID) + "&client_secret=" + url.QueryEscape(secret)
	for _, tc := range []struct{ name, authorization, body, in, id string }{
		{"basic, URL-encoded", encoded(clientID, secret), grant, oauth.CredentialsBasic, clientID},
		{"basic, raw", basic(plainID, secret), grant, oauth.CredentialsBasic, plainID},
		{"basic in lower case", "basic" + encoded(plainID, secret)[5:], grant, oauth.CredentialsBasic, plainID},
		{"body", "", inBody, oauth.CredentialsBody, plainID},
		{"both", encoded(plainID, secret), inBody, oauth.CredentialsBoth, plainID},
		{"scope is accepted", encoded(plainID, secret), grant + "&scope=a+b", oauth.CredentialsBasic, plainID},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			a := issuer.Answer(http.MethodPost, formHeader(tc.authorization), []byte(tc.body))
			if a.Status != http.StatusOK || a.CredentialsIn != tc.in || a.ClientID != tc.id || a.Error != "" {
				t.Fatalf("got %+v", a)
			}
			want := `{"token_type":"Bearer","access_token":"` + a.Token + `","expires_in":3600}`
			if string(a.Body) != want {
				t.Errorf("body %s, want %s", a.Body, want)
			}
			if d := cmp.Diff(http.Header{"Content-Type": {"application/json"}}, a.Header); d != "" {
				t.Error(d)
			}
			if c := issuer.Check(a.Token); c.State != oauth.StateValid || c.Token.ClientID != tc.id {
				t.Errorf("check: %+v", c)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	issuer := newIssuer("applications", nil)
	good := encoded(plainID, secret)
	const (
		bad  = "The requested service needs credentials, but the ones provided were invalid."
		none = "The requested service needs credentials, but none were provided."
		enc  = "Unable to decode Basic authorization."
	)
	for _, tc := range []struct {
		name, method, authorization, contentType, body string
		status                                         int
		code, description                              string
	}{
		{"wrong secret", "POST", encoded(plainID, "x"), "", grant, 401, "invalid_client", bad},
		{"empty secret", "POST", encoded(plainID, ""), "", grant, 401, "invalid_client", bad},
		{"unknown client", "POST", encoded("x", secret), "", grant, 401, "invalid_client", bad},
		{"unknown client, empty secret", "POST", encoded("x", ""), "", grant, 401, "invalid_client", bad},
		{"Bearer", "POST", "Bearer abc", "", grant, 401, "invalid_client", bad},
		{"wrong secret in body", "POST", "", "", grant + "&client_id=demo&client_secret=x", 401, "invalid_client", bad},
		{"not base64", "POST", "Basic %%%", "", grant, 401, "invalid_client", enc},
		{"no colon", "POST", "Basic ZGVtbw==", "", grant, 401, "invalid_client", enc},
		{"no credentials", "POST", "", "", grant, 401, "invalid_client", none},
		{"no grant type", "POST", good, "", "scope=a", 400, "invalid_request", "Parameter grant_type is missing."},
		{"empty body", "POST", good, "", "", 400, "invalid_request", "Parameter grant_type is missing."},
		{"two grant types", "POST", good, "", grant + "&" + grant, 400, "invalid_request", "Parameter grant_type is given more than once."},
		{"other grant type", "POST", good, "", "grant_type=password", 400, "unsupported_grant_type", "Only grant_type client_credentials is supported."},
		{"other client in body", "POST", good, "", grant + "&client_id=other", 400, "invalid_request", "client_id in the body is not that of the Authorization header."},
		{"no form", "POST", good, "", "a=%zz", 400, "invalid_request", "The body cannot be read as a form."},
		{"JSON", "POST", good, "application/json", `{"grant_type":"client_credentials"}`, 400, "invalid_request", "Content-Type must be application/x-www-form-urlencoded."},
		{"JSON with credentials", "POST", "", "application/json", `{"client_id":"demo"}`, 400, "invalid_request", "Content-Type must be application/x-www-form-urlencoded."},
		{"stranger with a bad form", "POST", encoded("x", "y"), "text/plain", grant, 401, "invalid_client", bad},
		{"GET", "GET", good, "", "", 405, "invalid_request", "The token endpoint takes POST only."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := formHeader(tc.authorization)
			if tc.contentType != "" {
				h.Set("Content-Type", tc.contentType)
			}
			a := issuer.Answer(tc.method, h, []byte(tc.body))
			want, err := json.Marshal(map[string]string{"error": tc.code, "error_description": tc.description})
			if err != nil {
				t.Fatal(err)
			}
			if a.Status != tc.status || string(a.Body) != string(want) || a.Error != tc.code || a.Token != "" {
				t.Errorf("got %d %s, want %d %s", a.Status, a.Body, tc.status, want)
			}
			header := http.Header{"Content-Type": {"application/json"}}
			switch tc.status {
			case http.StatusUnauthorized:
				header.Set("WWW-Authenticate", `Basic realm="Authorization Required"`)
			case http.StatusMethodNotAllowed:
				header.Set("Allow", "POST")
			}
			if d := cmp.Diff(header, a.Header); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	c := &clock{start}
	issuer := newIssuer("applications", c.now)
	token := issue(t, issuer, plainID, secret)

	got := issuer.Check(token)
	want := oauth.Token{ID: got.Token.ID, ClientID: plainID, Offers: []string{"mba2", "mba2-beta"}, IssuedAt: start}
	if d := cmp.Diff(want, got.Token); d != "" || got.Token.ID == "" {
		t.Errorf("id %q: %s", got.Token.ID, d)
	}
	if !got.Token.Has("mba2") || got.Token.Has("mba3") {
		t.Error("the offers are wrong")
	}
	if issue(t, issuer, plainID, secret) == token {
		t.Error("two tokens are the same")
	}
	flipped := []byte(token)
	flipped[len(flipped)/2] ^= 1
	for _, forged := range []string{"", "abc", string(flipped), token + "AA", token[4:], strings.Repeat("A", 5000), token + "\n"} {
		if s := issuer.Check(forged).State; s != oauth.StateInvalid {
			t.Errorf("token %.20q is %s", forged, s)
		}
	}
	c.at = start.Add(oauth.Lifetime - 1)
	if s := issuer.Check(token).State; s != oauth.StateValid {
		t.Errorf("one nanosecond before the end it is %s", s)
	}
	c.at = start.Add(oauth.Lifetime)
	if k := issuer.Check(token); k.State != oauth.StateExpired || k.Revoked {
		t.Errorf("after 60 minutes it is %+v", k)
	}
	c.at = start.Add(time.Minute)
	gone := issuer.clients[plainID]
	gone.Removed = true
	issuer.clients[plainID] = gone
	if k := issuer.Check(token); k.State != oauth.StateExpired || !k.Revoked {
		t.Errorf("after its client is gone it is %+v", k)
	}
	a := issuer.Answer(http.MethodPost, formHeader(encoded(plainID, secret)), []byte(grant))
	if a.Status != http.StatusUnauthorized {
		t.Errorf("a removed client is answered %d", a.Status)
	}
}

func TestExpire(t *testing.T) {
	t.Parallel()
	c := &clock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	issuer := newIssuer("applications", c.now)
	old := issue(t, issuer, plainID, secret)
	c.at = c.at.Add(time.Microsecond)
	ended := issuer.clients[plainID]
	ended.NotBefore = c.at
	issuer.clients[plainID] = ended
	fresh := issue(t, issuer, plainID, secret)
	if k := issuer.Check(old); k.State != oauth.StateExpired || !k.Revoked {
		t.Errorf("old: %+v", k)
	}
	if k := issuer.Check(fresh); k.State != oauth.StateValid {
		t.Errorf("fresh: %+v", k)
	}
}

func TestTokensOfOthers(t *testing.T) {
	t.Parallel()
	issuer := newIssuer("applications", nil)
	token := issue(t, issuer, plainID, secret)
	restarted := newIssuer("applications", nil)
	if s := restarted.Check(token).State; s != oauth.StateValid {
		t.Errorf("after a restart it is %s", s)
	}
	billing := newIssuer("billing", nil)
	if s := billing.Check(token).State; s != oauth.StateInvalid {
		t.Errorf("in another registry it is %s", s)
	}
	issuer.put(plainID, "rotated", "mba2")
	if s := issuer.Check(token).State; s != oauth.StateInvalid {
		t.Errorf("after the secret has changed it is %s", s)
	}
	known := issuer.clients[plainID]
	known.Former = [][sha256.Size]byte{sha256.Sum256([]byte("another")), sha256.Sum256([]byte(secret))}
	issuer.clients[plainID] = known
	if k := issuer.Check(token); k.State != oauth.StateExpired || !k.Revoked || k.Token.ClientID != plainID {
		t.Errorf("where the former secret is known it is %+v", k)
	}
}

// What a token opens is what its client is subscribed to when the token comes, not when it was issued.
func TestOffersAreThoseOfNow(t *testing.T) {
	t.Parallel()
	issuer := newIssuer("applications", nil)
	token := issue(t, issuer, clientID, secret)
	for _, offers := range [][]string{{"mba2"}, nil, {"mba2-beta"}} {
		issuer.put(clientID, secret, offers...)
		k := issuer.Check(token)
		if k.State != oauth.StateValid || !cmp.Equal(k.Token.Offers, offers) {
			t.Errorf("subscribed to %v the token is %+v", offers, k)
		}
	}
}

func TestForeignClient(t *testing.T) {
	t.Parallel()
	issuer := newIssuer("applications", nil)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		a := issuer.Answer(r.Method, r.Header, body)
		for k, v := range a.Header {
			w.Header()[k] = v
		}
		w.WriteHeader(a.Status)
		_, _ = w.Write(a.Body)
	}))
	t.Cleanup(server.Close)
	for _, style := range []oauth2.AuthStyle{oauth2.AuthStyleAutoDetect, oauth2.AuthStyleInHeader, oauth2.AuthStyleInParams} {
		config := clientcredentials.Config{ClientID: clientID, ClientSecret: secret, TokenURL: server.URL, AuthStyle: style}
		token, err := config.Token(t.Context())
		if err != nil {
			t.Fatalf("style %v: %v", style, err)
		}
		if left := time.Until(token.Expiry); left < 59*time.Minute || left > time.Hour || token.TokenType != "Bearer" {
			t.Errorf("style %v: %s token for %s", style, token.TokenType, left)
		}
	}
	wrong := clientcredentials.Config{ClientID: clientID, ClientSecret: "x", TokenURL: server.URL, AuthStyle: oauth2.AuthStyleInHeader}
	_, err := wrong.Token(t.Context())
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.ErrorCode != "invalid_client" {
		t.Errorf("got %v", err)
	}
}

func FuzzTokenForm(f *testing.F) {
	f.Add("POST", "Basic ZGVtbzpkZW1v", "application/x-www-form-urlencoded", grant)
	f.Add("GET", "", "text/plain", "%zz")
	issuer := newIssuer("applications", nil)
	issuer.put("demo", "not in the corpus")
	f.Fuzz(func(t *testing.T, method, authorization, contentType, body string) {
		h := http.Header{"Authorization": {authorization}, "Content-Type": {contentType}}
		a := issuer.Answer(method, h, []byte(body))
		if a.Status == http.StatusOK || a.Error == "" || !json.Valid(a.Body) {
			t.Errorf("%q %q %q %q: %d %s", method, authorization, contentType, body, a.Status, a.Body)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add("abc")
	issuer := newIssuer("applications", nil)
	issuer.put("demo", "not in the corpus")
	f.Add(issuer.Answer("POST", formHeader(encoded("demo", "not in the corpus")), []byte(grant)).Token[1:])
	f.Fuzz(func(t *testing.T, token string) {
		if s := issuer.Check(token).State; s != oauth.StateInvalid {
			t.Errorf("%q is %s", token, s)
		}
	})
}
