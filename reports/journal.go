package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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

// Journal takes down a run, so that it can be resumed. There is no file before the first scenario begins. All methods may
// be called on nil, which takes nothing down. The first error ends it: Close returns it, and there is no journal then,
// since one that lacks a beginning would let a partner see the same ids twice.
type Journal struct {
	path string

	mu      sync.Mutex
	file    *os.File
	info    os.FileInfo // of the file
	early   []byte      // what there is before the file
	written int64       // lines
	err     error

	syncing sync.Mutex
	synced  int64 // lines that are on disk for sure
}

// NewJournal returns a journal that replaces what is at path once the first scenario begins.
func NewJournal(path string, header JournalHeader) *Journal {
	j := &Journal{path: path}
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

// Begun takes down that a scenario begins, and returns once that is on disk: from then on the partner may know its ids.
func (j *Journal) Begun(id string) {
	if j == nil {
		return
	}
	j.open()
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
	case j.file == nil:
		j.early = append(j.early, data...)
	default:
		_, err = j.file.Write(data)
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
	if j.file != nil {
		j.err = errors.Join(j.err, j.remove())
	}
}

// open makes the file, whole with what there is so far, in place of the one that another run left.
func (j *Journal) open() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file != nil || j.err != nil {
		return
	}
	if err := writeWhole(j.path, j.early); err != nil {
		j.fail(err)
		return
	}
	j.fail(j.append())
}

// append opens the file for more lines, for this run alone.
func (j *Journal) append() error {
	f, err := os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	if j.info, err = f.Stat(); err == nil {
		err = lock(f)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	j.file, j.early = f, nil
	return nil
}

// writeWhole puts a file in the place of another, whole and on disk.
func writeWhole(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// sync returns once all that was written before is on disk. Scenarios that begin together share one sync.
func (j *Journal) sync() {
	j.mu.Lock()
	upTo, f := j.written, j.file
	j.mu.Unlock()
	if f == nil {
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
	err := f.Sync()
	j.synced = upTo
	if err != nil {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.fail(err)
	}
}

// Close ends the journal. Its file stays; Remove takes it away.
func (j *Journal) Close() error {
	if j == nil {
		return nil
	}
	j.sync()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return j.err
	}
	err := j.file.Close()
	if j.err != nil {
		return j.err
	}
	return err
}

// Kept reports whether there is a file to resume from.
func (j *Journal) Kept() bool {
	if j == nil {
		return false
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.file != nil && j.err == nil
}

// Remove takes the file away, once the results are written, unless another run has put its own there.
func (j *Journal) Remove() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.remove()
}

func (j *Journal) remove() error {
	if j.file == nil {
		return nil
	}
	there, err := os.Stat(j.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil || !os.SameFile(there, j.info) {
		return err
	}
	return os.Remove(j.path)
}
