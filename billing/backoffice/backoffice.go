package backoffice

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/operations"
	"github.com/clementine-ope/clementine/web"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed messages/*.yaml
var messages embed.FS

// Options of a back-office.
type Options struct {
	Store billing.Store
	Base  string // where it is mounted; "" is /backoffice
	// Open lets requests from this machine act as the back-office without signing in. For a server that listens on the
	// loopback interface only.
	Open bool
	// Token signs in as the back-office; "" leaves sign-in to billing's clients.
	Token string
	// OpenAPI is the API's own description; nil leaves the page about it out. APIDocs is where else it can be read.
	OpenAPI func() ([]byte, error)
	APIDocs string

	Plain bool             // leave out Boosted and htmx
	Now   func() time.Time // nil is time.Now: of sessions, and of clients that expire
	// Calendar says which day it is for subscriptions and costs; nil is Now. A sandbox may move it.
	Calendar func() time.Time
	Logger   *slog.Logger // nil drops everything
}

// Backoffice is a handler of everything below its base.
type Backoffice struct {
	options Options
	store   billing.Store
	site    *web.Site
	handler http.Handler
	log     *slog.Logger
}

// New checks the options. gin's mode is global: a program sets it.
func New(o Options) (*Backoffice, error) {
	if o.Store == nil {
		return nil, errors.New("a back-office needs a store")
	}
	if o.Base == "" {
		o.Base = "/backoffice"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Calendar == nil {
		o.Calendar = o.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	pages, err := fs.Sub(templates, "templates")
	if err != nil {
		return nil, fmt.Errorf("open templates: %w", err)
	}
	b := &Backoffice{options: o, store: o.Store, log: o.Logger}
	settings := web.Options{
		Base: o.Base, Title: "app.name", Pages: pages, Messages: web.LoadCatalog(messages, "messages/*.yaml"), Nav: b.nav, SignIn: b.signIn, Help: "app.signIn",
		Plain: o.Plain, Now: o.Now, Logger: o.Logger,
	}
	if o.Open {
		settings.OpenAs = house()
	}
	if b.site, err = web.New(settings); err != nil {
		return nil, err
	}
	b.handler = b.site.Handler(b.routes())
	return b, nil
}

// Check reads all messages and parses every page in every language, which otherwise wait until they are first shown.
func (b *Backoffice) Check() error { return b.site.Check() }

// ServeHTTP serves the paths below the base, which are given whole.
func (b *Backoffice) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.handler.ServeHTTP(w, r) }

func (b *Backoffice) routes() http.Handler {
	engine := gin.New()
	engine.Use(func(c *gin.Context) { operations.Route(c.Request.Context(), c.FullPath()) })
	engine.NoRoute(func(c *gin.Context) { b.site.Error(c.Writer, c.Request, http.StatusNotFound, "error.missing") })
	g := engine.Group(b.options.Base)
	read := func(path string, h handler) { g.GET(path, b.tidied(b.audited(h))) }
	write := func(path string, h handler) { g.POST(path, b.handle(h)) }

	read("/", b.overview)
	read("/subscriptions", b.subscriptions)
	read("/subscriptions/export", b.export)
	read("/subscriptions/new", b.newSubscription)
	write("/subscriptions/new", b.createSubscription)
	read("/subscriptions/:id", b.subscription)
	write("/subscriptions/:id/patch", b.patch)
	write("/subscriptions/:id/holds", b.hold)
	write("/subscriptions/:id/holds/:hold/remove", b.release)
	write("/subscriptions/:id/revisions", b.revise)
	write("/subscriptions/:id/end", b.end)
	write("/subscriptions/:id/delete", b.remove)
	read("/offers", b.offers)
	write("/offers", b.createOffer)
	read("/offers/:code", b.offer)
	write("/offers/:code/budget", b.setBudget)
	write("/envelopes", b.createEnvelope)
	read("/clients", b.clients)
	write("/clients", b.createClient)
	read("/clients/:id", b.client)
	write("/clients/:id/rotate", b.rotate)
	write("/clients/:id/status", b.setStatus)
	write("/clients/:id/access", b.setAccess)
	read("/duplicates", b.suspects)
	write("/duplicates/:id", b.settle)
	read("/trace", b.trace)
	read("/reconcile", b.reconciliations)
	write("/reconcile", b.reconcile)
	g.GET("/api", b.handle(b.api))
	return engine
}

// nav is what an account finds: pages for administrators only are left out for others, who would be refused there. The
// role decides, so the name of the section does.
func (b *Backoffice) nav(a web.Account) []web.NavItem {
	items := []web.NavItem{
		{Key: "nav.overview", Path: "/"}, {Key: "nav.subscriptions", Path: "/subscriptions"}, {Key: "nav.offers", Path: "/offers"},
	}
	if a.Administers {
		items = append(items, web.NavItem{Key: "nav.clients", Path: "/clients"})
	}
	items = append(items, web.NavItem{Key: "nav.duplicates", Path: "/duplicates"}, web.NavItem{Key: "nav.trace", Path: "/trace"})
	if a.Administers {
		items = append(items, web.NavItem{Key: "nav.reconcile", Path: "/reconcile"})
	}
	if b.options.OpenAPI != nil {
		items = append(items, web.NavItem{Key: "nav.api", Path: "/api"})
	}
	return items
}

// houseSubject is the account of the back-office itself; every other one is clientSubject and a client's id.
const (
	houseSubject  = "house"
	clientSubject = "client:"
	houseClient   = billing.ClientID("back-office")
)

func house() web.Account {
	return web.Account{Subject: houseSubject, Name: string(houseClient), Administers: true}
}

// signIn lets in by the token, without a name, or as a billing client. Tokens are compared by their digests, which have
// one length.
func (b *Backoffice) signIn(ctx context.Context, name, secret string) (web.Account, error) {
	if name == "" || name == string(houseClient) {
		given, own := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(b.options.Token))
		if b.options.Token == "" || subtle.ConstantTimeCompare(given[:], own[:]) != 1 {
			return web.Account{}, web.ErrRefused
		}
		return house(), nil
	}
	c, err := b.store.Authenticate(ctx, billing.ClientID(name), secret, b.today())
	if errors.Is(err, billing.ErrCredentials) {
		return web.Account{}, web.ErrRefused
	}
	if err != nil {
		return web.Account{}, fmt.Errorf("authenticate client: %w", err)
	}
	return web.Account{
		Subject: clientSubject + string(c.ID), Name: c.Name, Administers: c.Role == billing.RoleAdmin,
	}, nil
}

// today is the civil day in UTC, by which clients are let in.
func (b *Backoffice) today() billing.Day { return civil(b.options.Now()) }

// shown is the day that pages are about.
func (b *Backoffice) shown() billing.Day { return civil(b.options.Calendar()) }

// civil makes a day of an instant: the one place where that is done.
func civil(at time.Time) billing.Day {
	y, m, d := at.UTC().Date()
	return billing.NewDay(y, int(m), d)
}
