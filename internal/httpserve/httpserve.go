// Package httpserve makes an HTTP server a value: Listen, Start, URL, Close. It owns the listener, the time limits and
// the way down. It does not own routes, logging of requests or what is answered.
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

// The limits of every server. There is no limit on writing, because an event stream may stay open; a handler that
// reads a body sets its own read deadline (http.ResponseController).
const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 64 << 10
)

// ErrNotListening is returned by Serve when Listen has not been called, or has failed.
var ErrNotListening = errors.New("the server is not listening")

// Options says where a server listens. The zero value is a port chosen by the system on 127.0.0.1.
type Options struct {
	Addr   string       // host:port; port 0 lets the system choose
	TLS    *tls.Config  // nil serves plain HTTP; otherwise it must hold a certificate
	Logger *slog.Logger // what net/http complains about; nil drops it
}

// Server is one listening HTTP server. Its methods may be called from several goroutines.
type Server struct {
	http *http.Server
	tls  *tls.Config
	addr string
	log  *slog.Logger

	unused unused

	mu       sync.Mutex
	listener net.Listener
	started  bool
	done     chan struct{}
	serveErr error
}

// New returns a server that does nothing yet.
func New(handler http.Handler, o Options) *Server {
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		http: &http.Server{
			Handler:           handler,
			ReadHeaderTimeout: readHeaderTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    maxHeaderBytes,
			ErrorLog:          slog.NewLogLogger(o.Logger.Handler(), slog.LevelDebug),
		},
		tls:  o.TLS,
		addr: o.Addr,
		log:  o.Logger,
		done: make(chan struct{}),
	}
	s.http.ConnState = s.unused.follow
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
	s.unused.close()
	if err := s.http.Shutdown(ctx); err != nil {
		// The connections that Shutdown waited for in vain are cut here, so only a failed cut is worth a report.
		if err := s.http.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("close %s: %w", s.addr, err)
		}
	}
	<-s.done
	return s.serveErr
}

// unused holds the connections that have not yet asked for anything. Clients open some in advance, and Shutdown would
// wait five seconds for each to make up its mind.
type unused struct {
	mu     sync.Mutex
	conns  map[net.Conn]struct{}
	closed bool
}

func (u *unused) follow(c net.Conn, state http.ConnState) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case state != http.StateNew:
		delete(u.conns, c)
	case u.closed:
		_ = c.Close()
	default:
		if u.conns == nil {
			u.conns = map[net.Conn]struct{}{}
		}
		u.conns[c] = struct{}{}
	}
}

func (u *unused) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for c := range u.conns {
		// Nobody has asked for anything on it, so nobody misses an answer.
		_ = c.Close()
	}
}
