package harness

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/clementine-ope/clementine/reports"
	"github.com/clementine-ope/clementine/schemas"
)

// World is the state of one scenario: its customers, orders and licences, what was judged and what was found.
// Its verbs are called one after another; only the findings may be added from elsewhere.
type World struct {
	run  *Run
	id   string
	tags []string
	// attempt is 1, and more in a scenario that a run which was resumed had begun before, without an end (ADR 19).
	attempt int
	// recording is what a replay reads; nil where the scenario is live.
	recording *recording

	counters  map[string]int
	customers []*Customer
	order     *Order    // the last one
	orders    []*Order  // in flight together
	update    *Update   // the last one
	chosen    []string  // licences that the last selection named
	before    fleetView // the fleets before the last change
	after     fleetView // the fleets after it
	events    []*event  // UC5 events of this scenario, in order
	faulted   *faulted
	trigger   string            // the change that the profile can start, as a step chose it
	emptied   map[string]bool   // fleets whose last licence is being deleted
	undone    map[string]string // requirement of an earlier change of a licence that a later reading did not show any more
	sequence  string            // requirement that stands in for the use cases' in a whole-sequence scenario

	mu        sync.Mutex
	findings  []finding
	found     map[string]int // findings by requirement
	judgedSet map[string]bool
	skips     map[string]string
	notes     []string
	exchanges []int
	blockedBy string // why the scenario stopped
	blockedOn string // the requirement that stopped it, if one did
	unusable  bool   // it stopped at a body that its schema already judged
	broken    string
	course    course
}

// finding is a reports.Finding with what folding needs.
type finding struct {
	reports.Finding
	via  []string // requirements of which this finding is only a special case: where one of them fails, it follows
	soft bool     // a warning, whatever the requirement's level
}

// Begin names the scenario: id is stable from run to run, requirements are those of its tags that apply to this partner.
func (w *World) Begin(id string, requirements []string) {
	w.id, w.tags, w.attempt = id, requirements, max(w.run.attempts[id], 1)
	if w.recording = w.run.recording.of(id); w.recording != nil {
		w.course.turns = append([]reports.Turn(nil), w.recording.courses[id]...)
	}
}

func newWorld(r *Run) *World {
	return &World{run: r, counters: map[string]int{}, judgedSet: map[string]bool{}, found: map[string]int{},
		skips: map[string]string{}, undone: map[string]string{}}
}

// note keeps a remark without verdict.
func (w *World) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := clip(fmt.Sprintf(format, args...))
	if len(w.notes) < noteLimit && !slices.Contains(w.notes, n) {
		w.notes = append(w.notes, n)
	}
}

// saw ties an exchange to the scenario.
func (w *World) saw(exchange int) {
	if exchange < 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(w.exchanges, exchange) {
		w.exchanges = append(w.exchanges, exchange)
	}
}

// Seen lists the exchanges of the scenario so far, in the order in which it saw them.
func (w *World) Seen() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.exchanges)
}

// judged records that these requirements were looked at here: without a finding they pass.
func (w *World) judged(requirements ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range requirements {
		w.judgedSet[id] = true
	}
}

// breach is the evidence of a finding.
type breach struct {
	expected, seen string
	path           string
	exchange       int
	missing        bool // a call of the partner's that never came; exchange is what it was due for
	verbatim       bool // seen is all the partner's own text
	hint           string
	fix            *reports.Fix
	via            []string // the more general requirements behind a special one
}

