package partner

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/wire"
)

// postOrder takes an order (ProductOrdering UC1, UC2, UC3). One without an item creates a customer.
func (p *Partner) postOrder(c *gin.Context) (answer, error) {
	var order wire.ProductOrder
	if err := decode(c, &order); err != nil {
		return answer{}, err
	}
	if err := p.refuse(p.checkOrder(order)); err != nil {
		return answer{}, err
	}
	return p.accept(c.Request.Context(), orderKind, order.ExternalReference, func(t tx) (answer, *job, error) {
		order.ID = p.ids("ord")
		if p.rules.OrderAtOnce(order) {
			a, err := reply(http.StatusCreated, p.fulfil(t, order))
			return a, nil, err
		}
		a, err := reply(http.StatusAccepted, wire.ProductOrder{
			ID: order.ID, ExternalReference: order.ExternalReference, State: wire.Acknowledged,
		})
		return a, &job{ID: order.ID, Lane: laneOfOrder(t, order), Order: &order}, err
	})
}

// laneOfOrder is that of the customer, also before there is one.
func laneOfOrder(t tx, order wire.ProductOrder) string {
	if c, known := findCustomer(t, order.Customer); known {
		return laneOf(c)
	}
	return order.Customer.ExternalReference.ID
}

// laneOf is what Orange calls the customer, because that is known from its first order on.
func laneOf(c customer) string { return cmp.Or(c.Reference.ID, c.ID) }

// checkOrder says what is malformed: what no state of the partner could mend.
func (p *Partner) checkOrder(order wire.ProductOrder) error {
	c := order.Customer
	switch {
	case c.ID == "" && c.TradingName == "" && c.ExternalReference.ID == "":
		return wire.MissingField("customer")
	case len(order.OrderItem) > 1:
		return wire.InvalidField("orderItem", "has one item at most")
	case len(order.OrderItem) == 0:
		return nil
	}
	item := order.OrderItem[0]
	switch {
	case item.Action != "" && item.Action != wire.Add:
		return wire.InvalidField("orderItem[0].action", "must be add")
	case item.ProductOffering.ExternalReference.ID == "":
		return wire.MissingField("orderItem[0].productOffering.externalReference.id")
	case item.ProductRef.UserServiceQuantity < 1:
		return wire.InvalidField("orderItem[0].productRef.userServiceQuantity", "must be a whole number from 1")
	}
	for _, info := range p.profile.Features.TechnicalInformation {
		if info.Required && !hasValue(item.ProductRef.Characteristic, info.Name) {
			return wire.MissingField("orderItem[0].productRef.characteristic " + info.Name)
		}
	}
	return nil
}

func hasValue(characteristics []wire.Characteristic, name string) bool {
	return slices.ContainsFunc(characteristics, func(c wire.Characteristic) bool { return c.Name == name && c.Value != "" })
}

// fulfil carries an order out, completely or not at all, and returns it in its final state.
func (p *Partner) fulfil(t tx, order wire.ProductOrder) wire.ProductOrder {
	c, err := p.register(t, &order)
	if err == nil && len(order.OrderItem) > 0 {
		err = p.refuse(p.canMeet(t, order, c))
	}
	if err != nil {
		return p.failed(order, err)
	}
	t.PutCustomer(c)
	if len(order.OrderItem) > 0 {
		order.OrderItem = []wire.OrderItem{p.produce(t, c, order.OrderItem[0])}
	}
	order.State = wire.Completed
	order.CompletionDate = wire.Time(p.now())
	return order
}

func (p *Partner) failed(order wire.ProductOrder, reason error) wire.ProductOrder {
	return wire.ProductOrder{
		ID:                order.ID,
		ExternalReference: order.ExternalReference,
		State:             wire.Failed,
		CompletionDate:    wire.Time(p.now()),
		Note:              p.note(reason),
	}
}

func (p *Partner) note(reason error) wire.Note {
	return wire.Note{Text: reason.Error(), Date: wire.Time(p.now()), Author: p.profile.Partner.Name}
}

