package mockorange

import (
	"sync"
	"time"
)

// The limit of the token endpoint: requests in a period, for each application; strangers share one count.
const (
	tokenRequests = 50
	tokenPeriod   = time.Minute
)

// rate counts token requests in a sliding period.
type rate struct {
	mu    sync.Mutex
	calls map[string][]time.Time
}

// over counts a request of an application and says whether it is one too many.
func (r *rate) over(application string, at time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.calls == nil {
		r.calls = map[string][]time.Time{}
	}
	calls := r.calls[application]
	for len(calls) > 0 && at.Sub(calls[0]) >= tokenPeriod {
		calls = calls[1:]
	}
	if len(calls) >= tokenRequests {
		r.calls[application] = calls
		return true
	}
	r.calls[application] = append(calls, at)
	return false
}

func (r *rate) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = nil
}
