package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"github.com/clementine-ope/clementine/internal/apidocs"
	"github.com/clementine-ope/clementine/internal/jsonlimit"
	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/web"
)

// BasePath is where the API is served.
const BasePath = "/portal/api/v1"

// htmlMedia is the media type of the page.
const htmlMedia = "text/html; charset=utf-8"

const (
	maxBody     = 64 << 10 // bytes, of all bodies but a results.json
	maxDepth    = 8
	bodyTimeout = 30 * time.Second
	// Attempts of strangers, of everybody together: a second's worth, and how many at once.
	attemptsPerSecond = 2
	attemptsAtOnce    = 20
	retryAfter        = 5 // seconds
)

// Options of an API.
type Options struct {
	Portal *portal.Service
	// Open lets requests from this machine act as Orange without a token. For a server that listens on the loopback
	// interface only.
	Open bool
	// Token is the operator's: it acts as Orange. Empty for none.
	Token    string
	Version  string        // of the program
	Attempts *rate.Limiter // of sign-ups, activations and sign-ins; nil is two a second, 20 at once
	Logger   *slog.Logger  // nil drops everything
}

// API is a handler of everything below BasePath.
type API struct {
	options     Options
	portal      *portal.Service
	routes      []route
	registry    huma.Registry
	document    *huma.OpenAPI
	page        func() (apidocs.Page, error) // made when it is first read
	engine      *gin.Engine
	crossOrigin *http.CrossOriginProtection
	log         *slog.Logger
}

// New builds the router and the document. gin's mode is global: a program sets it.
func New(o Options) (*API, error) {
	if o.Portal == nil {
		return nil, errors.New("an API needs a portal")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Attempts == nil {
		o.Attempts = rate.NewLimiter(attemptsPerSecond, attemptsAtOnce)
	}
	a := &API{
		options: o, portal: o.Portal, log: o.Logger, crossOrigin: http.NewCrossOriginProtection(),
		registry: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer),
	}
	a.routes = a.table()
	if err := a.mount(); err != nil {
		return nil, err
	}
	a.document = a.describe()
	a.page = sync.OnceValues(a.renderDocs)
	return a, nil
}

// ServeHTTP serves the paths below BasePath, which are given whole.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.engine.ServeHTTP(w, r) }

// Routes are what is served, as gin knows it.
func (a *API) Routes() gin.RoutesInfo { return a.engine.Routes() }

// Document is the OpenAPI 3.1 document, as JSON.
func (a *API) Document() ([]byte, error) { return json.Marshal(a.document) }

func (a *API) mount() error {
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	seen := map[string]bool{}
	for i := range a.routes {
		rt := &a.routes[i]
		if seen[rt.id] {
			return fmt.Errorf("operation %s stands twice in the table of routes", rt.id)
		}
		seen[rt.id] = true
		e.Handle(rt.method, BasePath+rt.ginPath(), func(c *gin.Context) { a.serve(c, rt) })
	}
	e.NoRoute(func(c *gin.Context) { a.refuse(c, refuse(kindNotFound(), "there is no such resource")) })
	e.NoMethod(func(c *gin.Context) {
		a.refuse(c, refuse(kindMethod(), "the resource has no operation %s", c.Request.Method))
	})
	a.engine = e
	return nil
}

// call is one request while it is handled.
type call struct {
	*gin.Context
	account portal.Account // of the session; the zero value for Orange and for strangers
	token   string         // of the session
}

// lang is the language of words: fr where Accept-Language begins with it.
func (c *call) lang() string {
	if strings.HasPrefix(strings.ToLower(strings.TrimSpace(c.GetHeader("Accept-Language"))), "fr") {
		return "fr"
	}
	return "en"
}

