package httpserve

import (
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// connections are those that are open. They own who gets a place, and who gives one up.
type connections struct {
	places   chan struct{} // one is taken by each
	patience time.Duration // of one write
	down     chan struct{} // closed when the server goes down

	mu      sync.Mutex
	unused  map[net.Conn]struct{} // nothing was asked on them yet
	idle    []net.Conn            // between two requests, the longest first
	waiting bool                  // somebody has no place
	closed  bool
}

func newConnections(most int, patience time.Duration) *connections {
	return &connections{
		places: make(chan struct{}, most), patience: patience, down: make(chan struct{}), unused: map[net.Conn]struct{}{},
	}
}

// follow is told of each connection what has become of it.
func (s *connections) follow(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.unused, c)
	if i := slices.Index(s.idle, c); i >= 0 {
		s.idle = slices.Delete(s.idle, i, i+1)
	}
	switch {
	case state == http.StateNew && s.closed:
		_ = c.Close()
	case state == http.StateNew:
		s.unused[c] = struct{}{}
	case state == http.StateIdle && s.waiting:
		s.waiting = false
		_ = c.Close()
	case state == http.StateIdle:
		s.idle = append(s.idle, c)
	}
}

// enter waits for a place. Where there is none, the connection that has been idle longest gives up its own.
func (s *connections) enter() error {
	select {
	case s.places <- struct{}{}:
		return nil
	default:
	}
	s.mu.Lock()
	if s.waiting = len(s.idle) == 0; !s.waiting {
		// Nobody misses an answer, and a client opens another.
		_ = s.idle[0].Close()
		s.idle = slices.Delete(s.idle, 0, 1)
	}
	s.mu.Unlock()
	select {
	case s.places <- struct{}{}:
	case <-s.down:
		return net.ErrClosed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = false
	return nil
}

// close closes the connections on which nobody has asked for anything, so that nobody misses an answer. Clients open some
// in advance, and Shutdown would wait five seconds for each to make up its mind.
func (s *connections) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		close(s.down)
	}
	s.closed = true
	for c := range s.unused {
		_ = c.Close()
	}
}

// limited hands out connections that have a place.
type limited struct {
	net.Listener
	open *connections
}

func (l limited) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if err := l.open.enter(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return &connection{Conn: c, open: l.open}, nil
}

// connection lets each write take its time only, unless somebody has set a deadline.
type connection struct {
	net.Conn
	open *connections
	set  atomic.Bool // a deadline for writes
	left sync.Once
}

func (c *connection) Write(p []byte) (int, error) {
	if !c.set.Load() {
		_ = c.Conn.SetWriteDeadline(time.Now().Add(c.open.patience)) // a closed connection says so below
	}
	return c.Conn.Write(p)
}

func (c *connection) SetDeadline(at time.Time) error {
	c.set.Store(!at.IsZero())
	return c.Conn.SetDeadline(at)
}

func (c *connection) SetWriteDeadline(at time.Time) error {
	c.set.Store(!at.IsZero())
	return c.Conn.SetWriteDeadline(at)
}

func (c *connection) Close() error {
	err := c.Conn.Close()
	c.left.Do(func() { <-c.open.places })
	return err
}

// boundBodies gives each body its time. It ends with the body, because what a handler does after that may take longer.
func boundBodies(next http.Handler, most time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != nil && r.Body != http.NoBody {
			controller := http.NewResponseController(w)
			_ = controller.SetReadDeadline(time.Now().Add(most)) // a connection can do that
			r.Body = &timedBody{r.Body, controller}
		}
		next.ServeHTTP(w, r)
	})
}

type timedBody struct {
	io.ReadCloser
	connection *http.ResponseController
}

func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		_ = b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}
