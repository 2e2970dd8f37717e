package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/internal/operations"
)

// requestIDHeader carries the name by which log and audit know a request.
const requestIDHeader = "X-Request-Id"

// maxReason is the longest X-Reason, in bytes.
const maxReason = 500

const problemMedia = "application/problem+json"

// mount builds the router from the table of routes. It fails on a table that contradicts itself.
func (a *API) mount() error {
	e := gin.New()
	e.Use(func(c *gin.Context) { operations.Route(c.Request.Context(), c.FullPath()) })
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.UseRawPath = true
	seen := map[string]bool{}
	for i := range a.routes {
		rt := &a.routes[i]
		if key := rt.method + " " + rt.path; seen[key] {
			return fmt.Errorf("route %s stands twice in the table", key)
		}
		seen[rt.method+" "+rt.path] = true
		e.Handle(rt.method, rt.ginPath(), func(c *gin.Context) { a.serve(c, rt) })
	}
	e.Any(TokenPath, a.token)
	e.NoRoute(func(c *gin.Context) {
		a.refuse(c, a.newID(c), refuse(kindNotFound, "there is no such resource"))
	})
	e.NoMethod(func(c *gin.Context) {
		a.refuse(c, a.newID(c), refuse(kindMethod, "the resource has no operation "+c.Request.Method))
	})
	a.engine = e
	return nil
}

// newID names the request, and tells its caller.
func (a *API) newID(c *gin.Context) string {
	id := a.options.RequestID()
	c.Header(requestIDHeader, id)
	operations.Identify(c.Request.Context(), id)
	return id
}

// serve runs one route: who, what, then the handler, then one writer of answers.
func (a *API) serve(c *gin.Context, rt *route) {
	id, began := a.newID(c), a.now()
	defer func() {
		if cause := recover(); cause != nil {
			a.log.Error("handler panicked", "request", id, "route", rt.id, "cause", cause, "stack", string(debug.Stack()))
			if !c.Writer.Written() {
				a.refuse(c, id, refuse(kindInternal, ""))
			}
		}
		a.log.Info("billing request", "request", id, "route", rt.id, "status", c.Writer.Status(),
			"bytes", c.Writer.Size(), "took", a.now().Sub(began))
	}()
	ctx := c.Request.Context()
	r, err := a.read(c, rt, id)
	if err != nil {
		a.refuse(c, id, err)
		return
	}
	out, err := rt.handle(ctx, r)
	if err != nil {
		a.refuse(c, id, err)
		return
	}
	a.write(c, r, out)
}

// read turns a call into a request, or into the refusal that comes first: credentials before anything else.
func (a *API) read(c *gin.Context, rt *route, id string) (*request, error) {
	ctx, in := c.Request.Context(), c.Request
	r := &request{route: rt, id: id, header: in.Header, url: in.URL, path: map[string]string{}}
	if rt.right != public {
		who, err := a.authenticate(ctx, in.Header, id)
		if err != nil {
			return nil, err
		}
		r.caller = who
		if r.actor.Reason = in.Header.Get("X-Reason"); len(r.actor.Reason) > maxReason || !storable(r.actor.Reason) {
			return nil, refuseParameter("X-Reason", "must be UTF-8 of at most "+strconv.Itoa(maxReason)+" bytes")
		}
		if !rt.right.has(who.client) {
			return nil, refuse(kindForbidden, "a client of role "+string(who.client.Role)+" may not do this")
		}
	}
	for _, name := range rt.pathNames() {
		if r.path[name] = c.Param(name); !storable(r.path[name]) {
			return nil, refuse(kindNotFound, "there is no such resource")
		}
	}
	if err := r.readQuery(in.URL.RawQuery); err != nil {
		return nil, err
	}
	if err := r.chooseFormat(); err != nil {
		return nil, err
	}
	if err := a.readContent(c, r); err != nil {
		return nil, err
	}
	return r, a.recordAccess(ctx, r)
}

// readContent reads the body that the route takes.
func (a *API) readContent(c *gin.Context, r *request) error {
	rt := r.route
	if rt.ifMatch == required && r.header.Get("If-Match") == "" {
		return refuse(kindNoVersion, "the operation needs If-Match, with the ETag that was read")
	}
	if key := r.header.Get("Idempotency-Key"); key != "" && !rt.once {
		return refuseParameter("Idempotency-Key", "is not taken by this operation")
	}
	media := rt.bodyMedia()
	if len(media) == 0 {
		return nil
	}
	if err := checkMedia(c.Request, media); err != nil {
		return err
	}
	limit := rt.limit
	if limit == 0 {
		limit = a.options.BodyLimit
	}
	body, err := readBody(c.Writer, c.Request, limit)
	r.body = body
	return err
}

// recordAccess audits what an omniscient client or an admin reads, before it is read.
func (a *API) recordAccess(ctx context.Context, r *request) error {
	if r.route.right == public || r.route.writes() || r.actor.Kind == billing.ActorClient {
		return nil
	}
	access := billing.Access{Route: r.route.method + " " + r.url.Path, Query: r.url.RawQuery, Offers: r.offers()}
	if err := a.store.RecordAccess(ctx, r.actor, r.scope, access); err != nil {
		return fmt.Errorf("record the access: %w", err)
	}
	return nil
}

// chooseFormat follows the parameter format, and Accept where there is none.
func (r *request) chooseFormat() error {
	offered := r.route.outFormats()
	if text := r.query.Get("format"); text != "" {
		if !slices.Contains(offered, format(text)) {
			return refuseParameter("format", "must be one of "+joinFormats(offered))
		}
		r.format = format(text)
		return nil
	}
	f, ok := negotiate(strings.Join(r.header.Values("Accept"), ","), offered)
	if !ok {
		return refuse(kindNotAcceptable, "offered are "+joinFormats(offered))
	}
	r.format = f
	return nil
}

