package harness

import (
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"sync"
)

// registry knows every id that the partner gave in this run and whose it is (GEN-05), so that one id for two things is
// seen wherever the two appear.
type registry struct {
	mu      sync.Mutex
	owners  map[string]map[string]owner // kind -> key of the id -> first owner
	orders  map[string]*Order           // by Orange's reference
	updates map[string]*Update
}

type owner struct {
	reference string // Orange's reference of the thing, or of its customer
	scenario  string // id of the one in which it was first seen
}

func newRegistry() *registry {
	return &registry{owners: map[string]map[string]owner{}, orders: map[string]*Order{}, updates: map[string]*Update{}}
}

// wholeID is the length, in bytes, of the longest id that is kept as it came.
const wholeID = 256

// idKey stands for an id in the registry and in the recording: a scenario may ask for the same one many times, and a
// partner's ids may be as long as its answers.
func idKey(id string) string {
	if len(id) <= wholeID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// claim records that id, of this kind, belongs to reference. It returns the earlier owner if that is another one.
func (r *registry) claim(kind, id string, o owner) (owner, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.owners[kind] == nil {
		r.owners[kind] = map[string]owner{}
	}
	key := idKey(id)
	first, taken := r.owners[kind][key]
	if !taken {
		r.owners[kind][key] = o
		return owner{}, false
	}
	return first, first.reference != o.reference
}

// ownerOf tells whose an id is.
func (r *registry) ownerOf(kind, id string) (owner, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, ok := r.owners[kind][idKey(id)]
	return o, ok
}

func (r *registry) addOrder(o *Order) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.orders[o.Reference] = o
}

func (r *registry) orderBy(reference string) *Order {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.orders[reference]
}

func (r *registry) addUpdate(u *Update) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.updates[u.Reference] = u
}

func (r *registry) allOrders() []*Order {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]*Order, 0, len(r.orders))
	for _, o := range r.orders {
		out = append(out, o)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Reference < out[j].Reference })
	return out
}

func (r *registry) allUpdates() []*Update {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]*Update, 0, len(r.updates))
	for _, u := range r.updates {
		out = append(out, u)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Reference < out[j].Reference })
	return out
}
