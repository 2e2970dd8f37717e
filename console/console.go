package console

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

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/egress"
	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/schemas"
	"github.com/clementine-ope/clementine/steps"
	"github.com/clementine-ope/clementine/web"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed messages/*.yaml
var messages embed.FS

//go:embed static/live.js
var script []byte

// Base is where the console is mounted.
const Base = "/console"

const (
	defaultRuns     = 2
	defaultPatience = 15 * time.Minute
	defaultLease    = 15 * time.Second
)

// Partner is an account of the developer portal.
type Partner struct{ ID, Name string }

// Partners are the accounts that may sign in as partners.
type Partners interface {
	// SignIn is web.ErrRefused for a name and secret that do not open.
	SignIn(ctx context.Context, name, secret string) (Partner, error)
	// Current is the account as it stands now; web.ErrRefused for one that may not act any more.
	Current(ctx context.Context, id string) (Partner, error)
	// Owns says whether an application that the mock Orange lets in is this account's.
	Owns(ctx context.Context, id, clientID string) (bool, error)
}

// Options of the console. DB and Pack are needed.
type Options struct {
	DB   *database.DB
	Pack *schemas.Pack
	// Orange is the mock Orange whose gateway partners call during runs; it is asked for at the first use.
	Orange func() control.Orange
	// ClientID and ClientSecret are of the application that the mock Orange lets in, unless a profile names another one.
	ClientID, ClientSecret string
	// Reference starts the partner that failed scenarios are run against, too; nil leaves that out. See steps.Options.
	Reference func(p *profile.Profile) func(context.Context) (steps.Reference, func(), error)

	// Open lets requests from this machine act as a reviewer without signing in. For a server that listens on the
	// loopback interface only.
	Open     bool
	Token    string       // signs in as a reviewer, without a name; empty for nobody
	Partners Partners     // nil for none
	Reach    egress.Guard // what those who have signed in may let this server call

	MaxRuns  int              // under way at once; 0 is 2
	Patience time.Duration    // how long a run waits for a person's answer; 0 is 15 minutes
	Lease    time.Duration    // how long a run whose program has died counts as under way, and how long its database may keep it waiting; 0 is 15 seconds
	Version  string           // of this program
	Plain    bool             // leave out Boosted and htmx
	Now      func() time.Time // nil is time.Now
	Logger   *slog.Logger     // nil drops everything
}

// Console is a handler of everything below Base.
type Console struct {
	options  Options
	site     *web.Site
	archive  *archive.Archive
	profiles *profiles
	runs     *manager
	hands    hands
	// verifying has room for the one uploaded bundle that is being verified.
	verifying chan struct{}
	handler   http.Handler
	log       *slog.Logger
}

// New brings the console's tables up to date.
func New(ctx context.Context, o Options) (*Console, error) {
	if o.DB == nil || o.Pack == nil || o.Orange == nil {
		return nil, errors.New("the console needs a database, a contract pack and a mock Orange")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.MaxRuns == 0 {
		o.MaxRuns = defaultRuns
	}
	if o.Patience == 0 {
		o.Patience = defaultPatience
	}
	if o.Lease == 0 {
		o.Lease = defaultLease
	}
	c := &Console{options: o, log: o.Logger, verifying: make(chan struct{}, 1)}
	var err error
	if c.archive, err = archive.New(ctx, o.DB, archive.Options{Now: o.Now}); err != nil {
		return nil, err
	}
	if c.profiles, err = openProfiles(ctx, o.DB, o.Now); err != nil {
		return nil, err
	}
	c.runs = newManager(c, &unfinished{db: o.DB, now: o.Now, lease: o.Lease, holder: archive.NewID()})
	files, err := fs.Sub(templates, "templates")
	if err != nil {
		return nil, fmt.Errorf("open templates: %w", err)
	}
	settings := web.Options{
		Base: Base, Title: "app.name", Pages: files, Messages: web.LoadCatalog(messages, "messages/*.yaml").With(judged()), Nav: nav, SignIn: c.signIn, Help: "app.signIn",
		Plain: o.Plain, Now: o.Now, Logger: o.Logger, Uploads: uploads,
	}
	if o.Open {
		settings.OpenAs = reviewer()
	}
	if c.site, err = web.New(settings); err != nil {
		return nil, err
	}
	c.handler = c.site.Handler(c.routes())
	return c, nil
}

// Check reads all messages and parses every page in every language, which otherwise wait until they are first shown.
func (c *Console) Check() error { return c.site.Check() }

// ServeHTTP serves the paths below Base, which are given whole.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) { c.handler.ServeHTTP(w, r) }

// Close interrupts the runs and calls that are under way and waits until the runs are kept, or ctx ends.
func (c *Console) Close(ctx context.Context) error {
	return errors.Join(c.hands.close(ctx), c.runs.close(ctx))
}

func (c *Console) routes() http.Handler {
	mux := http.NewServeMux()
	page := func(pattern string, h handler) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+Base+path, c.handle(h))
	}
	page("GET /{$}", c.home)
	page("GET /profiles/new", c.newProfile)
	page("POST /profiles", c.createProfile)
	page("POST /profiles/yaml", c.pasteProfile)
	page("GET /profiles/{id}", c.showProfile)
	page("POST /profiles/{id}", c.saveProfile)
	page("GET /profiles/{id}/yaml", c.downloadProfile)
	page("POST /profiles/{id}/delete", c.deleteProfile)
	page("GET /profiles/{id}/run", c.chooseRun)
	page("POST /profiles/{id}/run", c.startRun)
	page("GET /runs", c.listRuns)
	page("GET "+uploadPath, c.reviewers(c.showUpload))
	page("POST "+uploadPath, c.reviewers(c.takeUpload))
	page("GET /runs/{id}", c.showRun)
	page("GET /runs/{id}/events", c.streamRun)
	page("POST /runs/{id}/stop", c.stopRun)
	page("POST /runs/{id}/resume", c.resumeRun)
	page("GET /runs/{id}/baseline", c.downloadBaseline)
	page("POST /runs/{id}/discard", c.discardRun)
	page("POST /runs/{id}/answer", c.answerRun)
	page("GET /runs/{id}/report", c.showReport)
	page("GET /runs/{id}/files/{name}", c.downloadRun)
	page("POST /runs/{id}/review", c.reviewers(c.reviewRun))
	page("POST /runs/{id}/delete", c.deleteRun)
	page("GET /compare", c.compareRuns)
	page("GET /helper", c.showHelper)
	page("POST /helper", c.sendByHand)
	page("GET /helper/{id}", c.showHand)
	page("GET /helper/{id}/events", c.streamHand)
	page("POST /helper/{id}/answer", c.answerHand)
	page("GET /gateway", c.reviewers(c.showGateway))
	page("GET /gateway/events", c.reviewers(c.streamGateway))
	page("POST /gateway/faults", c.reviewers(c.addFault))
	page("POST /gateway/faults/remove", c.reviewers(c.removeFault))
	page("GET /requirements", c.showRequirements)
	page("GET /live.js", func(w http.ResponseWriter, _ *http.Request, _ caller) error {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, err := w.Write(script)
		return err
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == Base {
			http.Redirect(w, r, Base+"/", http.StatusFound)
			return
		}
		c.site.Error(w, r, http.StatusNotFound, "error.missing")
	})
	return mux
}

// The accounts of the site: reviewers, or partnerSubject and the id of a partner's account.
const (
	reviewerSubject = "reviewer"
	partnerSubject  = "partner:"
)

func reviewer() web.Account {
	return web.Account{Subject: reviewerSubject, Name: "Orange", Administers: true}
}

func nav(a web.Account) []web.NavItem {
	items := []web.NavItem{{Key: "nav.home", Path: "/"}, {Key: "nav.runs", Path: "/runs"}, {Key: "nav.helper", Path: "/helper"}}
	if a.Administers {
		items = append(items, web.NavItem{Key: "nav.gateway", Path: "/gateway"})
	}
	return append(items, web.NavItem{Key: "nav.requirements", Path: "/requirements"})
}

// signIn lets in by the operator's token, without a name, or as a partner. Tokens are compared by their digests, which
// have one length.
func (c *Console) signIn(ctx context.Context, name, secret string) (web.Account, error) {
	if name = strings.TrimSpace(name); name == "" {
		given, own := sha256.Sum256([]byte(secret)), sha256.Sum256([]byte(c.options.Token))
		if c.options.Token == "" || subtle.ConstantTimeCompare(given[:], own[:]) != 1 {
			return web.Account{}, web.ErrRefused
		}
		return reviewer(), nil
	}
	if c.options.Partners == nil {
		return web.Account{}, web.ErrRefused
	}
	p, err := c.options.Partners.SignIn(ctx, name, secret)
	if err != nil {
		return web.Account{}, err
	}
	return web.Account{Subject: partnerSubject + p.ID, Name: p.Name}, nil
}
