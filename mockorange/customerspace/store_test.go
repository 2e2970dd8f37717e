package customerspace_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange/customerspace"
)

// One server serves all tests of the binary.
var server databasetest.Server

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(databasetest.Run(m, &server))
}

// noon is the moment at which every test begins.
var noon = time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// bench is a store on one engine.
type bench struct {
	*customerspace.Store
	t     testing.TB
	db    *database.DB
	clock *clock
}

func open(t testing.TB, address string, o database.Options) *bench {
	t.Helper()
	db := databasetest.Open(t, address, o)
	c := &clock{noon}
	s, err := customerspace.NewStore(t.Context(), db, c.now)
	if err != nil {
		t.Fatal(err)
	}
	return &bench{Store: s, t: t, db: db, clock: c}
}

func onEachEngine(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, engine.Address(t), database.Options{}))
		})
	}
}

// contract is one on a billing account and an offer.
func contract(reference, billingAccount, offer string) customerspace.Contract {
	return customerspace.Contract{
		Reference: reference, Name: "Contract " + reference, BillingAccount: billingAccount,
		Offer:    customerspace.Offer{ID: offer, Name: "Offer " + offer},
		Customer: customerspace.Customer{ID: "C-" + billingAccount, Name: "Société " + billingAccount, Segment: "SME"},
		Contact:  customerspace.Contact{Title: "M", FirstName: "John", LastName: "Doe", Email: "john.doe@orange.com"},
	}
}

func (b *bench) put(c customerspace.Contract) customerspace.Contract {
	b.t.Helper()
	put, err := b.PutContract(b.t.Context(), c)
	if err != nil {
		b.t.Fatal(err)
	}
	return put
}

func document(reference, contract string, t customerspace.DocumentType, period string) customerspace.Document {
	return customerspace.Document{
		Reference: reference, ContractID: contract, Type: t, Filename: reference + ".csv", Period: period, Amount: 1999, Currency: "EUR",
	}
}

func (b *bench) document(d customerspace.Document, content string) string {
	b.t.Helper()
	id, err := b.PutDocument(b.t.Context(), d, []byte(content))
	if err != nil {
		b.t.Fatal(err)
	}
	return id
}

func (b *bench) account(n customerspace.NewAccount) (customerspace.Account, string) {
	b.t.Helper()
	a, key, err := b.CreateAccount(b.t.Context(), n)
	if err != nil {
		b.t.Fatal(err)
	}
	return a, key
}

// administrator makes an account of a perimeter and returns its key.
func (b *bench) administrator(billingAccounts, offers string) string {
	b.t.Helper()
	_, key := b.account(customerspace.NewAccount{Type: customerspace.AccountAdministrator, Perimeter: customerspace.Perimeter{
		BillingAccounts: strings.Split(billingAccounts, ","), Offers: strings.Split(offers, ","),
	}})
	return key
}

// client makes an account that is declared on contracts and returns its key.
func (b *bench) client(login string, contracts ...string) string {
	b.t.Helper()
	_, key := b.account(customerspace.NewAccount{
		Type: customerspace.AccountClient, Login: login, Perimeter: customerspace.Perimeter{Contracts: contracts},
	})
	return key
}

func (b *bench) scope(key string) customerspace.Scope {
	b.t.Helper()
	h, found, err := b.Holder(b.t.Context(), key)
	if err != nil || !found {
		b.t.Fatalf("found %v, %v", found, err)
	}
	return h.Scope
}

