package customerspace

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/internal/apidocs"
	"github.com/clementine-ope/clementine/internal/apierror"
	"github.com/clementine-ope/clementine/internal/oauth"
)

// The paths that the space is served at.
const (
	BasePath    = "/cloud/b2b/v1"
	ControlPath = "/control/accounts" // on the control port

	openAPIPath = "/openapi.json"
	docsPath    = "/docs"
)

// The headers of the API, as the wire spells them. contractHeader is not needed where the path names the contract.
const (
	keyHeader       = "X-API-Key"
	contractHeader  = "X-ECCS-Contract-Id"
	requestIDHeader = "X-OAPI-Request-Id"
)

// The time that a caller has to send its body, and to take its answer, which may be a document of MaxDocument bytes.
const (
	readBodyTimeout    = 30 * time.Second
	writeAnswerTimeout = 5 * time.Minute
)

// defaultCalls is ours: no limit of this API is published.
const defaultCalls = 300

// ErrIncompleteOptions is returned by New for Options without a Store or without CheckToken.
var ErrIncompleteOptions = errors.New("the customer space needs a store and a way to check tokens")

// Options of the API.
type Options struct {
	Store *Store
	// CheckToken says what a partner application's token is worth now.
	CheckToken func(ctx context.Context, token string) (oauth.Check, error)
	// Subscribed says whether an application, by its client id, may use the customer space. Nil lets all in that have a token.
	Subscribed func(ctx context.Context, application string) (bool, error)
	// Calls is how many calls an application may make at once, and again in each minute; 0 stands for 300. The rest gets 429.
	Calls  int
	Now    func() time.Time // nil is time.Now
	Logger *slog.Logger     // nil drops everything
}

// API is the customer space as an http.Handler: BasePath.
type API struct {
	options  Options
	store    *Store
	log      *slog.Logger
	limits   *limits
	document func() ([]byte, error) // OpenAPI 3.1, as JSON; read when it is first asked for, as the page is
	page     func() (apidocs.Page, error)
	engine   *gin.Engine
	control  *gin.Engine
}

