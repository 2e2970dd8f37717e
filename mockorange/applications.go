package mockorange

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/state"
)

// Application is a partner application that may ask for tokens.
type Application struct {
	ClientID string
	Secret   string
	Name     string
	Offers   []string // subscribed; empty means all of Offers
}

// ErrIncompleteApplication is an application without a client id, or one of Options without a secret.
var ErrIncompleteApplication = errors.New("an application needs a client id and a secret")

// Register lets an application in, or changes one: its name, the SHA-256 of its secret, and the offers that it is
// subscribed to now, which may be none. It takes effect with the next call, also for tokens issued before: one of an
// earlier secret is expired, and what a token opens is what its application is subscribed to when it comes. Reset
// leaves it in. ErrUnknownOffer if an offer does not exist, ErrIncompleteApplication without an id.
func (s *Server) Register(ctx context.Context, clientID, name string, secretDigest [sha256.Size]byte, offers []string) error {
	if clientID == "" {
		return fmt.Errorf("register application %q: %w", name, ErrIncompleteApplication)
	}
	if err := knownOffers(clientID, offers); err != nil {
		return err
	}
	return s.state.Put(ctx, state.Application{ID: clientID, Name: name, SecretDigest: secretDigest, Offers: offers})
}

// Unregister shuts an application out; an unknown one changes nothing. Its tokens are expired at once.
func (s *Server) Unregister(ctx context.Context, clientID string) error {
	return s.state.Remove(ctx, clientID)
}

// admit lets an application of Options or of the control port in.
func (s *Server) admit(ctx context.Context, a Application, temporary bool) error {
	if a.ClientID == "" || a.Secret == "" {
		return fmt.Errorf("application %q: %w", a.ClientID, ErrIncompleteApplication)
	}
	if err := knownOffers(a.ClientID, a.Offers); err != nil {
		return err
	}
	if len(a.Offers) == 0 {
		a.Offers = Offers()
	}
	return s.state.Put(ctx, state.Application{
		ID: a.ClientID, Name: a.Name, SecretDigest: sha256.Sum256([]byte(a.Secret)), Offers: a.Offers, Temporary: temporary,
	})
}

// lookup finds an application. The clock goes past the end of tokens, so that none issued from now on falls before it,
// whichever mock set it.
func (s *Server) lookup(ctx context.Context, id string) (oauth.Stored, bool, error) {
	found, ok, err := s.state.Lookup(ctx, id)
	s.clock.pass(found.NotBefore)
	return found, ok, err
}

func knownOffers(id string, offers []string) error {
	for _, offer := range offers {
		if !slices.Contains(Offers(), offer) {
			return fmt.Errorf("application %q: offer %q: %w; known: %s", id, offer, ErrUnknownOffer, strings.Join(Offers(), ", "))
		}
	}
	return nil
}

// AddApplication lets a new application in until the next Reset, with an id and a secret made up here. ErrUnknownOffer
// if an offer does not exist; no offers means all.
func (s *Server) AddApplication(ctx context.Context, name string, offers []string) (control.Credentials, error) {
	c := control.Credentials{ClientID: rand.Text(), ClientSecret: rand.Text()}
	if err := s.admit(ctx, Application{ClientID: c.ClientID, Secret: c.ClientSecret, Name: name, Offers: offers}, true); err != nil {
		return control.Credentials{}, fmt.Errorf("add application %q: %w", name, err)
	}
	return c, nil
}

// ExpireTokens ends all tokens issued so far: the gateway answers 401, code 42, to them.
func (s *Server) ExpireTokens(ctx context.Context) error { return s.state.Expire(ctx, s.clock.now()) }

// CheckToken says what a token of the token server is worth now, for services beside the gateway.
func (s *Server) CheckToken(ctx context.Context, token string) (oauth.Check, error) {
	return s.tokens.Check(ctx, token)
}