// canMeet says why a well-formed order can't be met.
func (p *Partner) canMeet(t tx, order wire.ProductOrder, c customer) error {
	item := order.OrderItem[0]
	code := item.ProductOffering.ExternalReference.ID
	if _, known := p.offering(code); !known {
		return fmt.Errorf("product offering %q is not in the catalogue", code)
	}
	if limit := p.profile.Limits.Quantity; limit > 0 && item.ProductRef.UserServiceQuantity > limit {
		return fmt.Errorf("%d licences are more than the %d of one order", item.ProductRef.UserServiceQuantity, limit)
	}
	// A fleet of another customer is as unknown as one that does not exist: this order learns nothing about it.
	if id := item.ProductRef.ID; id != "" {
		if f, known := t.Fleet(id); !known || f.Customer != c.ID {
			return fmt.Errorf("fleet %q is not known for this customer", id)
		}
	}
	return nil
}

// register finds the order's customer or makes a new one, and fills the partner's ids into the order. It writes
// nothing: the order may still fail.
func (p *Partner) register(t tx, order *wire.ProductOrder) (customer, error) {
	c, known := findCustomer(t, order.Customer)
	if !known {
		if order.Customer.TradingName == "" && order.Customer.ExternalReference.ID == "" {
			return customer{}, fmt.Errorf("customer %q is not known", order.Customer.ID)
		}
		c = customer{ID: p.ids("cus"), Reference: order.Customer.ExternalReference, OrganizationCode: p.ids("org")}
	}
	order.Customer.ID = c.ID
	c.Contacts = maps.Clone(c.Contacts)
	if c.Contacts == nil {
		c.Contacts = map[string]string{}
	}
	order.RelatedContact = slices.Clone(order.RelatedContact)
	for i := range order.RelatedContact {
		contact := &order.RelatedContact[i]
		contact.ID = p.contactID(c, *contact)
		if contact.Role == wire.FleetManager {
			c.FleetManager = cmp.Or(contact.Email, c.FleetManager)
		}
	}
	return c, nil
}

func findCustomer(t reader, sent wire.Customer) (customer, bool) {
	if c, known := t.Customer(sent.ID); known {
		return c, true
	}
	if sent.ExternalReference.ID == "" {
		return customer{}, false
	}
	return t.CustomerByReference(sent.ExternalReference)
}

// contactID keeps a contact's id for as long as Orange names it by the same reference.
func (p *Partner) contactID(c customer, contact wire.Contact) string {
	reference := contact.ExternalReference.ID
	if id, known := c.Contacts[reference]; known {
		return id
	}
	id := p.ids("con")
	if reference != "" {
		c.Contacts[reference] = id
	}
	return id
}

// produce creates the licences of an item in the fleet that it names, or in a new one, and returns the item completed.
func (p *Partner) produce(t tx, c customer, item wire.OrderItem) wire.OrderItem {
	f, known := t.Fleet(p.rules.Fleet(item.ProductRef.ID))
	if !known {
		f = fleet{ID: p.ids("flt"), Customer: c.ID}
		if p.resourceFrom("order") && p.resourcePer("fleet") {
			f.Resource = p.resource(item.EndUserConfiguration, 0, f.ID)
		}
		t.PutFleet(f)
	}
	for i := range p.rules.Licences(item.ProductRef.UserServiceQuantity) {
		t.PutLicence(p.licence(c, f, item, i))
	}
	item.ID = p.ids("itm")
	item.State = wire.Completed
	item.ProductRef.ID = f.ID
	return item
}

// licence makes the i-th licence of an item.
func (p *Partner) licence(c customer, f fleet, item wire.OrderItem, i int) wire.UserService {
	offering := item.ProductOffering
	if o, known := p.offering(offering.ExternalReference.ID); known && offering.Name == "" {
		offering.Name = o.Name
	}
	l := wire.UserService{
		ID:                    p.ids("lic"),
		RelatedProductRefID:   f.ID,
		State:                 wire.Active,
		ExternalState:         wire.Active,
		ProductOffering:       offering,
		ServiceCharacteristic: item.ProductRef.Characteristic,
	}
	switch {
	case p.resourceFrom("order") && p.resourcePer("fleet"):
		l.RealizingResource = []wire.Resource{f.Resource}
	case p.resourceFrom("order") && p.resourcePer("licence"):
		l.RealizingResource = []wire.Resource{p.resource(item.EndUserConfiguration, i, l.ID)}
	}
	l.Right = []wire.Right{{LoginKeyValue: p.login(c, l.ID), Email: c.FleetManager}}
	return l
}
