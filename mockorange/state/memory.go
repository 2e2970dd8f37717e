package state

import (
	"context"
	"crypto/sha256"
	"slices"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/fault"
)

// memory is a State that ends with the process.
type memory struct {
	*journal
	rate   rate
	faults fault.Set

	mu           sync.Mutex
	applications map[string]kept
	expired      time.Time // tokens issued before it are over
}

// kept is an application with what the state knows of it.
type kept struct {
	Application
	former  [][sha256.Size]byte
	removed bool
}

// stored is the application as tokens are judged by it.
func (k kept) stored(expired time.Time) oauth.Stored {
	return oauth.Stored{
		ID: k.ID, SecretDigest: k.SecretDigest, Former: k.former, Offers: k.Offers, Removed: k.removed, NotBefore: expired,
	}
}

// replaced is what becomes of an application when it is put anew.
func (k kept) replaced(by Application) kept {
	next := kept{Application: by, former: k.former}
	if k.SecretDigest != by.SecretDigest {
		next.former = append([][sha256.Size]byte{k.SecretDigest}, k.former...)
		next.former = next.former[:min(len(next.former), formerSecrets)]
	}
	return next
}

// NewMemory returns a state in memory.
func NewMemory(l Limits) State {
	return &memory{journal: newJournal(l.Entries, l.Bytes), applications: map[string]kept{}}
}

// Journal is described at State.
func (m *memory) Journal() string { return m.id }

// Begin is described at State.
func (m *memory) Begin(e control.Entry) (Place, error) { return m.begin(e) }

// End is described at State.
func (m *memory) End(p Place) { m.end(p) }

// Read is described at State.
func (m *memory) Read(_ context.Context, after int64, limit int) ([]control.Entry, <-chan struct{}, error) {
	return m.read(after, limit)
}

// Settle is described at State.
func (m *memory) Settle(ctx context.Context) { m.settle(ctx) }

// Lookup is described at State.
func (m *memory) Lookup(_ context.Context, id string) (oauth.Stored, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.applications[id]
	return found.stored(m.expired), ok, nil
}

// Put is described at State.
func (m *memory) Put(_ context.Context, a Application) error {
	a.Offers = slices.Clone(a.Offers)
	m.mu.Lock()
	defer m.mu.Unlock()
	next := kept{Application: a}
	if old, ok := m.applications[a.ID]; ok {
		next = old.replaced(a)
	}
	m.applications[a.ID] = next
	return nil
}

// Remove is described at State.
func (m *memory) Remove(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.applications[id]; ok {
		old.removed = true
		m.applications[id] = old
	}
	return nil
}

// Expire is described at State.
func (m *memory) Expire(_ context.Context, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at.After(m.expired) {
		m.expired = at
	}
	return nil
}

// Arm is described at State.
func (m *memory) Arm(_ context.Context, s fault.Spec) (fault.Spec, error) { return m.faults.Arm(s) }

// Armed is described at State.
func (m *memory) Armed(context.Context) ([]fault.Armed, error) { return m.faults.List(), nil }

// Disarm is described at State.
func (m *memory) Disarm(_ context.Context, id string) error { return m.faults.Disarm(id) }

// DisarmAll is described at State.
func (m *memory) DisarmAll(context.Context) error {
	m.faults.Clear()
	return nil
}

// Act is described at State.
func (m *memory) Act(_ context.Context, on fault.Endpoint, keys func() []string, c fault.Call) (fault.Effect, bool, error) {
	if m.faults.Empty() {
		return fault.Effect{}, false, nil
	}
	e, acts := m.faults.Act(on, keys(), c)
	return e, acts, nil
}

// OverRate is described at State.
func (m *memory) OverRate(_ context.Context, application string, at time.Time) (bool, error) {
	return m.rate.over(application, at), nil
}

// Reset is described at State.
func (m *memory) Reset(context.Context) error {
	m.faults.Clear()
	m.rate.clear()
	m.mu.Lock()
	for id, old := range m.applications {
		if old.Temporary {
			old.removed = true
			m.applications[id] = old
		}
	}
	m.mu.Unlock()
	m.clear()
	return nil
}

// Close is described at State.
func (m *memory) Close(context.Context) error {
	m.close()
	return nil
}
