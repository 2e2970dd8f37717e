package harness

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
)

// recording is what was recorded of a run: all of it in its results, or those scenarios that a journal has to the end.
type recording struct {
	exchanges   []reports.Exchange
	courses     map[string][]reports.Turn // scenario -> what it learnt
	partly      bool                      // scenarios without a course are live
	interrupted bool
	lenient     bool // a call may differ from the recorded one: what went before it was altered
}

// Recorded opens a run that replays a recording: nothing is called, and nothing is waited for. Of the options it takes
// those that the results tell (pack, profile, seed, challenge) and Ask, which is not called but decides what a person is there for.
// lenient lets calls differ from the recorded ones, for recordings that were altered to see what comes of it.
func Recorded(o Options, results reports.Results, lenient bool) *Run {
	rec := &recording{exchanges: results.Exchanges, courses: map[string][]reports.Turn{}, interrupted: results.Interrupted, lenient: lenient}
	r := &Run{
		pack: o.Pack, profile: o.Profile, seed: seed{o.Seed, o.Challenge}, ask: o.Ask, now: func() time.Time { return results.StartedAt },
		started: results.StartedAt, registry: newRegistry(), script: newTranscript(nil, o.Profile.Limits.Quantity), bounds: newBounds(o.Profile.Limits.Quantity),
		http: &client{base: strings.TrimRight(o.Profile.BaseURL, "/")}, recording: rec, mingled: map[string]bool{}, lasting: map[string]lasting{},
		offline: true, attempts: map[string]int{}, resumed: results.Resumed,
	}
	r.pace = newPace(max(o.Concurrency, 1), o.Profile.Delays.Event.D())
	for _, s := range results.Scenarios {
		rec.courses[s.ID], r.attempts[s.ID] = s.Course, s.Attempt
	}
	r.inbox = &inbox{run: r, changed: make(chan struct{})}
	r.recall(rec)
	return r
}

// recall makes known what a recording says of ids and of the partner's calls.
func (r *Run) recall(rec *recording) {
	for _, course := range rec.courses {
		for _, t := range course {
			// What is another scenario's is so from the beginning: the replay runs in an order of its own.
			if kind, id, first, _, ok := ownerIn(t); ok && (t.Op == opClaimed || t.Op == opOwner) {
				r.registry.claim(kind, id, first)
			}
		}
	}
	for _, e := range rec.exchanges {
		if e.Direction == reports.PartnerToOrange {
			r.inbox.put(entryOf(e), e.ID)
		}
	}
}

// of is the recording, if it holds the scenario; nil for one that is live.
func (r *recording) of(id string) *recording {
	if r == nil || r.partly && r.courses[id] == nil {
		return nil
	}
	return r
}

// Unread lists the exchanges whose bodies were not recorded whole: a replay can't judge them as the run did.
func Unread(results reports.Results) []int {
	var out []int
	for _, e := range results.Exchanges {
		for _, b := range []*reports.Body{e.Request.Body, e.Response.Body} {
			if b != nil && b.Truncated && e.Error == "" {
				out = append(out, e.ID)
				break
			}
		}
	}
	return out
}

// Left says where the scenario left its recording; empty if it did not.
func (w *World) Left() string {
	if w.broken == "" && w.blockedBy == "" {
		w.course.ended()
	}
	w.course.mu.Lock()
	defer w.course.mu.Unlock()
	return w.course.left
}

// lost ends a scenario for which nothing more was recorded.
func (w *World) lost(err error) error {
	if w.recording.interrupted {
		return w.cut(context.Canceled)
	}
	return w.breakDown("%v: %s", err, w.course.left)
}

func (w *World) recallCount(op string) int {
	t, err := w.course.read(op)
	if err != nil {
		_ = w.lost(err)
	}
	return int(t.Value)
}

