package api

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/oauth"
)

// The paths of the API.
const (
	BasePath  = "/billing/v1"
	TokenPath = "/oauth/v3/token" // #nosec G101 -- a path

	docsPath    = "/docs"
	openAPIPath = "/openapi.json"
)

// registryName is what the keys of tokens are made from besides the client: a token of a partner application is worth
// nothing here, and the other way round.
const registryName = "billing clients"

// The default limits of bodies, in bytes.
const (
	defaultBodyLimit   = 1 << 20
	defaultImportLimit = 16 << 20
	tokenBodyLimit     = 16 << 10
)

// ErrNoStore is returned by New for Options without a Store.
var ErrNoStore = errors.New("the billing API needs a store")

// Options of an API.
type Options struct {
	Store       billing.Store
	Now         func() time.Time // nil is time.Now: of tokens, and of clients that expire; days are those of UTC
	Calendar    func() time.Time // says which day asOf stands for; nil is Now. A sandbox may move it
	Logger      *slog.Logger     // nil drops everything
	BodyLimit   int64            // bytes of a JSON body; 0 is 1 MiB
	ImportLimit int64            // bytes of an import; 0 is 16 MiB
	Version     string           // of the program, for the OpenAPI document
	RequestID   func() string    // names requests; nil makes random names
}

// API is the billing API as an http.Handler: BasePath and TokenPath.
type API struct {
	options  Options
	store    billing.Store
	now      func() time.Time
	calendar func() time.Time
	log      *slog.Logger
	tokens   *oauth.Directory
	schemas  schemas
	routes   []route
	document *huma.OpenAPI
	engine   *gin.Engine
}

// New returns the API over a store.
func New(o Options) (*API, error) {
	if o.Store == nil {
		return nil, ErrNoStore
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
	if o.RequestID == nil {
		o.RequestID = rand.Text
	}
	if o.BodyLimit == 0 {
		o.BodyLimit = defaultBodyLimit
	}
	if o.ImportLimit == 0 {
		o.ImportLimit = defaultImportLimit
	}
	a := &API{
		options: o, store: o.Store, now: o.Now, calendar: o.Calendar, log: o.Logger,
		schemas: schemas{huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)},
	}
	a.tokens = oauth.NewDirectory(registryName, a.lookup, o.Now)
	a.routes = a.table()
	document, err := a.describe()
	if err != nil {
		return nil, err
	}
	a.document = document
	return a, a.mount()
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.engine.ServeHTTP(w, r) }

// Tokens are the clients of this API: who serves other registries at the same token path asks it whose a client is.
func (a *API) Tokens() *oauth.Directory { return a.tokens }

// today is the civil day in UTC.
func (a *API) today() billing.Day {
	return Today(a.now())
}

// Today is the civil day of a moment, in UTC: the one clock of the API.
func Today(now time.Time) billing.Day {
	y, m, d := now.UTC().Date()
	return billing.NewDay(y, int(m), d)
}
