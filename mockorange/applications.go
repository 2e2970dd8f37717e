package mockorange

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange/control"
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

// formerSecrets is how many earlier secrets of an application are known: a token that they signed is "expired".
const formerSecrets = 16

// application is one application as it is kept.
type application struct {
	oauth.Stored
	name      string
	temporary bool // until the next reset
}

// applications are all that are let in, and those that were.
type applications struct {
	mu      sync.Mutex
	all     map[string]application
	expired time.Time // tokens issued before it are over
}

// lookup is an oauth.Lookup.
func (a *applications) lookup(_ context.Context, id string) (oauth.Stored, bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	found, ok := a.all[id]
	found.NotBefore = a.expired
	return found.Stored, ok, nil
}

func (a *applications) put(n application) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if old, ok := a.all[n.ID]; ok {
		n.Former = old.Former
		if old.SecretDigest != n.SecretDigest {
			n.Former = append([][sha256.Size]byte{old.SecretDigest}, old.Former...)
			n.Former = n.Former[:min(len(n.Former), formerSecrets)]
		}
	}
	a.all[n.ID] = n
}

func (a *applications) remove(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if old, ok := a.all[id]; ok {
		old.Removed = true
		a.all[id] = old
	}
}

func (a *applications) expire(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if at.After(a.expired) {
		a.expired = at
	}
}

func (a *applications) reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, old := range a.all {
		if old.temporary {
			old.Removed = true
			a.all[id] = old
		}
	}
}

// Register lets an application in, or changes one: its name, the SHA-256 of its secret, and the offers that it is
// subscribed to now, which may be none. It takes effect with the next call, also for tokens issued before: one of an
// earlier secret is expired, and what a token opens is what its application is subscribed to when it comes. Reset
// leaves it in. ErrUnknownOffer if an offer does not exist, ErrIncompleteApplication without an id.
func (s *Server) Register(_ context.Context, clientID, name string, secretDigest [sha256.Size]byte, offers []string) error {
	if clientID == "" {
		return fmt.Errorf("register application %q: %w", name, ErrIncompleteApplication)
	}
	if err := knownOffers(clientID, offers); err != nil {
		return err
	}
	s.applications.put(application{
		Stored: oauth.Stored{ID: clientID, SecretDigest: secretDigest, Offers: slices.Clone(offers)}, name: name,
	})
	return nil
}

// Unregister shuts an application out; an unknown one changes nothing. Its tokens are expired at once.
func (s *Server) Unregister(_ context.Context, clientID string) error {
	s.applications.remove(clientID)
	return nil
}

// admit lets an application of Options or of the control port in.
func (s *Server) admit(a Application, temporary bool) error {
	if a.ClientID == "" || a.Secret == "" {
		return fmt.Errorf("application %q: %w", a.ClientID, ErrIncompleteApplication)
	}
	if err := knownOffers(a.ClientID, a.Offers); err != nil {
		return err
	}
	if len(a.Offers) == 0 {
		a.Offers = Offers()
	}
	s.applications.put(application{
		Stored:    oauth.Stored{ID: a.ClientID, SecretDigest: sha256.Sum256([]byte(a.Secret)), Offers: slices.Clone(a.Offers)},
		name:      a.Name,
		temporary: temporary,
	})
	return nil
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
func (s *Server) AddApplication(name string, offers []string) (control.Credentials, error) {
	c := control.Credentials{ClientID: rand.Text(), ClientSecret: rand.Text()}
	if err := s.admit(Application{ClientID: c.ClientID, Secret: c.ClientSecret, Name: name, Offers: offers}, true); err != nil {
		return control.Credentials{}, fmt.Errorf("add application %q: %w", name, err)
	}
	return c, nil
}

// ExpireTokens ends all tokens issued so far: the gateway answers 401, code 42, to them.
func (s *Server) ExpireTokens() { s.applications.expire(s.clock.now()) }

// CheckToken says what a token of the token server is worth now, for services beside the gateway.
func (s *Server) CheckToken(ctx context.Context, token string) (oauth.Check, error) {
	return s.tokens.Check(ctx, token)
}
