package harness

import (
	"io"
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

// NewTestRun is a run without partner and mock Orange, enough to fold.
func NewTestRun(t testing.TB) *Run {
	t.Helper()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return &Run{pack: pack, profile: &profile.Profile{Mode: profile.Async}, registry: newRegistry(), script: newTranscript(nil, 0), bounds: newBounds(0), mingled: map[string]bool{}}
}

func (w *World) TestJudged(ids ...string) { w.judged(ids...) }

func (w *World) TestFail(id string) { w.fail(id, breach{expected: "e", seen: "s", exchange: -1}) }

// TestFailAt is a finding at one of several exchanges.
func (w *World) TestFailAt(id string, exchange int) {
	w.fail(id, breach{expected: "e", seen: "s", exchange: exchange})
}

func (w *World) TestBlock() { _ = w.block("stopped") }

func (w *World) TestSkip(reason string) { _ = w.skip(reason) }

// SIREN and ID show what a seed makes.
func SIREN(s uint64, label string) string { return seed{number: s}.siren(label) }

// ID shows what a seed makes.
func ID(s uint64, kind, label string) string { return seed{number: s}.id(kind, label) }

// ParseEventClass tells the class that an event is taken for.
func (r *Run) ParseEventClass(body []byte, path string) (class, kind string) {
	ev := r.parseEvent(control.Entry{Kind: control.KindEvent, Path: path, Body: body}, 0)
	return ev.class, ev.kind
}

// TestTake lets calls arrive at the mock Orange, and Orange know the orders of those references.
func (r *Run) TestTake(orders []string, entries ...control.Entry) {
	for _, reference := range orders {
		r.registry.addOrder(&Order{Reference: reference})
	}
	if r.inbox == nil {
		r.inbox = &inbox{run: r, changed: make(chan struct{})}
	}
	for _, e := range entries {
		r.inbox.take(e)
	}
}

// TestTaken counts the event calls and the token calls that the run looks at.
func (r *Run) TestTaken() (events, tokens int) { return r.inbox.mark(), len(r.inbox.tokenCalls()) }

// TestFindings lists the requirements that the scenario's findings cite.
func (w *World) TestFindings() []string {
	var out []string
	for _, f := range w.findings {
		out = append(out, f.Requirement)
	}
	return out
}

// Bounds are the limits of a run, alone.
type Bounds struct{ *bounds }

// NewBounds makes those of a run whose largest order has so many licences.
func NewBounds(quantity int) Bounds { return Bounds{newBounds(quantity)} }

// Read reads a body under the limits.
func (b Bounds) Read(from io.Reader, declared int64) (body []byte, whole int64, tooLarge string, err error) {
	return b.read(from, declared)
}

// KeepEvent asks for room for the body of an event.
func (b Bounds) KeepEvent(size int) bool { return b.keepEvent(size) }

// Limits that tests reach for.
const (
	AnswerLimit  = answerLimit
	ValueLimit   = valueLimit
	LargeBody    = largeBody
	LargeAnswers = largeAnswers
	EventTotal   = eventTotal
	FindingLimit = findingLimit
	CallLimit    = callLimit
	RefusedKept  = refusedKept
	RecordLimit  = recordLimit
	RecordTotal  = recordTotal
	RecordHeader = recordHeader
	RecordURL    = recordURL
)

// Transcript is the record of a run, alone.
type Transcript struct{ *transcript }

// NewTranscript makes one that masks these secrets.
func NewTranscript(secrets ...string) Transcript { return Transcript{newTranscript(secrets, 0)} }

// Entry records a call to the mock Orange and returns what was recorded.
func (t Transcript) Entry(e control.Entry) reports.Exchange {
	id := t.entry(e)
	return t.all()[id]
}

// Pace is the pace of a run, alone.
type Pace struct{ *pace }

// NewPace makes one.
func NewPace(calls int, limit time.Duration) Pace { return Pace{newPace(calls, limit)} }

// Window tells how many requests may be open.
func (p Pace) Window() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return int(p.window)
}

// ReadFleet reads a body as GET would show it, without judging.
func (r *Run) ReadFleet(body []byte) (ids []string) {
	w := r.NewWorld()
	v := fleetView{gone: map[string]bool{}}
	w.read(&v, Answer{Body: body}, "F")
	w.ownOnly(&v, "F", -1)
	return v.ids()
}

// TestEnter claims an id for a reference, and counts the bytes that the recording of the scenario's course takes by then.
func (w *World) TestEnter(kind, id, reference string) (taken bool, recorded int) {
	_, taken = w.enter(kind, id, reference)
	for _, t := range w.course.all() {
		recorded += len(t.Text)
	}
	return taken, recorded
}

// SoundGrant and GrantHint are what AUTH-01 makes of one token request.
var (
	SoundGrant = soundGrant
	GrantHint  = grantHint
)
