package partner

import (
	"context"

	"github.com/clementine-ope/clementine/wire"
)

// store keeps what the partner must not forget. Transactions run one at a time, so that a check and the write that
// relies on it can't be split; what is acknowledged, its job and its event are each written in one transaction.
type store interface {
	// Update runs fn and keeps all that it put, or nothing if it returns an error. What was put shows from the next
	// transaction on.
	Update(ctx context.Context, fn func(tx) error) error
	// View runs fn, which must only read.
	View(ctx context.Context, fn func(reader) error) error
}

type reader interface {
	// Answer is the answer that a request got, by its idempotency key.
	Answer(key string) (answer, bool)
	Customer(id string) (customer, bool)
	CustomerByReference(reference wire.Reference) (customer, bool)
	Fleet(id string) (fleet, bool)
	Licence(id string) (wire.UserService, bool)
	// Licences are all licences of a fleet, deleted ones too, in the order of their creation.
	Licences(fleet string) []wire.UserService
	// LicencesOf are the same for all fleets of a customer.
	LicencesOf(customer string) []wire.UserService
}

type tx interface {
	reader
	PutAnswer(key string, a answer)
	PutCustomer(c customer)
	PutFleet(f fleet)
	PutLicence(l wire.UserService)
	PutJob(j job)
	DropJob(id string)
	PutDelivery(d Delivery)
	// DropDelivery forgets an event that has arrived.
	DropDelivery(id string)
	// ParkDelivery sets aside, with the reason, an event that can't be delivered: a person has to look.
	ParkDelivery(id, reason string)
}

// customer is a company known to the partner.
type customer struct {
	ID               string
	Reference        wire.Reference
	FleetManager     string            // e-mail of the customerFleetManager
	OrganizationCode string            // the login common to all its licences, where the profile says so
	Contacts         map[string]string // the partner's ids by Orange's
}

// fleet is a group of a customer's licences.
type fleet struct {
	ID       string
	Customer string
	Resource wire.Resource // common to its licences, where the profile says so
}
