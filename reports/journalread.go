package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// What a journal may hold, in bytes: a line has at most two recorded bodies, or the course of one scenario.
const (
	journalLineMost = 32 << 20
	journalMost     = 1 << 30
)

// JournalRecord is what a journal tells of a run that was cut off.
type JournalRecord struct {
	Header    JournalHeader
	Parts     []JournalPart           // one at least
	Begun     map[string]int          // scenario -> how often it was begun
	Ended     map[string]JournalEnded // scenarios that were judged, and not begun again since
	Exchanges []Exchange              // with their ids as indices
	Faults    []string                // that are set at the mock Orange of the last part
	// Last is what was last read of the mock Orange's journal; its place there is 0 where nothing was.
	Last struct {
		Seq int64
		At  time.Time
	}

	whole int64 // bytes up to the end of the last whole line
	spent time.Duration
}

// StartedAt is when the run began.
func (r *JournalRecord) StartedAt() time.Time { return r.Parts[0].At }

// Spent is how long the run was under way, without the time in between.
func (r *JournalRecord) Spent() time.Duration { return r.spent }

// Resumptions lists the times that the run was resumed.
func (r *JournalRecord) Resumptions() []Resumption {
	var out []Resumption
	for _, p := range r.Parts {
		if p.Resumption != nil {
			out = append(out, *p.Resumption)
		}
	}
	return out
}

// Attempts says for each scenario that was begun which attempt it is, or is to be.
func (r *JournalRecord) Attempts() map[string]int {
	out := map[string]int{}
	for id, n := range r.Begun {
		if _, ended := r.Ended[id]; !ended {
			n++
		}
		out[id] = n
	}
	return out
}

// ReadJournal reads the journal at path. What is left of a line that was being written when the run ended is passed over;
// any other line that can't be read is an error, which names it.
func ReadJournal(path string) (*JournalRecord, error) {
	f, err := os.Open(path) // #nosec G304 -- in the folder that the operator named
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() > journalMost {
		return nil, errors.Join(err, fmt.Errorf("longer than %d MiB", journalMost>>20))
	}
	return readJournal(f)
}

func readJournal(from io.Reader) (*JournalRecord, error) {
	r := &JournalRecord{Begun: map[string]int{}, Ended: map[string]JournalEnded{}}
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, journalLineMost)
	lines.Split(wholeLines)
	var wrong error
	n := 0
	for lines.Scan() {
		if wrong != nil {
			return nil, wrong
		}
		n++
		// What the last line holds may be the rest of one that a crash of the machine left.
		if err := r.take(n, lines.Bytes()); err != nil {
			wrong = fmt.Errorf("line %d: %w", n, err)
			continue
		}
		r.whole += int64(len(lines.Bytes())) + 1
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("line %d: %w", n+1, err)
	}
	if r.Header.Version == 0 || len(r.Parts) == 0 {
		return nil, errors.Join(errors.New("it does not say which run it is of"), wrong)
	}
	r.spent += r.underWay()
	return r, nil
}

// wholeLines splits into lines, and leaves out a last one without an end.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF {
		return len(data), nil, nil
	}
	return 0, nil, nil
}

func (r *JournalRecord) take(n int, text []byte) error {
	var line journalLine
	if err := json.Unmarshal(text, &line); err != nil {
		return err
	}
	if (n == 1) != (line.Run != nil) {
		return errors.New("the first line, and no other, says which run it is")
	}
	if (n == 2) != (line.Part != nil && line.Part.Resumption == nil) {
		return errors.New("the second line, and no other, begins the run")
	}
	switch {
	case line.Run != nil:
		if line.Run.Version != JournalVersion {
			return fmt.Errorf("version %d of the journal is not known, only %d is", line.Run.Version, JournalVersion)
		}
		r.Header = *line.Run
	case line.Part != nil:
		return r.part(*line.Part)
	case line.Begun != "":
		r.Begun[line.Begun]++
		delete(r.Ended, line.Begun)
	case line.Exchange != nil:
		return r.exchange(*line.Exchange, line.Seq)
	case line.Fault != "":
		r.Faults = append(r.Faults, line.Fault)
	case line.Ended != nil:
		return r.ended(*line.Ended)
	default:
		return errors.New("it says nothing that is known")
	}
	return nil
}

func (r *JournalRecord) part(p JournalPart) error {
	if p.Resumption != nil {
		if p.Resumption.Exchange != len(r.Exchanges) {
			return fmt.Errorf("the run goes on with exchange %d, where %d is the next", p.Resumption.Exchange, len(r.Exchanges))
		}
		r.spent += r.underWay()
		if p.Resumption.OrangeAnew {
			r.Faults, r.Last.Seq = nil, 0
		}
	}
	r.Parts = append(r.Parts, p)
	return nil
}

// underWay is how long the last part was: to its last exchange.
func (r *JournalRecord) underWay() time.Duration {
	if len(r.Parts) == 0 || len(r.Exchanges) == 0 {
		return 0
	}
	last := r.Exchanges[len(r.Exchanges)-1]
	return max(0, last.At.Sub(r.Parts[len(r.Parts)-1].At)+time.Duration(last.DurationMs*float64(time.Millisecond)))
}

func (r *JournalRecord) exchange(e Exchange, seq int64) error {
	switch {
	case e.ID != len(r.Exchanges):
		return fmt.Errorf("exchange %d, where %d is the next", e.ID, len(r.Exchanges))
	case e.Direction != OrangeToPartner && e.Direction != PartnerToOrange:
		return fmt.Errorf("exchange %d has the direction %q", e.ID, e.Direction)
	}
	r.Exchanges = append(r.Exchanges, e)
	if seq > 0 {
		r.Last.Seq, r.Last.At = seq, e.At
	}
	return nil
}

func (r *JournalRecord) ended(s JournalEnded) error {
	if r.Begun[s.ID] == 0 {
		return fmt.Errorf("the scenario %q ended before it began", s.ID)
	}
	for _, id := range s.Exchanges {
		if id < 0 || id >= len(r.Exchanges) {
			return fmt.Errorf("the scenario %q has the exchange %d, which is not there", s.ID, id)
		}
	}
	r.Ended[s.ID] = s
	return nil
}

// ContinueJournalIn reads the journal that a store holds, whose lines are all whole, and goes on with it there.
func ContinueJournalIn(store JournalStore, from io.Reader) (*Journal, *JournalRecord, error) {
	counted := &counter{from: io.LimitReader(from, journalMost+1)}
	r, err := readJournal(counted)
	switch {
	case err != nil:
		return nil, nil, err
	case counted.n > journalMost:
		return nil, nil, fmt.Errorf("longer than %d MiB", journalMost>>20)
	case counted.n != r.whole:
		return nil, nil, errors.New("its last line can't be read")
	}
	return &Journal{store: store, begun: true}, r, nil
}

type counter struct {
	from io.Reader
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}
