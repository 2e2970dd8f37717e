package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Error is one thing wrong with a profile, at the place where it stands. Line and Column count from 1; 0 where the
// fault has no place (a missing file). Field is the path of the setting, "auth.type", empty where none applies.
type Error struct {
	File   string
	Line   int
	Column int
	Field  string
	Msg    string
}

// Error reads "partner.yaml:12: mode: must be sync or async, is \"asynchronous\"".
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": ")
	if e.Field != "" {
		b.WriteString(e.Field + ": ")
	}
	b.WriteString(e.Msg)
	return b.String()
}

// joinErrors orders by place, so that the messages read like the file does.
func joinErrors(all []*Error) error {
	slices.SortStableFunc(all, func(a, b *Error) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	joined := make([]error, len(all))
	for i, e := range all {
		joined[i] = e
	}
	return errors.Join(joined...)
}
