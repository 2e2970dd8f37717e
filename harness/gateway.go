package harness

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
)

// faulted is a request whose event meets a fault of the gateway.
type faulted struct {
	kind        control.FaultKind // that the scenario bound
	what        string
	from        int
	exchange    int
	matches     func(*event) bool
	instead     func(*event) bool // a change of the same licence with other words; nil for an order
	firstBy     time.Time
	noneCites   string             // what a missing first event breaches
	judge       func(*event) error // what the event itself breaches
	licence     *Licence           // what a change that the partner made itself is about; nil for an order
	pulled      string             // how the trigger failed; "" if it did not
	first, next *event
}

// arm sets a fault on one order or licence.
func (w *World) arm(ctx context.Context, kind control.FaultKind, key string) error {
	if err := w.setFault(ctx, control.Fault{Kind: kind, Key: key}); err != nil {
		if ctx.Err() != nil {
			return w.cut(ctx.Err())
		}
		return w.breakDown("set the fault %s: %v", kind, err)
	}
	return nil
}

// OrderWithFault places an order whose event meets the fault, and waits for the event's first attempt.
func (w *World) OrderWithFault(ctx context.Context, kind control.FaultKind) error {
	o := w.newOrder(w.offer(0), 2, "")
	body, err := w.orderBody(o, styleFull, true)
	if err != nil {
		return err
	}
	o.body, o.turnedAway = body, kind == control.FaultRefuseAlways
	if err := w.arm(ctx, kind, o.Reference); err != nil {
		return err
	}
	return w.inFlight(ctx, func() (time.Duration, error) {
		if err := w.send(ctx, o); err != nil {
			return 0, err
		}
		if err := w.accept(o); err != nil {
			return 0, err
		}
		w.faulted = &faulted{kind: kind, what: "order " + o.Reference, from: o.from, exchange: o.answer.Exchange, noneCites: "GEN-10",
			matches: func(ev *event) bool { return w.run.matchesOrder(ev, o) }, firstBy: at(o.ackAt, w.run.profile.Delays.Event.D()),
			judge: func(ev *event) error { return w.judgeOrderEvent(o, ev) }}
		return 0, w.firstAttempt(ctx, w.faulted)
	})
}

// ReportWithFault starts a UC5 change whose event meets the fault, and waits for the event's first attempt.
func (w *World) ReportWithFault(ctx context.Context, kind control.FaultKind) error {
	l, trigger := w.one(), w.trigger
	if err := w.arm(ctx, kind, l.ID); err != nil {
		return err
	}
	from := w.mark()
	// A tool that sends its event in line may well report the gateway's refusal: what counts is the event call.
	done, err := w.try(ctx, trigger, l)
	if err != nil && done != triggerBroke {
		return err
	}
	w.faulted = &faulted{kind: kind, what: "change of licence " + l.ID, licence: &l, from: from, exchange: w.lastExchange(), noneCites: reportsOf[trigger].requirement,
		matches: func(ev *event) bool { return w.run.reportsOn(ev, l.ID) }, firstBy: at(time.Now(), w.run.profile.Delays.Event.D())}
	if done != triggerDone {
		w.faulted.pulled = fmt.Sprintf("trigger %s %s: check the profile", trigger, done)
		if err != nil {
			w.faulted.pulled = err.Error()
		}
		w.faulted.firstBy = at(time.Now(), w.run.profile.Delays.Quiet.D())
	}
	return w.firstAttempt(ctx, w.faulted)
}

func (w *World) firstAttempt(ctx context.Context, f *faulted) error {
	ev, err := w.await(ctx, f.from, f.firstBy, f.matches)
	if err != nil {
		return w.cut(err)
	}
	if ev == nil && f.pulled != "" {
		return w.block(f.pulled)
	}
	if ev == nil && f.licence != nil {
		if ev := w.stray(f.from, w.run.unheard); ev != nil {
			return w.namesNone(ev, *f.licence)
		}
	}
	if ev == nil {
		return w.failAndBlock(f.noneCites, breach{expected: fmt.Sprintf("an event for the %s within %s", f.what, w.run.profile.Delays.Event.D()), seen: "no event call", exchange: f.exchange, missing: true})
	}
	w.saw(ev.exchange)
	f.first = ev
	if f.turnedAwayElsewhere([]*event{ev}) {
		return w.block(f.elsewhere())
	}
	if f.licence != nil { // the partner may have more to tell of the licence at the same time
		about := f.matches
		f.matches = func(ev *event) bool { return about(ev) && w.sameEvent(f.first, ev) }
		f.instead = func(ev *event) bool { return about(ev) && !w.sameEvent(f.first, ev) }
	}
	if ev.Fault != "" {
		return nil
	}
	if f.judge != nil {
		if err := f.judge(ev); err != nil {
			return err
		}
	}
	w.judgeToken(ev)
	return w.block(fmt.Sprintf("no fault could be bound to the event of the %s: it does not name it as it should, or was answered %d before", f.what, ev.Status))
}

