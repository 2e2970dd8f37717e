package main

import (
	"context"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/schemas"
)

// spaceServices are the Cloud Store Customer Space over its store, and the mock Orange whose tokens it takes, which is made
// after it.
type spaceServices struct {
	store  *customerspace.Store
	api    *customerspace.API
	orange *mockorange.Server
}

// openPortalAndSpace sets up both: who may use the space is asked at the portal.
func (t *terminal) openPortalAndSpace(
	ctx context.Context, db *database.DB, pack *schemas.Pack, o orangeAccess, demo bool,
) (*portalServices, *spaceServices, error) {
	developers, err := t.openPortal(ctx, db, pack, o)
	if err != nil {
		return nil, nil, err
	}
	space, err := t.openSpace(ctx, db, developers.service, demo)
	return developers, space, err
}

// openSpace sets up the customer space in an open database.
func (t *terminal) openSpace(ctx context.Context, db *database.DB, developers *portal.Service, demo bool) (*spaceServices, error) {
	store, err := customerspace.NewStore(ctx, db, nil)
	if err != nil {
		return nil, usagef("%w", err)
	}
	s := &spaceServices{store: store}
	s.api, err = customerspace.New(customerspace.Options{
		Store: store, Logger: t.log,
		CheckToken: func(ctx context.Context, token string) (oauth.Check, error) { return s.orange.CheckToken(ctx, token) },
		// The application of --client-id and those of the control port have no subscriptions of their own: all is open to them.
		Subscribed: func(ctx context.Context, application string) (bool, error) {
			known, err := developers.Knows(ctx, application)
			if err != nil || !known {
				return err == nil, err
			}
			return developers.Opens(ctx, application, portal.OfferCloudStore)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("setting up the customer space: %w", err)
	}
	if demo {
		return s, t.seedSpace(ctx, store)
	}
	return s, nil
}

// join lets the space and the portal work with the mock Orange that stands behind both.
func (s *spaceServices) join(ctx context.Context, developers *portalServices, server *mockorange.Server) error {
	s.orange = server
	return developers.join(ctx, server)
}

func (s *spaceServices) services() []service { return []service{{customerspace.BasePath, s.api}} }

func (s *spaceServices) steering() []service {
	return []service{{customerspace.ControlPath, s.api.Control()}}
}

// say prints where the portal and the customer space are.
func (s *spaceServices) say(t *terminal, developers *portalServices, url string) {
	developers.say(t, url)
	t.printf("customer space, kept where billing is\n")
	t.printf("  API      %s%s, documentation %s%s/docs\n", url, customerspace.BasePath, url, customerspace.BasePath)
}

// demoContracts are three contracts of two billing accounts.
func demoContracts() []customerspace.Contract {
	contract := func(n int, billingAccount, offer, offerName, customer string) customerspace.Contract {
		return customerspace.Contract{
			Reference: fmt.Sprintf("demo/%d", n), Name: offerName + ", " + customer, BillingAccount: billingAccount,
			Offer:    customerspace.Offer{ID: offer, Name: offerName},
			Customer: customerspace.Customer{ID: "demo-" + billingAccount, Name: customer, Segment: "SME"},
			Contact:  customerspace.Contact{Title: "M", FirstName: "Demo", LastName: "Contact", Email: "contact@example.com"},
		}
	}
	return []customerspace.Contract{
		contract(1, "10000001", "NOTES-S", "Notes Standard", "Démonstration SARL"),
		contract(2, "10000001", "HONEY", "Honey", "Démonstration SARL"),
		contract(3, "10000002", "NOTES-S", "Notes Standard", "Exemple et fils"),
	}
}

// seedSpace puts contracts, documents of the last three months and an account of each type into an empty space.
func (t *terminal) seedSpace(ctx context.Context, s *customerspace.Store) error {
	there, err := s.Accounts(ctx)
	if err != nil {
		return err
	}
	if len(there) > 0 {
		t.printf("demo: the customer space holds %d accounts already, so nothing is added\n", len(there))
		return nil
	}
	var ids []string
	for _, c := range demoContracts() {
		put, err := s.PutContract(ctx, c)
		if err != nil {
			return err
		}
		ids = append(ids, put.ID)
		if err := demoDocuments(ctx, s, put); err != nil {
			return err
		}
	}
	for _, n := range []customerspace.NewAccount{
		{
			Type: customerspace.AccountAdministrator, Login: "demo.admin",
			Perimeter: customerspace.Perimeter{BillingAccounts: []string{"10000001"}, Offers: []string{"NOTES-S", "HONEY"}},
		},
		{Type: customerspace.AccountClient, Login: "demo.client", Perimeter: customerspace.Perimeter{Contracts: ids[2:]}},
	} {
		_, key, err := s.CreateAccount(ctx, n)
		if err != nil {
			return err
		}
		t.printf("demo: customer space, %s %s, X-API-Key %s\n", n.Type, n.Login, key)
	}
	return nil
}

func demoDocuments(ctx context.Context, s *customerspace.Store, c customerspace.Contract) error {
	first := time.Now().UTC()
	first = time.Date(first.Year(), first.Month(), 1, 6, 0, 0, 0, time.UTC)
	for back := range 3 {
		at := first.AddDate(0, -back, 0)
		period := at.AddDate(0, -1, 0).Format("200601")
		for kind, name := range map[customerspace.DocumentType]string{
			customerspace.TypeBills: "bill", customerspace.TypeReports: "usage",
		} {
			_, err := s.PutDocument(ctx, customerspace.Document{
				Reference: fmt.Sprintf("%s/%s/%s", c.Reference, name, period), ContractID: c.ID, Type: kind,
				Filename: fmt.Sprintf("%s-%s-%s.csv", name, c.ID, period), Period: period, Amount: 4500, Currency: "EUR", CreatedAt: at, UpdatedAt: at,
			}, []byte("Contract;Period;Offer;Quantity;Amount\r\n"+c.ID+";"+period+";"+c.Offer.ID+";10;45,00\r\n"))
			if err != nil {
				return err
			}
		}
	}
	return nil
}