// idForm is what an id in a path can be; nothing else is looked for.
var idForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// serve runs one route: who, where, what, then the handler, then one writer of answers.
func (a *API) serve(c *gin.Context, rt *route) {
	in := &call{Context: c}
	if err := a.admit(in, rt); err != nil {
		a.refuse(c, err)
		return
	}
	for _, p := range c.Params {
		if !idForm.MatchString(p.Value) {
			a.refuse(c, refuse(kindNotFound(), "there is no such resource"))
			return
		}
	}
	out, err := rt.handle(in)
	if err != nil {
		a.refuse(c, err)
		return
	}
	if rt.media != "" {
		return // it has written its own
	}
	if rt.status == http.StatusNoContent {
		c.Status(rt.status)
		c.Writer.WriteHeaderNow()
		return
	}
	a.write(c, rt.status, "application/json", out)
}

// admit says whether the caller may come in: credentials before anything else.
func (a *API) admit(c *call, rt *route) error {
	if rt.attempt && !a.options.Attempts.Allow() {
		return tooOften(retryAfter)
	}
	if rt.right == public {
		return nil
	}
	scheme, token, _ := strings.Cut(c.GetHeader("Authorization"), " ")
	if token = strings.TrimSpace(token); !strings.EqualFold(scheme, "Bearer") {
		token = ""
	}
	operator := a.isOperator(token) || (token == "" && a.options.Open && web.Local(c.Request) && a.crossOrigin.Check(c.Request) == nil)
	switch {
	case rt.right == orange && operator:
		return nil
	case token == "":
		return refuse(kindNoCredentials(), "send Authorization: Bearer with a token")
	}
	account, err := a.portal.Session(c.Request.Context(), token)
	if errors.Is(err, portal.ErrCredentials) {
		return refuse(kindBadCredentials(), "the token is none, or has ended")
	}
	if err != nil {
		return err
	}
	if rt.right == orange {
		return refuse(kindForbidden(), "this is for Orange's side")
	}
	c.account, c.token = account, token
	return nil
}

// isOperator compares digests, which have one length.
func (a *API) isOperator(token string) bool {
	given, own := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(a.options.Token))
	return a.options.Token != "" && subtle.ConstantTimeCompare(given[:], own[:]) == 1
}

// decode reads a body of one JSON object, of known fields.
func decode(c *call, out any) error {
	body, err := content(c, maxBody)
	if err != nil {
		return err
	}
	if jsonlimit.Depth(body) > maxDepth {
		return refuse(kindBody(), "the body nests deeper than %d levels", maxDepth)
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(out); err != nil {
		return refuse(kindBody(), "the body cannot be read: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse(kindBody(), "something follows the JSON value")
	}
	return nil
}

// content reads a JSON body of at most limit bytes.
func content(c *call, limit int64) ([]byte, error) {
	media, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || media != "application/json" {
		return nil, refuse(kindMedia(), "send Content-Type: application/json")
	}
	// A writer without deadlines, such as a recorder, is no reason to refuse.
	connection := http.NewResponseController(c.Writer)
	_ = connection.SetReadDeadline(time.Now().Add(bodyTimeout))
	defer func() { _ = connection.SetReadDeadline(time.Time{}) }()
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, refuse(kindTooLarge(), "the body is larger than %d bytes", limit)
	case err != nil:
		return nil, refuse(kindBody(), "the body could not be read to its end")
	}
	return body, nil
}

// refuse writes the problem of an error; what is ours is logged and not told.
func (a *API) refuse(c *gin.Context, err error) {
	r := refusalOf(err)
	if r.kind.status == http.StatusInternalServerError && c.Request.Context().Err() == nil {
		a.log.Error("portal request failed", "path", c.Request.URL.Path, "error", err)
	}
	for name, values := range r.header {
		c.Writer.Header()[name] = values
	}
	if r.kind.status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", "Bearer")
	}
	a.write(c, r.kind.status, problemMedia, r.problem())
}

func (a *API) write(c *gin.Context, status int, media string, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		a.log.Error("write an answer", "error", err)
		status, body = http.StatusInternalServerError, []byte("{}")
	}
	c.Header("Cache-Control", "no-store")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Data(status, media, body)
}
