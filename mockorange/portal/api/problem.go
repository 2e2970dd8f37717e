package api

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/clementine-ope/clementine/mockorange/portal"
)

const problemMedia = "application/problem+json"

// kind is one kind of refusal: what machines read of a problem.
type kind struct {
	slug    string // the last part of the problem's type
	status  int
	title   string
	code    int    // the number of Orange's error model (facts.md, section 1.4), 0 where it has none
	explain string // one sentence for the document
}

func kindBody() kind {
	return kind{"invalid-body", http.StatusBadRequest, "Invalid body", 22, "The body is missing, or is not JSON of the fields that are known."}
}

func kindNoCredentials() kind {
	return kind{"missing-credentials", http.StatusUnauthorized, "Missing credentials", 40, "There is no bearer token."}
}

func kindBadCredentials() kind {
	return kind{"invalid-credentials", http.StatusUnauthorized, "Invalid credentials", 41, "The token is none, or has ended; or address and password do not fit."}
}

func kindForbidden() kind {
	return kind{"access-denied", http.StatusForbidden, "Access denied", 50, "This is Orange's side, or comes from another site."}
}

func kindNotActivated() kind {
	return kind{"not-activated", http.StatusForbidden, "Account not activated", 0, "The link of the activation mail has not been followed."}
}

func kindInvitation() kind {
	return kind{"invitation-needed", http.StatusForbidden, "Invitation needed", 50, "The offer is subscribed to by invitation only."}
}

func kindNotFound() kind {
	return kind{"not-found", http.StatusNotFound, "Not found", 60, "There is no such resource, or it is somebody else's: the two cannot be told apart."}
}

func kindLink() kind {
	return kind{"link-not-valid", http.StatusNotFound, "Link not valid", 60, "The link of the mail is unknown, has been used, or is too old."}
}

func kindMethod() kind {
	return kind{"method-not-allowed", http.StatusMethodNotAllowed, "Method not allowed", 61, "The resource has no such operation."}
}

func kindState() kind {
	return kind{"state", http.StatusConflict, "State does not allow it", 0, "The subscription is in a state that does not allow the operation."}
}

func kindLimit() kind {
	return kind{"limit", http.StatusConflict, "Limit reached", 0, "There are as many as the portal keeps."}
}

func kindTooLarge() kind {
	return kind{"too-large", http.StatusRequestEntityTooLarge, "Body too large", 66, "The body is larger than is taken."}
}

func kindMedia() kind {
	return kind{"unsupported-media-type", http.StatusUnsupportedMediaType, "Unsupported media type", 68, "The body must be application/json."}
}

func kindInvalid() kind {
	return kind{"validation", http.StatusUnprocessableEntity, "Validation failed", 0, "Fields break a rule; violations names each of them."}
}

func kindTooOften() kind {
	return kind{"too-many-requests", http.StatusTooManyRequests, "Too many requests", 53, "Too many attempts: wait as long as Retry-After says."}
}

func kindInternal() kind {
	return kind{"internal", http.StatusInternalServerError, "Internal error", 1, "It is our fault; the log has it."}
}

// Problem is the body of every refusal (RFC 9457), application/problem+json.
type Problem struct {
	Type       string      `json:"type" format:"uri-reference" doc:"Names the kind of problem."`
	Title      string      `json:"title" doc:"The kind in words, always the same."`
	Status     int         `json:"status" doc:"The HTTP status."`
	Detail     string      `json:"detail,omitempty" doc:"What is wrong with this request."`
	Code       int         `json:"code,omitempty" doc:"The number of Orange's error model, where it has one."`
	Violations []Violation `json:"violations,omitempty" nullable:"false" doc:"Each field that is wrong."`
}

// Violation is one field that is wrong.
type Violation struct {
	PropertyPath string `json:"propertyPath" doc:"The field, such as auth.type."`
	Message      string `json:"message" doc:"What is wrong, in words."`
	Code         string `json:"code" doc:"What is wrong, for machines."`
}

// refusal is a problem on its way to the writer, as an error.
type refusal struct {
	kind       kind
	detail     string
	violations []Violation
	header     http.Header
}

func (r *refusal) Error() string { return r.kind.title + ": " + r.detail }

func refuse(k kind, format string, args ...any) *refusal {
	return &refusal{kind: k, detail: fmt.Sprintf(format, args...)}
}

// refusalOf is the one table of the portal's errors.
func refusalOf(err error) *refusal {
	var own *refusal
	var invalid *portal.InvalidError
	var state *portal.StateError
	switch {
	case errors.As(err, &own):
		return own
	case errors.As(err, &invalid):
		r := refuse(kindInvalid(), "%s", invalid.Error())
		for _, v := range invalid.Violations {
			r.violations = append(r.violations, Violation{v.Field, v.Message, v.Code})
		}
		return r
	case errors.As(err, &state):
		return refuse(kindState(), "%s", state.Error())
	case errors.Is(err, portal.ErrNotFound):
		return refuse(kindNotFound(), "there is no such resource")
	case errors.Is(err, portal.ErrCredentials):
		return refuse(kindBadCredentials(), "address and password do not fit")
	case errors.Is(err, portal.ErrNotActivated):
		return refuse(kindNotActivated(), "follow the link of the activation mail first")
	case errors.Is(err, portal.ErrInvitationNeeded):
		return refuse(kindInvitation(), "ask your Orange contact for an invitation, and accept it")
	case errors.Is(err, portal.ErrLink):
		return refuse(kindLink(), "ask for another mail")
	case errors.Is(err, portal.ErrTooMany):
		return refuse(kindLimit(), "delete one first")
	}
	return refuse(kindInternal(), "")
}

// tooOften refuses an attempt of many.
func tooOften(seconds int) *refusal {
	r := refuse(kindTooOften(), "wait %d seconds", seconds)
	r.header = http.Header{"Retry-After": {strconv.Itoa(seconds)}}
	return r
}

func (r *refusal) problem() Problem {
	return Problem{
		Type: BasePath + docsPath + "#" + r.kind.slug, Title: r.kind.title, Status: r.kind.status, Detail: r.detail, Code: r.kind.code,
		Violations: r.violations,
	}
}
