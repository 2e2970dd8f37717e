package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/billing/api"
	"github.com/clementine-ope/clementine/billing/backoffice"
	"github.com/clementine-ope/clementine/billing/store"
	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/httpserve"
	"github.com/clementine-ope/clementine/internal/oauth"
)

const backofficePath = "/backoffice"

// maxTokenRequest is the longest token request that is looked into, in bytes.
const maxTokenRequest = 16 << 10

// tokenPatience is how long a token request may take to arrive.
const tokenPatience = 30 * time.Second

// billingFlags are the flags of every command that serves billing.
type billingFlags struct {
	Database        string `placeholder:"FILE|URL" help:"Where all is kept: a file's path (SQLite) or a postgres:// URL; in memory if it is left out."`
	Demo            bool   `help:"Fill an empty database with two years of 12 offers and 40 envelopes, and print its clients."`
	BackofficeToken string `name:"backoffice-token" help:"The operator's token: signs in to the back-office and to Orange's side of the portal where they are not on the loopback interface; one is made up and printed if it is left out."`
}

// billingServices are the handlers of billing over one store.
type billingServices struct {
	store  *store.Store
	api    *api.API
	office http.Handler
	made   string // the operator's token, made up and to be printed; empty otherwise
	access orangeAccess
}

// orangeAccess is how somebody acts on Orange's side, on all of its pages and APIs: by a token, or from this machine without one.
type orangeAccess struct {
	open  bool
	token string
}

// openBilling sets up billing in an open database, to be served at listen. calendar says which day it is for billing; nil
// is the system's clock.
func (t *terminal) openBilling(
	ctx context.Context, db *database.DB, f billingFlags, listen string, calendar func() time.Time,
) (*billingServices, error) {
	s, err := store.New(ctx, db, store.Options{Log: t.log, Now: calendar})
	if err != nil {
		return nil, usagef("%w", err)
	}
	b, err := t.billingOver(s, f, listen, calendar)
	if err == nil && f.Demo {
		err = t.seedDemo(ctx, s)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

func (t *terminal) billingOver(
	s *store.Store, f billingFlags, listen string, calendar func() time.Time,
) (*billingServices, error) {
	a, err := api.New(api.Options{Store: s, Calendar: calendar, Logger: t.log, Version: versionText()})
	if err != nil {
		return nil, fmt.Errorf("setting up the billing API: %w", err)
	}
	b := &billingServices{store: s, api: a}
	b.access, b.made = accessOf(f, listen)
	b.office, err = backoffice.New(backoffice.Options{
		Store: s, Calendar: calendar, Base: backofficePath, Open: b.access.open, Token: b.access.token,
		OpenAPI: a.Document, APIDocs: api.BasePath + "/docs", Logger: t.log,
	})
	if err != nil {
		return nil, fmt.Errorf("setting up the back-office: %w", err)
	}
	return b, nil
}

// accessOf is Orange's side of a server at listen, and its token where one is made up.
func accessOf(f billingFlags, listen string) (o orangeAccess, made string) {
	open := onLoopback(listen)
	if f.BackofficeToken == "" && !open {
		made = rand.Text()
		return orangeAccess{token: made}, made
	}
	return orangeAccess{open: open && f.BackofficeToken == "", token: f.BackofficeToken}, ""
}

// onLoopback says whether an address is sure to be reached from this machine only.
func onLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// handler serves billing alone.
func (b *billingServices) handler() http.Handler {
	return b.around(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, backofficePath+"/", http.StatusFound)
			return
		}
		b.api.ServeHTTP(w, r) // which says in its own words what it does not have
	}))
}

// around serves billing beside another service. The two share the token path: a request goes to the registry that its
// client stands in, and to the other service where billing does not know it.
func (b *billingServices) around(other http.Handler) http.Handler {
	token := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == api.TokenPath && b.owns(w, r) {
			b.api.ServeHTTP(w, r)
			return
		}
		other.ServeHTTP(w, r)
	})
	return beside(token, []service{{backofficePath, b.office}, {api.BasePath, b.api}})
}

// owns says whether a token request comes from a client of billing. It leaves the body as it was.
func (b *billingServices) owns(w http.ResponseWriter, r *http.Request) bool {
	// Who answers sets its own limits; a connection without deadlines, such as a test's, needs none here.
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(tokenPatience))
	defer func() { _ = connection.SetReadDeadline(time.Time{}) }()
	start, err := io.ReadAll(io.LimitReader(r.Body, maxTokenRequest))
	body := io.MultiReader(bytes.NewReader(start), r.Body)
	if err != nil {
		body = io.MultiReader(bytes.NewReader(start), failing{err})
	}
	r.Body = struct {
		io.Reader
		io.Closer
	}{body, r.Body}
	for _, id := range oauth.Claimed(r.Header, start) {
		// An error of the database is the API's to answer.
		if known, err := b.api.Tokens().Knows(r.Context(), id); known || err != nil {
			return true
		}
	}
	return false
}

// failing is a body that broke off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// say prints where billing is.
func (b *billingServices) say(t *terminal, url, database string) {
	where := "in memory: nothing is kept when it stops"
	if database != "" {
		where = "kept in the database"
	}
	t.printf("billing, %s\n", where)
	t.printf("  API          %s%s, documentation %s%s/docs\n", url, api.BasePath, url, api.BasePath)
	t.printf("  back-office  %s%s\n", url, backofficePath)
	if b.made != "" {
		t.printf("  sign-in      %s\n", b.made)
	}
}

type billingServeCommand struct {
	billingFlags
	operationsFlags
	tlsFlags
	Listen string `default:"127.0.0.1:8090" help:"Address of API, token endpoint and back-office."`
}

// Help is shown by --help.
func (billingServeCommand) Help() string {
	return `Examples:

  clementine billing serve --demo
  clementine billing serve --database billing.db
  clementine billing client add --name admin --role admin --database billing.db`
}

// Run serves until ctx ends.
func (c billingServeCommand) Run(ctx context.Context, t *terminal) error {
	secured, err := c.config(t, c.Listen, c.Operations)
	if err != nil {
		return err
	}
	db, err := t.openDatabase(ctx, c.Database)
	if err != nil {
		return err
	}
	defer t.closeDatabase(db)
	ops := t.operated(c.operationsFlags)
	ops.needs("billing", db)
	stopOperations, err := ops.start(ctx, t, secured)
	if err != nil {
		return err
	}
	defer stopOperations()
	b, err := t.openBilling(ctx, db, c.billingFlags, c.Listen, nil)
	if err != nil {
		return err
	}
	server := httpserve.New(ops.requests.Around("billing", b.handler()), httpserve.Options{Addr: c.Listen, TLS: secured, Logger: t.log})
	if err := start(server, c.Listen, "--listen"); err != nil {
		return err
	}
	defer t.stop(ctx, "billing server", server)
	b.say(t, server.URL(), c.Database)
	ops.wait(ctx, t)
	return nil
}
