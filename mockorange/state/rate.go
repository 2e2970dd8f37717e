package state

import (
	"sync"
	"time"
)

// rate counts token requests in a sliding period.
type rate struct {
	mu    sync.Mutex
	calls map[string][]int64
}

// over counts a request of an application and says whether it is one too many.
func (r *rate) over(application string, at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls == nil {
		r.calls = map[string][]int64{}
	}
	calls, over := count(r.calls[application], at.UnixNano())
	r.calls[application] = calls
	return over
}

// count adds a request to those of an application, in Unix nanoseconds, without those that no longer count, and says
// whether it is one too many; then it is not added.
func count(calls []int64, at int64) ([]int64, bool) {
	for len(calls) > 0 && at-calls[0] >= int64(tokenPeriod) {
		calls = calls[1:]
	}
	if len(calls) >= tokenRequests {
		return calls, true
	}
	return append(calls, at), false
}

func (r *rate) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = nil
}
