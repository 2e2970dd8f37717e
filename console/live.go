package console

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/steps"
)

// maxEvents is how many events of a run under way are kept to be shown; older ones are dropped.
const maxEvents = 4000

// event is something that happened in a run: one of its members is set.
type event struct {
	scenario *steps.Progress
	exchange *reports.Exchange // as it is drawn
}

// question is what a person is asked to do at the partner's.
type question struct {
	ID, Text string
	answer   chan<- string
}

// live is a run under way.
type live struct {
	run     archive.Run
	profile string        // id
	client  string        // application of the mock Orange
	waits   time.Duration // for an answer
	parties parties       // of its sequence
	cancel  context.CancelFunc

	mu          sync.Mutex
	done, total int
	events      []event
	dropped     int
	asked       *question
	over        bool
	changed     chan struct{} // closed at each change
}

func (l *live) change(act func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	act()
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *live) add(e event) {
	l.events = append(l.events, e)
	if len(l.events) > maxEvents {
		l.dropped += len(l.events) - maxEvents
		l.events = l.events[len(l.events)-maxEvents:]
	}
}

// state is a run under way as it stands: the events from a place on, and what closes at the next change.
type state struct {
	done, total int
	events      []event
	next        int // place after the last event
	asked       *question
	over        bool
	changed     <-chan struct{}
}

func (l *live) state(from int) state {
	l.mu.Lock()
	defer l.mu.Unlock()
	start := min(max(from-l.dropped, 0), len(l.events))
	return state{
		l.done, l.total, append([]event(nil), l.events[start:]...), l.dropped + len(l.events), l.asked, l.over, l.changed,
	}
}

func (l *live) progress(p steps.Progress) {
	l.change(func() {
		l.done, l.total = p.Done, p.Total
		l.add(event{scenario: &p})
	})
}

func (l *live) watch(e reports.Exchange) {
	l.change(func() { l.add(event{exchange: slim(e)}) })
}

// The answers to a question.
const (
	answerDone    = "done"
	answerRefused = "refused"
	answerNot     = "not"
)

// ask puts a question on the run's page and waits for its buttons. See steps.Options.
func (l *live) ask(ctx context.Context, text string) (ok, refused bool, err error) {
	answers := make(chan string, 1)
	l.change(func() { l.asked = &question{archive.NewID(), text, answers} })
	defer l.change(func() { l.asked = nil })
	patience := time.NewTimer(l.waits)
	defer patience.Stop()
	select {
	case <-ctx.Done():
		return false, false, ctx.Err()
	case <-patience.C:
		return false, false, fmt.Errorf("nobody answered within %s", l.waits)
	case answer := <-answers:
		return answer == answerDone, answer == answerRefused, nil
	}
}

// answer is what a person pressed; false if the question is no longer asked.
func (l *live) answer(id, answer string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.asked == nil || l.asked.ID != id {
		return false
	}
	select {
	case l.asked.answer <- answer:
		return true
	default:
		return false // answered already
	}
}

// The reasons not to start a run.
var (
	errBusy    = errors.New("as many runs are under way as may be")
	errSame    = errors.New("a run of this partner, or of its application, is under way")
	errClosing = errors.New("the console is closing")
)

// manager holds the runs under way. Each program has its own: behind a load balancer a run is followed where it was
// started.
type manager struct {
	c *Console

	mu      sync.Mutex
	all     map[string]*live
	closing bool
	running sync.WaitGroup
}

func newManager(c *Console) *manager { return &manager{c: c, all: map[string]*live{}} }

// find is a run under way that the owner may see; nil if there is none.
func (m *manager) find(owner, id string) *live {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := m.all[id]
	if l == nil || (owner != "" && l.run.Owner != owner) {
		return nil
	}
	return l
}

func (m *manager) list(owner string) []*live {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*live
	for _, l := range m.all {
		if owner == "" || l.run.Owner == owner {
			out = append(out, l)
		}
	}
	return out
}

// start begins a run and returns it. Two runs of one application would each take in the other's calls.
func (m *manager) start(run archive.Run, profileID string, p *profile.Profile, o steps.Options) (*live, error) {
	ctx, cancel := context.WithCancel(context.Background())
	l := &live{run: run, profile: profileID, client: p.Orange.ClientID, waits: m.c.options.Patience, parties: partiesOf(p), cancel: cancel, changed: make(chan struct{})}
	err := func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.closing {
			return errClosing
		}
		for _, other := range m.all {
			if other.profile == profileID || other.client == l.client {
				return errSame
			}
		}
		if len(m.all) >= m.c.options.MaxRuns {
			return errBusy
		}
		m.all[run.ID] = l
		m.running.Add(1)
		return nil
	}()
	if err != nil {
		cancel()
		return nil, err
	}
	o.Progress, o.Watch, o.Ask = l.progress, l.watch, l.ask
	go m.judge(ctx, l, o)
	return l, nil
}

func (m *manager) judge(ctx context.Context, l *live, o steps.Options) {
	defer m.running.Done()
	defer l.cancel()
	err := m.keep(ctx, l, o)
	if err != nil {
		m.c.log.Error("keep a run", "run", l.run.ID, "error", err)
	}
	m.mu.Lock()
	delete(m.all, l.run.ID)
	m.mu.Unlock()
	l.change(func() { l.over = true })
}

// keep runs the suite and stores what comes of it, also where it was stopped.
func (m *manager) keep(ctx context.Context, l *live, o steps.Options) (err error) {
	const patience = 30 * time.Second
	stays, done := context.WithTimeout(context.WithoutCancel(ctx), time.Hour)
	defer done()
	defer func() {
		if broke := recover(); broke != nil {
			err = errors.Join(fmt.Errorf("the run panicked: %v", broke), m.c.archive.PutProblem(stays, l.run, "Clementine broke down in this run. It has been logged."))
		}
	}()
	results, err := steps.Run(ctx, o)
	kept, cancel := context.WithTimeout(stays, patience)
	defer cancel()
	var config *steps.ConfigError
	var cannot *steps.CannotJudgeError
	switch {
	case errors.As(err, &config), errors.As(err, &cannot):
		return m.c.archive.PutProblem(kept, l.run, err.Error())
	case err != nil:
		return errors.Join(err, m.c.archive.PutProblem(kept, l.run, err.Error()))
	}
	err = m.c.archive.Put(kept, l.run, results)
	if errors.Is(err, archive.ErrTooLarge) {
		return m.c.archive.PutProblem(kept, l.run, fmt.Sprintf("The recording of this run is larger than %d MiB and was not kept: run it by clementine run.", archive.MaxBundle>>20))
	}
	return err
}

func (m *manager) close(ctx context.Context) error {
	m.mu.Lock()
	m.closing = true
	for _, l := range m.all {
		l.cancel()
	}
	m.mu.Unlock()
	over := make(chan struct{})
	go func() { m.running.Wait(); close(over) }()
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("runs of the console are under way: %w", ctx.Err())
	}
}
