package mockorange

import (
	"net/http"
	"time"

	"github.com/clementine-ope/clementine/internal/apierror"
)

// code is a number of Orange's error model on the API side.
type code = apierror.Code

// The codes that the mock uses. The token endpoint has a model of its own, in internal/oauth.
const (
	codeInternal          = apierror.Internal
	codeUnavailable       = apierror.Unavailable
	codeMissingBody       = apierror.MissingBody
	codeInvalidBody       = apierror.InvalidBody
	codeMissingField      = apierror.MissingField
	codeInvalidField      = apierror.InvalidField
	codeInvalidQuery      = apierror.InvalidQuery
	codeMissingCredential = apierror.MissingCredentials
	codeInvalidCredential = apierror.InvalidCredentials
	codeExpiredCredential = apierror.ExpiredCredentials
	codeAccessDenied      = apierror.AccessDenied
	codeTooManyRequests   = apierror.TooManyRequests
	codeNotFound          = apierror.NotFound
	codeMethodNotAllowed  = apierror.MethodNotAllowed
	codeTooLarge          = apierror.TooLarge
	codeUnsupportedMedia  = apierror.UnsupportedMedia
)

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
func refuse(status int, c code, detail string) answer { return encode(status, c.Body(detail)) }

func encode(status int, v any) answer {
	body, err := apierror.JSON(v)
	if err != nil {
		const failed = `{"code":1,"message":"Internal error","description":"The answer could not be written."}`
		return answer{status: http.StatusInternalServerError, body: []byte(failed)}
	}
	return answer{status: status, body: body}
}
