package harness

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// billedTimeout bounds how long handing over one order may take, and how long Close waits for the rest.
const billedTimeout = 5 * time.Second

// billed hands completed orders and updates over to the mock Orange, one after another and in nobody's way: whether
// they are billed is no part of the verdict. One that is refused is left out; where the mock does not answer, no more are
// tried.
type billed struct {
	orange control.Orange
	mu     sync.Mutex
	queue  []control.Order
	closed bool
	wake   chan struct{}
	done   chan struct{}
	cancel context.CancelFunc
}

func newBilled(orange control.Orange) *billed {
	ctx, cancel := context.WithCancel(context.Background())
	b := &billed{orange: orange, wake: make(chan struct{}, 1), done: make(chan struct{}), cancel: cancel}
	go b.run(ctx)
	return b
}

func (b *billed) add(o control.Order) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.queue = append(b.queue, o)
		b.notify()
	}
}

func (b *billed) notify() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *billed) run(ctx context.Context) {
	defer close(b.done)
	for {
		b.mu.Lock()
		batch, closed := b.queue, b.closed
		b.queue = nil
		b.mu.Unlock()
		for _, o := range batch {
			if !b.post(ctx, o) {
				b.end()
				return
			}
		}
		if closed && len(batch) == 0 {
			return
		}
		if len(batch) == 0 {
			<-b.wake
		}
	}
}

func (b *billed) post(ctx context.Context, o control.Order) bool {
	ctx, cancel := context.WithTimeout(ctx, billedTimeout)
	defer cancel()
	err := b.orange.PostOrder(ctx, o)
	var refused *control.Error
	return err == nil || errors.As(err, &refused) && refused.Status/100 == 4
}

func (b *billed) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.notify()
}

// close hands over what is left, within a bound.
func (b *billed) close() {
	b.end()
	late := time.AfterFunc(billedTimeout, b.cancel)
	<-b.done
	late.Stop()
	b.cancel()
}

// billOrder hands a completed order over: from here on its licences cost something.
func (w *World) billOrder(o *Order) {
	quantity, ok := o.Quantity.(int)
	if w.run.billed == nil || !ok || quantity < 1 {
		return
	}
	w.run.billed.add(control.Order{
		Reference: o.Reference, Kind: control.KindOrder, Customer: o.Customer.billed(), Fleet: o.Fleet,
		Offering: w.billedOffering(o.Offering), Quantity: quantity,
	})
}

// billUpdate hands a completed update over; w.before is where its licences stood.
func (w *World) billUpdate(u *Update) {
	if w.run.billed == nil {
		return
	}
	states := map[string]control.LicenceState{
		"external.active": control.LicenceActive, "external.suspended": control.LicenceSuspended,
		"external.inactive": control.LicenceInactive, "external.deleted": control.LicenceDeleted,
	}
	order := control.Order{Reference: u.Reference, Kind: control.KindUpdate, Customer: w.customer().billed()}
	for _, id := range u.IDs {
		l, _ := w.before.find(id)
		change := control.LicenceChange{ID: id, Fleet: l.In, Offering: l.Offering, State: states[u.change.external]}
		if u.change.swap != "" {
			change.State, change.Swap = control.LicenceSwapped, w.billedOffering(u.change.swap)
		}
		order.Licences = append(order.Licences, change)
	}
	w.run.billed.add(order)
}

func (c *Customer) billed() control.OrderCustomer {
	name, _ := c.vars["tradingName"].(string)
	country, _ := c.vars["country"].(string)
	return control.OrderCustomer{Reference: c.Reference, Name: name, Country: country}
}

// billedOffering is an offering with its price in the profile.
func (w *World) billedOffering(code string) *control.Offering {
	for _, o := range w.run.profile.Offerings {
		if o.Code == code {
			return &control.Offering{Code: o.Code, Name: o.Name, Price: o.Price, Currency: o.Currency, Periodicity: o.Periodicity}
		}
	}
	return &control.Offering{Code: code}
}
