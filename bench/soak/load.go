package soak

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"time"
)

// call is a request that the generator is to make.
type call struct {
	Method string      `json:"method"`
	URL    string      `json:"url"`
	Header http.Header `json:"header,omitempty"`
	Body   []byte      `json:"body,omitempty"`
}

// shot is a call that was made.
type shot struct {
	Code    int           `json:"code"` // 0 where no answer came
	Latency time.Duration `json:"latency"`
	Error   string        `json:"error"`
	Body    []byte        `json:"body"`
	URL     string        `json:"url"`
	Method  string        `json:"method"`
	Headers http.Header   `json:"headers"` // of the answer
}

// attack is vegeta, to which calls are given while it makes them at its rate, whether or not earlier ones have been answered.
type attack struct {
	calls   *json.Encoder
	input   io.Closer
	shots   chan shot // closed when all calls have been made
	program *exec.Cmd
	encoder *exec.Cmd
	failure error // of reading shots; to be read once they are closed
}

// startAttack starts vegeta at so many calls a second.
func startAttack(ctx context.Context, vegeta string, rate int, log io.Writer) (a *attack, err error) {
	a = &attack{
		shots: make(chan shot, 1024),
		program: exec.CommandContext(ctx, vegeta, "attack", "-lazy", "-format", "json", "-rate", fmt.Sprintf("%d/s", rate), "-duration", "0",
			"-workers", "64", "-max-workers", "512", "-connections", "512", "-timeout", callLimit.String()), // #nosec G204 -- the load generator
		encoder: exec.CommandContext(ctx, vegeta, "encode", "-to", "json"), // #nosec G204 -- the load generator
	}
	a.program.Stderr, a.encoder.Stderr = log, log
	input, err := a.program.StdinPipe()
	if err != nil {
		return nil, err
	}
	a.calls, a.input = json.NewEncoder(input), input
	if a.encoder.Stdin, err = a.program.StdoutPipe(); err != nil {
		return nil, err
	}
	out, err := a.encoder.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(a.program.Start(), a.encoder.Start()); err != nil {
		return nil, fmt.Errorf("start %s: %w", vegeta, err)
	}
	go a.read(out)
	return a, nil
}

func (a *attack) read(out io.Reader) {
	defer close(a.shots)
	decoder := json.NewDecoder(bufio.NewReaderSize(out, 1<<20))
	for {
		var s shot
		if err := decoder.Decode(&s); err != nil {
			if !errors.Is(err, io.EOF) {
				a.failure = fmt.Errorf("read what vegeta has done: %w", err)
			}
			return
		}
		if s.URL != "" { // that of the end names none
			a.shots <- s
		}
	}
}

// make has a call made when its turn comes; it waits while enough are queued.
func (a *attack) make(c call) error { return a.calls.Encode(c) }

// end says that no further calls come. The shots close once all have been made.
func (a *attack) end() error { return a.input.Close() }

// wait returns once both programs have ended; the shots have to be closed.
func (a *attack) wait() error {
	return errors.Join(a.failure, a.encoder.Wait(), a.program.Wait())
}
