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

// Token is what a token says, and what its client may open now.
type Token struct {
	ID       string // random
	ClientID string
	Offers   []string  // of the client, as it is now
	IssuedAt time.Time // nanosecond resolution
}

// Has says whether the token opens an offer.
func (t Token) Has(offer string) bool { return slices.Contains(t.Offers, offer) }

// Check is the outcome of checking a token. Token is filled in unless the state is invalid. Revoked: by its age the
// token would be good, but its client is shut out, has another secret, or has been given an end to its tokens.
type Check struct {
	State   State
	Token   Token
	Revoked bool
}

// claims is the signed part. Short names, because the token goes with every call.
type claims struct {
	ID       string `json:"i"`
	ClientID string `json:"c"`
	IssuedAt int64  `json:"t"` // Unix time in nanoseconds
}

func (d *Directory) issue(e *entry) (string, error) {
	body, err := json.Marshal(claims{ID: rand.Text(), ClientID: e.ID, IssuedAt: d.now().UnixNano()})
	if err != nil {
		return "", fmt.Errorf("write token of %q: %w", e.ID, err)
	}
	return base64.RawURLEncoding.EncodeToString(append(sign(e.key, body), body...)), nil
}

func sign(key, body []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(body)
	return mac.Sum(nil)
}

func (d *Directory) check(token string, find finder) Check {
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
	if e == nil {
		return Check{State: StateInvalid}
	}
	current := hmac.Equal(mac, sign(e.key, body))
	if !current && !slices.ContainsFunc(e.Former, func(digest [sha256.Size]byte) bool {
		return hmac.Equal(mac, sign(d.key(e.ID, digest), body))
	}) {
		return Check{State: StateInvalid}
	}
	t := Token{ID: c.ID, ClientID: e.ID, Offers: e.Offers, IssuedAt: time.Unix(0, c.IssuedAt).UTC()}
	switch {
	case d.now().Sub(t.IssuedAt) >= Lifetime:
		return Check{State: StateExpired, Token: t}
	case !current || e.Removed || t.IssuedAt.Before(e.NotBefore):
		return Check{State: StateExpired, Token: t, Revoked: true}
	}
	return Check{State: StateValid, Token: t}
}
