package oauth_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clementine-ope/clementine/internal/oauth"
)

// shelf is a database of clients.
type shelf struct {
	clients map[string]string // id to secret
	err     error
}

func (s *shelf) lookup(_ context.Context, id string) (oauth.Stored, bool, error) {
	secret, found := s.clients[id]
	return oauth.Stored{ID: id, SecretDigest: sha256.Sum256([]byte(secret))}, found, s.err
}

func TestDirectory(t *testing.T) {
	t.Parallel()
	s := &shelf{clients: map[string]string{plainID: secret, "other": ""}}
	at := clock{time.Unix(1e9, 0)}
	d := oauth.NewDirectory("billing", s.lookup, at.now)
	answer := func(authorization string) oauth.Answer {
		t.Helper()
		a, err := d.Answer(t.Context(), http.MethodPost, formHeader(authorization), []byte(grant))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	state := func(d *oauth.Directory, token string) oauth.State {
		t.Helper()
		c, err := d.Check(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		return c.State
	}
	for _, wrong := range []string{encoded(plainID, "x"), encoded("nobody", secret), encoded("nobody", "")} {
		if a := answer(wrong); a.Status != http.StatusUnauthorized || a.Token != "" {
			t.Errorf("%s got %d", wrong, a.Status)
		}
	}
	token := answer(encoded(plainID, secret)).Token
	if got := state(d, token); got != oauth.StateValid {
		t.Fatalf("a fresh token is %s", got)
	}
	if got := state(oauth.NewDirectory("applications", s.lookup, at.now), token); got != oauth.StateInvalid {
		t.Errorf("under another name the token is %s", got)
	}
	at.at = at.at.Add(oauth.Lifetime)
	if got := state(d, token); got != oauth.StateExpired {
		t.Errorf("an hour later the token is %s", got)
	}
	at.at = at.at.Add(-oauth.Lifetime)
	s.clients[plainID] = "rotated"
	if got := state(d, token); got != oauth.StateInvalid {
		t.Errorf("after a new secret the token is %s", got)
	}
	s.clients[plainID] = secret
	delete(s.clients, plainID)
	if got := state(d, token); got != oauth.StateInvalid {
		t.Errorf("once its client is shut out the token is %s", got)
	}
}

func TestDirectoryOfABrokenDatabase(t *testing.T) {
	t.Parallel()
	s := &shelf{clients: map[string]string{plainID: secret}}
	d := oauth.NewDirectory("billing", s.lookup, nil)
	a, err := d.Answer(t.Context(), http.MethodPost, formHeader(encoded(plainID, secret)), []byte(grant))
	if err != nil {
		t.Fatal(err)
	}
	s.err = errors.New("disk gone")
	if _, err := d.Answer(t.Context(), http.MethodPost, formHeader(encoded(plainID, secret)), []byte(grant)); !errors.Is(err, s.err) {
		t.Errorf("answer: %v", err)
	}
	if c, err := d.Check(t.Context(), a.Token); !errors.Is(err, s.err) || c.State != oauth.StateInvalid {
		t.Errorf("check: %v, %v", c.State, err)
	}
}

func TestClaimed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, authorization, body string
		want                      []string
	}{
		{"basic", basic("a%3Ab", "s"), grant, []string{"a%3Ab", "a:b"}},
		{"body", "", grant + "&client_id=me&client_secret=s", []string{"me"}},
		{"none", "", grant, nil},
		{"no form", "", "%zz", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(tc.want, oauth.Claimed(formHeader(tc.authorization), []byte(tc.body))); d != "" {
				t.Error(d)
			}
		})
	}
}
