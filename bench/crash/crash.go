// Package crash kills a partner at random moments, again and again, while orders and updates come in, and then compares
// what was acknowledged with what the partner shows and with what has arrived at Orange.
//
// It owns the traffic, the kills and the ledger, which knows only what the driver sent and was answered. It does not own
// the partner, which is a process of its own behind HTTP, nor its database.
package crash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os/exec"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/mockorange"
)

// Credentials that the partner has at Orange, and its offer.
const (
	ClientID     = "demo"
	ClientSecret = "demo-secret"
	Offer        = "mba2"
)

// Options are the choices of one run; all are required but Log.
type Options struct {
	// Command is a partner that listens there, sends its events to gateway, needs no authentication, and prints a line
	// when it is ready. It is asynchronous, and has the offering NOTES-S.
	Command func(ctx context.Context, listen, gateway string) *exec.Cmd
	Kills   int
	Seed    uint64
	Workers int           // customers at a time
	Settle  time.Duration // how long to wait for the next event after the last kill, before what is missing counts as lost
	Log     io.Writer     // what went wrong, a line each; nil drops it
}

// Result is what a run has come to.
type Result struct {
	Kills, Requests, Events              int // Events: those that arrived, each counted once
	Redelivered                          int // arrived again with the same bytes, which the contract allows
	Lost, Doubled, HalfApplied, Invented int
	Disordered                           int // events of one customer in another order than its requests
	Took                                 time.Duration
}

// String is the line that says whether all went well.
func (r Result) String() string {
	return fmt.Sprintf("kills %d lost %d doubled %d half-applied %d invented %d",
		r.Kills, r.Lost, r.Doubled, r.HalfApplied, r.Invented)
}

// Err is nil if nothing was lost, doubled, half applied, invented or out of order.
func (r Result) Err() error {
	if r.Lost+r.Doubled+r.HalfApplied+r.Invented+r.Disordered > 0 {
		return fmt.Errorf("the partner did not keep its word: %s disordered %d", r, r.Disordered)
	}
	return nil
}

// Run does it all. Its error is a run that could not be judged; what the partner did wrong is in the Result.
func Run(ctx context.Context, o Options) (result Result, err error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	begun := time.Now()
	orange, err := mockorange.New(mockorange.Options{Applications: []mockorange.Application{
		{ClientID: ClientID, Secret: ClientSecret, Name: "crash", Offers: mockorange.Offers()},
	}})
	if err == nil {
		err = orange.Listen()
	}
	if err != nil {
		return result, fmt.Errorf("start Orange: %w", err)
	}
	orange.Start()
	defer func() { err = errors.Join(err, orange.Close(context.WithoutCancel(ctx))) }()
	entries, err := orange.Control().Subscribe(ctx, 0)
	if err != nil {
		return result, err
	}
	l := newLedger(o.Log)
	go l.follow(entries)
	listen, err := freeAddress(ctx)
	if err != nil {
		return result, err
	}
	p := &child{command: func(ctx context.Context) *exec.Cmd { return o.Command(ctx, listen, orange.URL()) }}
	defer p.kill()
	if err := drive(ctx, o, p, l, "http://"+listen); err != nil {
		return result, err
	}
	l.settle(ctx, o.Settle)
	if err := l.compare(ctx, newCaller("http://"+listen)); err != nil {
		return result, err
	}
	result = l.result()
	result.Kills, result.Took = o.Kills, time.Since(begun)
	return result, nil
}

// drive sends requests while the partner is killed and started, and leaves it running.
func drive(ctx context.Context, o Options, p *child, l *ledger, base string) error {
	random := rand.New(rand.NewPCG(o.Seed, 0))
	if err := p.start(ctx); err != nil {
		return err
	}
	stop := make(chan struct{})
	var group sync.WaitGroup
	for w := range max(o.Workers, 1) {
		t := &traffic{
			caller: newCaller(base), ledger: l, partner: p, stop: stop, name: fmt.Sprintf("w%d", w),
			random: rand.New(rand.NewPCG(o.Seed, uint64(w)+1)),
		}
		group.Go(func() { t.run(ctx) })
	}
	err := killing(ctx, o.Kills, random, p)
	close(stop)
	group.Wait()
	return err
}

func killing(ctx context.Context, kills int, random *rand.Rand, p *child) error {
	for range kills {
		// Most blows fall early, where a partner takes up again what it had in hand.
		life := time.Duration(random.ExpFloat64() * float64(120*time.Millisecond))
		if err := wait(ctx, min(life, time.Second)); err != nil {
			return err
		}
		p.kill()
		if err := p.start(ctx); err != nil {
			return err
		}
	}
	return nil
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}
