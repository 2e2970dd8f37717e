package pages

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
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/web"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed messages/*.yaml
var messages embed.FS

// Sign-ups and activations, of everybody together: a second's worth, and how many at once.
const (
	signUpsPerSecond = 2
	signUpsAtOnce    = 20
)

// Base is where the pages are mounted.
const Base = "/portal"

// Options of the pages.
type Options struct {
	Portal *portal.Service
	// Open lets requests from this machine act as Orange without signing in. For a server that listens on the loopback
	// interface only.
	Open  bool
	Token string // signs in as Orange; empty for nobody

	APIDocs string           // where the API's description can be read; empty for nowhere
	SignUps *rate.Limiter    // of everybody together; nil is two a second, 20 at once
	Plain   bool             // leave out Boosted and htmx
	Now     func() time.Time // nil is time.Now
	Logger  *slog.Logger     // nil drops everything
}

// Pages is a handler of everything below Base.
type Pages struct {
	options Options
	portal  *portal.Service
	site    *web.Site
	handler http.Handler
}

// New checks the options. gin's mode is global: a program sets it.
func New(o Options) (*Pages, error) {
	if o.Portal == nil {
		return nil, errors.New("pages need a portal")
	}
	files, err := fs.Sub(templates, "templates")
	if err != nil {
		return nil, fmt.Errorf("open templates: %w", err)
	}
	if o.SignUps == nil {
		o.SignUps = rate.NewLimiter(signUpsPerSecond, signUpsAtOnce)
	}
	p := &Pages{options: o, portal: o.Portal}
	settings := web.Options{
		Base: Base, Title: "app.name", Pages: files, Messages: web.LoadCatalog(messages, "messages/*.yaml"), Nav: nav, SignIn: p.signIn, Help: "app.signIn", Public: public,
		Uploads: uploads, Plain: o.Plain, Now: o.Now, Logger: o.Logger,
	}
	if o.Open {
		settings.OpenAs = orange()
	}
	if p.site, err = web.New(settings); err != nil {
		return nil, err
	}
	p.handler = p.site.Handler(p.routes())
	return p, nil
}

// Check reads all messages and parses every page in every language, which otherwise wait until they are first shown.
func (p *Pages) Check() error { return p.site.Check() }

// ServeHTTP serves the paths below Base, which are given whole.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

func (p *Pages) routes() http.Handler {
	e := gin.New()
	e.NoRoute(func(c *gin.Context) { p.site.Error(c.Writer, c.Request, http.StatusNotFound, "error.missing") })
	g := e.Group(Base)
	const one = "/apps/:id/subscriptions/:offer"

	g.GET("/", p.anybody(p.home))
	g.GET("/sign-up", p.anybody(p.signUpForm))
	g.POST("/sign-up", p.anybody(p.limited(p.signUp)))
	g.GET("/sign-up/sent", p.anybody(p.sent))
	g.GET("/activate", p.anybody(p.activateForm))
	g.POST("/activate", p.anybody(p.limited(p.activate)))
	g.GET("/invitation", p.anybody(p.invitationForm))
	g.GET("/terms", p.anybody(p.terms))

	g.POST("/invitation", p.partner(p.acceptInvitation))
	g.GET("/apps", p.partner(p.applications))
	g.POST("/apps", p.partner(p.createApplication))
	g.GET("/apps/:id", p.partner(p.application))
	g.POST("/apps/:id/rotate", p.partner(p.rotate))
	g.POST("/apps/:id/delete", p.partner(p.remove))
	g.POST("/apps/:id/subscriptions", p.partner(p.subscribe))
	g.GET(one, p.partner(p.subscription))
	g.POST(one+"/configure", p.partner(p.configure))
	g.POST(one+"/terms", p.partner(p.acceptTerms))
	g.GET("/integration", p.partner(p.integration))
	g.POST("/integration/runs", p.partner(p.postRun))

	g.GET("/review", p.orange(p.reviews))
	g.GET("/review/subscriptions/:id", p.orange(p.review))
	g.POST("/review/subscriptions/:id/decide", p.orange(p.decide))
	g.GET("/review/invitations", p.orange(p.invitations))
	g.POST("/review/invitations", p.orange(p.invite))
	g.GET("/review/partners", p.orange(p.partners))
	g.GET("/review/partners/:id", p.orange(p.onePartner))
	g.POST("/review/partners/:id/runs", p.orange(p.postPartnerRun))
	g.GET("/mailbox", p.orange(p.mailbox))
	return e
}

// public are the pages that a stranger may see.
func public(path string) bool {
	switch path {
	case "", "/", "/sign-up", "/sign-up/sent", "/activate", "/invitation", "/terms":
		return true
	}
	return false
}

// uploads are the forms that take a results.json.
func uploads(path string) int64 {
	const around = 64 << 10 // of the form, around the file
	if path == "/integration/runs" || (strings.HasPrefix(path, "/review/partners/") && strings.HasSuffix(path, "/runs")) {
		return portal.MaxResults + around
	}
	return 0
}

// The accounts of the site: Orange, or partnerSubject and the id of a partner's account.
const (
	orangeSubject  = "orange"
	partnerSubject = "partner:"
)

func orange() web.Account {
	return web.Account{Subject: orangeSubject, Name: "Orange", Administers: true}
}

func nav(a web.Account) []web.NavItem {
	if a.Administers {
		return []web.NavItem{
			{Key: "nav.review", Path: "/review"}, {Key: "nav.invitations", Path: "/review/invitations"},
			{Key: "nav.partners", Path: "/review/partners"}, {Key: "nav.mailbox", Path: "/mailbox"},
		}
	}
	return []web.NavItem{{Key: "nav.home", Path: "/"}, {Key: "nav.apps", Path: "/apps"}, {Key: "nav.integration", Path: "/integration"}}
}

// signIn lets in by the operator's token, without an address, or as a partner. Tokens are compared by their digests,
// which have one length.
func (p *Pages) signIn(ctx context.Context, name, secret string) (web.Account, error) {
	if name = strings.TrimSpace(name); name == "" {
		given, own := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(p.options.Token))
		if p.options.Token == "" || subtle.ConstantTimeCompare(given[:], own[:]) != 1 {
			return web.Account{}, web.ErrRefused
		}
		return orange(), nil
	}
	a, err := p.portal.SignIn(ctx, name, secret)
	if errors.Is(err, portal.ErrCredentials) || errors.Is(err, portal.ErrNotActivated) {
		return web.Account{}, web.ErrRefused
	}
	if err != nil {
		return web.Account{}, err
	}
	return web.Account{Subject: partnerSubject + a.ID, Name: a.Email}, nil
}