// New returns the API over a store.
func New(o Options) (*API, error) {
	if o.Store == nil || o.CheckToken == nil {
		return nil, ErrIncompleteOptions
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Calls == 0 {
		o.Calls = defaultCalls
	}
	a := &API{options: o, store: o.Store, log: o.Logger, limits: newLimits(o.Calls)}
	a.document, a.page = sync.OnceValues(readDocument), sync.OnceValues(a.renderDocs)
	a.engine, a.control = a.routes(), a.controlRoutes()
	return a, nil
}

// ServeHTTP answers one call of the protocol port.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.engine.ServeHTTP(w, r) }

// Control answers ControlPath and what lies below it. Who may steer the mock is for the port to check.
func (a *API) Control() http.Handler { return a.control }

func newEngine() *gin.Engine {
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.RedirectFixedPath = false
	e.RemoveExtraSlash = true
	// Without trusted proxies gin believes no forwarding header; nil cannot fail.
	_ = e.SetTrustedProxies(nil)
	return e
}

// routes is what an account sees. Source 001 writes both /contract and /contracts for the calls that change something:
// one in its headings, the other in its curl lines.
func (a *API) routes() *gin.Engine {
	e := newEngine()
	e.GET(BasePath+"/contracts", a.admitted(a.getContracts))
	e.GET(BasePath+"/contract", a.admitted(a.getContract))
	e.GET(BasePath+"/documents", a.admitted(a.getDocuments))
	e.GET(BasePath+"/documents/:id/file", a.admitted(a.getFile))
	for _, path := range []string{"/contract", "/contract/", "/contracts", "/contracts/"} {
		e.POST(BasePath+path, a.admitted(a.postContract))
	}
	for _, path := range []string{"/contract", "/contracts"} {
		e.POST(BasePath+path+"/:id/user", a.admitted(a.postUser))
	}
	e.GET(BasePath+openAPIPath, a.open(a.getOpenAPI))
	e.GET(BasePath+docsPath, a.open(a.getDocs))
	e.NoRoute(a.open(func(context.Context, *call) (answer, error) { return answer{}, refuse(404, apierror.NotFound, "") }))
	e.NoMethod(a.open(func(context.Context, *call) (answer, error) {
		return answer{}, refuse(405, apierror.MethodNotAllowed, "")
	}))
	return e
}

// call is one call as a handler sees it.
type call struct {
	request *http.Request
	path    func(name string) string
	scope   Scope // of the account; reaches nothing where nobody has to be known
}

// answer is what a handler wants to be written.
type answer struct {
	status int
	media  string // application/json unless it stands here
	header map[string]string
	body   []byte
}

type handler func(ctx context.Context, c *call) (answer, error)

func respond(status int, v any) (answer, error) {
	body, err := apierror.JSON(v)
	return answer{status: status, body: body}, err
}

func refuse(status int, code apierror.Code, detail string) error {
	return &apierror.Error{Status: status, Code: code, Detail: detail}
}

// open is the adapter of calls that anyone may make.
func (a *API) open(h handler) gin.HandlerFunc {
	return func(g *gin.Context) {
		id := uuid()
		g.Writer.Header()[requestIDHeader] = []string{id}
		// A connection without deadlines, such as a recorder's, needs none.
		connection := http.NewResponseController(g.Writer)
		_ = connection.SetReadDeadline(time.Now().Add(readBodyTimeout))
		out, err := h(g.Request.Context(), &call{request: g.Request, path: g.Param})
		if err != nil {
			out = a.refusal(g.Request.Context(), id, err)
		}
		_ = connection.SetReadDeadline(time.Time{})
		_ = connection.SetWriteDeadline(time.Now().Add(writeAnswerTimeout))
		write(g, out)
		_ = connection.SetWriteDeadline(time.Time{})
	}
}

// admitted is the adapter of calls that need a token and a key.
func (a *API) admitted(h handler) gin.HandlerFunc {
	return a.open(func(ctx context.Context, c *call) (answer, error) {
		scope, err := a.admit(ctx, c.request)
		if err != nil {
			return answer{}, err
		}
		c.scope = scope
		return h(ctx, c)
	})
}

func write(g *gin.Context, out answer) {
	h := g.Writer.Header()
	for name, value := range out.header {
		h.Set(name, value)
	}
	if out.media == "" {
		out.media = "application/json"
	}
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if out.status == http.StatusNoContent {
		g.Status(out.status)
		g.Writer.WriteHeaderNow()
		return
	}
	h.Set("Content-Length", fmt.Sprint(len(out.body)))
	g.Data(out.status, out.media, out.body)
}

// refusal turns the error of a handler into an answer: the one table from errors to statuses.
func (a *API) refusal(ctx context.Context, id string, err error) answer {
	var known *apierror.Error
	var invalid *InvalidError
	var limited *limitedError
	header := map[string]string{}
	switch {
	case errors.As(err, &known):
	case errors.As(err, &limited):
		known = &apierror.Error{Status: http.StatusTooManyRequests, Code: apierror.TooManyRequests}
		header["Retry-After"] = fmt.Sprint(limited.seconds())
	case errors.As(err, &invalid):
		known = &apierror.Error{Status: http.StatusBadRequest, Code: apierror.InvalidField, Detail: "The field " + invalid.Error() + "."}
		if invalid.Missing {
			known.Code = apierror.MissingField
		}
	case errors.Is(err, ErrNotFound):
		known = &apierror.Error{Status: http.StatusNotFound, Code: apierror.NotFound}
	case errors.Is(err, ErrForbidden):
		known = &apierror.Error{Status: http.StatusForbidden, Code: apierror.AccessDenied, Detail: "The account may not do this."}
	case errors.Is(err, ErrLoginTaken):
		known = &apierror.Error{Status: http.StatusConflict, Code: apierror.InvalidField, Detail: "There is an account of this login."}
	default:
		level := slog.LevelError
		if ctx.Err() != nil {
			level = slog.LevelDebug // the caller went away
		}
		a.log.Log(ctx, level, "call of the customer space failed", "request", id, "error", err)
		known = &apierror.Error{Status: http.StatusInternalServerError, Code: apierror.Internal}
	}
	if known.Status == http.StatusUnauthorized {
		header["Www-Authenticate"] = "Bearer"
	}
	out, err := respond(known.Status, known.Code.Body(known.Detail))
	if err != nil {
		a.log.Error("an error could not be written", "request", id, "error", err)
	}
	out.header = header
	return out
}
