// Package fault holds the ways in which the mock gateway misbehaves on demand. It owns when a fault acts and what it
// does to an answer. It does not own how events are read, how answers are written, or the journal.
//
// A fault acts only on an event call that would otherwise have been answered 201, so that it never hides a mistake of
// the caller. Of several armed faults the first that acts wins; a fault that has done its work stays armed and idle.
//
// To add one: write a file with a type that implements Behaviour, give it a Kind below, and add one line to the table
// in behaviour. A kind that needs settings takes them as fields of Spec. Then give control.FaultKind the same name,
// and the test tables of this package and of mockorange a row each.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Kind names a fault. The names are those of the control port.
type Kind string

// The kinds; each has a file of its own.
const (
	UnavailableOnce Kind = "unavailable-once"
	ExpiredOnce     Kind = "expired-once"
	RefuseAlways    Kind = "refuse-always"
	CutOnce         Kind = "cut-once"
)

// Call is what a fault sees of an event call.
type Call struct {
	At       time.Time // arrival
	IssuedAt time.Time // when the call's token was issued
}

// Effect is what becomes of the answer.
type Effect struct {
	Kind   Kind
	Status int  // HTTP status
	Code   int  // code of the gateway's error model; 0 where there is no error
	Cut    bool // the event is taken, and the connection closed without an answer
	Stale  bool // the call's token is treated as expired
}

// Behaviour decides for one armed fault. Calls come one at a time. False leaves the call to the next fault.
type Behaviour interface {
	Act(c Call) (Effect, bool)
}

// Spec is one armed fault. Key binds it to the events in which the key stands as an id; an empty key binds it to all.
type Spec struct {
	ID   string
	Kind Kind
	Key  string
}

// The errors of Arm and Disarm.
var (
	ErrUnknownKind = errors.New("unknown kind of fault")
	ErrNotArmed    = errors.New("no such fault is armed")
)

// behaviour is the table of faults.
func behaviour(k Kind) (Behaviour, error) {
	switch k {
	case UnavailableOnce:
		return &unavailableOnce{}, nil
	case ExpiredOnce:
		return &expiredOnce{}, nil
	case RefuseAlways:
		return refuseAlways{}, nil
	case CutOnce:
		return &cutOnce{}, nil
	}
	return nil, fmt.Errorf("arm fault %q: %w; known: %s, %s, %s, %s", k, ErrUnknownKind,
		UnavailableOnce, ExpiredOnce, RefuseAlways, CutOnce)
}

// Set holds the armed faults. The zero value is empty and ready; it may be used by several goroutines.
type Set struct {
	mu     sync.Mutex
	last   int
	faults []armed
}

type armed struct {
	Spec
	behaviour Behaviour
}

// Arm arms a fault and returns it with its ID.
func (s *Set) Arm(spec Spec) (Spec, error) {
	b, err := behaviour(spec.Kind)
	if err != nil {
		return Spec{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	spec.ID = "fault-" + strconv.Itoa(s.last)
	s.faults = append(s.faults, armed{spec, b})
	return spec, nil
}

// Disarm removes a fault; ErrNotArmed if there is none of this ID.
func (s *Set) Disarm(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(a armed) bool { return a.ID == id })
	if i < 0 {
		return fmt.Errorf("disarm fault %q: %w", id, ErrNotArmed)
	}
	s.faults = slices.Delete(s.faults, i, i+1)
	return nil
}

// Clear removes all faults.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Empty says whether nothing is armed, so that a caller need not look for keys.
func (s *Set) Empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.faults) == 0
}

// Act asks the armed faults bound to one of the keys, or to all events, in the order in which they were armed.
func (s *Set) Act(keys []string, c Call) (Effect, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.faults {
		if a.Key != "" && !slices.Contains(keys, a.Key) {
			continue
		}
		if e, ok := a.behaviour.Act(c); ok {
			e.Kind = a.Kind
			return e, true
		}
	}
	return Effect{}, false
}
