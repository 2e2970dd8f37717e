package backoffice_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/billing/api"
	"github.com/clementine-ope/clementine/billing/backoffice"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(m.Run())
}

// today is the day of every test: 2026-08-23, a Sunday.
func clock() time.Time { return time.Date(2026, 8, 23, 9, 30, 0, 0, time.UTC) }

func day(t testing.TB, text string) billing.Day {
	t.Helper()
	d, err := billing.ParseDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// fixture is a store with something in every page.
type fixture struct {
	store  *store.Store
	actor  billing.Actor
	scope  billing.Scope
	first  billing.Subscription // with holds and two prices
	script billing.Subscription // whose texts are hostile
	reader login                // of NOTES-S alone
	writer login                // of NOTES-S and NOTES-L
	seer   login                // omniscient
}

type login struct {
	id     billing.ClientID
	secret string
}

const hostile = `<script>alert("x")</script> & 'quotes' {{.}}`

func newFixture(t testing.TB) *fixture {
	t.Helper()
	s, err := store.Open(context.Background(), ":memory:", database.Options{}, store.Options{Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	admin := billing.Client{ID: "seed", Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleAdmin}
	f := &fixture{store: s, actor: billing.ActorOf(admin, "seed"), scope: billing.ScopeOf(admin, day(t, "2026-08-23"))}
	f.catalogue(t)
	f.reader = f.client(t, "Reporting of the north", billing.RoleReader, false, "NOTES-S")
	f.writer = f.client(t, "Order desk", billing.RoleWriter, false, "NOTES-S", "NOTES-L")
	f.seer = f.client(t, "Group controlling "+hostile, billing.RoleReader, true)
	f.subscriptions(t)
	for envelope, amount := range map[billing.EnvelopeCode]billing.Minor{"IT-2026": 1, "SALES": 100_000_000, "HR": 0} {
		k := billing.BudgetKey{Offer: "NOTES-S", Envelope: envelope, Year: 2026}
		if _, _, err := f.store.SetBudget(t.Context(), f.actor, f.scope, k, amount, 0); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func offerCodes() []billing.OfferCode {
	return []billing.OfferCode{"NOTES-S", "NOTES-L", "VAULT", "SIGN", "MEET-CHF"}
}

func (f *fixture) catalogue(t testing.TB) {
	t.Helper()
	names := []string{"Notes Standard", "Notes Large", "Vault storage, encrypted", "Signature", "Meetings Switzerland"}
	for i, code := range offerCodes() {
		currency := billing.Currency("EUR")
		if code == "MEET-CHF" {
			currency = "CHF"
		}
		if _, err := f.store.CreateOffer(t.Context(), f.actor, f.scope, billing.Offer{Code: code, Name: names[i], Currency: currency}); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []billing.Envelope{{Code: "IT-2026", Label: "Information systems"}, {Code: "SALES", Label: "Sales floor"}, {Code: "HR", Label: "Personnel – été"}} {
		if _, err := f.store.CreateEnvelope(t.Context(), f.actor, f.scope, e); err != nil {
			t.Fatal(err)
		}
	}
}

func (f *fixture) client(t testing.TB, name string, role billing.Role, omniscient bool, offers ...billing.OfferCode) login {
	t.Helper()
	c, secret, err := f.store.CreateClient(t.Context(), f.actor, f.scope, billing.NewClient{
		Name: name, Role: role, Omniscient: omniscient, Offers: offers,
	})
	if err != nil {
		t.Fatal(err)
	}
	return login{c.ID, secret}
}

func decimal(t testing.TB, text string) billing.Decimal6 {
	t.Helper()
	d, err := billing.ParseDecimal6(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func tree(t testing.TB, price string) []billing.Line {
	t.Helper()
	return []billing.Line{
		{Label: "Licences", Lines: []billing.Line{
			{Label: "Seats", Quantity: decimal(t, "10"), UnitPrice: decimal(t, price)},
			{Label: "Options", Lines: []billing.Line{{Label: "Archive | ten years", Quantity: decimal(t, "2.5"), UnitPrice: decimal(t, "1.2")}}},
		}},
		{Label: "Discount", Quantity: decimal(t, "1"), UnitPrice: decimal(t, "-3")},
	}
}

func (f *fixture) subscribe(t testing.TB, n billing.NewSubscription) billing.Subscription {
	t.Helper()
	s, err := f.store.CreateSubscription(t.Context(), f.actor, f.scope, n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (f *fixture) subscriptions(t testing.TB) {
	t.Helper()
	envelopes := []billing.EnvelopeCode{"IT-2026", "SALES", "HR"}
	rhythms := []billing.Periodicity{billing.Monthly, billing.Monthly, billing.Weekly, billing.Daily}
	for i := range 45 {
		start := day(t, "2025-02-11") + billing.Day(17*i)
		n := billing.NewSubscription{
			Offer: offerCodes()[i%5], Envelope: envelopes[i%3], Reference: fmt.Sprintf("CT-%04d", i), Label: fmt.Sprintf("Contract number %d, site %c", i, 'A'+rune(i%26)),
			Periodicity: rhythms[i%4], Term: billing.Interval{From: start, To: billing.Forever}, Lines: tree(t, fmt.Sprintf("%d.5", 4+i%7)),
		}
		if i%6 == 5 {
			n.Term.To = start + 300
		}
		if i%8 == 0 {
			n.Rule = billing.DaysOfMonth
		}
		s := f.subscribe(t, n)
		if i == 0 {
			f.first = s
		}
	}
	f.script = f.subscribe(t, billing.NewSubscription{
		Offer: "NOTES-S", Envelope: "HR", Reference: hostile, Label: "=1+1 " + hostile, Periodicity: billing.Monthly,
		Term: billing.Interval{From: day(t, "2026-01-31"), To: billing.Forever}, Lines: []billing.Line{{Label: hostile, Quantity: decimal(t, "1"), UnitPrice: decimal(t, "29.99")}},
	})
	for _, reference := range []string{"TWIN-1", "TWIN-2"} {
		f.subscribe(t, billing.NewSubscription{
			Offer: "SIGN", Envelope: "SALES", Reference: reference, Label: "Signature for the sales floor", Periodicity: billing.Monthly,
			Term: billing.Interval{From: day(t, "2026-03-01"), To: billing.Forever}, Lines: tree(t, "8"),
		})
	}
	f.change(t)
}

func (f *fixture) change(t testing.TB) {
	t.Helper()
	because := f.actor
	because.Reason = "Renegotiated with the customer"
	s, err := f.store.Revise(t.Context(), because, f.scope, f.first.ID, f.first.Version, day(t, "2026-06-15"), tree(t, "6.25"))
	if err != nil {
		t.Fatal(err)
	}
	s, err = f.store.AddHold(t.Context(), because, f.scope, s.ID, s.Version, billing.Hold{
		Interval: billing.Until(day(t, "2026-04-10"), day(t, "2026-04-19")), Reason: "Site closed for works",
	})
	if err != nil {
		t.Fatal(err)
	}
	f.first = s
	if _, err := f.store.Reconcile(t.Context(), f.actor, f.scope); err != nil {
		t.Fatal(err)
	}
}

const token = "the-token-of-these-tests"

// serve runs a back-office over the fixture.
func (f *fixture) serve(t testing.TB, change func(*backoffice.Options)) *httptest.Server {
	t.Helper()
	o := backoffice.Options{
		Store: f.store, Open: true, Token: token, Now: clock, APIDocs: "/billing/v1/docs",
		OpenAPI: f.description(t),
	}
	if change != nil {
		change(&o)
	}
	b, err := backoffice.New(o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	return server
}

// description is what the API says of itself.
func (f *fixture) description(t testing.TB) func() ([]byte, error) {
	t.Helper()
	a, err := api.New(api.Options{Store: f.store, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return func() ([]byte, error) {
		w := httptest.NewRecorder()
		a.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, api.BasePath+"/openapi.json", http.NoBody))
		return w.Body.Bytes(), nil
	}
}

// guarded is a back-office that is open to nobody.
func guarded(o *backoffice.Options) { o.Open = false }

// browser keeps cookies, as browsers do, and follows no redirect.
type browser struct {
	*http.Client
	base string
}

func newBrowser(t testing.TB, server *httptest.Server) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{base: server.URL + "/backoffice", Client: &http.Client{
		Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// signedIn is a browser of somebody who has signed in.
func signedIn(t testing.TB, server *httptest.Server, name, secret string) *browser {
	t.Helper()
	b := newBrowser(t, server)
	if got := b.post(t, "/sign-in", "/sign-in", url.Values{"name": {name}, "secret": {secret}}); got.status != http.StatusSeeOther {
		t.Fatalf("signing in as %q answers %d", name, got.status)
	}
	return b
}
