package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// JournalVersion is the version of a run's journal: one JSON object a line, appended while the run is under way. Secrets
// are masked in it as in results.json.
const JournalVersion = 1

// JournalHeader says which run a journal is of: what the run can't go on without.
type JournalHeader struct {
	Version    int            `json:"version"`
	Suite      Suite          `json:"suite"`
	Partner    Partner        `json:"partner"`
	Profile    map[string]any `json:"profile"` // redacted
	Selection  string         `json:"selection"`
	Seed       uint64         `json:"seed"`
	Challenge  string         `json:"challenge,omitempty"`
	Attended   bool           `json:"attended"`
	Resilience bool           `json:"resilience"`
	OwnOrange  bool           `json:"ownOrange"` // the run started its mock Orange itself
}

// JournalPart begins a run, or goes on with it.
type JournalPart struct {
	At  time.Time `json:"at"`
	Seq int64     `json:"seq"` // place in the mock Orange's journal after which it reads
	// Resumption is nil for the first part.
	Resumption *Resumption `json:"resumption,omitempty"`
}

// JournalEnded is a scenario that was judged: with the exchanges, all that a replay takes.
type JournalEnded struct {
	ID         string `json:"id"`
	DurationMs int64  `json:"durationMs"`
	Exchanges  []int  `json:"exchanges"`
	Course     []Turn `json:"course"`
}

// journalLine has one member.
type journalLine struct {
	Run      *JournalHeader `json:"run,omitempty"`
	Part     *JournalPart   `json:"part,omitempty"`
	Begun    string         `json:"begun,omitempty"`
	Exchange *Exchange      `json:"exchange,omitempty"`
	Seq      int64          `json:"seq,omitempty"` // of the exchange, if the mock Orange took it
	Fault    string         `json:"fault,omitempty"`
	Ended    *JournalEnded  `json:"ended,omitempty"`
}

// JournalStore is where the lines of a journal are kept, in their order. Sync may be called beside the others, which come
// one at a time.
type JournalStore interface {
	// Begin puts the first lines in the place of what another run left: all of them, or none.
	Begin(lines []byte) error
	// Append keeps a line.
	Append(line []byte) error
	// Sync returns once all that was appended before is safe, whatever becomes of this process.
	Sync() error
	// Close ends the writing; what was kept stays.
	Close() error
	// Remove takes the journal away, which is over or, after an error of this store, may lack a beginning. A store that lets
	// no scenario begin after an error has nothing to do.
	Remove() error
}

// Journal takes down a run, so that it can be resumed. Nothing is stored before the first scenario begins. All methods may
// be called on nil, which takes nothing down. The first error ends it: Close returns it, and there is no journal then,
// since one that lacks a beginning would let a partner see the same ids twice.
type Journal struct {
	store JournalStore

	mu      sync.Mutex
	begun   bool   // in the store
	early   []byte // what there is before that
	written int64  // lines
	err     error

	syncing sync.Mutex
	synced  int64 // lines that are safe
}

// NewJournal returns a journal that replaces what the store holds once the first scenario begins.
func NewJournal(store JournalStore, header JournalHeader) *Journal {
	j := &Journal{store: store}
	header.Version = JournalVersion
	j.write(journalLine{Run: &header})
	return j
}

// Part begins a part of the run.
func (j *Journal) Part(p JournalPart) { j.write(journalLine{Part: &p}) }

// Exchange takes down an exchange; seq is its place in the mock Orange's journal, 0 for a call to the partner.
func (j *Journal) Exchange(e Exchange, seq int64) { j.write(journalLine{Exchange: &e, Seq: seq}) }

// Fault takes down a fault that is set, to be removed by whoever ends the run.
func (j *Journal) Fault(id string) { j.write(journalLine{Fault: id}) }

// Ended takes down a scenario that was judged.
func (j *Journal) Ended(s JournalEnded) { j.write(journalLine{Ended: &s}) }

// Begun takes down that a scenario begins, and returns once that is safe: from then on the partner may know its ids.
func (j *Journal) Begun(id string) {
	if j == nil {
		return
	}
	j.begin()
	j.write(journalLine{Begun: id})
	j.sync()
}

func (j *Journal) write(line journalLine) {
	if j == nil {
		return
	}
	data, err := json.Marshal(line)
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err != nil {
		return
	}
	data = append(data, '\n')
	switch {
	case err != nil:
	case !j.begun:
		j.early = append(j.early, data...)
	default:
		err = j.store.Append(data)
	}
	j.written++
	j.fail(err)
}

// fail keeps the first error. What is there by then is no longer true.
func (j *Journal) fail(err error) {
	if err == nil || j.err != nil {
		return
	}
	j.err = fmt.Errorf("write the journal of the run: %w", err)
	if j.begun {
		j.err = errors.Join(j.err, j.store.Remove())
	}
}

func (j *Journal) begin() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.begun || j.err != nil {
		return
	}
	err := j.store.Begin(j.early)
	j.begun, j.early = err == nil, nil
	j.fail(err)
}

// sync returns once all that was written before is safe. Scenarios that begin together share one sync.
func (j *Journal) sync() {
	j.mu.Lock()
	upTo, begun := j.written, j.begun
	j.mu.Unlock()
	if !begun {
		return
	}
	j.syncing.Lock()
	defer j.syncing.Unlock()
	if j.synced >= upTo {
		return
	}
	j.mu.Lock()
	upTo = j.written
	j.mu.Unlock()
	err := j.store.Sync()
	j.synced = upTo
	if err != nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.fail(err)
	}
}

// Close ends the journal, which stays; Remove takes it away.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.sync()
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.begun {
		return j.err
	}
	err := j.store.Close()
	if j.err != nil {
		return j.err
	}
	return err
}

// Kept reports whether there is something to resume from.
func (j *Journal) Kept() bool {
	if j == nil {
		return false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.begun && j.err == nil
}

// Remove takes the journal away, once the results are written.
func (j *Journal) Remove() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.begun {
		return nil
	}
	return j.store.Remove()
}
