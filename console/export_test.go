package console

import (
	"strings"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/reports"
)

// Sees tells whether a run of an application takes in a call.
func Sees(client string, e control.Entry) bool { return ownOrange{client: client}.sees(e) }

// Kept is what a run holds to be shown after so many calls of a size: how many, and the bytes of their URLs.
func Kept(calls, size int) (events, bytes, first int) {
	l := &live{changed: make(chan struct{})}
	for range calls {
		l.watch(reports.Exchange{Request: reports.Message{URL: strings.Repeat("é", size)}, Error: strings.Repeat("x", size)})
	}
	s := l.state(0)
	for _, e := range s.events {
		bytes += len(e.exchange.Request.URL) + len(e.exchange.Error)
	}
	return len(s.events), bytes, s.next - len(s.events)
}
