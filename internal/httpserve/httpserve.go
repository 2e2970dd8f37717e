// Package httpserve makes an HTTP server a value: Listen, Start, URL, Close. It owns the listener, the limits on time and
// connections, and the way down. It does not own routes, logging of requests or what is answered.
package httpserve

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// The limits of every server. An answer may take as long as it likes, because an event stream stays open, but each piece
// of it must be taken in time. A handler may set stricter or wider deadlines by http.ResponseController.
const (
	readHeaderTimeout = 10 * time.Second
	readBodyTimeout   = time.Minute // the whole of it
	writeTimeout      = 30 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
	maxConnections    = 1000
)

// ErrNotListening is returned by Serve when Listen has not been called, or has failed.
var ErrNotListening = errors.New("the server is not listening")

// Options says where a server listens. The zero value is a port chosen by the system on 127.0.0.1.
type Options struct {
	Addr   string       // host:port; port 0 lets the system choose
	TLS    *tls.Config  // nil serves plain HTTP; otherwise it must hold a certificate
	Logger *slog.Logger // what net/http complains about; nil drops it

	Connections  int           // open at a time; at the limit an idle one makes room, or the next one waits; 0 = 1,000
	BodyTimeout  time.Duration // to read a request's body, from its head on; 0 = 1 min
	WriteTimeout time.Duration // for the caller to take each piece of an answer; 0 = 30 s
}

func (o *Options) defaults() {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Connections <= 0 {
		o.Connections = maxConnections
	}
	if o.BodyTimeout <= 0 {
		o.BodyTimeout = readBodyTimeout
	}
	if o.WriteTimeout <= 0 {
		o.WriteTimeout = writeTimeout
	}
}

// Server is one listening HTTP server. Its methods may be called from several goroutines.
type Server struct {
	http *http.Server
	tls  *tls.Config
	addr string
	log  *slog.Logger
	open *connections

	mu       sync.Mutex
	listener net.Listener
	started  bool
	done     chan struct{}
	serveErr error
}

// New returns a server that does nothing yet.
func New(handler http.Handler, o Options) *Server {
	o.defaults()
	s := &Server{
		http: &http.Server{
			Handler:           boundBodies(handler, o.BodyTimeout),
			ReadHeaderTimeout: readHeaderTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeaderBytes,
			ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
		},
		tls:  o.TLS,
		addr: o.Addr,
		log:  o.Logger,
		open: newConnections(o.Connections, o.WriteTimeout),
		done: make(chan struct{}),
	}
	s.http.ConnState = s.open.follow
	return s
}

// Listen takes the address. It returns at once; connections wait until Serve or Start. An address that is taken is an
// error for which errors.Is(err, syscall.EADDRINUSE) holds.
func (s *Server) Listen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener != nil {
		return fmt.Errorf("listen on %s: already listening", s.addr)
	}
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "tcp", s.addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.addr, err)
	}
	l = limited{l, s.open}
	if s.tls != nil {
		l = tls.NewListener(l, s.tls)
	}
	s.listener = l
	return nil
}

// Serve answers requests until Close; it then returns nil. It listens first if Listen has not been called.
func (s *Server) Serve() error {
	if s.Addr() == "" {
		if err := s.Listen(); err != nil {
			return err
		}
	}
	if !s.begin() {
		return fmt.Errorf("serve on %s: already serving", s.Addr())
	}
	s.serve()
	return s.serveErr
}

// Start is Serve in the background. Listen must have been called. An error that ends serving is logged and returned
// by Close.
func (s *Server) Start() {
	if !s.begin() {
		return
	}
	go s.serve()
}

func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.started {
		return false
	}
	s.started = true
	return true
}

func (s *Server) serve() {
	defer close(s.done)
	s.mu.Lock()
	l := s.listener
	s.mu.Unlock()
	if l == nil {
		s.serveErr = ErrNotListening
	} else if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		s.serveErr = fmt.Errorf("serve on %s: %w", l.Addr(), err)
	}
	if s.serveErr != nil {
		s.log.Error("server stopped", "error", s.serveErr)
	}
}

// Addr is the address taken, as host:port; empty before Listen.
func (s *Server) Addr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// URL is the base address for clients, without a last slash; empty before Listen. A server that listens on every
// interface is named by its loopback address.
func (s *Server) URL() string {
	addr := s.Addr()
	if addr == "" {
		return ""
	}
	scheme := "http"
	if s.tls != nil {
		scheme = "https"
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return scheme + "://" + addr
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + "://" + net.JoinHostPort(host, port)
}

// Connections is how many are open.
func (s *Server) Connections() int { return len(s.open.places) }

// Close stops listening, waits for the calls in flight until ctx ends, cuts those that remain, and returns once
// serving has ended. Calls that had to be cut are no error. Close may be called twice, and before Listen.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	started, l := s.started, s.listener
	s.mu.Unlock()
	if !started {
		if l == nil {
			return nil
		}
		if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("close %s: %w", s.addr, err)
		}
		return nil
	}
	s.open.close()
	if err := s.http.Shutdown(ctx); err != nil {
		// The connections that Shutdown waited for in vain are cut here, so only a failed cut is worth a report.
		if err := s.http.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("close %s: %w", s.addr, err)
		}
	}
	<-s.done
	return s.serveErr
}