func TestPutContract(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		first := b.put(contract("r1", "BA1", "NOTES"))
		want := contract("r1", "BA1", "NOTES")
		want.ID, want.Type, want.CreatedAt, want.UpdatedAt = first.ID, "standard", noon, noon
		if d := cmp.Diff(want, first); d != "" || len(first.ID) != len("OCB0000001") {
			t.Errorf("put %s\n%s", first.ID, d)
		}
		b.clock.at = noon.Add(time.Hour)
		if again := b.put(contract("r1", "BA1", "NOTES")); again != first {
			t.Errorf("the same again changes it: %s", cmp.Diff(first, again))
		}
		changed := contract("r1", "BA2", "NOTES")
		changed.PlatformID = "P-1"
		got := b.put(changed)
		if got.ID != first.ID || !got.CreatedAt.Equal(noon) || !got.UpdatedAt.Equal(b.clock.at) || got.BillingAccount != "BA2" {
			t.Errorf("changed to %+v", got)
		}
		if found, ok, err := b.ContractFor(ctx, "r1"); err != nil || !ok || found != got {
			t.Errorf("%v, %v: %s", ok, err, cmp.Diff(got, found))
		}
		if _, ok, err := b.ContractFor(ctx, "r2"); err != nil || ok {
			t.Errorf("found nothing: %v, %v", ok, err)
		}
		if other := b.put(contract("r2", "BA1", "NOTES")); other.ID == first.ID {
			t.Errorf("two contracts are called %s", other.ID)
		}
	})
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	b := open(t, "", database.Options{})
	c := b.put(contract("r", "BA1", "NOTES"))
	for field, spoil := range map[string]func(*customerspace.Contract){
		"reference":        func(c *customerspace.Contract) { c.Reference = "" },
		"name":             func(c *customerspace.Contract) { c.Name = "a\x00" },
		"billingAccountId": func(c *customerspace.Contract) { c.BillingAccount = "" },
		"offer.id":         func(c *customerspace.Contract) { c.Offer.ID = strings.Repeat("x", 256) },
		"contact.email":    func(c *customerspace.Contract) { c.Contact.Email = "\xff" },
		"referenceExt3":    func(c *customerspace.Contract) { c.References[2] = "a\nb" },
	} {
		bad := contract("bad", "BA1", "NOTES")
		spoil(&bad)
		_, err := b.PutContract(t.Context(), bad)
		var invalid *customerspace.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	for field, spoil := range map[string]func(*customerspace.Document){
		"reference":    func(d *customerspace.Document) { d.Reference = "" },
		"filename":     func(d *customerspace.Document) { d.Filename = "../x" },
		"documentType": func(d *customerspace.Document) { d.Type = "consumptionRatedReports" },
		"period":       func(d *customerspace.Document) { d.Period = "202613" },
		"currency":     func(d *customerspace.Document) { d.Currency = "XXX" },
	} {
		bad := document("bad", c.ID, customerspace.TypeBills, "202603")
		spoil(&bad)
		_, err := b.PutDocument(t.Context(), bad, nil)
		var invalid *customerspace.InvalidError
		if !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	large := make([]byte, customerspace.MaxDocument+1)
	if _, err := b.PutDocument(t.Context(), document("large", c.ID, customerspace.TypeBills, "202603"), large); err == nil {
		t.Error("a file beyond the limit is taken")
	}
	for _, id := range []string{"", "OCB9999999", "OCB00000001", "1"} {
		_, err := b.PutDocument(t.Context(), document("d", id, customerspace.TypeBills, "202603"), nil)
		if !errors.Is(err, customerspace.ErrNoContract) {
			t.Errorf("on contract %q: %v", id, err)
		}
	}
}

func TestPutDocument(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		c := b.put(contract("r", "BA1", "NOTES"))
		sc := b.scope(b.administrator("BA1", "NOTES"))
		content := []byte("a;b\r\n\x00\xff")
		d := document("d1", c.ID, customerspace.TypeConsumption, "202603")
		id, err := b.PutDocument(ctx, d, content)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.at = noon.Add(time.Hour)
		if again, err := b.PutDocument(ctx, d, content); err != nil || again != id {
			t.Errorf("again: %s, %v, not %s", again, err, id)
		}
		d.ID, d.CreatedAt, d.UpdatedAt = id, noon, noon
		got, read, err := b.File(ctx, sc, c.ID, id)
		if err != nil || cmp.Diff(d, got) != "" || !bytes.Equal(read, content) {
			t.Errorf("%v, %q\n%s", err, read, cmp.Diff(d, got))
		}
		// Another file of the same amount is a change, and so is another amount of the same file.
		put := document("d1", c.ID, customerspace.TypeConsumption, "202603")
		if same, err := b.PutDocument(ctx, put, nil); err != nil || same != id {
			t.Errorf("replaced: %s, %v", same, err)
		}
		got, read, err = b.File(ctx, sc, "", id)
		if err != nil || len(read) != 0 || !got.UpdatedAt.Equal(b.clock.at) || !got.CreatedAt.Equal(noon) {
			t.Errorf("%+v, %q, %v", got, read, err)
		}
		put.Amount = -5
		b.document(put, "")
		if got, _, err = b.File(ctx, sc, "", id); err != nil || got.Amount != -5 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// An outbox's worker writes a document and its done-mark in one transaction, or neither.
func TestInATransaction(t *testing.T) {
	t.Parallel()
	crash := errors.New("crash")
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		work := func(end error) error {
			return b.db.Write(ctx, func(tx *database.Tx) error {
				s := b.In(tx)
				c, err := s.PutContract(ctx, contract("r", "BA1", "NOTES"))
				if err != nil {
					return err
				}
				if _, err := s.PutDocument(ctx, document("d", c.ID, customerspace.TypeBills, "202603"), []byte("x")); err != nil {
					return err
				}
				if _, found, err := s.ContractFor(ctx, "r"); err != nil || !found {
					return fmt.Errorf("not seen inside: %v, %w", found, err)
				}
				return end
			})
		}
		if err := work(crash); !errors.Is(err, crash) {
			t.Fatal(err)
		}
		if _, found, err := b.ContractFor(ctx, "r"); found || err != nil {
			t.Errorf("found %v, %v after a transaction that was rolled back", found, err)
		}
		if err := work(nil); err != nil {
			t.Fatal(err)
		}
		c, found, err := b.ContractFor(ctx, "r")
		if !found || err != nil {
			t.Fatalf("found %v, %v", found, err)
		}
		if got, err := b.Documents(ctx, b.scope(b.administrator("BA1", "NOTES")), c.ID, customerspace.DocumentFilter{}); err != nil || len(got) != 1 {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestZeroScopeSeesNothing(t *testing.T) {
	t.Parallel()
	onEachEngine(t, func(t *testing.T, b *bench) {
		ctx := t.Context()
		c := b.put(contract("r", "BA1", "NOTES"))
		id := b.document(document("d", c.ID, customerspace.TypeBills, "202603"), "x")
		var none customerspace.Scope
		if got, err := b.Contracts(ctx, none); err != nil || len(got) != 0 {
			t.Errorf("%v, %v", got, err)
		}
		_, one := b.Contract(ctx, none, c.ID)
		_, list := b.Documents(ctx, none, c.ID, customerspace.DocumentFilter{})
		_, _, file := b.File(ctx, none, "", id)
		user := b.AddUser(ctx, none, c.ID, customerspace.User{})
		for name, err := range map[string]error{"contract": one, "documents": list, "file": file, "user": user} {
			if !errors.Is(err, customerspace.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := b.CreateContract(ctx, none, customerspace.NewContract{
			BillingAccount: "BA1", Offer: "NOTES", Name: "n",
			Referent: customerspace.Contact{LastName: "l", FirstName: "f", Email: "e@example.com"},
		})
		if !errors.Is(err, customerspace.ErrForbidden) {
			t.Errorf("create: %v", err)
		}
	})
}