// recalled is the recorded answer to a call.
func (w *World) recalled(kind string, q request) (Answer, error) {
	rec := w.recording
	sum := sha256.Sum256(q.body)
	hash := hex.EncodeToString(sum[:])
	at, err := w.course.readCall(func(i int) bool {
		e, ok := rec.exchange(i)
		if !ok || e.Kind != kind || e.Request.Method != q.method {
			return false
		}
		// A trigger's address and body may hold secrets, which are masked in the profile and in the record each in its way.
		return kind == "trigger" || e.Request.URL == w.run.script.url(q.url) && sameBody(e.Request.Body, hash)
	}, func(i int) bool {
		e, ok := rec.exchange(i)
		return rec.lenient && ok && e.Kind == kind && e.Request.Method == q.method && pathOf(e.Request.URL) == pathOf(q.url)
	})
	if err != nil {
		return Answer{}, w.lost(fmt.Errorf("%w (%s %s)", err, q.method, w.run.script.url(q.url)))
	}
	e, _ := rec.exchange(at)
	w.saw(at)
	return answerOf(e), nil
}

func (r *recording) exchange(id int) (reports.Exchange, bool) {
	if id < 0 || id >= len(r.exchanges) || r.exchanges[id].ID != id {
		return reports.Exchange{}, false
	}
	return r.exchanges[id], true
}

func sameBody(b *reports.Body, hash string) bool {
	if b == nil {
		return hash == emptyHash
	}
	return b.SHA256 == hash
}

// emptyHash is the SHA-256 of no bytes.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func pathOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return u.Path
}

// answerOf is the answer that an exchange recorded.
func answerOf(e reports.Exchange) Answer {
	a := Answer{Exchange: e.ID, Status: e.Response.Status, Header: e.Response.Headers, At: e.At, Elapsed: time.Duration(math.Round(e.DurationMs*1000)) * time.Microsecond}
	a.ContentType = a.Header.Get("Content-Type")
	a.Body, a.Bytes = bodyOf(e.Response.Body)
	if e.Error != "" {
		a.Err = errors.New(e.Error)
	}
	return a
}

// bodyOf is what was recorded of a body, and its whole length.
func bodyOf(b *reports.Body) ([]byte, int64) {
	if b == nil {
		return nil, 0
	}
	return []byte(b.Raw()), b.Bytes
}

// entryOf is the journal's entry that an exchange recorded.
func entryOf(e reports.Exchange) control.Entry {
	en := control.Entry{
		At: e.At, Kind: control.Kind(e.Kind), Method: e.Request.Method, Header: http.Header(e.Request.Headers), Status: e.Response.Status,
		DurationMs: e.DurationMs, Fault: control.FaultKind(e.Fault), Auth: control.Auth{Scheme: e.Auth.Scheme, Application: e.Auth.Application, State: control.AuthState(e.Auth.State)},
	}
	en.Path, en.Query, _ = strings.Cut(e.Request.URL, "?")
	en.ContentType = en.Header.Get("Content-Type")
	en.Body, en.BodyBytes = bodyOf(e.Request.Body)
	if g := e.Gateway; g != nil {
		en.Offer, en.API, en.Cut, en.Auth.InQuery, en.Auth.JudgeMade = g.Offer, g.API, g.Cut, g.TokenInQuery, g.JudgeMade
		if g.GrantType != nil {
			en.Grant = &control.Grant{GrantType: *g.GrantType, CredentialsIn: g.CredentialsIn, ClientID: g.ClientID, Error: g.GrantError}
		}
	}
	return en
}

func (w *World) recalledEvent() (*event, error) {
	t, err := w.course.read(opAwait)
	if err != nil {
		// The caller ends the scenario: by the end of the run, or because Clementine can't judge.
		return nil, w.lost(err)
	}
	all := w.run.inbox.since(0)
	if t.Value < 0 || t.Value >= int64(len(all)) {
		return nil, nil
	}
	return all[t.Value], nil
}

func (w *World) recalledTrigger() (triggered, error) {
	t, err := w.course.read(opTrigger)
	if err != nil {
		return "", w.lost(err)
	}
	if reason, broke := w.course.readIf(opReason, anyTurn); broke {
		return triggered(t.Text), errors.New(reason.Text)
	}
	return triggered(t.Text), nil
}

// recalledOwner is the owner that the recording names here, if it does.
func (w *World) recalledOwner(op, kind, id, claims string) (owner, bool) {
	t, there := w.course.readIf(op, func(t reports.Turn) bool {
		k, key, _, by, ok := ownerIn(t)
		return ok && k == kind && key == idKey(id) && by == claims
	})
	if !there {
		return owner{}, false
	}
	_, _, o, _, _ := ownerIn(t)
	return o, true
}
