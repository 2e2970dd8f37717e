package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/clementine-ope/clementine/steps"
)

// progressLine is one line that is written over again and again; on anything but a terminal it is nothing.
type progressLine struct {
	mu  sync.Mutex
	out io.Writer // nil = nobody watches
	say func(english string) string
}

func (t *terminal) progress() *progressLine {
	if !isTerminal(t.err) || t.getenv("TERM") == "dumb" {
		return &progressLine{}
	}
	return &progressLine{out: t.err, say: t.say}
}

const clearLine = "\r\x1b[K"

func (l *progressLine) show(p steps.Progress) {
	const widest = 60
	if l.out == nil {
		return
	}
	name := []rune(l.say(p.Scenario))
	if len(name) > widest {
		name = append(name[:widest-1], '…')
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.out, "%s%d/%d %s", clearLine, p.Done, p.Total, string(name))
}

func (l *progressLine) clear() {
	if l.out == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprint(l.out, clearLine)
}

type askFunc func(ctx context.Context, question string) (ok, refused bool, err error)

// asker puts questions to the person at the terminal, one at a time; nil where there is none.
func (t *terminal) asker(line *progressLine) askFunc {
	if !isTerminal(t.in) || !isTerminal(t.err) {
		return nil
	}
	return newAsker(t.in, t.err, line.clear, t.say("Press Enter when it is done, or r and Enter if the partner refused it:"))
}

// newAsker puts each question with what to press beneath it, after what is to happen before.
func newAsker(in io.Reader, out io.Writer, before func(), keys string) askFunc {
	turn := make(chan struct{}, 1)
	lines := make(chan string)
	var reading sync.Once
	return func(ctx context.Context, question string) (ok, refused bool, err error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return false, false, ctx.Err()
		}
		// A read of a terminal can't be cancelled, so one goroutine reads for as long as the program runs.
		reading.Do(func() {
			go func() {
				defer close(lines)
				for scanner := bufio.NewScanner(in); scanner.Scan(); {
					lines <- scanner.Text()
				}
			}()
		})
		before()
		fmt.Fprintf(out, "\n%s\n%s ", question, keys)
		select {
		case answer, open := <-lines:
			if !open {
				return false, false, io.EOF
			}
			refused = strings.EqualFold(strings.TrimSpace(answer), "r")
			return !refused, refused, nil
		case <-ctx.Done():
			return false, false, ctx.Err()
		}
	}
}
