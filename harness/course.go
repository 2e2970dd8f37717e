package harness

import (
	"errors"
	"sync"

	"github.com/clementine-ope/clementine/reports"
)

// The operations of a course: all that a scenario learns from outside besides the bytes of its exchanges. What only
// sometimes happens (a fault that could not be set, an id that is another scenario's) is written where it happens.
const (
	opCall     = "call"     // v: the exchange
	opMark     = "mark"     // v: events so far
	opSince    = "since"    // v: events so far
	opTokens   = "tokens"   // v: token calls so far
	opAwait    = "await"    // v: place of the event in the inbox; -1 where none came in time
	opTrigger  = "trigger"  // t: how a command or a question ended; v: 1 with the reason in a second turn
	opReason   = "reason"   // t: why a trigger broke
	opFault    = "fault"    // t: why a fault could not be set
	opSilent   = "silent"   // t: the gateway's URL, where nothing had reached it
	opClaimed  = "claimed"  // t: kind, key of the id, and the first owner's reference and scenario
	opOwner    = "owner"    // t: kind, key of the id, and the owner's reference and scenario, where that is another scenario
	opNameless = "nameless" // v: place in the inbox of an update event that names no update
	opMeasured = "measured" // v: microseconds
)

// course is what one scenario learnt, in order: written in a run, read in a replay.
type course struct {
	mu    sync.Mutex
	turns []reports.Turn
	next  int    // in a replay: the first turn that was not read
	left  string // in a replay: where it left the recording; empty while it did not
}

func (c *course) write(op string, v int64, text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turns = append(c.turns, reports.Turn{Op: op, Value: v, Text: text})
}

// errLeft means that a replay asks for what was not recorded.
var errLeft = errors.New("the replay asks for what was not recorded")

// read takes the next turn, which has to be of this operation.
func (c *course) read(op string) (reports.Turn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.left != "":
		return reports.Turn{}, errLeft
	case c.next >= len(c.turns):
		c.left = op + ", where the recording ends"
		return reports.Turn{}, errLeft
	case c.turns[c.next].Op != op:
		c.left = op + ", where the recording has " + c.turns[c.next].Op
		return reports.Turn{}, errLeft
	}
	c.next++
	return c.turns[c.next-1], nil
}

// readIf takes the next turn if it is of this operation and passes the test.
func (c *course) readIf(op string, test func(reports.Turn) bool) (reports.Turn, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left != "" || c.next >= len(c.turns) || c.turns[c.next].Op != op || !test(c.turns[c.next]) {
		return reports.Turn{}, false
	}
	c.next++
	return c.turns[c.next-1], true
}

// readCall takes the call that fits out of those that come next: calls made side by side are recorded as they end. Where
// none fits, and like allows it, it is the first of them.
func (c *course) readCall(fits, like func(exchange int) bool) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left != "" {
		return 0, errLeft
	}
	end := c.next
	for end < len(c.turns) && c.turns[end].Op == opCall {
		end++
	}
	for _, accept := range []func(int) bool{fits, like} {
		for i := c.next; i < end; i++ {
			if turn := c.turns[i]; accept(int(turn.Value)) {
				copy(c.turns[c.next+1:i+1], c.turns[c.next:i])
				c.turns[c.next] = turn
				c.next++
				return int(turn.Value), nil
			}
		}
	}
	c.left = "another call than was recorded"
	if end == c.next {
		c.left = "a call, where the recording has none"
	}
	return 0, errLeft
}

// ended reports whether all that was recorded has been read; a replay that leaves something over has left the recording.
func (c *course) ended() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == "" && c.next < len(c.turns) {
		c.left = "nothing more, where the recording has " + c.turns[c.next].Op
	}
}

func (c *course) all() []reports.Turn {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]reports.Turn(nil), c.turns...)
}
