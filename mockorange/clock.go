package mockorange

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

// clock gives times that always grow, by a nanosecond if need be. What was issued after a refusal must be seen to be
// so, also where the system's clock is coarse, set back or, in a test, stopped.
type clock struct {
	source func() time.Time

	mu   sync.Mutex
	last time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	// Round strips the monotonic reading, which does not survive a token.
	t := c.source().Round(0).UTC()
	if !t.After(c.last) {
		t = c.last.Add(time.Nanosecond)
	}
	c.last = t
	return t
}

// pass lets all times to come be after t.
func (c *clock) pass(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t.After(c.last) {
		c.last = t
	}
}

// uuid returns a random UUID, version 4 (RFC 9562, section 5.4).
func uuid() string {
	var b [16]byte
	// crypto/rand.Read never returns an error: it ends the program where the system has no randomness.
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
