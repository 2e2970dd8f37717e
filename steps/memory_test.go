package steps_test

import (
	"sync"
	"time"

	"github.com/clementine-ope/clementine/wire"
)

// lostStates remembers changes that a refused batch left behind.
type lostStates struct {
	mu   sync.Mutex
	kept map[string]wire.Change
}

func (s *lostStates) remember(known []wire.UserService, changes []wire.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[string]wire.Change{}
	}
	for _, l := range known {
		if l.ID == changes[0].ID {
			s.kept[l.ID] = changes[0]
		}
	}
}

func (s *lostStates) apply(l wire.UserService) wire.UserService {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.kept[l.ID]
	switch {
	case !ok:
	case c.ProductOfferingOperation.Action != "":
		l.ProductOffering = c.ProductOfferingOperation.ProductOffering
	case c.ExternalState == wire.Deleted:
		l.State = wire.Deleted
	case c.ExternalState == wire.Suspended, c.ExternalState == wire.Inactive:
		l.State = wire.Inactive
	}
	return l
}

// firstSight hides a licence until some time after somebody first looked for it.
type firstSight struct {
	mu    sync.Mutex
	first map[string]time.Time
}

func (s *firstSight) before(id string, delay time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.first == nil {
		s.first = map[string]time.Time{}
	}
	t, ok := s.first[id]
	if !ok {
		s.first[id] = time.Now()
		return false
	}
	return time.Since(t) >= delay
}
