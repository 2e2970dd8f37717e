package partner

import (
	"context"

	"github.com/clementine-ope/clementine/wire"
)

// store keeps what the partner must not forget. A check and the write that relies on it can't be split by another
// transaction; what is acknowledged, its job and its event are each written in one transaction.
type store interface {
	// Update runs fn, perhaps more than once, and keeps all that it put, or nothing if it returns an error. What was put shows from the next
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
	// DropJob forgets a job that is done. In a durable store it fails the transaction if the job's lease was lost.
	DropJob(j job)
	PutDelivery(d Delivery)
	// DropDelivery forgets an event that has arrived, on the same condition.
	DropDelivery(d Delivery)
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
