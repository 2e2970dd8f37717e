package customerspace

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits counts the calls of each application. Only those with a good token are counted, so there are no more counts than
// applications.
type limits struct {
	calls int // at once, and again in each minute

	mu           sync.Mutex
	applications map[string]*rate.Limiter
}

func newLimits(calls int) *limits {
	return &limits{calls: calls, applications: map[string]*rate.Limiter{}}
}

// limitedError is a call too many.
type limitedError struct{ wait time.Duration }

func (*limitedError) Error() string { return "too many calls" }

// seconds are what Retry-After says: whole ones, and at least one.
func (e *limitedError) seconds() int { return max(1, int(math.Ceil(e.wait.Seconds()))) }

// take counts a call; a *limitedError if it is one too many, which is then not counted.
func (l *limits) take(application string, at time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	limiter := l.applications[application]
	if limiter == nil {
		limiter = rate.NewLimiter(rate.Every(time.Minute/time.Duration(l.calls)), l.calls)
		l.applications[application] = limiter
	}
	reservation := limiter.ReserveN(at, 1)
	if wait := reservation.DelayFrom(at); wait > 0 {
		reservation.CancelAt(at)
		return &limitedError{wait}
	}
	return nil
}
