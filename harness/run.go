package harness

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

// Options configure a run.
type Options struct {
	Pack    *schemas.Pack
	Profile *profile.Profile // BaseURL is the partner
	Orange  control.Orange   // the mock Orange whose gateway the partner calls
	// Seed makes all ids; a partner that keeps its state needs another seed for each run.
	Seed uint64
	// Challenge is a reviewer's: all ids depend on it too. Empty where there is none.
	Challenge   string
	Concurrency int // calls in flight at the partner; 0 = the profile's
	Version     string
	Now         func() time.Time // nil = time.Now
	// Ask puts a question to a person (triggers of kind ask); nil where nobody can be asked.
	Ask func(ctx context.Context, question string) (ok, refused bool, err error)
	// Attempts says of scenarios that were begun before, without an end, which attempt this one is: from the second on
	// their ids are others.
	Attempts map[string]int
	// Journal takes down what happens, so that the run can be resumed; nil for none.
	Journal *reports.Journal
	// Resume is the journal of the run that this one goes on with; nil for a run from the beginning on.
	Resume *reports.JournalRecord
	// OwnOrange says that the mock Orange was started for this run alone, or this part of it.
	OwnOrange bool
	// OrangeRestarted says, of a run that is resumed, that the mock Orange ended in between and started again with its journal.
	OrangeRestarted bool
	// Dial connects to the partner, and to what the profile's triggers call; nil for the network as it is, with the
	// environment's proxy.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Watch is told of each exchange as it is recorded, by one goroutine at a time; nil where nobody looks.
	Watch func(reports.Exchange)

	unbilled bool // completed orders cost nothing
}

// Run is one run of the suite: what all scenarios share.
type Run struct {
	pack     *schemas.Pack
	profile  *profile.Profile
	orange   control.Orange
	seed     seed
	ask      func(ctx context.Context, question string) (ok, refused bool, err error)
	now      func() time.Time
	started  time.Time
	http     *client
	bounds   *bounds
	pace     *pace
	inbox    *inbox
	script   *transcript
	registry *registry
	billed   *billed // nil in a replay
	stop     context.CancelFunc
	// recording is what a replay reads; nil in a run from its beginning on.
	recording *recording
	offline   bool // nothing is called, nothing is waited for
	attempts  map[string]int
	resumed   []reports.Resumption
	journal   *reports.Journal

	mu      sync.Mutex
	missed  int                // waits for an event that ended without one
	refused []*faulted         // events that the gateway refuses for good
	faults  []string           // ids of the faults set, to be removed at the end
	lasting map[string]lasting // what updates came to, by scenario and licence
	mingled map[string]bool    // scenarios in which an id stands for something of another one too
}

// Start opens the run: it follows the mock Orange's journal from now on. Close it.
func Start(ctx context.Context, o Options) (*Run, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Concurrency <= 0 {
		o.Concurrency = max(o.Profile.Concurrency, 1)
	}
	r := &Run{
		pack: o.Pack, profile: o.Profile, orange: o.Orange, seed: seed{o.Seed, o.Challenge}, ask: oneAtATime(o.Ask), now: o.Now,
		started: o.Now().UTC(), registry: newRegistry(), script: newTranscript(secretsOf(o.Profile), o.Profile.Limits.Quantity),
		bounds: newBounds(o.Profile.Limits.Quantity), mingled: map[string]bool{}, lasting: map[string]lasting{}, attempts: o.Attempts, journal: o.Journal,
	}
	r.pace = newPace(o.Concurrency, o.Profile.Delays.Event.D())
	var err error
	if r.http, err = newClient(o, r.bounds, r.pace, r.script); err != nil {
		return nil, err
	}
	r.inbox = newInbox(r)
	after, err := r.position(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("read the mock Orange's journal: %w", err)
	}
	r.script.journal, r.script.watch = o.Journal, o.Watch
	follow, cancel := context.WithCancel(context.WithoutCancel(ctx))
	entries, err := o.Orange.Subscribe(follow, after)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("follow the mock Orange's journal: %w", err)
	}
	r.stop = cancel
	go r.inbox.follow(entries)
	if !o.unbilled {
		r.billed = newBilled(o.Orange)
	}
	return r, nil
}

// oneAtATime keeps scenarios from asking a person several things at once.
func oneAtATime(ask func(ctx context.Context, question string) (ok, refused bool, err error)) func(ctx context.Context, question string) (ok, refused bool, err error) {
	if ask == nil {
		return nil
	}
	var mu sync.Mutex
	return func(ctx context.Context, question string) (bool, bool, error) {
		mu.Lock()
		defer mu.Unlock()
		return ask(ctx, question)
	}
}

// Close removes the faults that are still set, stops following the journal and closes idle connections to the partner.
func (r *Run) Close() {
	if r.offline {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, id := range r.faults {
		// A fault that has acted may be gone already, and so may the mock Orange.
		_ = r.orange.RemoveFault(ctx, id)
	}
	if r.billed != nil {
		r.billed.close()
	}
	r.stop()
	<-r.inbox.done
	r.http.close()
}

// NewWorld makes the isolated state of one scenario; Begin says which.
func (r *Run) NewWorld() *World { return newWorld(r) }

// Quiet waits the one shared window in which nothing more may come. Checks of absence run after it.
func (r *Run) Quiet(ctx context.Context) error {
	return r.pause(ctx, r.profile.Delays.Quiet.D())
}

// pause lets time pass, except in a replay.
func (w *World) pause(ctx context.Context, d time.Duration) error {
	if w.recording != nil {
		return nil
	}
	return w.run.pause(ctx, d)
}

func (r *Run) pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// mix marks two scenarios as having things under one id: what else they find follows from that (GEN-05).
func (r *Run) mix(scenarios ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, id := range scenarios {
		r.mingled[id] = true
	}
}

// Exchanges returns the transcript so far: every call, trigger, event and token request, in order of its id.
func (r *Run) Exchanges() []reports.Exchange {
	if r.offline {
		return r.recording.exchanges
	}
	return r.script.all()
}

// StartedAt is the run's clock: the times in our own messages derive from it.
func (r *Run) StartedAt() time.Time { return r.started }

// async reports whether the partner declared the asynchronous mode.
func (r *Run) async() bool { return r.profile.Mode == profile.Async }

// errBlocked ends a scenario that can't go on; its unjudged requirements are inconclusive.
var errBlocked = errors.New("the scenario can't go on")

// errSkipped ends a scenario that can't be observed with this partner; its unjudged requirements are skipped.
var errSkipped = errors.New("not observable with this partner")

// errOrangeLost means that the mock Orange went away during the run.
var errOrangeLost = errors.New("the mock Orange went away")

// IsBlocked reports whether a verb ended its scenario because of a finding or because Clementine could not judge.
func IsBlocked(err error) bool { return errors.Is(err, errBlocked) }

// IsSkipped reports whether a verb ended its scenario because nothing can be observed.
func IsSkipped(err error) bool { return errors.Is(err, errSkipped) }
