package main

import (
	"context"
	"fmt"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
	"github.com/clementine-ope/clementine/mockorange/ledger"
	"github.com/clementine-ope/clementine/schemas"
)

// spaceOfLedger lets the ledger write contracts and documents into the customer space.
type spaceOfLedger struct{ store *customerspace.Store }

// PutContract is part of ledger.Space.
func (s spaceOfLedger) PutContract(ctx context.Context, tx *database.Tx, c ledger.Contract) (string, error) {
	put, err := s.store.In(tx).PutContract(ctx, customerspace.Contract{
		Reference: c.Reference, Name: c.Name, BillingAccount: c.Customer,
		Offer:    customerspace.Offer{ID: c.Offer, Name: c.OfferName},
		Customer: customerspace.Customer{ID: c.Customer, Name: c.Label}, CreatedAt: c.At, UpdatedAt: c.At,
	})
	return put.ID, err
}

// PutDocument is part of ledger.Space.
func (s spaceOfLedger) PutDocument(ctx context.Context, tx *database.Tx, d ledger.Document) error {
	year, month := d.Period.Civil()
	_, err := s.store.In(tx).PutDocument(ctx, customerspace.Document{
		Reference: d.Reference, ContractID: d.Contract, Type: customerspace.DocumentType(d.Type), Filename: d.Filename,
		Period: fmt.Sprintf("%04d%02d", year, month), Amount: int64(d.Amount), Currency: string(d.Currency),
		CreatedAt: d.At, UpdatedAt: d.At,
	}, d.Content)
	return err
}

// books is the ledger as serve runs it.
type books struct{ ledger *ledger.Ledger }

// openMoney sets up billing and, over it and the customer space, the ledger, which is idle until it is started. Both go
// by the ledger's calendar.
func (t *terminal) openMoney(ctx context.Context, db *database.DB, c serveCommand) (*billingServices, *books, error) {
	calendar, err := ledger.OpenCalendar(ctx, db, nil)
	if err != nil {
		return nil, nil, usagef("%w", err)
	}
	money, err := t.openBilling(ctx, db, c.billingFlags, c.Listen, calendar.Now)
	if err != nil {
		return nil, nil, err
	}
	// Keys of the customer space don't follow the calendar.
	space, err := customerspace.NewStore(ctx, db, nil)
	if err != nil {
		return nil, nil, usagef("%w", err)
	}
	l, err := ledger.New(ctx, ledger.Options{
		DB: db, Calendar: calendar, Books: money.store, Space: spaceOfLedger{space}, Log: t.log,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("setting up the ledger: %w", err)
	}
	if c.Catalogue == "" {
		return money, &books{l}, nil
	}
	p, err := loadProfile(c.Catalogue, t)
	if err != nil {
		return nil, nil, err
	}
	return money, &books{l}, seedCatalogue(ctx, l, p)
}

// steering are the ledger's paths on the control port.
func (b *books) steering() []service {
	return []service{{ledger.OrdersPath, b.ledger}, {ledger.ClockPath, b.ledger}, {ledger.OfferingsPath, b.ledger}}
}

// start lets the ledger work, and hear of orders from a mock's journal too.
func (b *books) start(ctx context.Context, server *mockorange.Server, pack *schemas.Pack) {
	b.ledger.Start(ctx, ledger.Journal{
		Orange:     server.Control(),
		FinalOrder: func(e control.Entry) (control.Order, bool) { return mockorange.FinalOrder(pack, e) },
	})
}

// stop lets the ledger end what it has in hand; what is left it takes up again.
func (b *books) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	b.ledger.Close(ctx)
}

// seedCatalogue lets the offerings of a profile be sold.
func seedCatalogue(ctx context.Context, l *ledger.Ledger, p *profile.Profile) error {
	offerings := make([]control.Offering, 0, len(p.Offerings))
	for _, o := range p.Offerings {
		offerings = append(offerings, control.Offering{
			Code: o.Code, Name: o.Name, Price: o.Price, Currency: o.Currency, Periodicity: o.Periodicity,
		})
	}
	if err := l.PutOfferings(ctx, offerings); err != nil {
		return usagef("--catalogue: %w", err)
	}
	return nil
}

// say prints where the ledger is.
func (b *books) say(ctx context.Context, t *terminal, url string) {
	date := "an unknown date"
	if clock, err := b.ledger.Clock(ctx); err == nil {
		date = clock.Date
	}
	t.printf("ledger, whose calendar is at %s: completed orders become subscriptions, and months documents\n", date)
	t.printf("  orders       %s%s\n", url, ledger.OrdersPath)
	t.printf("  calendar     %s%s\n", url, ledger.ClockPath)
	t.printf("  catalogue    %s%s\n", url, ledger.OfferingsPath)
}
