package partner

import (
	"context"
	"sync"
)

// lanes run tasks: those of one lane in order, lanes side by side. A lane lives as long as it has tasks.
type lanes struct {
	ctx    context.Context // of all tasks; ends when close has waited enough
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	tasks  map[string][]func(context.Context)
	closed bool
}

func newLanes() *lanes {
	ctx, cancel := context.WithCancel(context.Background())
	return &lanes{ctx: ctx, cancel: cancel, tasks: map[string][]func(context.Context){}}
}

// add puts task at the end of a lane. After close it is dropped.
func (l *lanes) add(lane string, task func(context.Context)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	waiting, running := l.tasks[lane]
	l.tasks[lane] = append(waiting, task)
	if !running {
		l.wg.Go(func() { l.drain(lane) })
	}
}

func (l *lanes) drain(lane string) {
	for task := l.next(lane); task != nil; task = l.next(lane) {
		task(l.ctx)
	}
}

func (l *lanes) next(lane string) func(context.Context) {
	l.mu.Lock()
	defer l.mu.Unlock()
	waiting := l.tasks[lane]
	if len(waiting) == 0 {
		delete(l.tasks, lane)
		return nil
	}
	l.tasks[lane] = waiting[1:]
	return waiting[0]
}

// close takes no more tasks and waits for those it has, which are told to give up when ctx ends.
func (l *lanes) close(ctx context.Context) {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	stop := context.AfterFunc(ctx, l.cancel)
	defer stop()
	l.wg.Wait()
	l.cancel()
}
