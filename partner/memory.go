package partner

import (
	"context"
	"sync"

	"github.com/clementine-ope/clementine/wire"
)

// memory is the store of a partner that may forget. Records are values that are replaced as a whole, never altered:
// a record handed out stays as it was.
type memory struct {
	mu         sync.RWMutex
	answers    map[string]answer
	customers  map[string]customer
	references map[wire.Reference]string // customer ids
	fleets     map[string]fleet
	fleetsOf   map[string][]string // by customer
	licences   map[string]wire.UserService
	licencesOf map[string][]string // by fleet
	jobs       map[string]job
	deliveries map[string]Delivery
}

func newMemory() *memory {
	return &memory{
		answers:    map[string]answer{},
		customers:  map[string]customer{},
		references: map[wire.Reference]string{},
		fleets:     map[string]fleet{},
		fleetsOf:   map[string][]string{},
		licences:   map[string]wire.UserService{},
		licencesOf: map[string][]string{},
		jobs:       map[string]job{},
		deliveries: map[string]Delivery{},
	}
}

func (m *memory) Update(ctx context.Context, fn func(tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	t := &memoryTx{memory: m}
	if err := fn(t); err != nil {
		return err
	}
	for _, write := range t.writes {
		write()
	}
	return nil
}

func (m *memory) View(ctx context.Context, fn func(reader) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	return fn(m)
}

func (m *memory) Answer(key string) (answer, bool) {
	a, ok := m.answers[key]
	return a, ok
}

func (m *memory) Customer(id string) (customer, bool) {
	c, ok := m.customers[id]
	return c, ok
}

func (m *memory) CustomerByReference(reference wire.Reference) (customer, bool) {
	return m.Customer(m.references[reference])
}

func (m *memory) Fleet(id string) (fleet, bool) {
	f, ok := m.fleets[id]
	return f, ok
}

func (m *memory) Licence(id string) (wire.UserService, bool) {
	l, ok := m.licences[id]
	return l, ok
}

func (m *memory) Licences(fleet string) []wire.UserService {
	ids := m.licencesOf[fleet]
	licences := make([]wire.UserService, 0, len(ids))
	for _, id := range ids {
		licences = append(licences, m.licences[id])
	}
	return licences
}

func (m *memory) LicencesOf(customer string) []wire.UserService {
	var licences []wire.UserService
	for _, id := range m.fleetsOf[customer] {
		licences = append(licences, m.Licences(id)...)
	}
	return licences
}

// memoryTx holds writes back until the transaction is good.
type memoryTx struct {
	*memory
	writes []func()
}

func (t *memoryTx) put(write func()) { t.writes = append(t.writes, write) }

func (t *memoryTx) PutAnswer(key string, a answer) { t.put(func() { t.answers[key] = a }) }

func (t *memoryTx) PutCustomer(c customer) {
	t.put(func() {
		t.customers[c.ID] = c
		if c.Reference != (wire.Reference{}) {
			t.references[c.Reference] = c.ID
		}
	})
}

func (t *memoryTx) PutFleet(f fleet) {
	t.put(func() {
		if _, known := t.fleets[f.ID]; !known {
			t.fleetsOf[f.Customer] = append(t.fleetsOf[f.Customer], f.ID)
		}
		t.fleets[f.ID] = f
	})
}

func (t *memoryTx) PutLicence(l wire.UserService) {
	t.put(func() {
		if _, known := t.licences[l.ID]; !known {
			t.licencesOf[l.RelatedProductRefID] = append(t.licencesOf[l.RelatedProductRefID], l.ID)
		}
		t.licences[l.ID] = l
	})
}

func (t *memoryTx) PutJob(j job)            { t.put(func() { t.jobs[j.ID] = j }) }
func (t *memoryTx) DropJob(j job)           { t.put(func() { delete(t.jobs, j.ID) }) }
func (t *memoryTx) PutDelivery(d Delivery)  { t.put(func() { t.deliveries[d.ID] = d }) }
func (t *memoryTx) DropDelivery(d Delivery) { t.put(func() { delete(t.deliveries, d.ID) }) }
