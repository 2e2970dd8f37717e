package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/oauth"
)

// caller is who makes a request, as the store knows it at that moment.
type caller struct {
	client billing.Client
	scope  billing.Scope
	actor  billing.Actor
}

// right is what a client must at least be for a route.
type right int

// The rights. What a client may see or write of it is the scope's matter, further down.
const (
	public right = iota // no token
	reader
	writer
	admin
)

func (r right) has(c billing.Client) bool {
	switch r {
	case admin:
		return c.Role == billing.RoleAdmin
	case writer:
		return c.Role == billing.RoleAdmin || c.Role == billing.RoleWriter
	case public, reader:
	}
	return true
}

// lookup is the registry of billing clients.
func (a *API) lookup(ctx context.Context, id string) (oauth.Stored, bool, error) {
	if !storable(id) {
		return oauth.Stored{}, false, nil
	}
	c, err := a.store.Current(ctx, billing.ClientID(id), a.today())
	switch {
	case errors.Is(err, billing.ErrCredentials):
		return oauth.Stored{}, false, nil
	case err != nil:
		return oauth.Stored{}, false, err
	case len(c.SecretHash) != sha256.Size:
		return oauth.Stored{}, false, fmt.Errorf("client %s has a secret hash of %d bytes", id, len(c.SecretHash))
	}
	return oauth.Stored{ID: id, SecretDigest: [sha256.Size]byte(c.SecretHash), Offers: []string{}}, true, nil
}

// authenticate says who calls. The client is read anew with each request, so that a change of its rights holds at once.
func (a *API) authenticate(ctx context.Context, header http.Header, requestID string) (caller, error) {
	scheme, token, _ := strings.Cut(header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
		return caller{}, unauthorized(kindNoCredentials, "the request has no bearer token")
	}
	check, err := a.tokens.Check(ctx, strings.TrimSpace(token))
	if err != nil {
		return caller{}, fmt.Errorf("check the token: %w", err)
	}
	switch check.State {
	case oauth.StateInvalid:
		return caller{}, unauthorized(kindBadCredentials, "the token is not one of this API, or its client is no longer let in")
	case oauth.StateExpired:
		return caller{}, unauthorized(kindOldCredentials, "the token is too old")
	case oauth.StateValid:
	}
	today := a.today()
	client, err := a.store.Current(ctx, billing.ClientID(check.Token.ClientID), today)
	if errors.Is(err, billing.ErrCredentials) {
		return caller{}, unauthorized(kindBadCredentials, "the token is not one of this API, or its client is no longer let in")
	}
	if err != nil {
		return caller{}, fmt.Errorf("read the client of the token: %w", err)
	}
	return caller{client, billing.ScopeOf(client, today), billing.ActorOf(client, requestID)}, nil
}

func unauthorized(k kind, detail string) *refusal {
	return &refusal{kind: k, detail: detail, header: http.Header{"Www-Authenticate": {`Bearer realm="billing"`}}}
}
