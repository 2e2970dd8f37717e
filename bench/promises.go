package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
)

// ordersAtOnce is how many callers order at a time.
const ordersAtOnce = 32

// orders in flight, by the flag -orders.
func orders() *int {
	return flag.Int("orders", 10_000, "the orders that are in flight at a durable partner; 0 leaves them out")
}

// promises is a durable partner, a process of its own, on one engine.
type promises struct {
	figures
	binary, engine, address string
	db                      *database.DB // the same, for what only the bench does
	orders                  int
	peak                    int64 // bytes
}

// measurePromises times what a durable partner acknowledges and delivers, on both engines, beside the store alone.
func measurePromises(ctx context.Context, binary string, orders int, f figures) (err error) {
	if orders == 0 {
		return nil
	}
	dir, err := os.MkdirTemp("", "clementine-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file := filepath.Join(dir, "partner.db")
	err = measurePromisesOn(ctx, &promises{figures: f, binary: binary, engine: "SQLite", address: file, orders: orders})
	server := databasetest.Server{Settings: []string{"fsync=on", "full_page_writes=on"}}
	defer func() { err = errors.Join(err, server.Stop()) }()
	address, missing := server.New(ctx)
	if errors.Is(missing, databasetest.ErrNotInstalled) {
		f.add("orders, PostgreSQL", "not installed")
		return err
	}
	return errors.Join(err, missing,
		measurePromisesOn(ctx, &promises{figures: f, binary: binary, engine: "PostgreSQL", address: address, orders: orders}))
}

func measurePromisesOn(ctx context.Context, p *promises) (err error) {
	if p.db, err = database.Open(ctx, p.address, database.Options{Durable: true}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.db.Close()) }()
	g, err := newGateway()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.server.Close()) }()
	began := time.Now()
	acknowledged, err := p.acknowledge(ctx, g)
	if err != nil {
		return err
	}
	fulfilled, err := p.fulfil(ctx, g)
	if err != nil {
		return err
	}
	size, err := p.size(ctx)
	if err != nil {
		return err
	}
	delivered, err := p.deliver(ctx, g)
	if err != nil {
		return err
	}
	bare, err := p.bare(ctx)
	if err != nil {
		return err
	}
	p.add(p.engine+", orders acknowledged", "%.0f/s; bare store %.0f/s, ratio %.2f (aim 0.50)",
		acknowledged, bare.acknowledged, acknowledged/bare.acknowledged)
	p.add(p.engine+", orders fulfilled", "%.0f/s, each with its event", fulfilled)
	p.add(p.engine+", events delivered", "%.0f/s; bare store %.0f/s, ratio %.2f (aim 0.50)",
		delivered, bare.delivered, delivered/bare.delivered)
	p.add(p.engine+fmt.Sprintf(", %d orders in flight", p.orders), "peak %.0f MB (aim below 256); %.1f KiB stored for each; %s in all",
		float64(p.peak)/(1<<20), float64(size)/1024/float64(p.orders), time.Since(began).Round(time.Second))
	return nil
}

// gateway takes tokens and events, and does nothing else.
type gateway struct {
	server *http.Server
	url    string
	closed atomic.Bool // no events are taken
	events atomic.Int64
	first  chan struct{}
	once   sync.Once
	last   chan struct{}
	most   atomic.Int64
}

func newGateway() (*gateway, error) {
	g := &gateway{first: make(chan struct{}), last: make(chan struct{}, 1)}
	l, err := listenLocally()
	if err != nil {
		return nil, err
	}
	g.url = "http://" + l.Addr().String()
	g.server = &http.Server{Handler: http.HandlerFunc(g.answer), ReadHeaderTimeout: time.Minute}
	go func() { _ = g.server.Serve(l) }() // it ends with Close
	return g, nil
}

func (g *gateway) answer(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // an event that breaks off comes again
	switch {
	case strings.HasSuffix(r.URL.Path, "/token"):
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token": "bench", "token_type": "Bearer", "expires_in": 3600}`)
	case g.closed.Load():
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		g.once.Do(func() { close(g.first) })
		w.WriteHeader(http.StatusCreated)
		if g.events.Add(1) == g.most.Load() {
			g.last <- struct{}{}
		}
	}
}

