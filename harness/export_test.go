package harness

import (
	"testing"
	"time"

	"github.com/clementine-ope/clementine/internal/profile"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/schemas"
)

// NewTestRun is a run without partner and mock Orange, enough to fold.
func NewTestRun(t testing.TB) *Run {
	t.Helper()
	pack, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	return &Run{pack: pack, profile: &profile.Profile{Mode: profile.Async}, registry: newRegistry(), script: newTranscript(nil)}
}

func (w *World) TestJudged(ids ...string) { w.judged(ids...) }

func (w *World) TestFail(id string) { w.fail(id, breach{expected: "e", seen: "s", exchange: -1}) }

func (w *World) TestBlock() { _ = w.block("stopped") }

func (w *World) TestSkip(reason string) { _ = w.skip(reason) }

// SIREN and ID show what a seed makes.
func SIREN(s uint64, label string) string { return seed(s).siren(label) }

// ID shows what a seed makes.
func ID(s uint64, kind, label string) string { return seed(s).id(kind, label) }

// ParseEventClass tells the class that an event is taken for.
func (r *Run) ParseEventClass(body []byte, path string) (class, kind string) {
	ev := r.parseEvent(control.Entry{Kind: control.KindEvent, Path: path, Body: body}, 0)
	return ev.class, ev.kind
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
