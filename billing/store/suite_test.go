package store_test

import (
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// One server serves all tests of the binary.
var server databasetest.Server

func TestMain(m *testing.M) {
	if address := os.Getenv("CLEMENTINE_TEST_WRITER"); address != "" {
		os.Exit(writeUntilKilled(address))
	}
	flag.Parse()
	fewerChecks()
	os.Exit(databasetest.Run(m, &server))
}

func long() bool { return os.Getenv("CLEMENTINE_LONG") != "" }

// today is the day of every test: behaviour must not depend on the real one.
var today = billing.NewDay(2026, 3, 31)

func clock() time.Time { return time.Date(2026, 3, 31, 23, 59, 59, 0, time.UTC) }

// bench is a store on one engine, and who uses it.
type bench struct {
	*store.Store
	t     testing.TB
	db    *database.DB
	admin billing.Actor
	all   billing.Scope // of the admin
}

func open(t testing.TB, address string, dbOpts database.Options, opts store.Options) *bench {
	t.Helper()
	if opts.Now == nil {
		opts.Now = clock
	}
	db := databasetest.Open(t, address, dbOpts)
	s, err := store.New(t.Context(), db, opts)
	if err != nil {
		t.Fatal(err)
	}
	c := billing.Client{ID: "root", Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleAdmin}
	return &bench{Store: s, t: t, db: db, admin: billing.ActorOf(c, "request-1"), all: billing.ScopeOf(c, today)}
}

func onEachEngine(t *testing.T, test func(t *testing.T, b *bench)) {
	t.Helper()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, engine.Address(t), database.Options{}, store.Options{}))
		})
	}
}

// scope is that of a writer on some offers.
func scope(offers ...billing.OfferCode) billing.Scope {
	c := billing.Client{ID: "w", Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleWriter, Offers: offers}
	return billing.ScopeOf(c, today)
}

// reader is a scope that reads some offers and writes none.
func reader(offers ...billing.OfferCode) billing.Scope {
	c := billing.Client{ID: "r", Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleReader, Offers: offers}
	return billing.ScopeOf(c, today)
}

// catalogue creates offers (in euros, but for those whose code starts with J, in yen) and envelopes.
func (b *bench) catalogue(offers []billing.OfferCode, envelopes []billing.EnvelopeCode) {
	b.t.Helper()
	for _, code := range offers {
		o := billing.Offer{Code: code, Name: "Offer " + string(code), Currency: "EUR"}
		if code[0] == 'J' {
			o.Currency = "JPY"
		}
		if _, err := b.CreateOffer(b.t.Context(), b.admin, b.all, o); err != nil {
			b.t.Fatal(err)
		}
	}
	for _, code := range envelopes {
		e := billing.Envelope{Code: code, Label: "Envelope " + string(code)}
		if _, err := b.CreateEnvelope(b.t.Context(), b.admin, b.all, e); err != nil {
			b.t.Fatal(err)
		}
	}
}

func day(s string) billing.Day {
	d, err := billing.ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// leaf is a line of one piece.
func leaf(label string, minor int64) billing.Line {
	return billing.Line{Label: label, Quantity: 1_000_000, UnitPrice: billing.Decimal6(minor * 10_000)}
}

// monthly is a subscription at 29.99 a month without an end.
func monthly(offer billing.OfferCode, envelope billing.EnvelopeCode, reference string) billing.NewSubscription {
	return billing.NewSubscription{
		Offer: offer, Envelope: envelope, Reference: reference, Label: "Subscription " + reference,
		Periodicity: billing.Monthly, Term: billing.Interval{From: day("2026-01-31"), To: billing.Forever},
		Lines: []billing.Line{{Label: "Group", Lines: []billing.Line{leaf("Base", 2500), leaf("Option", 499)}}},
	}
}

func (b *bench) create(n billing.NewSubscription) billing.Subscription {
	b.t.Helper()
	s, err := b.CreateSubscription(b.t.Context(), b.admin, b.all, n)
	if err != nil {
		b.t.Fatalf("creating %s: %v", n.Reference, err)
	}
	return s
}

// clean fails the test if the roll-up is not what the subscriptions make it.
func (b *bench) clean() {
	b.t.Helper()
	report, err := b.Reconcile(b.t.Context(), b.admin, b.all)
	if err != nil {
		b.t.Fatal(err)
	}
	if !report.Clean() {
		b.t.Fatalf("the roll-up is not what the subscriptions make it: %+v", report)
	}
}

func reference(i int) string { return fmt.Sprintf("REF-%04d", i) }
