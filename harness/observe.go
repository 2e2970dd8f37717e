package harness

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
)

// The verbs of this file are all that a scenario learns from outside. A run takes it from the partner and the mock
// Orange and writes it into the scenario's course; a replay reads it from there.

// request is one call to be made.
type request struct {
	method, url, contentType string
	headers                  map[string]string
	body                     []byte
}

// call makes one call, recorded under kind. The error ends the scenario; the partner's faults are in the answer.
func (w *World) call(ctx context.Context, kind string, q request) (Answer, error) {
	if w.recording != nil {
		return w.recalled(kind, q)
	}
	a, err := w.run.http.do(ctx, kind, q.method, q.url, q.contentType, q.headers, q.body)
	if err != nil {
		return a, w.cut(err)
	}
	w.course.write(opCall, int64(a.Exchange), "")
	w.saw(a.Exchange)
	return a, nil
}

// mark is the place in the inbox from which later events count.
func (w *World) mark() int {
	if w.recording != nil {
		return w.recallCount(opMark)
	}
	n := w.run.inbox.mark()
	w.course.write(opMark, int64(n), "")
	return n
}

// since returns the events so far, from a mark on.
func (w *World) since(from int) []*event {
	if w.recording != nil {
		all := w.run.inbox.since(0)
		return all[min(from, len(all)):max(min(w.recallCount(opSince), len(all)), min(from, len(all)))]
	}
	out := w.run.inbox.since(from)
	w.course.write(opSince, int64(from+len(out)), "")
	return out
}

// tokenCalls returns the token calls so far.
func (w *World) tokenCalls() []tokenCall {
	out := w.run.inbox.tokenCalls()
	if w.recording != nil {
		return out[:min(w.recallCount(opTokens), len(out))]
	}
	w.course.write(opTokens, int64(len(out)), "")
	return out
}

// await returns the first event from the mark on that matches; nil where none came before the deadline.
func (w *World) await(ctx context.Context, from int, deadline time.Time, match func(*event) bool) (*event, error) {
	if w.recording != nil {
		return w.recalledEvent()
	}
	ev, err := w.run.inbox.await(ctx, from, deadline, match)
	if err != nil {
		return nil, err
	}
	if ev == nil {
		w.course.write(opAwait, -1, "")
		return nil, nil
	}
	w.course.write(opAwait, int64(ev.index), "")
	return ev, nil
}

// pulled carries out a trigger that is no call.
func (w *World) pulled(do func() (triggered, error)) (triggered, error) {
	if w.recording != nil {
		return w.recalledTrigger()
	}
	done, err := do()
	if done == "" {
		return done, err // the end of the run
	}
	w.course.write(opTrigger, 0, string(done))
	if err != nil {
		w.course.write(opReason, 0, w.run.script.known.String(err.Error()))
	}
	return done, err
}

// setFault arms a fault of the gateway, to be removed at the end of the run.
func (w *World) setFault(ctx context.Context, f control.Fault) error {
	if w.recording != nil {
		if t, failed := w.course.readIf(opFault, anyTurn); failed {
			return fmt.Errorf("%s", t.Text)
		}
		return nil
	}
	armed, err := w.run.orange.AddFault(ctx, f)
	if err != nil {
		w.course.write(opFault, 0, err.Error())
		return err
	}
	w.run.mu.Lock()
	defer w.run.mu.Unlock()
	w.run.faults = append(w.run.faults, armed.ID)
	w.run.journal.Fault(armed.ID)
	return nil
}

// silent counts a wait that ended in vain. It returns the gateway's URL where nothing has reached the mock Orange so far.
func (w *World) silent(ctx context.Context) string {
	if w.recording != nil {
		t, _ := w.course.readIf(opSilent, anyTurn)
		return t.Text
	}
	w.run.mu.Lock()
	w.run.missed++
	w.run.mu.Unlock()
	info, err := w.run.orange.Info(ctx)
	if err != nil || !w.run.inbox.empty() {
		return ""
	}
	w.course.write(opSilent, 0, info.GatewayURL)
	return info.GatewayURL
}

// measured is a duration that the clock decides.
func (w *World) measured(by func() time.Duration) time.Duration {
	if w.recording != nil {
		return time.Duration(w.recallCount(opMeasured)) * time.Microsecond
	}
	d := by().Truncate(time.Microsecond)
	w.course.write(opMeasured, d.Microseconds(), "")
	return d
}

// enter claims an id of the partner's for a thing of this scenario. It returns the first owner if that is another one.
func (w *World) enter(kind, id, reference string) (owner, bool) {
	own := owner{reference: reference, scenario: w.id}
	if w.recording != nil {
		if first, taken := w.recalledOwner(opClaimed, kind, id, reference); taken {
			return first, true
		}
		w.run.registry.claim(kind, id, own)
		return owner{}, false
	}
	first, taken := w.run.registry.claim(kind, id, own)
	if taken {
		w.course.write(opClaimed, 0, ownerText(kind, id, first, reference))
	}
	return first, taken
}

// ownerOf tells whose an id is.
func (w *World) ownerOf(kind, id string) (owner, bool) {
	own, known := w.run.registry.ownerOf(kind, id)
	if w.recording != nil {
		if first, other := w.recalledOwner(opOwner, kind, id, ""); other {
			return first, true
		}
		return own, known && own.scenario == w.id
	}
	if known && own.scenario != w.id {
		w.course.write(opOwner, 0, ownerText(kind, id, own, ""))
	}
	return own, known
}

// ownerText writes whose an id is, and for whom it was asked: the reference that claims it, empty where none does.
func ownerText(kind, id string, o owner, claims string) string {
	text, err := json.Marshal([]string{kind, idKey(id), o.reference, o.scenario, claims})
	if err != nil {
		return "" // strings always have a JSON form
	}
	return string(text)
}

// ownerIn reads what ownerText wrote, with the key of the id.
func ownerIn(t reports.Turn) (kind, key string, o owner, claims string, ok bool) {
	var parts []string
	if json.Unmarshal([]byte(t.Text), &parts) != nil || len(parts) != 5 {
		return "", "", owner{}, "", false
	}
	return parts[0], idKey(parts[1]), owner{reference: parts[2], scenario: parts[3]}, parts[4], true
}

// stray returns the first event since the mark that matches; nil if there is none. Whether one does may depend on what all
// scenarios had sent by then, so the course says it.
func (w *World) stray(from int, match func(*event) bool) *event {
	if w.recording != nil {
		t, there := w.course.readIf(opNameless, anyTurn)
		all := w.run.inbox.since(0)
		if !there || t.Value < 0 || t.Value >= int64(len(all)) {
			return nil
		}
		return all[t.Value]
	}
	for _, ev := range w.run.inbox.since(from) {
		if match(ev) {
			w.course.write(opNameless, int64(ev.index), "")
			return ev
		}
	}
	return nil
}

func anyTurn(reports.Turn) bool { return true }
