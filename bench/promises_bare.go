package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/outbox"
)

// rates are a second's.
type rates struct{ acknowledged, delivered float64 }

// bare runs the same transactions on the same store, without a partner around them: what an acknowledgement stores, and
// what the delivery of an event takes away.
func (p *promises) bare(ctx context.Context) (r rates, err error) {
	box, err := outbox.Open(ctx, p.db, outbox.Options{Queue: "bare"})
	if err != nil {
		return r, err
	}
	// About as long as the partner's.
	answer, task := make([]byte, 150), make([]byte, 600)
	began := time.Now()
	err = inParallel(p.orders, ordersAtOnce, func(i int) error {
		return p.db.Write(ctx, func(tx *database.Tx) error {
			key := fmt.Sprintf("bare %d", i)
			for _, query := range []string{
				"SELECT body FROM partner_answer WHERE key = ?", "SELECT body FROM partner_customer WHERE reference = ?",
			} {
				if err := tx.Each(ctx, func(row database.Scanner) error { return row.Scan(new([]byte)) }, query, key); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(ctx, "INSERT INTO partner_answer (key, status, body) VALUES (?, 202, ?)", key, answer); err != nil {
				return err
			}
			return box.Add(ctx, tx, outbox.Task{ID: key, Lane: key, Body: task})
		})
	})
	if err != nil {
		return r, err
	}
	r.acknowledged = float64(p.orders) / time.Since(began).Seconds()
	began = time.Now()
	ended := make(chan struct{})
	var left atomic.Int64
	left.Store(int64(p.orders))
	box.Start(func(ctx context.Context, t outbox.Task) error {
		err := p.db.Write(ctx, func(tx *database.Tx) error { return box.Done(ctx, tx, t) })
		if err == nil && left.Add(-1) == 0 {
			close(ended)
		}
		return err
	})
	defer box.Close(ctx)
	select {
	case <-ended:
	case <-ctx.Done():
		return r, context.Cause(ctx)
	}
	r.delivered = float64(p.orders) / time.Since(began).Seconds()
	return r, nil
}

// inParallel does n things, several at a time, and stops at the first error.
func inParallel(n, workers int, do func(i int) error) error {
	var next atomic.Int64
	var once sync.Once
	var failure error
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					once.Do(func() { failure = err })
					next.Store(int64(n))
				}
			}
		})
	}
	group.Wait()
	return failure
}

func listenLocally() (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
}

// firstAddress is the first one that a program prints; what it prints after that is dropped.
func firstAddress(out io.Reader) (string, error) {
	said := make([]byte, 0, 1<<10)
	for {
		chunk := make([]byte, 256)
		n, err := out.Read(chunk)
		said = append(said, chunk[:n]...)
		if found := address.FindIndex(said); found != nil && found[1] < len(said) {
			base := string(said[found[0]:found[1]])
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return base, nil
		}
		if err != nil {
			return "", fmt.Errorf("it printed no address, but %q", said)
		}
	}
}
