package fault

import "time"

// noAnswer holds the connection until the caller gives up, or for the delay, and closes it then. Nothing is taken.
func noAnswer() kind {
	return kind{
		name: NoAnswer, token: true, takes: []setting{times, delay}, defaults: Spec{Delay: time.Minute},
		behaviour: count(func(s Spec) Effect { return Effect{Delay: s.Delay, Cut: true, Untaken: true} }),
	}
}
