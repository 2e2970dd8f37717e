// Package apierror is Orange's error model of the API side, {code, message, description} (facts.md, section 1.4): the
// numbers, their texts and the body. It does not own when which of them is due, nor the token endpoint's errors, which
// follow RFC 6749.
package apierror

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Code is a number of the model.
type Code int

// The codes that are in use.
const (
	Internal           Code = 1
	Unavailable        Code = 5
	MissingBody        Code = 21
	InvalidBody        Code = 22
	MissingField       Code = 23
	InvalidField       Code = 24
	MissingHeader      Code = 25
	InvalidHeader      Code = 26
	InvalidQuery       Code = 28
	MissingCredentials Code = 40
	InvalidCredentials Code = 41
	ExpiredCredentials Code = 42
	AccessDenied       Code = 50
	ForbiddenUser      Code = 52
	TooManyRequests    Code = 53
	NotFound           Code = 60
	MethodNotAllowed   Code = 61
	TooLarge           Code = 66
	UnsupportedMedia   Code = 68
)

// Texts returns message and description of a code. Those of 28 and 40 to 53 are Orange's published wording; the
// messages of the others are its names for them, and their descriptions ours.
func (c Code) Texts() (message, description string) {
	switch c {
	case Unavailable:
		return "Service temporarily unavailable", "The service in charge of the requested endpoint is temporarily unavailable."
	case MissingBody:
		return "Missing body", "A body was expected, and there is none."
	case InvalidBody:
		return "Invalid body", "The body is not well-formed JSON."
	case MissingField:
		return "Missing body field", "The body lacks a required field."
	case InvalidField:
		return "Invalid body field", "The body has a field with an invalid value."
	case MissingHeader:
		return "Missing header", "The request lacks a required header."
	case InvalidHeader:
		return "Invalid header value", "The request has a header with an invalid value."
	case InvalidQuery:
		return "Invalid query-string parameter value", "One or more query-string parameters contain invalid values."
	case MissingCredentials:
		return "Missing credentials", "The requested service needs credentials, but none were provided."
	case InvalidCredentials:
		return "Invalid credentials", "The requested service needs credentials, but the ones provided were invalid."
	case ExpiredCredentials:
		return "Expired credentials", "The requested service needs credentials, and the ones provided were out-of-date."
	}
	return c.otherTexts()
}

func (c Code) otherTexts() (message, description string) {
	switch c {
	case AccessDenied:
		return "Access denied", "The application that makes the request is not authorized to access this endpoint."
	case ForbiddenUser:
		return "Forbidden user", "The user behind the request has been blocked."
	case TooManyRequests:
		return "Too many requests", "The application has made too many calls and has exceeded the rate limit for this service."
	case NotFound:
		return "Resource not found", "The requested URI or the requested resource does not exist."
	case MethodNotAllowed:
		return "Method not allowed", "The URI does not support the requested method."
	case TooLarge:
		return "Request entity too large", "The body is larger than the gateway takes."
	case UnsupportedMedia:
		return "Unsupported media type", "The body must be application/json."
	}
	return "Internal error", "The request could not be handled."
}

// Body is the error as it goes over the wire.
type Body struct {
	Code        Code   `json:"code"`
	Message     string `json:"message"`
	Description string `json:"description"`
}

// Body is the body of a code. A detail replaces the usual description.
func (c Code) Body(detail string) Body {
	message, description := c.Texts()
	if detail != "" {
		description = detail
	}
	return Body{Code: c, Message: message, Description: description}
}

// Error is a refusal: the error of a handler that knows what to answer.
type Error struct {
	Status int
	Code   Code
	Detail string // replaces the code's usual description; may be empty
}

func (e *Error) Error() string {
	b := e.Code.Body(e.Detail)
	return fmt.Sprintf("%d, code %d: %s: %s", e.Status, b.Code, b.Message, b.Description)
}

// JSON writes a value as an answer's body, on one line and without HTML escapes.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("write the answer as JSON: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
