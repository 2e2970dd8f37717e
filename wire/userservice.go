package wire

// UserService is a licence.
type UserService struct {
	ID                    string           `json:"id,omitempty"`
	RelatedProductRefID   string           `json:"relatedProductRefId,omitempty"` // its fleet
	State                 State            `json:"state,omitempty"`               // Active, Inactive, Deleted or Terminated
	ExternalState         State            `json:"externalState,omitempty"`       // what Orange asked for last
	ProductOffering       Offering         `json:"productOffering,omitzero"`
	EndUser               EndUser          `json:"endUser,omitzero"`
	RealizingResource     []Resource       `json:"realizingResource,omitempty"`
	Right                 []Right          `json:"right,omitempty"`
	ServiceCharacteristic []Characteristic `json:"serviceCharacteristic,omitempty"`
}

// EndUser is the person who uses a licence; a licence has one or none.
type EndUser struct {
	ID                    string    `json:"id,omitempty"`
	ExternalReference     Reference `json:"externalReference,omitzero"`
	GivenName             string    `json:"givenName,omitempty"`
	FamilyName            string    `json:"familyName,omitempty"`
	Email                 string    `json:"email,omitempty"`
	FixedTelephoneNumber  Phone     `json:"fixedTelephoneNumber,omitzero"`
	MobileTelephoneNumber Phone     `json:"mobileTelephoneNumber,omitzero"`
}

// Right is the login of a licence, and where it was sent.
type Right struct {
	LoginKeyValue LoginKeyValue `json:"loginKeyValue,omitzero"`
	Email         string        `json:"email,omitempty"`
}

// LoginKeyValue is a login: Key is "login" (its own) or "organizationCode" (common to all licences).
type LoginKeyValue struct {
	Key   string `json:"key,omitempty"`
	Value string `json:"value,omitempty"`
}

// UpdateRequest is what Orange posts to userService/update: changes that hold together or not at all.
type UpdateRequest struct {
	ID                string    `json:"id,omitempty"`
	ExternalReference Reference `json:"externalReference,omitzero"`
	UserServices      []Change  `json:"userServices,omitempty"`
}

// Change is what Orange wants of one licence: a state (UC2, UC3) or another offering (UC4).
type Change struct {
	ID                       string            `json:"id,omitempty"`
	ExternalState            State             `json:"externalState,omitempty"` // Suspended, Inactive, Active or Deleted
	ProductOfferingOperation OfferingOperation `json:"productOfferingOperation,omitzero"`
}

// OfferingOperation moves a licence to another offering; Action is Swap.
type OfferingOperation struct {
	Action          Action   `json:"action,omitempty"`
	ProductOffering Offering `json:"productOffering,omitzero"`
}

// Update is the partner's answer to an UpdateRequest, and the resource of the event that follows (UC6).
type Update struct {
	ID                string        `json:"id,omitempty"`
	ExternalReference Reference     `json:"externalReference,omitzero"`
	State             State         `json:"state,omitempty"`
	Note              Note          `json:"note,omitzero"`
	UserServices      []UserService `json:"userServices,omitempty"` // the licences named, as they now are
}

// Operations is the resource of a UC5 event: changes that the partner reports. It has no state.
type Operations struct {
	UserServices []LicenceOperations `json:"userServices,omitempty"`
}

// LicenceOperations lists what happened to one licence.
type LicenceOperations struct {
	ID                             string                    `json:"id,omitempty"`
	EndUserOperation               []EndUserOperation        `json:"endUserOperation,omitempty"`
	RealizingResourceOperation     []ResourceOperation       `json:"realizingResourceOperation,omitempty"`
	RightOperation                 []RightOperation          `json:"rightOperation,omitempty"`
	ServiceCharacteristicOperation []CharacteristicOperation `json:"serviceCharacteristicOperation,omitempty"`
}

// EndUserOperation links, changes or unlinks the end user (UC5.1).
type EndUserOperation struct {
	Action  Action  `json:"action,omitempty"` // Add, Modify or Delete
	EndUser EndUser `json:"endUser,omitzero"`
}

// ResourceOperation initializes or updates the resource (UC5.2).
type ResourceOperation struct {
	Action            Action   `json:"action,omitempty"` // Modify
	RealizingResource Resource `json:"realizingResource,omitzero"`
}

// RightOperation changes the login and says where to send it (UC5.3).
type RightOperation struct {
	Action        Action        `json:"action,omitempty"` // Modify, Add or Reset
	LoginKeyValue LoginKeyValue `json:"loginKeyValue,omitzero"`
	Email         string        `json:"email,omitempty"`
}

// CharacteristicOperation changes a characteristic of the service.
type CharacteristicOperation struct {
	Action         Action         `json:"action,omitempty"`
	Characteristic Characteristic `json:"characteristic,omitzero"`
}
