package mockorange

import (
	"github.com/tidwall/gjson"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/schemas"
)

// FinalOrder is the completed order or update that a journalled event tells of, as far as the event says: its customer
// and its offering may be missing, prices always are. ok is false for every other entry, for an event that was not
// taken, and for one that says nothing of what has changed.
func FinalOrder(pack *schemas.Pack, e control.Entry) (o control.Order, ok bool) {
	if e.Kind != control.KindEvent || e.Status/100 != 2 || e.Truncated {
		return o, false
	}
	r := finalReader{pack, gjson.GetBytes(readable(e.Body), pack.Path("event.resource"))}
	if !r.resource.IsObject() {
		return o, false
	}
	if e.API == apiService {
		return r.update()
	}
	return r.order()
}

// finalReader reads the resource of an event by the roles of the pack.
type finalReader struct {
	pack     *schemas.Pack
	resource gjson.Result
}

func (r finalReader) text(of gjson.Result, role string) string {
	v := of.Get(r.pack.Path(role))
	if v.Type != gjson.String {
		return ""
	}
	return v.String()
}

func (r finalReader) order() (o control.Order, ok bool) {
	if r.text(r.resource, "order.state") != r.pack.Value("order.completed") {
		return o, false
	}
	customer := r.resource.Get(r.pack.Path("order.customer"))
	o = control.Order{
		Reference: r.text(r.resource, "order.externalReference"), Kind: control.KindOrder,
		Customer: control.OrderCustomer{
			Reference: r.text(customer, "customer.externalReference"), Name: r.text(customer, "customer.name"),
			Country: customer.Get(r.pack.Path("customer.address") + ".country").String(),
		},
		Fleet: r.text(r.resource, "order.fleet"),
	}
	if quantity := r.resource.Get(r.pack.Path("order.item.quantity")); quantity.Type == gjson.Number {
		o.Quantity = int(quantity.Int())
	}
	if code := r.text(r.resource, "order.item.offering.code"); code != "" {
		o.Offering = &control.Offering{Code: code}
	}
	return o, o.Reference != "" && o.Fleet != "" && o.Quantity > 0 && o.Offering != nil
}

func (r finalReader) update() (o control.Order, ok bool) {
	if r.text(r.resource, "update.state") != r.pack.Value("update.completed") {
		return o, false
	}
	o = control.Order{Reference: r.text(r.resource, "update.externalReference"), Kind: control.KindUpdate}
	states := map[string]control.LicenceState{
		r.pack.Value("licence.active"): control.LicenceActive, r.pack.Value("licence.inactive"): control.LicenceInactive,
		r.pack.Value("licence.deleted"): control.LicenceDeleted, r.pack.Value("licence.terminated"): control.LicenceDeleted,
	}
	r.resource.Get(r.pack.Path("update.licences")).ForEach(func(_, l gjson.Result) bool {
		c := control.LicenceChange{ID: r.text(l, "licence.id"), Fleet: r.text(l, "licence.fleet"), State: states[r.text(l, "licence.state")]}
		if code := r.text(l, "licence.offering"); code != "" {
			c.Swap = &control.Offering{Code: code}
		}
		if c.ID != "" && c.State != "" {
			o.Licences = append(o.Licences, c)
		}
		return true
	})
	return o, o.Reference != "" && len(o.Licences) > 0
}