// fail records that a requirement was breached.
func (w *World) fail(requirement string, b breach) {
	f := finding{Finding: reports.Finding{Requirement: requirement, Expected: clip(b.expected), Seen: clip(b.seen), Path: clip(b.path),
		Exchange: b.exchange, Missing: b.missing, Verbatim: b.verbatim, Hint: b.hint, Fix: b.fix}}
	for _, id := range b.via {
		if id != requirement {
			f.via = append(f.via, id)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sequence != "" && (strings.HasPrefix(requirement, "PO-") || strings.HasPrefix(requirement, "US-")) {
		f.via, f.Requirement = append(f.via, requirement), w.sequence
		f.Expected += " (" + requirement + ")"
	}
	w.judgedSet[f.Requirement] = true
	if w.found[f.Requirement] >= findingLimit {
		return // a fleet of ten thousand wrong licences is told by the first ones
	}
	for _, old := range w.findings {
		if old.Requirement == f.Requirement && old.Path == f.Path && old.Exchange == f.Exchange && old.Expected == f.Expected {
			return
		}
	}
	w.found[f.Requirement]++
	w.findings = append(w.findings, f)
}

// check judges one requirement: it passes, or the breach is recorded. It returns ok.
func (w *World) check(requirement string, ok bool, b breach) bool {
	w.judged(requirement)
	if !ok {
		w.fail(requirement, b)
	}
	return ok
}

// skipTag records why a requirement can't be observed here.
func (w *World) skipTag(requirement, reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.skips[requirement] = reason
}

// block ends the scenario: what was not judged so far is inconclusive. A cause that names a requirement keeps it.
func (w *World) block(cause string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.blockedBy == "" {
		w.blockedBy = cause
	}
	return fmt.Errorf("%w: %s", errBlocked, cause)
}

// blockUnusable ends the scenario at a body, or a part of one, that its schema has judged already.
func (w *World) blockUnusable(what string) error {
	w.mu.Lock()
	w.unusable = true
	w.mu.Unlock()
	return w.block(what)
}

// blockOn ends the scenario because of a requirement that failed, or follows from one that did: the fold says which.
func (w *World) blockOn(requirement string) error {
	err := w.block(requirement + " failed")
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.blockedOn == "" {
		w.blockedOn = requirement
	}
	return err
}

// failAndBlock records a breach that the scenario can't survive.
func (w *World) failAndBlock(requirement string, b breach) error {
	w.fail(requirement, b)
	return w.blockOn(requirement)
}

// skip ends the scenario: what was not judged so far is skipped.
func (w *World) skip(reason string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range w.tags {
		if !w.judgedSet[id] && w.skips[id] == "" {
			w.skips[id] = reason
		}
	}
	return fmt.Errorf("%w: %s", errSkipped, reason)
}

// breakDown ends the scenario because Clementine itself could not go on.
func (w *World) breakDown(format string, args ...any) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken == "" {
		w.broken = fmt.Sprintf(format, args...)
	}
	return fmt.Errorf("%w: %s", errBlocked, w.broken)
}

// violations records what the pack found in a body.
func (w *World) violations(exchange int, vs []schemas.Violation) {
	w.judged("GEN-02", "GEN-12")
	for _, v := range vs {
		w.fail(v.Requirement, breach{expected: v.Expected, seen: v.Seen, path: v.Path, exchange: exchange, hint: formHint(v), fix: fixOf(v)})
	}
}

// ownFaults leaves out what the partner only gives back as it was sent: some requests are wrong on purpose, and who refuses
// one may repeat it. at is where in the body the request's counterpart lies.
func (w *World) ownFaults(vs []schemas.Violation, body []byte, at string, sent []byte) []schemas.Violation {
	return slices.DeleteFunc(vs, func(v schemas.Violation) bool { return v.Echoes(body, at, sent) })
}

// fixOf is what the schema leaves no choice about.
func fixOf(v schemas.Violation) *reports.Fix {
	if v.Remedy.Op == "" {
		return nil
	}
	return &reports.Fix{Op: v.Remedy.Op, Path: v.Path, Value: v.Remedy.Value}
}

// toSay mends a text at a path.
func toSay(path, text string) *reports.Fix {
	value, err := json.Marshal(text)
	if err != nil {
		return nil
	}
	return &reports.Fix{Op: "set", Path: path, Value: string(value)}
}

func formHint(v schemas.Violation) string {
	switch {
	case v.Requirement == "GEN-02":
		return "Leave the member out instead of sending it empty."
	case strings.HasPrefix(v.Expected, "Content-Type"):
		return "Send the header Content-Type: application/json."
	}
	return ""
}

// findingCount is for step verdicts: findings so far, and whether the scenario is broken.
func (w *World) findingCount() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.findings)
}

// StepMark is the state before a step; see StepVerdict.
type StepMark int

// Mark is taken before a step runs.
func (w *World) Mark() StepMark { return StepMark(w.findingCount()) }

// StepVerdict says what the step since mark came to: passed, failed, warning, or broken.
func (w *World) StepVerdict(mark StepMark) reports.Verdict {
	w.mu.Lock()
	defer w.mu.Unlock()
	v := reports.Passed
	for _, f := range w.findings[mark:] {
		v = reports.Worst(v, w.run.verdictOf(f))
	}
	if w.broken != "" {
		v = reports.Worst(v, reports.Broken)
	}
	return v
}

// Interrupt marks a scenario that the end of the run cut short.
func (w *World) Interrupt() { _ = w.block("interrupted") }

// Break marks a scenario that Clementine could not judge.
func (w *World) Break(reason string) { _ = w.breakDown("%s", reason) }

// JudgeOwn gives a scenario of the user's own its verdict: it holds if it ended without a finding.
func (w *World) JudgeOwn(requirement string) {
	w.mu.Lock()
	findings, stopped := slices.Clone(w.findings), w.blockedBy != "" || w.broken != ""
	w.mu.Unlock()
	for _, f := range findings {
		if w.run.verdictOf(f) == reports.Failed {
			w.fail(requirement, breach{expected: "the scenario holds", seen: f.Requirement + ": " + f.Seen, path: f.Path, exchange: f.Exchange})
			return
		}
	}
	if !stopped {
		w.judged(requirement)
	}
}

func (w *World) lastExchange() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.exchanges) == 0 {
		return -1
	}
	return w.exchanges[len(w.exchanges)-1]
}

func (w *World) next(kind string) string {
	w.counters[kind]++
	return fmt.Sprint(w.counters[kind])
}

// reference makes one of Orange's own references, unique in the run.
func (w *World) reference(kind string) string {
	labels := []string{w.id, w.next(kind)}
	if w.attempt > 1 {
		labels = append(labels, "attempt", fmt.Sprint(w.attempt))
	}
	return w.run.seed.id(kind, labels...)
}

// verdictOf is what a breach means for the requirement that it cites.
func (r *Run) verdictOf(f finding) reports.Verdict {
	if req, ok := r.pack.Requirement(f.Requirement); f.soft || ok && req.Level == "advice" {
		return reports.Warning
	}
	return reports.Failed
}

const clipAt = 600

// clip keeps what a partner sent from flooding a finding.
func clip(s string) string {
	if len(s) <= clipAt {
		return s
	}
	cut := clipAt
	for cut > 0 && s[cut]&0xC0 == 0x80 {
		cut--
	}
	return s[:cut] + "…"
}
