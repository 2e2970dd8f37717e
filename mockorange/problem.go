package mockorange

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"
)

// code is a number of Orange's error model on the API side.
type code int

// The codes that the mock uses. The token endpoint has a model of its own, in internal/oauth.
const (
	codeInternal          code = 1
	codeUnavailable       code = 5
	codeMissingBody       code = 21
	codeInvalidBody       code = 22
	codeMissingField      code = 23
	codeInvalidField      code = 24
	codeInvalidQuery      code = 28
	codeMissingCredential code = 40
	codeInvalidCredential code = 41
	codeExpiredCredential code = 42
	codeAccessDenied      code = 50
	codeTooManyRequests   code = 53
	codeNotFound          code = 60
	codeMethodNotAllowed  code = 61
	codeTooLarge          code = 66
	codeUnsupportedMedia  code = 68
)

// problem is the error body of the API side.
type problem struct {
	Code        code   `json:"code"`
	Message     string `json:"message"`
	Description string `json:"description"`
}

// texts returns message and description of a code. Those of 28 and 40 to 53 are Orange's published wording; the
// messages of the others are its names for them, and their descriptions ours.
func (c code) texts() (message, description string) {
	switch c {
	case codeUnavailable:
		return "Service temporarily unavailable", "The service in charge of the requested endpoint is temporarily unavailable."
	case codeMissingBody:
		return "Missing body", "A body was expected, and there is none."
	case codeInvalidBody:
		return "Invalid body", "The body is not well-formed JSON."
	case codeMissingField:
		return "Missing body field", "The body lacks a required field."
	case codeInvalidField:
		return "Invalid body field", "The body has a field with an invalid value."
	case codeInvalidQuery:
		return "Invalid query-string parameter value", "One or more query-string parameters contain invalid values."
	case codeMissingCredential:
		return "Missing credentials", "The requested service needs credentials, but none were provided."
	case codeInvalidCredential:
		return "Invalid credentials", "The requested service needs credentials, but the ones provided were invalid."
	case codeExpiredCredential:
		return "Expired credentials", "The requested service needs credentials, and the ones provided were out-of-date."
	case codeAccessDenied:
		return "Access denied", "The application that makes the request is not authorized to access this endpoint."
	case codeTooManyRequests:
		return "Too many requests", "The application has made too many calls and has exceeded the rate limit for this service."
	case codeNotFound:
		return "Resource not found", "The requested URI or the requested resource does not exist."
	case codeMethodNotAllowed:
		return "Method not allowed", "The URI does not support the requested method."
	case codeTooLarge:
		return "Request entity too large", "The body is larger than the gateway takes."
	case codeUnsupportedMedia:
		return "Unsupported media type", "The body must be application/json."
	case codeInternal:
	}
	return "Internal error", "The request could not be handled."
}

// answer is what a handler wants to be written.
type answer struct {
	status int
	header http.Header // besides Content-Type, which is application/json unless it stands here
	body   []byte
	cut    bool // close the connection instead

	delay time.Duration // before any of it
	bytes int64         // length of the body, filled up with blanks
}

// refuse is the one maker of errors {code, message, description}. A detail replaces the usual description.
func refuse(status int, c code, detail string) answer {
	message, description := c.texts()
	if detail != "" {
		description = detail
	}
	return encode(status, problem{Code: c, Message: message, Description: description})
}

func encode(status int, v any) answer {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		const failed = `{"code":1,"message":"Internal error","description":"The answer could not be written."}`
		return answer{status: http.StatusInternalServerError, body: []byte(failed)}
	}
	return answer{status: status, body: bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
}
