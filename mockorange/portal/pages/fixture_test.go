package pages_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/crypto/bcrypt"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/mockorange/portal/pages"
	"github.com/clementine-ope/clementine/reports"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.ReleaseMode)
	os.Exit(m.Run())
}

func clock() time.Time { return time.Date(2026, 11, 28, 9, 30, 0, 0, time.UTC) }

const (
	token    = "the-operator-of-these-tests"
	password = "correct horse battery"
	hostile  = `<script>alert("x")</script> & 'quotes' {{.}}`
)

type nowhere struct{}

func (nowhere) Register(context.Context, string, string, [sha256.Size]byte, []string) error {
	return nil
}
func (nowhere) Unregister(context.Context, string) error { return nil }

func catalogue() []portal.Requirement {
	return []portal.Requirement{
		{ID: "GEN-01", Level: "mandatory", Mode: "both", Text: "GET ping answers HTTP 200.", TextFR: "GET ping répond HTTP 200."},
		{ID: "PO-UC2-02", Level: "mandatory", Mode: "both", Text: "The fleet holds the ordered licences.", TextFR: "Le parc contient les licences commandées."},
		{ID: "PO-UC4-01", Level: "mandatory", Mode: "async", Text: "The event comes.", TextFR: "L'événement arrive."},
		{ID: "US-UC4-01", Level: "optional", Mode: "both", Feature: "changeOffering", Text: "A swap moves the licence.", TextFR: "Un échange déplace la licence."},
		{ID: "US-UC5-01", Level: "optional", Mode: "both", Feature: "endUser", Text: "add links an end user.", TextFR: "add rattache un utilisateur."},
		{ID: "INT-01", Level: "mandatory", Mode: "both", Text: "The whole sequence runs in order.", TextFR: "Toute la séquence se déroule dans l'ordre."},
		{ID: "INT-02", Level: "mandatory", Mode: "both", Feature: "production", Text: "The short pass holds.", TextFR: "Le passage court tient."},
	}
}

// fixture is a portal with something in every page.
type fixture struct {
	t       testing.TB
	portal  *portal.Service
	partner portal.Account // far on its way, with a run that left something open
	other   portal.Account // at its beginning, with hostile names
	app     portal.Application
	beta    portal.Subscription
	prod    portal.Subscription
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	service, err := portal.New(context.Background(), databasetest.Open(t, ":memory:", database.Options{}), portal.Options{
		Registry: nowhere{}, PasswordCost: bcrypt.MinCost, Now: clock, Pack: "mba-2.2", Requirements: catalogue(),
	})
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, portal: service}
	f.partner = f.account("dev@acme.test", "Zoé Développeuse", "Acme SaaS")
	f.other = f.account("dev@other.test", hostile, hostile)
	f.fill()
	return f
}

