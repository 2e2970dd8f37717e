package oauth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Lifetime is how long a token opens what it opens.
const Lifetime = 60 * time.Minute

// maxToken is the longest text that Check looks at, in bytes.
const maxToken = 4096

// State is what a token is worth.
type State string

// The states. Expired is said only of tokens that we issued; everything else is invalid.
const (
	StateValid   State = "valid"
	StateExpired State = "expired"
	StateInvalid State = "invalid"
)

// Token is what a token says.
type Token struct {
	ID       string // random
	ClientID string
	Offers   []string
	IssuedAt time.Time // nanosecond resolution
}

// Has says whether the token opens an offer.
func (t Token) Has(offer string) bool { return slices.Contains(t.Offers, offer) }

// Check is the outcome of checking a token. Token is filled in unless the state is invalid. Revoked: by its age the
// token would be good, but Expire or Remove ended it.
type Check struct {
	State   State
	Token   Token
	Revoked bool
}

// Issuer issues and checks the tokens of one registry. It may be used by several goroutines.
type Issuer struct {
	registry *Registry
	now      func() time.Time

	mu      sync.Mutex
	expired time.Time // tokens issued before it are over
}

// NewIssuer returns an issuer; a nil now is time.Now.
func NewIssuer(r *Registry, now func() time.Time) *Issuer {
	if now == nil {
		now = time.Now
	}
	return &Issuer{registry: r, now: now}
}

// claims is the signed part. Short names, because the token goes with every call.
type claims struct {
	ID       string   `json:"i"`
	ClientID string   `json:"c"`
	Offers   []string `json:"o"`
	IssuedAt int64    `json:"t"` // Unix time in nanoseconds
}

func (i *Issuer) issue(e *entry) (string, error) {
	body, err := json.Marshal(claims{
		ID: rand.Text(), ClientID: e.id, Offers: e.offers, IssuedAt: i.now().UnixNano(),
	})
	if err != nil {
		return "", fmt.Errorf("write token of %q: %w", e.id, err)
	}
	return base64.RawURLEncoding.EncodeToString(append(sign(e.key, body), body...)), nil
}

func sign(key, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	return mac.Sum(nil)
}

// Check says what a token is worth now.
func (i *Issuer) Check(token string) Check { return i.check(token, i.registry.find) }

func (i *Issuer) check(token string, find finder) Check {
	// The decoder skips line ends, which would make many texts of one token.
	if len(token) > maxToken || strings.ContainsAny(token, "\r\n") {
		return Check{State: StateInvalid}
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(raw) <= sha256.Size {
		return Check{State: StateInvalid}
	}
	mac, body := raw[:sha256.Size], raw[sha256.Size:]
	var c claims
	if err := json.Unmarshal(body, &c); err != nil {
		return Check{State: StateInvalid}
	}
	e := find(c.ClientID)
	if e == nil || !hmac.Equal(mac, sign(e.key, body)) {
		return Check{State: StateInvalid}
	}
	t := Token{ID: c.ID, ClientID: c.ClientID, Offers: c.Offers, IssuedAt: time.Unix(0, c.IssuedAt).UTC()}
	return i.judge(t, e.removed)
}

func (i *Issuer) judge(t Token, removed bool) Check {
	i.mu.Lock()
	expired := i.expired
	i.mu.Unlock()
	switch {
	case i.now().Sub(t.IssuedAt) >= Lifetime:
		return Check{State: StateExpired, Token: t}
	case removed || t.IssuedAt.Before(expired):
		return Check{State: StateExpired, Token: t, Revoked: true}
	}
	return Check{State: StateValid, Token: t}
}

// Expire ends all tokens issued before t. An earlier t than that of a former call changes nothing.
func (i *Issuer) Expire(t time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if t.After(i.expired) {
		i.expired = t
	}
}
