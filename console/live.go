package console

import (
	"context"
	"fmt"
	"sync"
	"time"

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
	cancel  context.CancelCauseFunc
	begun   *begun // as it is stored
	store   *runJournal
	journal *reports.Journal

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

// far is how far the run has come.
func (l *live) far() (done, total int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.done, l.total
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
