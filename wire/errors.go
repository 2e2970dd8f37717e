package wire

import (
	"fmt"
	"net/http"
)

// Error is a refusal in the form of Orange's APIs. Status is the HTTP status that goes with it.
type Error struct {
	Status      int    `json:"-"`
	Code        int    `json:"code"`
	Message     string `json:"message"`
	Description string `json:"description"`
}

// Error says what is wrong in one line.
func (e *Error) Error() string { return e.Message + ": " + e.Description }

// MissingBody is for a call that should have a body and has none.
func MissingBody() *Error {
	return &Error{http.StatusBadRequest, 21, "Missing body", "A body was expected."}
}

// InvalidBody is for a body that can't be read; why says at which point.
func InvalidBody(why string) *Error {
	return &Error{http.StatusBadRequest, 22, "Invalid body", why}
}

// MissingField names a required field that is absent.
func MissingField(field string) *Error {
	return &Error{http.StatusBadRequest, 23, "Missing body field", field + " is required."}
}

// InvalidField names a field whose value can't be taken, and says why.
func InvalidField(field, why string) *Error {
	return &Error{http.StatusBadRequest, 24, "Invalid body field", field + " " + why + "."}
}

// MissingParameter names a query parameter that is absent.
func MissingParameter(name string) *Error {
	return &Error{http.StatusBadRequest, 27, "Missing query-string parameter", name + " is required."}
}

// MissingCredentials is for a call without credentials of the expected kind.
func MissingCredentials() *Error {
	return &Error{http.StatusUnauthorized, 40, "Missing credentials",
		"The requested service needs credentials, but none were provided."}
}

// InvalidCredentials is for a call with wrong credentials.
func InvalidCredentials() *Error {
	return &Error{http.StatusUnauthorized, 41, "Invalid credentials",
		"The requested service needs credentials, but the ones provided were invalid."}
}

// NotFound says what there is not.
func NotFound(what string) *Error {
	return &Error{http.StatusNotFound, 60, "Resource not found", "There is no " + what + "."}
}

// MethodNotAllowed is for a path that exists, called by another method.
func MethodNotAllowed(method string) *Error {
	return &Error{http.StatusMethodNotAllowed, 61, "Method not allowed", fmt.Sprintf("%s is not supported here.", method)}
}

// TooLarge is for a body above limit bytes.
func TooLarge(limit int64) *Error {
	return &Error{http.StatusRequestEntityTooLarge, 66, "Request entity too large",
		fmt.Sprintf("A body has %d bytes at most.", limit)}
}

// Conflict is for a change that the resource's state does not allow. Its code is ours: Orange's table has none.
func Conflict(why string) *Error {
	return &Error{http.StatusConflict, 65, "Precondition failed", why}
}

// Internal is for a fault of the server; it tells nothing of its inside.
func Internal() *Error {
	return &Error{http.StatusInternalServerError, 1, "Internal error", "The request could not be served."}
}
