package control

import (
	"context"
	"io"
	"strings"
	"time"
)

// ReadStream reads a text as one event stream, for tests.
func ReadStream(ctx context.Context, text string) []Entry {
	f := &follower{out: make(chan Entry)}
	go func() {
		defer close(f.out)
		watch := time.NewTimer(silence)
		defer watch.Stop()
		f.read(ctx, &stream{body: io.NopCloser(strings.NewReader(text)), watch: watch, cancel: func() {}})
	}()
	var entries []Entry
	for e := range f.out {
		entries = append(entries, e)
	}
	return entries
}
