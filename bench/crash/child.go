package crash

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
)

// child is the partner's process, which comes and goes.
type child struct {
	command func(context.Context) *exec.Cmd

	mu      sync.Mutex
	process *exec.Cmd
	up      chan struct{} // closed while it is ready
}

// start starts the process and returns when it says that it is ready.
func (c *child) start(ctx context.Context) error {
	process := c.command(ctx)
	var stderr strings.Builder
	process.Stderr = &stderr
	stdout, err := process.StdoutPipe()
	if err != nil {
		return err
	}
	if err := process.Start(); err != nil {
		return fmt.Errorf("start the partner: %w", err)
	}
	lines := bufio.NewReader(stdout)
	if _, err := lines.ReadString('\n'); err != nil {
		_ = process.Wait()
		return fmt.Errorf("the partner ended before it was ready: %s", stderr.String())
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

// kill ends the process by SIGKILL. It does nothing if none runs.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return
	}
	_ = c.process.Process.Kill() // it may have ended by itself, which start would find out
	_ = c.process.Wait()
	c.process, c.up = nil, make(chan struct{})
}

// ready is closed while the process is up.
func (c *child) ready() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.up
}
