package main

import "fmt"

// The exit codes of every command.
const (
	ExitPassed      = 0   // nothing failed
	ExitFailed      = 1   // a mandatory, or a declared optional, requirement failed
	ExitUsage       = 2   // usage or configuration: a flag, the profile, the contract pack, an address in use
	ExitCannotJudge = 3   // nothing failed, but something is broken or inconclusive, or nothing could be judged
	ExitInterrupted = 130 // stopped by a signal; the results so far are written
)

// exit is an error that knows its code; its message is one sentence for the person at the terminal.
type exit struct {
	code int
	err  error
}

func (e *exit) Error() string { return e.err.Error() }
func (e *exit) Unwrap() error { return e.err }

func usagef(format string, args ...any) error {
	return &exit{code: ExitUsage, err: fmt.Errorf(format, args...)}
}

// verdict ends a command with a code and nothing to say: what there was to say has been printed.
type verdict int

func (v verdict) Error() string { return fmt.Sprintf("exit %d", int(v)) }

func cannotJudgef(format string, args ...any) error {
	return &exit{code: ExitCannotJudge, err: fmt.Errorf(format, args...)}
}
