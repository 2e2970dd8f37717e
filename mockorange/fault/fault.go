// Package fault holds the ways in which the mock gateway misbehaves on demand. It owns when a fault acts and what it
// does to an answer. It does not own how calls are read, how answers are written, or the journal.
//
// A fault acts only on an event call that would otherwise have been answered 201, or on a token request that would
// have been granted, so that it never hides a mistake of the caller. Of several armed faults the first that acts wins;
// a fault that has done its work stays armed and idle. Nothing here is left to chance: the same calls meet the same
// faults.
//
// To add one: write a file with a function that returns its kind, give it a Kind, and add it to the table, both in
// kinds.go. Settings are fields of Spec. Then give control.FaultKind the same name, the test tables of this package and
// of mockorange a row each, and docs/gateway.md a section.
package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Call is what a fault sees of a call.
type Call struct {
	At       time.Time // arrival
	IssuedAt time.Time // when the token of an event call was issued
}

// Effect is what becomes of the answer. The zero value changes nothing.
type Effect struct {
	Kind        Kind
	Status      int           // HTTP status; 0 is that of the usual answer, or none where Untaken
	Code        int           // code of the gateway's error model, as the answer's body; 0 where there is no error
	RetryAfter  int           // seconds, as the header says; 0 is no header
	Delay       time.Duration // before the answer, or before the connection is closed
	Cut         bool          // the connection is closed without an answer
	Untaken     bool          // and what was sent is not taken
	Stale       bool          // the call's token is treated as expired
	Revoked     bool          // the call's token is treated as invalid
	ContentType string        // of the answer, where it is not the usual one
	Page        bool          // the body is a page of HTML
	Bytes       int64         // length of the body, filled up with blanks
}

// Behaviour decides for one armed fault by what it has done so far. False leaves the call to the next fault.
type Behaviour interface {
	Act(c Call, done Progress) (Effect, bool)
}

// Progress is what an armed fault has done so far.
type Progress struct {
	Acted int       // calls that it acted on
	Since time.Time // arrival of the first of them
}

// Armed is a fault with its progress, so that it can be kept anywhere between two calls.
type Armed struct {
	Spec
	Progress
}

// Fits says whether a fault acts on calls of an endpoint that hold these keys.
func (s Spec) Fits(on Endpoint, keys []string) bool {
	return s.On == on && (s.Key == "" || slices.Contains(keys, s.Key))
}

// Act asks the faults that fit a call, in the order in which they were armed. It notes in the one that acts that it did,
// and returns its place; -1 where none does.
func Act(faults []Armed, on Endpoint, keys []string, c Call) (int, Effect) {
	for i := range faults {
		a := &faults[i]
		k, known := find(a.Kind)
		if !known || !a.Fits(on, keys) {
			continue
		}
		if e, ok := k.behaviour(a.Spec).Act(c, a.Progress); ok {
			if a.Acted == 0 {
				a.Since = c.At
			}
			a.Acted++
			e.Kind = a.Kind
			return i, e
		}
	}
	return -1, Effect{}
}

// Set holds armed faults in memory. The zero value is empty and ready; it may be used by several goroutines.
type Set struct {
	mu     sync.Mutex
	last   int64
	faults []Armed
}

// ID names the n-th fault that was ever armed.
func ID(n int64) string { return "fault-" + strconv.FormatInt(n, 10) }

// Number is the n of ID; ErrNotArmed where there can be none of this ID.
func Number(id string) (int64, error) {
	text, _ := strings.CutPrefix(id, "fault-")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ID(n) != id {
		return 0, fmt.Errorf("disarm fault %q: %w", id, ErrNotArmed)
	}
	return n, nil
}

// Arm arms a fault and returns it with its ID and with the settings that were left out. ErrUnknownKind and ErrSetting
// say what is wrong with it.
func (s *Set) Arm(spec Spec) (Spec, error) {
	spec, err := Complete(spec)
	if err != nil {
		return Spec{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	spec.ID = ID(s.last)
	s.faults = append(s.faults, Armed{Spec: spec})
	return spec, nil
}

// Disarm removes a fault; ErrNotArmed if there is none of this ID.
func (s *Set) Disarm(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.faults, func(a Armed) bool { return a.ID == id })
	if i < 0 {
		return fmt.Errorf("disarm fault %q: %w", id, ErrNotArmed)
	}
	s.faults = slices.Delete(s.faults, i, i+1)
	return nil
}

// List returns the armed faults, in the order in which they were armed.
func (s *Set) List() []Armed {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.faults)
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

// Act asks the armed faults. See the function Act.
func (s *Set) Act(on Endpoint, keys []string, c Call) (Effect, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, e := Act(s.faults, on, keys, c)
	return e, i >= 0
}
