package api

import (
	"net/http"
)

// kind is one kind of refusal: what machines read of a problem.
type kind struct {
	slug    string // the last part of the problem's type
	status  int
	title   string
	code    int    // the number of Orange's error model (facts.md, section 1.4), 0 where it has none
	explain string // one sentence for the documentation
}

// The kinds of problems. Each has an anchor of its slug in the documentation page, which its type points to.
var (
	kindParameter      = kind{"invalid-parameter", http.StatusBadRequest, "Invalid parameter", 28, "A parameter is unknown, given twice or has a value that cannot be read; nothing is ever ignored."}
	kindBody           = kind{"invalid-body", http.StatusBadRequest, "Invalid body", 22, "The body is missing or is not JSON."}
	kindNoCredentials  = kind{"missing-credentials", http.StatusUnauthorized, "Missing credentials", 40, "There is no bearer token."}
	kindBadCredentials = kind{"invalid-credentials", http.StatusUnauthorized, "Invalid credentials", 41, "The token is not one of this API, or its client is suspended or has ended."}
	kindOldCredentials = kind{"expired-credentials", http.StatusUnauthorized, "Expired credentials", 42, "The token is too old: ask for a new one."}
	kindForbidden      = kind{"access-denied", http.StatusForbidden, "Access denied", 50, "The role of this client does not allow the operation."}
	kindNotFound       = kind{"not-found", http.StatusNotFound, "Not found", 60, "There is no such resource, or none that this client may see: the two cannot be told apart."}
	kindMethod         = kind{"method-not-allowed", http.StatusMethodNotAllowed, "Method not allowed", 61, "The resource has no such operation."}
	kindNotAcceptable  = kind{"not-acceptable", http.StatusNotAcceptable, "Not acceptable", 62, "None of the media types in Accept is offered."}
	kindDuplicate      = kind{"duplicate-subscription", http.StatusConflict, "Duplicate subscription", 0, "A subscription with the same offer, envelope and reference covers some of the same days: `existing` names it."}
	kindExists         = kind{"already-exists", http.StatusConflict, "Already exists", 0, "The code is taken."}
	kindConflict       = kind{"conflict", http.StatusConflict, "Conflict", 0, "The resource is in a state that does not allow the operation."}
	kindVersion        = kind{"precondition-failed", http.StatusPreconditionFailed, "Precondition failed", 65, "The resource has changed since If-Match was read."}
	kindTooLarge       = kind{"too-large", http.StatusRequestEntityTooLarge, "Body too large", 66, "The body is larger than is taken."}
	kindMedia          = kind{"unsupported-media-type", http.StatusUnsupportedMediaType, "Unsupported media type", 68, "The body's media type is not the one that the operation takes."}
	kindInvalid        = kind{"validation", http.StatusUnprocessableEntity, "Validation failed", 0, "Fields of the body break a rule; `violations` names each of them."}
	kindKeyReused      = kind{"idempotency-key-reused", http.StatusUnprocessableEntity, "Idempotency key reused", 0, "The key was used before with another body."}
	kindTooBroad       = kind{"too-broad", http.StatusUnprocessableEntity, "Too broad", 0, "The question would take too long: narrow the filter."}
	kindNoVersion      = kind{"precondition-required", http.StatusPreconditionRequired, "Precondition required", 0, "The operation needs If-Match, with the ETag that was read."}
	kindInternal       = kind{"internal", http.StatusInternalServerError, "Internal error", 1, "It is our fault; the log has it under the request id."}
)

// kinds returns all kinds, in the order of the documentation.
func kinds() []kind {
	return []kind{
		kindParameter, kindBody, kindNoCredentials, kindBadCredentials, kindOldCredentials, kindForbidden, kindNotFound,
		kindMethod, kindNotAcceptable, kindDuplicate, kindExists, kindConflict, kindVersion, kindTooLarge, kindMedia,
		kindInvalid, kindKeyReused, kindTooBroad, kindNoVersion, kindInternal,
	}
}

// Problem is the body of every refusal (RFC 9457), application/problem+json.
type Problem struct {
	Type        string      `json:"type" format:"uri-reference" doc:"Names the kind of problem; an address in the documentation."`
	Title       string      `json:"title" doc:"The kind in words, always the same."`
	Status      int         `json:"status" doc:"The HTTP status."`
	Detail      string      `json:"detail,omitempty" doc:"What is wrong with this request."`
	Code        int         `json:"code,omitempty" doc:"The number of Orange's error model, where it has one: 40, 41 and 42 for credentials."`
	Message     string      `json:"message,omitempty" doc:"With 401: Orange's name for the code."`
	Description string      `json:"description,omitempty" doc:"With 401: Orange's sentence for the code."`
	Existing    string      `json:"existing,omitempty" doc:"With a duplicate: the path of the subscription that is there."`
	Violations  []Violation `json:"violations,omitempty" nullable:"false" doc:"Each field or parameter that is wrong."`
}

// Violation is one field or parameter that is wrong.
type Violation struct {
	PropertyPath string `json:"propertyPath" doc:"The field in the body, as lines[0].unitPrice, or the parameter's name."`
	Message      string `json:"message" doc:"What is wrong, in words."`
	Code         string `json:"code" doc:"What is wrong, for machines."`
}

// refusal is a problem on its way to the writer, as an error.
type refusal struct {
	kind       kind
	detail     string
	existing   string
	violations []Violation
	header     http.Header
}

func (r *refusal) Error() string { return r.kind.title + ": " + r.detail }

func refuse(k kind, detail string) *refusal { return &refusal{kind: k, detail: detail} }

func refuseParameter(name, message string) *refusal {
	return &refusal{
		kind: kindParameter, detail: "parameter " + name + " " + message,
		violations: []Violation{{PropertyPath: name, Message: message, Code: "invalid_parameter"}},
	}
}

// problem returns the body; base is the address of the API.
func (r *refusal) problem(base string) Problem {
	p := Problem{
		Type: base + docsPath + "#" + r.kind.slug, Title: r.kind.title, Status: r.kind.status,
		Detail: r.detail, Code: r.kind.code, Existing: r.existing, Violations: r.violations,
	}
	if r.kind.status == http.StatusUnauthorized {
		p.Message, p.Description = r.kind.title, orangeSentence(r.kind.code)
	}
	return p
}

// orangeSentence is Orange's published description of a code of 401.
func orangeSentence(code int) string {
	switch code {
	case kindNoCredentials.code:
		return "The requested service needs credentials, but none were provided."
	case kindOldCredentials.code:
		return "The requested service needs credentials, and the ones provided were out-of-date."
	}
	return "The requested service needs credentials, but the ones provided were invalid."
}
