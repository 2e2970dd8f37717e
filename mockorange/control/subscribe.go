package control

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// silence is how long a stream may say nothing, not even that it is alive, before it is taken for dead.
const silence = 35 * time.Second

// The pauses between attempts to come back to a stream: they double from the first to the last.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 2 * time.Second
)

// errOtherJournal says that the mock was started anew: what was in its journal is gone.
var errOtherJournal = errors.New("the journal is not the one that was followed")

// Subscribe follows the journal over the control port's event stream. See Orange. A stream that breaks is taken up
// again after the last entry seen, for as long as ctx lives. The channel closes early when that cannot be done
// without a gap: the mock refuses, has dropped entries, or was started anew.
func (c *Client) Subscribe(ctx context.Context, after int64) (<-chan Entry, error) {
	f := &follower{client: c, last: after, out: make(chan Entry)}
	s, err := f.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("subscribe to the journal after %d: %w", after, err)
	}
	f.journal = s.journal
	go f.run(ctx, s)
	return f.out, nil
}

// follower is one subscription over all its streams.
type follower struct {
	client  *Client
	journal string
	last    int64
	out     chan Entry
}

// stream is one connection.
type stream struct {
	journal string
	body    io.ReadCloser
	watch   *time.Timer
	cancel  context.CancelFunc
}

func (s *stream) close() {
	s.watch.Stop()
	s.cancel()
	_ = s.body.Close()
}

func (f *follower) run(ctx context.Context, s *stream) {
	defer close(f.out)
	pause := firstPause
	for {
		if s != nil {
			before := f.last
			f.read(ctx, s)
			s.close()
			if f.last > before {
				pause = firstPause
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, lastPause)
		var err error
		s, err = f.open(ctx)
		var refused *Error
		if errors.Is(err, errOtherJournal) || (errors.As(err, &refused) && refused.Status/100 == 4) {
			return
		}
	}
}

// open starts a stream after the last entry seen.
func (f *follower) open(ctx context.Context) (*stream, error) {
	ctx, cancel := context.WithCancel(ctx)
	watch := time.AfterFunc(silence, cancel)
	s, err := f.connect(ctx)
	if err != nil {
		watch.Stop()
		cancel()
		return nil, err
	}
	s.watch, s.cancel = watch, cancel
	return s, nil
}

func (f *follower) connect(ctx context.Context) (*stream, error) {
	req, err := f.client.request(ctx, http.MethodGet, "/control/events?after="+strconv.FormatInt(f.last, 10), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "text/event-stream")
	res, err := f.client.stream.Do(req)
	if err != nil {
		return nil, err
	}
	err = refusal(res)
	journal := res.Header.Get(JournalHeader)
	if err == nil && f.journal != "" && journal != f.journal {
		err = errOtherJournal
	}
	if err != nil {
		_ = res.Body.Close()
		return nil, err
	}
	return &stream{journal: journal, body: res.Body}, nil
}

// read delivers the entries of one stream until it breaks, or ctx ends.
func (f *follower) read(ctx context.Context, s *stream) {
	r := bufio.NewReaderSize(io.LimitReader(s.body, maxAnswer), 64<<10)
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		s.watch.Reset(silence)
		data, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "data:")
		if !ok {
			continue
		}
		var e Entry
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			return
		}
		if e.Seq <= f.last {
			continue
		}
		// While a slow reader takes its entry nothing is read, and the stream must not be taken for dead.
		s.watch.Stop()
		select {
		case f.out <- e:
			f.last = e.Seq
		case <-ctx.Done():
			return
		}
		s.watch.Reset(silence)
	}
}