// redelivery waits for an attempt after the first that fits; nil if none came within delays.retry.
func (w *World) redelivery(ctx context.Context, fits func(*event) bool) (*event, error) {
	f := w.faulted
	ev, err := w.await(ctx, f.first.index+1, at(f.first.seen, w.run.profile.Delays.Retry.D()), func(ev *event) bool { return f.matches(ev) && fits(ev) })
	if err != nil {
		return nil, w.cut(err)
	}
	if ev != nil {
		w.saw(ev.exchange)
		f.next = ev
	}
	return ev, nil
}

// turnedAwayElsewhere reports whether an attempt met another fault than the scenario's own.
func (f *faulted) turnedAwayElsewhere(events []*event) bool {
	return slices.ContainsFunc(events, func(ev *event) bool {
		return f.kind != "" && f.matches(ev) && ev.refusedByFault() && ev.Fault != f.kind
	})
}

func (f *faulted) elsewhere() string {
	return fmt.Sprintf("the event of the %s came, and the mock Orange turned it away by a fault that no scenario of this run switched on", f.what)
}

// Redelivered judges that the event came again and was taken: AUTH-03 after 401, AUTH-06 after 503.
func (w *World) Redelivered(ctx context.Context, requirement string) error {
	ev, err := w.redelivery(ctx, (*event).delivered)
	if err != nil {
		return err
	}
	w.judged(requirement)
	f := w.faulted
	if ev == nil && f.instead != nil {
		all := w.since(f.first.index + 1)
		if i := slices.IndexFunc(all, func(ev *event) bool { return ev.delivered() && f.instead(ev) }); i >= 0 {
			ev = all[i]
			w.saw(ev.exchange)
		}
	}
	if ev == nil && f.turnedAwayElsewhere(w.since(f.first.index+1)) {
		return w.block(f.elsewhere())
	}
	if ev == nil {
		hint := "Keep the event and send it again with growing pauses until the gateway takes it."
		if requirement == "AUTH-03" {
			hint = "On 401 with code 42 throw the token away, get a new one, and send the same event again."
		}
		return w.failAndBlock(requirement, breach{expected: fmt.Sprintf("the event of the %s again, and delivered, within %s (delays.retry)", f.what, w.run.profile.Delays.Retry.D()),
			seen: fmt.Sprintf("%d more attempts, none taken", w.attempts(f)), exchange: f.first.exchange, hint: hint})
	}
	w.check(requirement, w.sameEvent(f.first, ev), breach{expected: "the same event again: same type, order and state", seen: clipTo(string(ev.Body), 300), verbatim: true, exchange: ev.exchange})
	w.judgeToken(ev)
	return nil
}

// attempts counts the event calls after the first.
func (w *World) attempts(f *faulted) int { return f.among(w.since(f.first.index + 1)) }

// soFar counts them while a wait goes on, which is no reading of its own.
func (w *World) soFar(f *faulted) int { return f.among(w.run.inbox.since(f.first.index + 1)) }

func (f *faulted) among(events []*event) int {
	n := 0
	for _, ev := range events {
		if f.matches(ev) {
			n++
		}
	}
	return n
}

// SameAfterLostAnswer judges AUTH-07: if the event is repeated after its answer was lost, it is the same one.
func (w *World) SameAfterLostAnswer(ctx context.Context) error {
	ev, err := w.redelivery(ctx, func(*event) bool { return true })
	if err != nil {
		return err
	}
	if ev == nil {
		return w.skip("not observable: the partner did not repeat the event after its answer was lost")
	}
	w.check("AUTH-07", w.sameEvent(w.faulted.first, ev), breach{expected: "the same event again: same type, order and state", seen: clipTo(string(ev.Body), 300), verbatim: true, exchange: ev.exchange,
		hint: "Store the event's bytes and send those again."})
	return nil
}

// ends of patience with an event that was refused for good: a handful of attempts is a bounded retry.
const refusedAttempts = 6

// GivesUp judges AUTH-08: an event refused for good is not sent without end. Only a partner that repeats it is watched.
func (w *World) GivesUp(ctx context.Context) error {
	w.judged("AUTH-08")
	f := w.faulted
	w.run.mu.Lock()
	w.run.refused = append(w.run.refused, f)
	w.run.mu.Unlock()
	watch := min(w.run.profile.Delays.Retry.D(), max(5*w.run.profile.Delays.Quiet.D(), time.Second))
	second, err := w.await(ctx, f.first.index+1, at(f.first.seen, w.run.profile.Delays.Quiet.D()), f.matches)
	if err != nil {
		return w.cut(err)
	}
	if second == nil {
		return nil
	}
	_, err = w.await(ctx, second.index+1, at(f.first.seen, watch), func(ev *event) bool { return f.matches(ev) && w.soFar(f) >= refusedAttempts })
	if err != nil {
		return w.cut(err)
	}
	w.givenUp(f)
	return nil
}

func (w *World) givenUp(f *faulted) {
	n := w.attempts(f)
	w.check("AUTH-08", n < refusedAttempts, breach{expected: "an event that the gateway refuses with 400 is given up", seen: fmt.Sprintf("sent %d times more", n), exchange: f.first.exchange,
		hint: "A 4xx other than 401, 408 and 429 will not change: log the event and stop."})
}
