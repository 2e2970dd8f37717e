package ledger_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
	"github.com/clementine-ope/clementine/mockorange/ledger"
)

var server databasetest.Server

func TestMain(m *testing.M) { os.Exit(databasetest.Run(m, &server)) }

// start is the system's date of most tests.
var start = time.Date(2026, 1, 1, 9, 30, 0, 0, time.UTC)

// space is the customer space as the ledger writes to it, and counts what it puts.
type space struct{ store *customerspace.Store }

func (s space) PutContract(ctx context.Context, tx *database.Tx, c ledger.Contract) (string, error) {
	put, err := s.store.In(tx).PutContract(ctx, customerspace.Contract{
		Reference: c.Reference, Name: c.Name, BillingAccount: c.Customer,
		Offer:    customerspace.Offer{ID: c.Offer, Name: c.OfferName},
		Customer: customerspace.Customer{ID: c.Customer, Name: c.Label}, CreatedAt: c.At, UpdatedAt: c.At,
	})
	return put.ID, err
}

func (s space) PutDocument(ctx context.Context, tx *database.Tx, d ledger.Document) error {
	year, month := d.Period.Civil()
	_, err := s.store.In(tx).PutDocument(ctx, customerspace.Document{
		Reference: d.Reference, ContractID: d.Contract, Type: customerspace.DocumentType(d.Type), Filename: d.Filename,
		Period: fmt.Sprintf("%04d%02d", year, month), Amount: int64(d.Amount), Currency: string(d.Currency),
		CreatedAt: d.At, UpdatedAt: d.At,
	}, d.Content)
	return err
}

// bench is a ledger with all that it works with.
type bench struct {
	*testing.T
	*ledger.Ledger
	db       *database.DB
	calendar *ledger.Calendar
	books    *store.Store
	space    *customerspace.Store
	now      func() time.Time
}

func onEachEngine(t *testing.T, opts database.Options, test func(b *bench)) {
	t.Helper()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			test(open(t, engine.Address(t), opts, ledger.Journal{}))
		})
	}
}

// inFile is a bench on a SQLite file of its own.
func inFile(t *testing.T) *bench {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "ledger.db"), database.Options{}, ledger.Journal{})
}

func open(t *testing.T, address string, opts database.Options, j ledger.Journal) *bench {
	t.Helper()
	b := &bench{T: t, db: databasetest.Open(t, address, opts), now: func() time.Time { return start }}
	b.begin(j)
	b.Cleanup(func() { b.Close(context.Background()) })
	return b
}

// begin opens all parts over the database, as a program that is started does.
func (b *bench) begin(j ledger.Journal) {
	b.Helper()
	ctx := context.Background()
	var err error
	if b.calendar, err = ledger.OpenCalendar(ctx, b.db, b.now); err != nil {
		b.Fatal(err)
	}
	if b.books, err = store.New(ctx, b.db, store.Options{Now: b.calendar.Now}); err != nil {
		b.Fatal(err)
	}
	if b.space, err = customerspace.NewStore(ctx, b.db, nil); err != nil {
		b.Fatal(err)
	}
	b.Ledger, err = ledger.New(ctx, ledger.Options{
		DB: b.db, Calendar: b.calendar, Books: b.books, Space: space{b.space},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Start(ctx, j)
}

// everything is a scope of billing that sees all.
func everything() billing.Scope {
	return billing.ScopeOf(billing.Client{Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleAdmin}, 0)
}

// reach is a scope of the customer space that sees all.
func (b *bench) reach(customers, offers []string) customerspace.Scope {
	b.Helper()
	_, key, err := b.space.CreateAccount(b.Context(), customerspace.NewAccount{
		Type:      customerspace.AccountAdministrator,
		Perimeter: customerspace.Perimeter{BillingAccounts: customers, Offers: offers},
	})
	if err != nil {
		b.Fatal(err)
	}
	h, found, err := b.space.Holder(b.Context(), key)
	if err != nil || !found {
		b.Fatalf("the key opens nothing: %v", err)
	}
	return h.Scope
}

func (b *bench) take(orders ...control.Order) {
	b.Helper()
	for _, o := range orders {
		if _, err := b.Take(b.Context(), o); err != nil {
			b.Fatal(err)
		}
	}
}

// moveTo moves the calendar and expects that nothing is left to be done.
func (b *bench) moveTo(day string) {
	b.Helper()
	clock, err := b.MoveClock(b.Context(), control.ClockMove{Date: day})
	if err != nil {
		b.Fatal(err)
	}
	if clock.Pending != 0 || clock.Parked != 0 || clock.Date != day {
		b.Fatalf("the calendar came to %+v, want %s", clock, day)
	}
}

// settled waits until all orders are applied.
func (b *bench) settled() {
	b.Helper()
	if left, err := b.Settle(b.Context()); err != nil || left != 0 {
		b.Fatalf("%d tasks left, %v", left, err)
	}
}

func notes(price string) *control.Offering {
	return &control.Offering{Code: "NOTES-S", Name: "Notes Standard", Price: price, Currency: "EUR", Periodicity: "monthly"}
}

func large(price string) *control.Offering {
	return &control.Offering{Code: "NOTES-L", Name: "Notes Large", Price: price, Currency: "EUR", Periodicity: "monthly"}
}

func acme() control.OrderCustomer {
	return control.OrderCustomer{Reference: "C-1", Name: "Société d’Études L’Œuvre", Country: "FR"}
}

func order(reference, fleet string, offering *control.Offering, quantity int) control.Order {
	return control.Order{
		Reference: reference, Kind: control.KindOrder, Customer: acme(), Fleet: fleet, Offering: offering, Quantity: quantity,
	}
}

func update(reference string, changes ...control.LicenceChange) control.Order {
	return control.Order{Reference: reference, Kind: control.KindUpdate, Customer: acme(), Licences: changes}
}

func change(id string, state control.LicenceState) control.LicenceChange {
	return control.LicenceChange{ID: id, Fleet: "F-1", Offering: "NOTES-S", State: state}
}
