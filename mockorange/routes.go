package mockorange

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/internal/apidocs"
	"github.com/clementine-ope/clementine/internal/operations"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/schemas"
)

// The two APIs whose events the gateway takes, as the journal names them.
const (
	apiOrdering = "productordering"
	apiService  = "userservice"
)

// paths are the contract's paths in gin's form, with :offer as the first segment of events.
type paths struct {
	token  string
	orders []string
	update []string
}

func pathsOf(p *schemas.Pack) (paths, error) {
	out := paths{token: p.Endpoint("token").Path}
	for _, role := range []string{"orderEvent", "updateEvent", "updateEventAlias"} {
		path := p.Endpoint(role).Path
		rest, ok := strings.CutPrefix(path, "/{offer}/")
		if !ok || rest == "" || strings.ContainsAny(rest, "{}:*") {
			return paths{}, fmt.Errorf("endpoint %s: path %q must be /{offer}/ and then plain text: %w", role, path, ErrUnusablePaths)
		}
		route := "/:offer/" + rest
		switch {
		case role == "orderEvent":
			out.orders = append(out.orders, route)
		case slices.Contains(out.orders, route):
			return paths{}, fmt.Errorf("endpoint %s: path %q is also that of orderEvent: %w", role, path, ErrUnusablePaths)
		case !slices.Contains(out.update, route):
			out.update = append(out.update, route)
		}
	}
	if !strings.HasPrefix(out.token, "/") || strings.ContainsAny(out.token, "{}:*") {
		return paths{}, fmt.Errorf("endpoint token: path %q must be plain text after a slash: %w", out.token, ErrUnusablePaths)
	}
	return out, nil
}

// Routes are what a mock of this contract serves on its two ports: "POST /{offer}/productordering/v2/event", in order.
func Routes(p *schemas.Pack) (protocol, steering []string, err error) {
	s := &Server{options: Options{Pack: p}}
	if s.paths, err = pathsOf(p); err != nil {
		return nil, nil, err
	}
	read := func(r gin.RouteInfo) (method, path string) { return r.Method, r.Path }
	return apidocs.Routes(s.protocolRoutes().Routes(), read), apidocs.Routes(s.controlRoutes().Routes(), read), nil
}

func newEngine() *gin.Engine {
	e := gin.New()
	e.Use(func(g *gin.Context) { operations.Route(g.Request.Context(), g.FullPath()) })
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.RedirectFixedPath = false
	e.RemoveExtraSlash = true
	// Without trusted proxies gin believes no forwarding header; nil cannot fail.
	_ = e.SetTrustedProxies(nil)
	return e
}

// protocolRoutes is what a partner sees.
func (s *Server) protocolRoutes() *gin.Engine {
	e := newEngine()
	e.POST(s.paths.token, s.handle(control.KindToken, "", s.token))
	for _, path := range s.paths.orders {
		e.POST(path, s.handle(control.KindEvent, apiOrdering, s.event))
	}
	for _, path := range s.paths.update {
		e.POST(path, s.handle(control.KindEvent, apiService, s.event))
	}
	e.NoRoute(s.stray(http.StatusNotFound, codeNotFound))
	e.NoMethod(s.stray(http.StatusMethodNotAllowed, codeMethodNotAllowed))
	return e
}

// stray handles what no route takes: it is answered and journalled like any other call.
func (s *Server) stray(status int, c code) gin.HandlerFunc {
	lost := s.handle(control.KindEvent, "", func(*call) answer { return refuse(status, c, "") })
	token := s.handle(control.KindToken, "", s.token)
	return func(g *gin.Context) {
		if g.Request.URL.Path == s.paths.token {
			token(g)
			return
		}
		lost(g)
	}
}

// guarded is the control port: nothing on it answers who may not steer.
func (s *Server) guarded() http.Handler {
	var routes http.Handler = s.controlRoutes()
	if s.options.AroundControl != nil {
		routes = s.options.AroundControl(routes)
	}
	e := newEngine()
	e.Use(s.guard)
	e.NoRoute(func(g *gin.Context) {
		// gin answers 404 to what it has no route for, unless it is told otherwise.
		g.Status(http.StatusOK)
		routes.ServeHTTP(g.Writer, g.Request)
	})
	return e
}

// controlRoutes is what steers the mock (wire.md, section 9).
func (s *Server) controlRoutes() *gin.Engine {
	e := newEngine()
	e.GET("/control/info", s.steer(s.getInfo))
	e.GET("/control/journal", s.steer(s.getJournal))
	e.GET("/control/events", s.streamEvents)
	e.POST("/control/reset", s.steer(s.postReset))
	e.POST("/control/applications", s.steer(s.postApplication))
	e.POST("/control/tokens/expire", s.steer(s.postExpire))
	e.POST("/control/port", s.steer(s.postPort))
	e.POST("/control/faults", s.steer(s.postFault))
	e.GET("/control/faults", s.steer(s.getFaults))
	e.DELETE("/control/faults", s.steer(s.deleteFaults))
	e.DELETE("/control/faults/:id", s.steer(s.deleteFault))
	e.NoRoute(s.steer(func(*gin.Context) answer { return refuse(http.StatusNotFound, codeNotFound, "") }))
	e.NoMethod(s.steer(func(*gin.Context) answer { return refuse(http.StatusMethodNotAllowed, codeMethodNotAllowed, "") }))
	return e
}
