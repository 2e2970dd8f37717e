package portal

import (
	"errors"
	"fmt"
	"strings"
)

// The errors without details. What is somebody else's is ErrNotFound, the same as what does not exist.
var (
	ErrNotFound = errors.New("not found")
	// ErrCredentials is an unknown address, a wrong password or a session that has ended: all the same.
	ErrCredentials = errors.New("credentials refused")
	// ErrNotActivated is an account whose activation link has not been followed. Only who knows its password is told.
	ErrNotActivated = errors.New("the account is not activated: follow the link in the activation mail")
	// ErrLink is the link of a mail that is unknown, has been used or is too old.
	ErrLink = errors.New("the link is unknown, used already, or too old")
	// ErrInvitationNeeded is a subscription to an offer that Orange opens by invitation only.
	ErrInvitationNeeded = errors.New("this offer is subscribed to by invitation only")
	// ErrTooMany is one application, or account, more than the portal keeps.
	ErrTooMany = errors.New("the limit is reached")
)

// The codes of violations.
const (
	CodeRequired = "required"
	CodeFormat   = "format"
	CodeTooLong  = "too_long"
	CodeTooShort = "too_short"
	CodeUnknown  = "unknown"
	CodeTaken    = "taken"
	CodeResults  = "results"
)

// Violation is one field that is wrong.
type Violation struct {
	Field   string // as in the API's JSON, such as auth.type
	Code    string // for machines: one of the Code constants
	Message string // for people, in English
}

// InvalidError is refused input; it carries every violation found.
type InvalidError struct {
	Violations []Violation
}

// Error names every field that is wrong.
func (e *InvalidError) Error() string {
	parts := make([]string, 0, len(e.Violations))
	for _, v := range e.Violations {
		parts = append(parts, v.Field+": "+v.Message)
	}
	return "invalid: " + strings.Join(parts, "; ")
}

// StateError is an act that the state of a subscription does not allow.
type StateError struct {
	Act   string // subscribe, approve, refuse, revoke
	State State  // that it is in
}

// Error names act and state.
func (e *StateError) Error() string {
	return fmt.Sprintf("cannot %s: the subscription is %s", e.Act, e.State)
}

// violations collects what is wrong.
type violations []Violation

func (v *violations) add(field, code, format string, args ...any) {
	*v = append(*v, Violation{field, code, fmt.Sprintf(format, args...)})
}

// err is an *InvalidError of all that was added; nil if nothing was.
func (v violations) err() error {
	if len(v) == 0 {
		return nil
	}
	return &InvalidError{v}
}
