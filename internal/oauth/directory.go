package oauth

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"time"
)

// Stored is a client as a database knows it: by the SHA-256 of its secret.
type Stored struct {
	ID           string
	SecretDigest [sha256.Size]byte
	Offers       []string // what its tokens say that they open
}

// Lookup finds a client that is let in now. Found is false for one that is unknown or shut out.
type Lookup func(ctx context.Context, id string) (client Stored, found bool, err error)

// Directory issues and checks tokens over clients that live in a database. It keeps nothing, so a client that is shut
// out, or whose secret has changed, is refused from its next call on, whatever token it holds. It may be used by
// several goroutines.
//
// The key of a client's tokens comes from the digest of its secret: who can read the database's secrets can forge
// tokens for it, as they could change the data behind it.
type Directory struct {
	name   string
	lookup Lookup
	issuer *Issuer
}

// NewDirectory returns a directory of this name; a nil now is time.Now. A token of one name is worth nothing under
// another.
func NewDirectory(name string, lookup Lookup, now func() time.Time) *Directory {
	return &Directory{name: name, lookup: lookup, issuer: NewIssuer(nil, now)}
}

// Answer handles one call of the token endpoint, as Issuer.Answer does. An error is the database's.
func (d *Directory) Answer(ctx context.Context, method string, header http.Header, body []byte) (Answer, error) {
	s := search{ctx: ctx, directory: d}
	a := d.issuer.answer(readRequest(method, header, body), s.find)
	return a, s.err
}

// Check says what a token is worth now. An error is the database's; the token is then worth nothing.
func (d *Directory) Check(ctx context.Context, token string) (Check, error) {
	s := search{ctx: ctx, directory: d}
	c := d.issuer.check(token, s.find)
	if s.err != nil {
		return Check{State: StateInvalid}, s.err
	}
	return c, nil
}

// Knows says whether a client of this id is let in.
func (d *Directory) Knows(ctx context.Context, id string) (bool, error) {
	s := search{ctx: ctx, directory: d}
	return s.find(id) != nil, s.err
}

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
	return &entry{
		id: c.ID, offers: c.Offers, digest: c.SecretDigest,
		key: deriveKey(s.directory.name, c.ID, c.SecretDigest[:]),
	}
}
