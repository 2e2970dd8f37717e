package crash

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// fullFor is how long a store takes nothing more.
const fullFor = 2 * time.Second

// PageLimit is a store that may not grow, by SQLite's max_page_count: Query is what to add to the address of its file.
type PageLimit struct{ on atomic.Bool }

// Query is empty while the store may grow.
func (p *PageLimit) Query() string {
	if p.on.Load() {
		return "?max_page_count=1" // that of the file as it is, which cannot shrink
	}
	return ""
}

// Trouble starts partner and mock on a store that is full, and then on one that is not.
func (p *PageLimit) Trouble() Trouble {
	restart := func(ctx context.Context, processes ...Process) error {
		var errs []error
		for _, process := range processes {
			errs = append(errs, process.Restart(ctx))
		}
		return errors.Join(errs...)
	}
	return Trouble{Name: "max_page_count", Befall: func(ctx context.Context, partner, orange Process) error {
		p.on.Store(true)
		err := restart(ctx, partner, orange)
		if err == nil {
			err = wait(ctx, fullFor)
		}
		p.on.Store(false)
		return errors.Join(err, restart(ctx, partner, orange))
	}}
}

// FileLimit is a disk that takes no more: the processes may not write to files, and then may again, without being started anew.
func FileLimit() Trouble {
	return Trouble{Name: "RLIMIT_FSIZE", Befall: func(ctx context.Context, partner, orange Process) error {
		// Below that of every file in use.
		err := errors.Join(limitFiles(partner.PID(), 4<<10), limitFiles(orange.PID(), 4<<10))
		if err == nil {
			err = wait(ctx, fullFor)
		}
		return errors.Join(err, limitFiles(partner.PID(), unlimited), limitFiles(orange.PID(), unlimited))
	}}
}

// DatabaseRestart is PostgreSQL going down as in a power cut, and coming back.
func DatabaseRestart(server *databasetest.Server) Trouble {
	return Trouble{Name: "database restart", Befall: func(context.Context, Process, Process) error { return server.StartAgain() }}
}

// Wire is a connection to PostgreSQL that can be cut.
type Wire struct {
	listener net.Listener
	socket   string // of the server

	mu    sync.Mutex
	conns map[net.Conn]struct{}
	cut   chan struct{} // closed while it is whole
}

// NewWire listens on a free port and passes on what comes to a Unix socket, until Close.
func NewWire(ctx context.Context, socket string) (*Wire, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &Wire{listener: l, socket: socket, conns: map[net.Conn]struct{}{}, cut: make(chan struct{})}
	close(w.cut)
	go w.accept()
	return w, nil
}

// Addr is where to connect to, as host:port.
func (w *Wire) Addr() string { return w.listener.Addr().String() }

// Close ends it and all that goes over it.
func (w *Wire) Close() error {
	err := w.listener.Close()
	w.reset()
	return err
}

func (w *Wire) accept() {
	for {
		c, err := w.listener.Accept()
		if err != nil {
			return
		}
		go w.pass(c)
	}
}

func (w *Wire) pass(c net.Conn) {
	server, err := net.Dial("unix", w.socket)
	if err != nil {
		_ = c.Close() // the database is down: the client will see
		return
	}
	w.mu.Lock()
	w.conns[c], w.conns[server] = struct{}{}, struct{}{}
	w.mu.Unlock()
	var group sync.WaitGroup
	group.Go(func() { w.copy(server, c) })
	group.Go(func() { w.copy(c, server) })
	group.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, c)
	delete(w.conns, server)
}

// copy passes on in one direction, and holds what comes while the wire is cut.
func (w *Wire) copy(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		w.mu.Lock()
		whole := w.cut
		w.mu.Unlock()
		<-whole
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				_ = from.Close()
			}
			return
		}
	}
}

// reset breaks every connection.
func (w *Wire) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		_ = c.Close()
	}
}

// Cut lets nothing pass for so long. What was on its way then arrives late, or never if broken is set.
func (w *Wire) Cut(d time.Duration, broken bool) Trouble {
	return Trouble{Name: "connection cut", Befall: func(ctx context.Context, _, _ Process) error {
		w.mu.Lock()
		cut := make(chan struct{})
		w.cut = cut
		w.mu.Unlock()
		err := wait(ctx, d)
		if broken {
			w.reset()
		}
		close(cut)
		return err
	}}
}
