package mockorange

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/internal/httpserve"
)

// The times of a port that refuses connections.
const (
	longestRefusal = 10 * time.Minute
	lastAnswers    = time.Second            // for the calls that are being answered when the port closes
	takeAgain      = 100 * time.Millisecond // between attempts, where somebody else took the address meanwhile
)

// ErrRefusal says that the port can't be closed, or not for that long.
var ErrRefusal = errors.New("the port cannot refuse connections")

// port is the protocol port: a server that can go away for a while and come back at the same address.
type port struct {
	handler http.Handler
	options httpserve.Options // the address is that of the start; the server knows the one it got
	log     *slog.Logger

	mu      sync.Mutex
	server  *httpserve.Server // the last one, also while the port is closed
	serving bool
	reopen  *time.Timer // nil while the port is open
	turn    int         // of reopen, so that a timer that could not be stopped in time does nothing
	closed  bool
}

func newPort(h http.Handler, o httpserve.Options) *port {
	return &port{handler: h, options: o, log: o.Logger, server: httpserve.New(h, o)}
}

func (p *port) current() *httpserve.Server {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.server
}

// Listen takes the address. URL is the base address for clients.
func (p *port) Listen() error { return p.current().Listen() }
func (p *port) URL() string   { return p.current().URL() }

// Start answers calls in the background.
func (p *port) Start() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.serving = true
	p.server.Start()
}

// Close stops for good, also where the port is closed for a while.
func (p *port) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	if p.reopen != nil {
		p.reopen.Stop()
	}
	p.mu.Unlock()
	return p.current().Close(ctx)
}

// refuse closes the port for d. A port that is closed already stays so for d from now on; 0 opens it at once.
func (p *port) refuse(d time.Duration) error {
	if d < 0 || d > longestRefusal {
		return fmt.Errorf("for %s: %w: it must be 0 to %s", d, ErrRefusal, longestRefusal)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || !p.serving {
		return fmt.Errorf("%w: it is not served", ErrRefusal)
	}
	if p.reopen == nil && d == 0 {
		return nil
	}
	if p.reopen != nil {
		p.reopen.Stop()
	} else {
		ctx, cancel := context.WithTimeout(context.Background(), lastAnswers)
		defer cancel()
		if err := p.server.Close(ctx); err != nil {
			return fmt.Errorf("close the port: %w", err)
		}
	}
	if d == 0 {
		p.again()
		return nil
	}
	p.later(d)
	return nil
}

// later opens the port after d, unless that has been changed meanwhile. The lock is held.
func (p *port) later(d time.Duration) {
	p.turn++
	turn := p.turn
	p.reopen = time.AfterFunc(d, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.closed && p.reopen != nil && p.turn == turn {
			p.again()
		}
	})
}

// again serves at the same address, now or as soon as it is free. The lock is held.
func (p *port) again() {
	o := p.options
	o.Addr = p.server.Addr()
	next := httpserve.New(p.handler, o)
	if err := next.Listen(); err != nil {
		p.log.Warn("open the port again", "error", err)
		p.later(takeAgain)
		return
	}
	p.server, p.reopen = next, nil
	next.Start()
}
