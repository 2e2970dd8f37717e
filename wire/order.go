package wire

// ProductOrder is the resource of the ProductOrdering API: a customer (UC1), or licences for one (UC2, UC3).
type ProductOrder struct {
	ID                 string      `json:"id,omitempty"`
	ExternalReference  Reference   `json:"externalReference,omitzero"`
	State              State       `json:"state,omitempty"`
	Category           string      `json:"category,omitempty"`
	OrderDate          string      `json:"orderDate,omitempty"`          // RFC 3339
	RequestedStartDate string      `json:"requestedStartDate,omitempty"` // RFC 3339
	CompletionDate     string      `json:"completionDate,omitempty"`     // RFC 3339
	Note               Note        `json:"note,omitzero"`
	Customer           Customer    `json:"customer,omitzero"`
	RelatedContact     []Contact   `json:"relatedContact,omitempty"`
	OrderItem          []OrderItem `json:"orderItem,omitempty"`
}

// Customer is the company that orders.
type Customer struct {
	ID                string           `json:"id,omitempty"`
	ExternalReference Reference        `json:"externalReference,omitzero"`
	TradingName       string           `json:"tradingName,omitempty"`
	Registration      Registration     `json:"registration,omitzero"`
	PostalAddress     Address          `json:"postalAddress,omitzero"`
	Characteristic    []Characteristic `json:"characteristic,omitempty"`
}

// Registration is a company's official number: SIREN or SIRET.
type Registration struct {
	Type  string `json:"type,omitempty"`
	Value string `json:"value,omitempty"`
}

// Address is a postal address; Country is ISO 3166-1 alpha-2.
type Address struct {
	StreetNumber string `json:"streetNumber,omitempty"`
	StreetName   string `json:"streetName,omitempty"`
	PostalCode   string `json:"postalCode,omitempty"`
	City         string `json:"city,omitempty"`
	Country      string `json:"country,omitempty"`
}

// Contact is a person at the customer or at Orange.
type Contact struct {
	ID                    string           `json:"id,omitempty"`
	ExternalReference     Reference        `json:"externalReference,omitzero"`
	Role                  Role             `json:"role,omitempty"`
	GivenName             string           `json:"givenName,omitempty"`
	FamilyName            string           `json:"familyName,omitempty"`
	Email                 string           `json:"email,omitempty"`
	FixedTelephoneNumber  Phone            `json:"fixedTelephoneNumber,omitzero"`
	MobileTelephoneNumber Phone            `json:"mobileTelephoneNumber,omitzero"`
	Characteristic        []Characteristic `json:"characteristic,omitempty"`
}

// Role is the part that a contact plays.
type Role string

// The roles of contacts.
const (
	FleetManager    Role = "customerFleetManager"
	CustomerContact Role = "customerContact"
	OrangeContact   Role = "orangeContact"
)

// OrderItem is what is ordered; an order has one at most.
type OrderItem struct {
	ID                   string                 `json:"id,omitempty"`
	Action               Action                 `json:"action,omitempty"` // Add
	State                State                  `json:"state,omitempty"`
	ProductRef           ProductRef             `json:"productRef,omitzero"`
	ProductOffering      Offering               `json:"productOffering,omitzero"`
	EndUserConfiguration []EndUserConfiguration `json:"endUserConfiguration,omitempty"`
}

// ProductRef is a fleet: its id, the licences to add (a delta), and technical information.
type ProductRef struct {
	ID                  string           `json:"id,omitempty"`
	UserServiceQuantity int              `json:"userServiceQuantity,omitempty"` // licences to add, at least 1
	Characteristic      []Characteristic `json:"characteristic,omitempty"`
}

// EndUserConfiguration gives the resource that a licence is to run on.
type EndUserConfiguration struct {
	RealizingResource Resource `json:"realizingResource,omitzero"`
}
