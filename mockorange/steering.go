package mockorange

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/fault"
)

// steering is the mock as control.Orange, in process.
type steering struct{ s *Server }

var _ control.Orange = steering{}

// Subscribe follows the journal. See control.Orange.
func (o steering) Subscribe(ctx context.Context, after int64) (<-chan control.Entry, error) {
	return o.s.journal.subscribe(ctx, after)
}

// Journal returns what the journal holds. See control.Orange.
func (o steering) Journal(_ context.Context, after int64) ([]control.Entry, error) {
	return o.s.journal.all(after)
}

// AddFault arms a fault. See control.Orange.
func (o steering) AddFault(_ context.Context, f control.Fault) (control.Fault, error) {
	spec, err := o.s.faults.Arm(fault.Spec{Kind: fault.Kind(f.Kind), Key: f.Key})
	if err != nil {
		return control.Fault{}, err
	}
	return control.Fault{ID: spec.ID, Kind: control.FaultKind(spec.Kind), Key: spec.Key}, nil
}

// RemoveFault disarms a fault. See control.Orange.
func (o steering) RemoveFault(_ context.Context, id string) error { return o.s.faults.Disarm(id) }

// Info says where the gateway is. See control.Orange.
func (o steering) Info(context.Context) (control.Info, error) {
	url := o.s.URL()
	return control.Info{GatewayURL: url, TokenURL: url + o.s.paths.token, Version: o.s.options.Version}, nil
}

// added remembers the applications that came in after the start, so that Reset can shut them out.
type added struct {
	mu  sync.Mutex
	ids []string
}

func (a *added) note(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ids = append(a.ids, id)
}

func (a *added) take() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	ids := a.ids
	a.ids = nil
	return ids
}

// Reset takes the mock back to its start: no faults, an empty journal, the applications of Options only. Numbers of
// journal entries go on, and tokens that ExpireTokens ended stay ended.
func (s *Server) Reset() {
	s.faults.Clear()
	s.rate.clear()
	for _, id := range s.added.take() {
		s.clients.Remove(id)
	}
	s.journal.clear()
}

// AddApplication lets a new application in, with an id and a secret made up here. ErrUnknownOffer if an offer does
// not exist; no offers means all.
func (s *Server) AddApplication(name string, offers []string) (control.Credentials, error) {
	c := control.Credentials{ClientID: rand.Text(), ClientSecret: rand.Text()}
	if err := s.admit(Application{ClientID: c.ClientID, Secret: c.ClientSecret, Name: name, Offers: offers}); err != nil {
		return control.Credentials{}, fmt.Errorf("add application %q: %w", name, err)
	}
	s.added.note(c.ClientID)
	return c, nil
}

// ExpireTokens ends all tokens issued so far: the gateway answers 401, code 42, to them.
func (s *Server) ExpireTokens() { s.issuer.Expire(s.clock.now()) }
