package crash

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// startLimit bounds how often a process that ends at once is started again: as a supervisor does while its database is away.
const startLimit = time.Minute

// child is a process that comes and goes.
type child struct {
	name    string
	command func(context.Context) *exec.Cmd
	kills   int

	mu      sync.Mutex
	process *exec.Cmd
	up      chan struct{} // closed while it is ready
}

// start starts the process and returns when it says that it is ready.
func (c *child) start(ctx context.Context) error {
	for end := time.Now().Add(startLimit); ; {
		err := c.try(ctx)
		if err == nil || ctx.Err() != nil || time.Now().After(end) {
			return err
		}
		if err := wait(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

func (c *child) try(ctx context.Context) error {
	process := c.command(ctx)
	var stderr strings.Builder
	process.Stderr = &stderr
	stdout, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return fmt.Errorf("start the %s: %w", c.name, err)
	}
	lines := bufio.NewReader(stdout)
	if _, err := lines.ReadString('\n'); err != nil {
		_ = process.Wait()
		return fmt.Errorf("the %s ended before it was ready: %s", c.name, stderr.String())
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.process = process
	if c.up == nil {
		c.up = make(chan struct{})
	}
	close(c.up)
	return nil
}

// Restart is described at Process.
func (c *child) Restart(ctx context.Context) error {
	c.kill()
	return c.start(ctx)
}

// PID is described at Process.
func (c *child) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return 0
	}
	return c.process.Process.Pid
}

// kill ends the process by SIGKILL. It does nothing if none runs.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return
	}
	_ = c.process.Process.Kill() // it may have ended by itself, which start would find out
	_ = c.process.Wait()
	c.kills++
	c.process, c.up = nil, make(chan struct{})
}

// ready is closed while the process is up.
func (c *child) ready() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.up
}
