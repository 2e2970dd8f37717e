package customerspace

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// The contract as it goes over the wire, in the order of source 001.
type (
	wireContract struct {
		Name         string       `json:"name"`
		ContractType string       `json:"contractType"`
		Offer        wireOffer    `json:"offer"`
		PlatformID   string       `json:"platformId,omitempty"`
		Customer     wireCustomer `json:"customer"`
		UpdatedAt    string       `json:"updatedAt"`
		ID           string       `json:"id"`
		CreatedAt    string       `json:"createdAt"`
		Contact      wireContact  `json:"contact"`
	}
	wireOffer struct {
		Name string `json:"name"`
		ID   string `json:"id"`
	}
	wireCustomer struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Segment string `json:"segment"`
	}
	wireContact struct {
		LastName  string `json:"lastName"`
		FirstName string `json:"firstName"`
		Name      string `json:"name"`
		Email     string `json:"email"`
		Title     string `json:"title"`
	}
)

func showContract(c Contract) wireContract {
	return wireContract{
		Name: c.Name, ContractType: c.Type, Offer: wireOffer{c.Offer.Name, c.Offer.ID}, PlatformID: c.PlatformID,
		Customer:  wireCustomer{c.Customer.ID, c.Customer.Name, c.Customer.Segment},
		UpdatedAt: wireTime(c.UpdatedAt), ID: c.ID, CreatedAt: wireTime(c.CreatedAt),
		Contact: wireContact{
			c.Contact.LastName, c.Contact.FirstName, strings.TrimSpace(c.Contact.FirstName + " " + c.Contact.LastName),
			c.Contact.Email, c.Contact.Title,
		},
	}
}

// wireTime is a time in UTC with milliseconds, as source 001 shows it.
func wireTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (a *API) getContracts(ctx context.Context, c *call) (answer, error) {
	contracts, err := a.store.Contracts(ctx, c.scope)
	if err != nil {
		return answer{}, err
	}
	list := make([]wireContract, 0, len(contracts))
	for _, contract := range contracts {
		list = append(list, showContract(contract))
	}
	return respond(http.StatusOK, list)
}

func (a *API) getContract(ctx context.Context, c *call) (answer, error) {
	id, err := c.contract(true)
	if err != nil {
		return answer{}, err
	}
	contract, err := a.store.Contract(ctx, c.scope, id)
	if err != nil {
		return answer{}, err
	}
	return respond(http.StatusOK, showContract(contract))
}

// postContract reads the fields that source 001 shows; others are not looked at.
func (a *API) postContract(ctx context.Context, c *call) (answer, error) {
	var in struct {
		BillingAccountID    string `json:"billingAccountId"`
		OfferCode           string `json:"offerCode"`
		ContractName        string `json:"contractName"`
		SupportLevel        string `json:"supportLevel"`
		ReferentCivility    string `json:"referentCivility"`
		ReferentName        string `json:"referentName"`
		ReferentFirstName   string `json:"referentFirstName"`
		ReferentMail        string `json:"referentMail"`
		ReferentFixPhone    string `json:"referentFixPhone"`
		ReferentMobilePhone string `json:"referentMobilePhone"`
		ReferenceExt1       string `json:"referenceExt1"`
		ReferenceExt2       string `json:"referenceExt2"`
		ReferenceExt3       string `json:"referenceExt3"`
	}
	if _, err := c.decode(&in); err != nil {
		return answer{}, err
	}
	made, err := a.store.CreateContract(ctx, c.scope, NewContract{
		BillingAccount: in.BillingAccountID, Offer: in.OfferCode, Name: in.ContractName, SupportLevel: in.SupportLevel,
		Referent: Contact{
			Title: in.ReferentCivility, FirstName: in.ReferentFirstName, LastName: in.ReferentName, Email: in.ReferentMail,
			FixPhone: in.ReferentFixPhone, MobilePhone: in.ReferentMobilePhone,
		},
		References: [3]string{in.ReferenceExt1, in.ReferenceExt2, in.ReferenceExt3},
	})
	if err != nil {
		return answer{}, err
	}
	return respond(http.StatusCreated, struct {
		ID string `json:"id"`
	}{made.ID})
}

// postUser answers with the user as it was sent.
func (a *API) postUser(ctx context.Context, c *call) (answer, error) {
	var in struct {
		Civility    string `json:"civility"`
		LastName    string `json:"lastName"`
		FirstName   string `json:"firstName"`
		Email       string `json:"email"`
		Login       string `json:"login"`
		FixPhone    string `json:"fixPhone"`
		MobilePhone string `json:"mobilePhone"`
		Roles       struct {
			Contracts []Role `json:"contracts"`
		} `json:"roles"`
	}
	body, err := c.decode(&in)
	if err != nil {
		return answer{}, err
	}
	u := User{
		Civility: in.Civility, FirstName: in.FirstName, LastName: in.LastName, Email: in.Email, Login: in.Login,
		FixPhone: in.FixPhone, MobilePhone: in.MobilePhone, Role: widest(in.Roles.Contracts),
	}
	if err := a.store.AddUser(ctx, c.scope, c.path("id"), u); err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: body}, nil
}

// widest is the role that counts. One that is not known is kept, for it to be refused.
func widest(roles []Role) Role {
	var out Role
	for _, r := range roles {
		if r != RoleVisitor && r != RoleManager {
			return "?"
		}
		if out != RoleManager {
			out = r
		}
	}
	return out
}