// partner runs the partner while work is done, and keeps its peak of memory.
func (p *promises) partner(ctx context.Context, g *gateway, delay string, work func(base string) error) error {
	command := exec.CommandContext(ctx, p.binary, "partner", "--mode", "async", "--listen", "127.0.0.1:0", "--gateway", g.url,
		"--delay", delay, "--database", p.address)
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	command.Stderr = os.Stderr
	if err := command.Start(); err != nil {
		return err
	}
	base, err := firstAddress(out)
	if err == nil {
		err = work(base)
	}
	err = errors.Join(err, command.Process.Signal(os.Interrupt), command.Wait())
	if peak, ok := peakMemory(command.ProcessState); ok {
		p.peak = max(p.peak, peak)
	}
	return err
}

// acknowledge places orders whose work is far away, and says how many are acknowledged in a second.
func (p *promises) acknowledge(ctx context.Context, g *gateway) (rate float64, err error) {
	err = p.partner(ctx, g, "24h", func(base string) error {
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: ordersAtOnce}}
		began := time.Now()
		err := inParallel(p.orders, ordersAtOnce, func(i int) error { return place(ctx, client, base, i) })
		rate = float64(p.orders) / time.Since(began).Seconds()
		return err
	})
	return rate, err
}

func place(ctx context.Context, client *http.Client, base string, i int) error {
	body := fmt.Sprintf(`{"externalReference":{"type":"orange","id":"order-%d"},"category":"production",
		"customer":{"externalReference":{"type":"orange","id":"customer-%d"},"tradingName":"Customer %d"},
		"orderItem":[{"action":"add","productRef":{"userServiceQuantity":1,"characteristic":[{"name":"storageSize","value":"50"}]},
		"productOffering":{"externalReference":{"type":"orange","id":"NOTES-S"}}}]}`, i, i, i)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/productordering/v2/productOrder", strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusAccepted {
		err = fmt.Errorf("order %d is answered %s: %s", i, response.Status, answer)
	}
	return err
}

// fulfil lets the partner do the work on all orders, while Orange takes no events, and says how many it does in a second.
func (p *promises) fulfil(ctx context.Context, g *gateway) (rate float64, err error) {
	if err := p.due(ctx, "partner jobs"); err != nil {
		return 0, err
	}
	g.closed.Store(true)
	err = p.partner(ctx, g, "0s", func(string) error {
		began := time.Now()
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for left := -1; left != 0; {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if left, err = p.count(ctx, "SELECT count(*) FROM outbox WHERE queue = 'partner jobs'"); err != nil {
				return err
			}
		}
		rate = float64(p.orders) / time.Since(began).Seconds()
		return nil
	})
	return rate, err
}

// deliver lets Orange take the events, and says how many arrive in a second.
func (p *promises) deliver(ctx context.Context, g *gateway) (rate float64, err error) {
	if err := p.due(ctx, "partner events"); err != nil {
		return 0, err
	}
	g.most.Store(int64(p.orders))
	g.closed.Store(false)
	err = p.partner(ctx, g, "0s", func(string) error {
		select {
		case <-g.first:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		began := time.Now()
		select {
		case <-g.last:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		rate = float64(p.orders) / time.Since(began).Seconds()
		return nil
	})
	return rate, err
}

// due makes all tasks of a queue due.
func (p *promises) due(ctx context.Context, queue string) error {
	return p.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "UPDATE outbox SET due_at = 0, attempts = 0 WHERE queue = ?", queue)
		return err
	})
}

func (p *promises) count(ctx context.Context, query string, args ...any) (n int, err error) {
	err = p.db.Read(ctx, func(tx *database.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) })
	return n, err
}

// size is that of all tables and indexes, in bytes.
func (p *promises) size(ctx context.Context) (int, error) {
	if p.db.Dialect() == database.PostgreSQL {
		return p.count(ctx, "SELECT pg_database_size(current_database()) - 7500000") // what an empty one has
	}
	return p.count(ctx, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
}