func joinFormats(formats []format) string {
	names := make([]string, len(formats))
	for i, f := range formats {
		names[i] = string(f)
	}
	return strings.Join(names, ", ")
}

// write writes an answer. A stream that breaks off after its first byte can only be cut, so that its reader does not
// take a part for the whole.
func (a *API) write(c *gin.Context, r *request, out answer) {
	for name, value := range out.header {
		c.Header(name, value)
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("Vary", "Accept, Authorization")
	if out.stream == nil {
		if out.media != "" {
			c.Header("Content-Type", out.media)
			c.Header("Content-Length", strconv.Itoa(len(out.body)))
		}
		c.Status(out.status)
		c.Writer.WriteHeaderNow()
		// Who has gone away needs no answer.
		_, _ = c.Writer.Write(out.body)
		return
	}
	lazy := &lazyWriter{to: c.Writer, connection: http.NewResponseController(c.Writer), begin: func() {
		c.Header("Content-Type", out.media)
		c.Status(out.status)
	}}
	err := out.stream(lazy)
	_ = lazy.connection.SetWriteDeadline(time.Time{}) // the connection may serve others
	switch {
	case err == nil:
		lazy.start()
	case !lazy.started:
		a.refuse(c, r.id, err)
	default:
		a.log.Error("stream broke off", "request", r.id, "error", err)
		cut(c)
	}
}

// lazyWriter sends the head with the first byte, so that an error before it is still a problem and not a broken file.
// A reader that takes nothing for writeTimeout is left, because the stream holds a snapshot of the database.
type lazyWriter struct {
	to         io.Writer
	connection *http.ResponseController
	begin      func()
	started    bool
}

func (w *lazyWriter) start() {
	if !w.started {
		w.started = true
		w.begin()
	}
}

func (w *lazyWriter) Write(p []byte) (int, error) {
	w.start()
	// A writer without deadlines, such as a recorder, needs none.
	_ = w.connection.SetWriteDeadline(time.Now().Add(writeTimeout))
	return w.to.Write(p)
}

// cut closes the connection, where there is one. gin does not give it away once something was written, so it is asked for
// behind gin's back.
func cut(c *gin.Context) {
	writer := http.ResponseWriter(c.Writer)
	if below, ok := writer.(interface{ Unwrap() http.ResponseWriter }); ok {
		writer = below.Unwrap()
	}
	conn, _, err := http.NewResponseController(writer).Hijack()
	if err == nil {
		// It is thrown away.
		_ = conn.Close()
	}
}

// refuse is the one writer of problems.
func (a *API) refuse(c *gin.Context, id string, err error) {
	r := a.refusalOf(c.Request.Context(), id, err)
	for name, values := range r.header {
		c.Header(name, values[0])
	}
	p := r.problem(BasePath)
	body, err := encode(p)
	if err != nil {
		a.log.Error("problem cannot be written", "request", id, "error", err)
	}
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Type", problemMedia)
	c.Status(p.Status)
	c.Writer.WriteHeaderNow()
	_, _ = c.Writer.Write(body)
}

// refusalOf maps the errors of the domain; the one table from codes to statuses.
func (a *API) refusalOf(ctx context.Context, id string, err error) *refusal {
	var known *refusal
	var invalid *billing.InvalidError
	var duplicate *billing.DuplicateError
	var taken *billing.TakenError
	var conflict *billing.ConflictError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &invalid):
		return refuseInvalid(invalid)
	case errors.As(err, &duplicate):
		return refuseDuplicate(duplicate.Existing)
	case errors.As(err, &taken):
		return refuse(kindExists, taken.Error())
	case errors.As(err, &conflict):
		return refuse(kindVersion, "the resource has changed since it was read")
	case errors.Is(err, billing.ErrNotFound):
		return refuse(kindNotFound, "there is no such resource")
	case errors.Is(err, billing.ErrForbidden):
		return refuse(kindForbidden, "this client may not write here")
	case errors.Is(err, billing.ErrKeyReused):
		return refuse(kindKeyReused, "the Idempotency-Key came with another request before")
	case errors.Is(err, billing.ErrTooBroad):
		return refuse(kindTooBroad, "the question covers too many subscriptions: narrow the filter")
	case errors.Is(err, billing.ErrOverflow):
		return refuse(kindTooBroad, "a total leaves the range of amounts: narrow the filter")
	}
	level := slog.LevelError
	if ctx.Err() != nil {
		level = slog.LevelDebug // the caller went away
	}
	a.log.Log(ctx, level, "request failed", "request", id, "error", err)
	return refuse(kindInternal, "the request could not be handled")
}

func refuseDuplicate(existing billing.SubscriptionID) *refusal {
	r := refuse(kindDuplicate, "a subscription of this offer, envelope and reference covers some of these days")
	r.existing = subscriptionPath(existing)
	return r
}

// refuseInvalid tells a wrong parameter from a wrong body.
func refuseInvalid(e *billing.InvalidError) *refusal {
	if len(e.Violations) > 0 && e.Violations[0].Path == "cursor" {
		return refuseParameter("cursor", e.Violations[0].Message)
	}
	r := refuse(kindInvalid, strings.TrimPrefix(e.Error(), "invalid: "))
	for _, v := range e.Violations {
		r.violations = append(r.violations, Violation{PropertyPath: v.Path, Message: v.Message, Code: v.Code})
	}
	return r
}