func (f *fixture) ok(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// link is the token in the newest mail to an address.
func (f *fixture) link(to string) string {
	f.t.Helper()
	mail, err := f.portal.Mailbox(context.Background(), to)
	f.ok(err)
	if len(mail) == 0 {
		f.t.Fatalf("no mail to %s", to)
	}
	_, token, _ := strings.Cut(mail[0].Link, "token=")
	return token
}

func (f *fixture) account(email, name, company string) portal.Account {
	f.t.Helper()
	ctx := context.Background()
	f.ok(f.portal.SignUp(ctx, portal.NewAccount{Email: email, Name: name, Company: company, Password: password, Lang: "fr"}))
	a, err := f.portal.Activate(ctx, f.link(email))
	f.ok(err)
	return a
}

func (f *fixture) fill() {
	f.t.Helper()
	ctx := context.Background()
	var err error
	f.app, _, err = f.portal.CreateApplication(ctx, f.partner.ID, "Notes, development")
	f.ok(err)
	_, _, err = f.portal.CreateApplication(ctx, f.partner.ID, "Notes, production")
	f.ok(err)
	_, err = f.portal.Invite(ctx, f.partner.Email, portal.OfferBeta, "en")
	f.ok(err)
	_, err = f.portal.AcceptInvitation(ctx, f.partner.ID, f.link(f.partner.Email))
	f.ok(err)
	f.beta, err = f.portal.Subscribe(ctx, f.partner.ID, f.app.ID, portal.OfferBeta)
	f.ok(err)
	_, err = f.portal.Configure(ctx, f.partner.ID, f.app.ID, portal.OfferBeta, portal.Configuration{
		Contract: "MBA-2026-042", BaseURL: "https://partner.test/api", Auth: portal.Auth{Type: "basic", Name: "orange", Secret: "partner-secret"},
	})
	f.ok(err)
	_, err = f.portal.AcceptTerms(ctx, f.partner.ID, f.app.ID, portal.OfferBeta, portal.TermsVersion)
	f.ok(err)
	f.prod, err = f.portal.Subscribe(ctx, f.partner.ID, f.app.ID, portal.OfferProduction)
	f.ok(err)
	_, err = f.portal.Decide(ctx, f.prod.ID, portal.Refuse, "The agreement is not signed yet. "+hostile)
	f.ok(err)
	theirs, _, err := f.portal.CreateApplication(ctx, f.other.ID, hostile)
	f.ok(err)
	_, err = f.portal.Subscribe(ctx, f.other.ID, theirs.ID, portal.OfferProduction)
	f.ok(err)
	_, err = f.portal.Invite(ctx, "later@acme.test", portal.OfferCloudStore, "en")
	f.ok(err)
	_, err = f.portal.PostRun(ctx, f.partner.ID, f.partner.Email, results(f.t, func(r *reports.Results) {
		r.Verdict, r.Counts.Failed = "failed", 1
		r.Requirements[1].Verdict, r.Requirements[1].Reason = reports.Failed, hostile
	}))
	f.ok(err)
}

// results are a run on the beta offer that passes, changed.
func results(t testing.TB, change func(r *reports.Results)) *bytes.Buffer {
	t.Helper()
	r := reports.Results{
		Version: reports.Version, Verdict: "passed", Mode: "async", Suite: reports.Suite{Contract: "mba-2.2", Version: "1"},
		Partner: reports.Partner{Name: "Acme", Contract: "MBA-2026-042"}, Counts: reports.Counts{Passed: 5, Skipped: 2}, StartedAt: clock(),
		Profile: map[string]any{"offer": "mba2-beta", "features": map[string]any{"endUser": true}},
	}
	for _, q := range catalogue() {
		v := reports.Passed
		if q.Feature == "changeOffering" || q.Feature == "production" {
			v = reports.Skipped
		}
		r.Requirements = append(r.Requirements, reports.Requirement{ID: q.ID, Level: q.Level, Verdict: v, Text: q.Text})
	}
	if change != nil {
		change(&r)
	}
	var b bytes.Buffer
	if err := reports.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return &b
}

func (f *fixture) serve(change func(*pages.Options)) *httptest.Server {
	f.t.Helper()
	o := pages.Options{Portal: f.portal, Open: true, Token: token, Now: clock, APIDocs: "/portal/api/v1/openapi.json"}
	if change != nil {
		change(&o)
	}
	p, err := pages.New(o)
	if err != nil {
		f.t.Fatal(err)
	}
	server := httptest.NewServer(p)
	f.t.Cleanup(server.Close)
	return server
}

// guarded are pages that are open to nobody.
func guarded(o *pages.Options) { o.Open = false }

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
	return &browser{base: server.URL + pages.Base, Client: &http.Client{
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

// upload sends a file by the form of a page.
func (b *browser) upload(t testing.TB, from, path string, file []byte) page {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("csrf", b.get(t, from).token(t)); err != nil {
		t.Fatal(err)
	}
	part, err := form.CreateFormFile("results", "results.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.do(t, r)
}
