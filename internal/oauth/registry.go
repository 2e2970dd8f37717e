// Package oauth issues and checks OAuth 2 tokens of the client credentials grant (RFC 6749, section 4.4) over named
// registries of clients. It owns the clients, the tokens and the rules of the token endpoint. It does not own the
// HTTP server, the journal, or what a token opens.
//
// Tokens are signed, not stored. The key of a client's tokens is derived from the registry's name and from the client's
// id and secret, so a token outlives a restart, and a token of one registry is worth nothing in another.
package oauth

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync"
)

// The errors of a registry; each is wrapped with the client's id.
var (
	ErrDuplicateClient  = errors.New("a client with this id exists")
	ErrIncompleteClient = errors.New("a client needs an id and a secret")
)

// Client is an application that may ask for tokens.
type Client struct {
	ID     string
	Secret string
	Name   string
	Offers []string // what its tokens open
}

// Registry is a named set of clients. It may be used by several goroutines.
type Registry struct {
	name string

	mu      sync.RWMutex
	clients map[string]*entry
}

// entry is a client as the issuer needs it: its secret only as a digest, which is all that some registries know.
type entry struct {
	id      string
	offers  []string
	digest  [sha256.Size]byte // of the secret
	key     []byte            // signs its tokens
	removed bool
}

// finder returns the client of an id, or nil.
type finder func(id string) *entry

// NewRegistry returns a registry of these clients.
func NewRegistry(name string, clients ...Client) (*Registry, error) {
	r := &Registry{name: name, clients: map[string]*entry{}}
	for _, c := range clients {
		if err := r.Add(c); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Add lets a client in. An id that is taken gives ErrDuplicateClient, a client without id or secret
// ErrIncompleteClient.
func (r *Registry) Add(c Client) error {
	if c.ID == "" || c.Secret == "" {
		return fmt.Errorf("add client %q: %w", c.ID, ErrIncompleteClient)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.clients[c.ID]; ok && !old.removed {
		return fmt.Errorf("add client %q: %w", c.ID, ErrDuplicateClient)
	}
	r.clients[c.ID] = &entry{
		id: c.ID, offers: slices.Clone(c.Offers),
		digest: sha256.Sum256([]byte(c.Secret)), key: deriveKey(r.name, c.ID, []byte(c.Secret)),
	}
	return nil
}

// Remove shuts a client out; an unknown id changes nothing. Its tokens are still known to be ours, and expired: who
// holds one is to be told "expired", not "forged".
func (r *Registry) Remove(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if old, ok := r.clients[id]; ok {
		gone := *old
		gone.removed = true
		r.clients[id] = &gone
	}
}

// Has says whether a client of this id is let in.
func (r *Registry) Has(id string) bool {
	e := r.find(id)
	return e != nil && !e.removed
}

func (r *Registry) find(id string) *entry {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.clients[id]
}

// deriveKey binds length and value of each part, so that no two clients can share a key by moving a boundary.
func deriveKey(registry, id string, secret []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	for _, part := range []string{"clementine token 1", registry, id} {
		mac.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return mac.Sum(nil)
}

// login is a pair of credentials as they may have been meant.
type login struct{ id, secret string }

// authenticate returns the client that one of the readings names, or nil. It takes the same time for a wrong secret
// and for an unknown client.
func authenticate(find finder, readings []login) *entry {
	var found *entry
	for _, l := range readings {
		e, known := find(l.id), false
		digest := sha256.Sum256(nil)
		if e != nil && !e.removed {
			known, digest = true, e.digest
		}
		if given := sha256.Sum256([]byte(l.secret)); subtle.ConstantTimeCompare(given[:], digest[:]) == 1 && known {
			found = e
		}
	}
	return found
}

// readings are the two ways in which clients write Basic credentials: form-encoded as RFC 6749, section 2.3.1 wants
// it, and plain as many do it.
func readings(id, secret string) []login {
	out := []login{{id, secret}}
	decodedID, err := url.QueryUnescape(id)
	if err != nil {
		return out
	}
	decodedSecret, err := url.QueryUnescape(secret)
	if err != nil {
		return out
	}
	return append(out, login{decodedID, decodedSecret})
}
