// Package mockorange plays Orange's side of the Business Applications API: the token server and the OPE gateway that
// takes a partner's events. It owns tokens, the checks of an event call, the journal of all calls and the control
// port. It does not own the verdict on what it saw, nor the requests that Orange sends to a partner: those are the
// harness's.
//
// Protocol and control are two ports, so that a partner never sees what steers the mock. Routes are gin's; gin's mode
// is global, so a program (and a test's TestMain) sets gin.SetMode(gin.ReleaseMode) to keep gin from printing its routes.
package mockorange

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/httpserve"
	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/state"
	"github.com/clementine-ope/clementine/schemas"
)

// defaultBodyLimit is the largest body taken, in bytes, unless Options say otherwise.
const defaultBodyLimit = 1 << 20

// The errors of New, wrapped with what they are about.
var (
	ErrOpenControl   = errors.New("a control port that is not on the loopback interface needs a control token")
	ErrUnknownOffer  = errors.New("unknown offer")
	ErrUnusablePaths = errors.New("the contract's paths cannot be served")
)

// Offers are the offers that the gateway knows: the first segment of an event's path.
func Offers() []string { return []string{"mba2", "mba2-beta"} }

// Options of a mock. The zero value serves on a free port of 127.0.0.1, without applications and without control port.
type Options struct {
	Listen        string      // protocol port, host:port; empty or port 0 lets the system choose
	ControlListen string      // control port; empty means none
	ControlToken  string      // bearer token of the control port; needed unless ControlListen is on the loopback interface
	TLS           *tls.Config // of the protocol port; nil serves plain HTTP
	ControlTLS    *tls.Config // of the control port
	PublicURL     string      // how partners reach the protocol port, where that is not its own address
	Applications  []Application
	Pack          *schemas.Pack // nil is the built-in pack
	Strict        bool          // also answer 400 or 415 to events that break their schema
	EnforceRate   bool          // answer 429 to more than 50 token requests a minute
	Version       string
	Now           func() time.Time // nil is time.Now
	Logger        *slog.Logger     // nil drops everything
	BodyLimit     int64            // bytes; 0 is 1 MiB
	// Database keeps what the mock knows beyond one call, for all mocks that share it; nil is memory. It is not closed.
	Database *database.DB
	// Around puts other services on the protocol port: it gets the gateway's handler, and answers what is not for it.
	Around func(gateway http.Handler) http.Handler
	// AroundControl does the same on the control port, behind its guard.
	AroundControl func(control http.Handler) http.Handler
}

// Server is one mock Orange.
type Server struct {
	options  Options
	clock    *clock
	events   eventReader
	tokens   *oauth.Directory
	state    state.State
	paths    paths
	reading  chan struct{} // a place for each body that is being read
	large    chan struct{} // a place for each large one, until it has been judged
	judging  sync.Mutex    // held while a large event is judged
	log      *slog.Logger
	protocol *port
	control  *httpserve.Server // nil without control port
	closing  chan struct{}     // closed when the mock stops: nobody is kept waiting any longer
	stop     sync.Once
}

// New checks the options and returns a mock that does nothing yet.
func New(o Options) (*Server, error) { return Open(context.Background(), o) }

// Open is New for a state that may take its time.
func Open(ctx context.Context, o Options) (*Server, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	p, err := pathsOf(o.Pack)
	if err != nil {
		return nil, err
	}
	s := &Server{
		options: o, clock: &clock{source: o.Now}, events: eventReader{o.Pack},
		paths: p, log: o.Logger,
		closing: make(chan struct{}), reading: make(chan struct{}, readers), large: make(chan struct{}, largeReaders),
	}
	if s.state, err = s.openState(ctx); err != nil {
		return nil, err
	}
	s.tokens = oauth.NewDirectory("applications", s.lookup, s.clock.now)
	for _, a := range o.Applications {
		if err := s.admit(ctx, a, false); err != nil {
			return nil, errors.Join(err, s.state.Close(ctx))
		}
	}
	var protocol http.Handler = s.protocolRoutes()
	if o.Around != nil {
		protocol = o.Around(protocol)
	}
	s.protocol = newPort(protocol, httpserve.Options{Addr: o.Listen, TLS: o.TLS, Logger: o.Logger})
	if o.ControlListen != "" {
		s.control = httpserve.New(s.guarded(), httpserve.Options{Addr: o.ControlListen, TLS: o.ControlTLS, Logger: o.Logger})
	}
	return s, nil
}

func (s *Server) openState(ctx context.Context) (state.State, error) {
	if s.options.Database == nil {
		return state.NewMemory(state.InMemory()), nil
	}
	return state.Open(ctx, s.options.Database, state.Options{Unanswered: unanswered, Log: s.log})
}

// unanswered is the entry of a call that was told that it could not be kept, and was kept all the same.
func unanswered(e control.Entry) control.Entry {
	a := refuse(http.StatusServiceUnavailable, codeUnavailable, "")
	e.Status, e.Cut, e.Fault = a.status, false, ""
	e.ResponseBody, e.ResponseBytes = a.body, 0
	if e.Grant != nil {
		e.Grant.Error, e.Grant.Token = withheld(a.status), ""
	}
	return e
}

func (o *Options) complete() error {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.BodyLimit <= 0 {
		o.BodyLimit = defaultBodyLimit
	}
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	if o.ControlListen != "" && o.ControlToken == "" && !loopback(o.ControlListen) {
		return fmt.Errorf("control port %s: %w", o.ControlListen, ErrOpenControl)
	}
	if o.Pack == nil {
		pack, err := schemas.Builtin()
		if err != nil {
			return fmt.Errorf("load the built-in contract pack: %w", err)
		}
		o.Pack = pack
	}
	return nil
}

// loopback says whether an address, with or without port, is sure to be on the loopback interface.
func loopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = strings.Trim(addr, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// Listen takes both ports, or none. An address that is taken is an error for which
// errors.Is(err, syscall.EADDRINUSE) holds.
func (s *Server) Listen() error {
	if err := s.protocol.Listen(); err != nil {
		return fmt.Errorf("mock Orange: %w", err)
	}
	if s.control == nil {
		return nil
	}
	if err := s.control.Listen(); err != nil {
		return errors.Join(fmt.Errorf("mock Orange's control port: %w", err), s.protocol.Close(context.Background()))
	}
	return nil
}

// Start answers calls in the background until Close. Listen must have been called.
func (s *Server) Start() {
	s.protocol.Start()
	if s.control != nil {
		s.control.Start()
	}
}

// URL is the gateway's base address as partners reach it, without a last slash: PublicURL if that is set.
func (s *Server) URL() string {
	if s.options.PublicURL != "" {
		return s.options.PublicURL
	}
	return s.protocol.URL()
}

// LocalURL is the gateway's own address, also where partners reach it by another.
func (s *Server) LocalURL() string { return s.protocol.URL() }

// ControlURL is the control port's base address; empty without one.
func (s *Server) ControlURL() string {
	if s.control == nil {
		return ""
	}
	return s.control.URL()
}

// Control steers the mock in process.
func (s *Server) Control() control.Orange { return steering{s} }

// Close lets the calls in flight end until ctx does, delivers what the journal holds, and stops.
func (s *Server) Close(ctx context.Context) error {
	s.stop.Do(func() { close(s.closing) })
	err := s.protocol.Close(ctx)
	err = errors.Join(err, s.state.Close(ctx))
	if s.control != nil {
		err = errors.Join(err, s.control.Close(ctx))
	}
	return err
}
