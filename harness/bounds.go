package harness

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/clementine-ope/clementine/internal/jsonlimit"
	"github.com/clementine-ope/clementine/schemas"
)

// The limits of what a run takes from a partner, so that none can stall it or fill its memory (docs/limits.md). Those of
// answers grow with the profile's limits.quantity; time is limited by its delays.
const (
	// answerLimit is the largest answer that is read, in bytes, or answerPerLicence for each licence of the largest order
	// if that is more.
	answerLimit      = 4 << 20
	answerPerLicence = 4 << 10
	// valueLimit is how many JSON values an answer may hold, or valuesPerLicence for each licence of the largest order.
	valueLimit       = 100_000
	valuesPerLicence = 200
	// depthLimit is the deepest nesting of JSON that is read. The pack's schemas refuse what is deeper (GEN-12).
	depthLimit = 200
	// headerLimit bounds the headers of one answer, in bytes.
	headerLimit = 64 << 10
	// largeBody is the size, in bytes, from which answers count towards the run's total, which is largeAnswers times the
	// largest answer.
	largeBody    = 64 << 10
	largeAnswers = 8
	// eventTotal bounds the bodies of all events of a run, in bytes, or eventPerLicence for each licence of the largest
	// order if that is more: they are kept to its end, when they are counted and compared.
	eventTotal      = 16 << 20
	eventPerLicence = 32 << 10
	// callLimit is how many calls to the mock Orange a run looks at.
	callLimit = 6_000
	// findingLimit is how many findings of one requirement a scenario keeps, and noteLimit how many notes.
	findingLimit = 20
	noteLimit    = 20
	// refusedKept is how much of an answer that is refused for its size is recorded, in bytes.
	refusedKept = 16 << 10
)

// bounds holds what a run may still take.
type bounds struct {
	answer int64 // bytes
	event  int64 // bytes of all events
	values int

	answers atomic.Int64 // bytes of large answers so far
	events  atomic.Int64 // bytes of events so far
	judging sync.Mutex
}

func newBounds(quantity int) *bounds {
	return &bounds{
		answer: max(answerLimit, int64(quantity)*answerPerLicence), event: max(eventTotal, int64(quantity)*eventPerLicence),
		values: max(valueLimit, quantity*valuesPerLicence),
	}
}

// read reads a body of declared bytes (-1 where it does not say). tooLarge says why it is not taken, whole how long it
// is as far as known; a body that is not taken is cut. err is that of reading.
func (b *bounds) read(from io.Reader, declared int64) (body []byte, whole int64, tooLarge string, err error) {
	if declared > b.answer {
		return nil, declared, fmt.Sprintf("a body of more than %d MiB", b.answer>>20), nil
	}
	var buf bytes.Buffer
	_, err = buf.ReadFrom(io.LimitReader(from, b.answer+1))
	body = buf.Bytes()
	whole = max(int64(len(body)), declared)
	switch {
	case int64(len(body)) > b.answer:
		tooLarge = fmt.Sprintf("a body of more than %d MiB", b.answer>>20)
	case jsonlimit.MoreValuesThan(b.values, body):
		tooLarge = fmt.Sprintf("a body of more than %d JSON values", b.values)
	case len(body) > largeBody && b.answers.Add(int64(len(body))) > largeAnswers*b.answer:
		tooLarge = fmt.Sprintf("a body of %d KiB, when the large answers of this run came to %d MiB already", len(body)>>10, largeAnswers*b.answer>>20)
	}
	if tooLarge != "" {
		body = body[:min(len(body), refusedKept)]
	}
	if len(body) < cap(body)/4*3 {
		body = bytes.Clone(body) // a scenario may hold it for as long as it waits
	}
	return body, whole, tooLarge, err
}

// keepEvent reports whether the run still has room for the body of an event.
func (b *bounds) keepEvent(size int) bool { return b.events.Add(int64(size)) <= b.event }

// judge is the pack's judgement of a body. Large ones are judged one at a time: as a tree they take many times their size.
func (r *Run) judge(schema, contentType string, body []byte) []schemas.Violation {
	if len(body) > largeBody {
		r.bounds.judging.Lock()
		defer r.bounds.judging.Unlock()
	}
	return r.pack.Judge(schema, contentType, body)
}
