// Package crash kills a partner and a mock Orange at random moments, again and again, while orders and updates come in, and
// then compares what was acknowledged with what the partner shows and with what the journal of the mock holds.
//
// It owns the traffic, the kills, the troubles of a store and the ledger, which knows only what the driver sent and was answered.
// It does not own partner and mock, which are processes of their own behind HTTP, nor their databases.
package crash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// Credentials that the partner has at Orange, and its offer.
const (
	ClientID     = "demo"
	ClientSecret = "demo-secret"
	Offer        = "mba2"
)

// Options are the choices of one run; all are required but Troubles and Log.
type Options struct {
	// Partner is a partner that listens there, sends its events to gateway, needs no authentication, and prints a line
	// when it is ready. It is asynchronous, and has the offering NOTES-S.
	Partner func(ctx context.Context, listen, gateway string) *exec.Cmd
	// Orange is a mock Orange at two addresses that lets ClientID in, and prints a line when it is ready.
	Orange   func(ctx context.Context, listen, control string) *exec.Cmd
	Kills    int // of the partner, the mock, or both at once
	Seed     uint64
	Workers  int           // customers at a time
	Settle   time.Duration // how long to wait for the next event after the last kill, before what is missing counts as lost
	Troubles []Trouble     // spread over the run
	Log      io.Writer     // what went wrong, a line each; nil drops it
}

// Trouble is something that befalls the store while requests come in.
type Trouble struct {
	Name string
	// Befall makes the trouble and returns once it is over.
	Befall func(ctx context.Context, partner, orange Process) error
}

// Process is the partner or the mock, for a trouble.
type Process interface {
	PID() int // 0 while it is down
	// Restart kills it and starts it again.
	Restart(ctx context.Context) error
}

// Result is what a run has come to.
type Result struct {
	Kills, Requests, Events              int // Events: those that arrived, each counted once
	PartnerKills, OrangeKills            int // more than Kills together, where both were killed at once
	Troubles                             int
	Redelivered                          int // arrived again with the same bytes, which the contract allows
	Refused                              int // answered 5xx, which promises nothing, and sent again
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
		return fmt.Errorf("partner or mock did not keep their word: %s disordered %d", r, r.Disordered)
	}
	return nil
}

// Run does it all. Its error is a run that could not be judged; what partner or mock did wrong is in the Result.
func Run(ctx context.Context, o Options) (result Result, err error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	begun := time.Now()
	var addresses [3]string
	for i := range addresses {
		if addresses[i], err = freeAddress(ctx); err != nil {
			return result, err
		}
	}
	listen, gateway, steer := addresses[0], addresses[1], addresses[2]
	s := &scene{
		Options: o, ledger: newLedger(o.Log), control: control.NewClient("http://"+steer, "", &http.Client{Timeout: callLimit}),
		random: rand.New(rand.NewPCG(o.Seed, 0)), base: "http://" + listen,
		partner: &child{name: "partner", command: func(ctx context.Context) *exec.Cmd { return o.Partner(ctx, listen, "http://"+gateway) }},
		orange:  &child{name: "mock Orange", command: func(ctx context.Context) *exec.Cmd { return o.Orange(ctx, gateway, steer) }},
	}
	defer s.orange.kill()
	defer s.partner.kill()
	if err := s.play(ctx); err != nil {
		return result, err
	}
	result = s.ledger.result()
	result.Kills, result.Took, result.Troubles = o.Kills, time.Since(begun), len(o.Troubles)
	result.PartnerKills, result.OrangeKills = s.partner.kills, s.orange.kills
	return result, nil
}

// scene is one run.
type scene struct {
	Options
	ledger          *ledger
	control         *control.Client
	random          *rand.Rand
	base            string
	partner, orange *child
}

func (s *scene) play(ctx context.Context) error {
	if err := errors.Join(s.orange.start(ctx), s.partner.start(ctx)); err != nil {
		return err
	}
	entries, err := s.control.Subscribe(ctx, 0)
	if err != nil {
		return err
	}
	go s.ledger.follow(entries)
	if err := s.drive(ctx); err != nil {
		return err
	}
	s.ledger.settle(ctx, s.Settle)
	// What the journal has shown must still be in it, and what the partner shows must be stored.
	s.orange.kill()
	s.partner.kill()
	if err := errors.Join(s.orange.start(ctx), s.partner.start(ctx)); err != nil {
		return err
	}
	if err := s.compareJournal(ctx); err != nil {
		return err
	}
	return s.ledger.compare(ctx, newCaller(s.base))
}

// compareJournal gives the journal time to see that the process which answered last is gone.
func (s *scene) compareJournal(ctx context.Context) error {
	for end := time.Now().Add(s.Settle); ; {
		kept, err := s.control.Journal(ctx, 0)
		if err != nil {
			return fmt.Errorf("read the journal: %w", err)
		}
		if s.ledger.keptAll(kept) || time.Now().After(end) {
			s.ledger.compareJournal(kept)
			return nil
		}
		if err := wait(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

// drive sends requests while partner and mock are killed and started, and leaves them running.
func (s *scene) drive(ctx context.Context) error {
	stop := make(chan struct{})
	var group sync.WaitGroup
	for w := range max(s.Workers, 1) {
		t := &traffic{
			caller: newCaller(s.base), ledger: s.ledger, partner: s.partner, stop: stop, name: fmt.Sprintf("w%d", w),
			random: rand.New(rand.NewPCG(s.Seed, uint64(w)+1)),
		}
		group.Go(func() { t.run(ctx) })
	}
	err := s.kill(ctx)
	close(stop)
	group.Wait()
	return err
}

// kill kills now the one, now the other, now both, and lets a trouble befall them at times.
func (s *scene) kill(ctx context.Context) error {
	pace := s.Kills/(len(s.Troubles)+1) + 1
	for i := range s.Kills {
		// Most blows fall early, where a process takes up again what it had in hand.
		life := time.Duration(s.random.ExpFloat64() * float64(120*time.Millisecond))
		if err := wait(ctx, min(life, time.Second)); err != nil {
			return err
		}
		if n := i / pace; i%pace == 0 && 0 < n && n <= len(s.Troubles) {
			trouble := s.Troubles[n-1]
			if err := trouble.Befall(ctx, s.partner, s.orange); err != nil {
				return fmt.Errorf("%s: %w", trouble.Name, err)
			}
		}
		victims := [][]*child{{s.partner}, {s.partner}, {s.orange}, {s.orange}, {s.partner, s.orange}}[s.random.IntN(5)]
		for _, c := range victims {
			c.kill()
		}
		for _, c := range victims {
			if err := c.start(ctx); err != nil {
				return err
			}
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
