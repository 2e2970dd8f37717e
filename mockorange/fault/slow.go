package fault

import "time"

// slow takes the call and answers it as it should, only later.
func slow() kind {
	return kind{
		name: Slow, token: true, takes: []setting{times, delay}, defaults: Spec{Delay: time.Second},
		behaviour: count(func(s Spec) Effect { return Effect{Delay: s.Delay} }),
	}
}
