package billing

import (
	"errors"
	"fmt"
	"strings"
)

// The errors without details. Outside the scope is ErrNotFound, the same as what doesn't exist, for reads and writes.
var (
	ErrNotFound  = errors.New("not found")
	ErrForbidden = errors.New("forbidden")
	// ErrOverflow is a total that leaves 64 bits.
	ErrOverflow = errors.New("amount out of range")
	// ErrCredentials is an unknown client, a wrong secret, a suspended or an expired client: all the same.
	ErrCredentials = errors.New("credentials refused")
	// ErrKeyReused is an idempotency key that came with another body before.
	ErrKeyReused = errors.New("idempotency key used before with another body")
	// ErrTooBroad is a report that would have to read too many subscriptions: the filter is to be narrowed.
	ErrTooBroad = errors.New("too many subscriptions: narrow the filter")
)

// The codes of violations.
const (
	CodeRequired   = "required"
	CodeUnknown    = "unknown"
	CodeFormat     = "format"
	CodeTooLong    = "too_long"
	CodeTooMany    = "too_many"
	CodeTooDeep    = "too_deep"
	CodeOutOfRange = "out_of_range"
	CodeOrder      = "order"
	CodeOverlap    = "overlap"
	CodeConflict   = "conflict"
	CodeTaken      = "taken"
)

// Violation is one thing that is wrong with what was given.
type Violation struct {
	Path    string // of the JSON field, such as lines[0].unitPrice
	Message string // for people, in English
	Code    string // for machines: one of the Code constants
}

// InvalidError is refused input; it carries every violation found, not the first.
type InvalidError struct {
	Violations []Violation
}

// Error names every field that is wrong.
func (e *InvalidError) Error() string {
	parts := make([]string, 0, len(e.Violations))
	for _, v := range e.Violations {
		parts = append(parts, v.Path+": "+v.Message)
	}
	return "invalid: " + strings.Join(parts, "; ")
}

// Invalid is an InvalidError of one violation.
func Invalid(path, code, format string, args ...any) *InvalidError {
	return &InvalidError{[]Violation{{path, fmt.Sprintf(format, args...), code}}}
}

// DuplicateError is a subscription whose natural key and term meet those of an existing one (F4-2). The existing one is
// of the same offer, so naming it reveals nothing.
type DuplicateError struct {
	Existing SubscriptionID
}

// Error names the existing subscription.
func (e *DuplicateError) Error() string {
	return fmt.Sprintf("duplicate of subscription %s", e.Existing)
}

// TakenError is the code of an offer or of an envelope that exists already.
type TakenError struct {
	Kind string // offer, envelope
	Code string
}

// Error names the code.
func (e *TakenError) Error() string { return fmt.Sprintf("%s %q exists already", e.Kind, e.Code) }

// ConflictError is a write that expected another version than the stored one.
type ConflictError struct {
	Version int // the stored one
}

// Error names the stored version.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("changed meanwhile: the version is %d", e.Version)
}
