package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// startLimit is how long a peer may take to answer.
const startLimit = time.Minute

// process is a server that runs beside us.
type process struct {
	command *exec.Cmd
	output  bytes.Buffer
	ended   chan error
	took    time.Duration // from its start to its first answer
}

// launch starts a program and waits until probe gets an answer, whatever it is.
func launch(ctx context.Context, probe string, environment []string, name string, args ...string) (*process, error) {
	p := &process{command: exec.CommandContext(ctx, name, args...), ended: make(chan error, 1)}
	p.command.Env = append(os.Environ(), environment...)
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	began := time.Now()
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	go func() { p.ended <- p.command.Wait() }()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: startLimit}
	for {
		select {
		case err := <-p.ended:
			return nil, fmt.Errorf("%s ended: %w\n%s", name, err, p.output.String())
		case <-again.C:
		}
		if time.Since(began) > startLimit {
			return nil, errors.Join(fmt.Errorf("%s does not answer at %s", name, probe), p.stop())
		}
		response, err := client.Get(probe)
		if err != nil {
			continue
		}
		p.took = time.Since(began)
		_, _ = io.Copy(io.Discard, response.Body) // an answer it is, however it ends
		response.Body.Close()
		return p, nil
	}
}

// stop ends the process; how it ends is its own business.
func (p *process) stop() error {
	if err := p.command.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-p.ended
	return nil
}

// ticksPerSecond is the unit of processor time in /proc, the same on every Linux that Go runs on.
const ticksPerSecond = 100

// cpu is the processor time that the process has taken so far.
func (p *process) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	// Behind the name, which may hold blanks, user and system time are the 12th and 13th field.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	var ticks int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond, nil
}

// finished runs a program to its end, and returns the time that it took and its processor time. expected is the exit code.
func finished(ctx context.Context, environment []string, name string, args ...string) (took, cpu time.Duration, output string, err error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Env = append(os.Environ(), environment...)
	var both bytes.Buffer
	command.Stdout, command.Stderr = &both, &both
	began := time.Now()
	err = command.Run()
	took = time.Since(began)
	if err != nil {
		return 0, 0, "", fmt.Errorf("%s: %w\n%s", name, err, both.String())
	}
	return took, command.ProcessState.UserTime() + command.ProcessState.SystemTime(), both.String(), nil
}

// freePort is a port of the loopback interface that nobody listens on.
func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, errors.Join(err, listener.Close())
}
