// Package oauth issues and checks OAuth 2 tokens of the client credentials grant (RFC 6749, section 4.4) over named
// directories of clients. It owns the tokens and the rules of the token endpoint. It does not own where clients are
// kept, the HTTP server, the journal, or what a token opens.
//
// Tokens are signed, not stored. The key of a client's tokens is derived from the directory's name, the client's id and
// the digest of its secret, so a token outlives a restart, and a token of one directory is worth nothing in another.
package oauth

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Stored is a client as it is kept: by the SHA-256 of its secret. A client that is shut out, and secrets that it no
// longer has, may be kept too: then who holds a token of them is told "expired", not "forged".
type Stored struct {
	ID           string
	SecretDigest [sha256.Size]byte
	Former       [][sha256.Size]byte // digests of the secrets that it had before
	Offers       []string            // what its tokens open now
	Removed      bool                // it is shut out
	NotBefore    time.Time           // its tokens that were issued before are over
}

// Lookup finds a client as it is now. Found is false for one that nothing is known of.
type Lookup func(ctx context.Context, id string) (client Stored, found bool, err error)

// Directory issues and checks tokens over clients that live elsewhere. It keeps nothing, so a client that is shut
// out, or whose secret or offers have changed, meets that from its next call on, whatever token it holds. It may be
// used by several goroutines.
//
// The key of a client's tokens comes from the digest of its secret: who can read the database's secrets can forge
// tokens for it, as they could change the data behind it.
type Directory struct {
	name   string
	lookup Lookup
	now    func() time.Time
}

// NewDirectory returns a directory of this name; a nil now is time.Now. A token of one name is worth nothing under
// another.
func NewDirectory(name string, lookup Lookup, now func() time.Time) *Directory {
	if now == nil {
		now = time.Now
	}
	return &Directory{name: name, lookup: lookup, now: now}
}

// Answer handles one call of the token endpoint: method, header and whole body. What is wrong with it is said in the
// answer, as RFC 6749, section 5.2 and Orange's recorded answers have it; an error is the database's. Parameters in the
// URL are not read (RFC 6749, section 2.3.1).
func (d *Directory) Answer(ctx context.Context, method string, header http.Header, body []byte) (Answer, error) {
	s := search{ctx: ctx, directory: d}
	a := d.answer(readRequest(method, header, body), s.find)
	return a, s.err
}

// Check says what a token is worth now. An error is the database's; the token is then worth nothing.
func (d *Directory) Check(ctx context.Context, token string) (Check, error) {
	s := search{ctx: ctx, directory: d}
	c := d.check(token, s.find)
	if s.err != nil {
		return Check{State: StateInvalid}, s.err
	}
	return c, nil
}

// Knows says whether a client of this id is let in.
func (d *Directory) Knows(ctx context.Context, id string) (bool, error) {
	s := search{ctx: ctx, directory: d}
	e := s.find(id)
	return e != nil && !e.Removed, s.err
}

// entry is a client with the key that signs its tokens.
type entry struct {
	Stored
	key []byte
}

// finder returns the client of an id, or nil.
type finder func(id string) *entry

// search is one call's way through the database; the first error stays.
type search struct {
	ctx       context.Context
	directory *Directory
	err       error
}

func (s *search) find(id string) *entry {
	if id == "" || s.err != nil {
		return nil
	}
	c, found, err := s.directory.lookup(s.ctx, id)
	if err != nil {
		s.err = fmt.Errorf("find client %q: %w", id, err)
		return nil
	}
	if !found {
		return nil
	}
	return &entry{Stored: c, key: s.directory.key(c.ID, c.SecretDigest)}
}

// key binds length and value of each part, so that no two clients can share one by moving a boundary.
func (d *Directory) key(id string, digest [sha256.Size]byte) []byte {
	mac := hmac.New(sha256.New, digest[:])
	for _, part := range []string{"clementine token 1", d.name, id} {
		mac.Write([]byte(strconv.Itoa(len(part)) + ":" + part))
	}
	return mac.Sum(nil)
}
