package oauth

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// The error codes of the token endpoint, RFC 6749, section 5.2.
const (
	ErrorInvalidRequest       = "invalid_request"
	ErrorInvalidClient        = "invalid_client"
	ErrorUnsupportedGrantType = "unsupported_grant_type"
)

// Where a token request carried its credentials.
const (
	CredentialsBasic = "basic"
	CredentialsBody  = "body"
	CredentialsBoth  = "both"
	CredentialsNone  = "none"
)

// The two descriptions of invalid_client that Orange's token server was recorded with; the others are ours.
const (
	descriptionBadCredentials = "The requested service needs credentials, but the ones provided were invalid."
	descriptionUndecodable    = "Unable to decode Basic authorization."
	descriptionNoCredentials  = "The requested service needs credentials, but none were provided."
)

const challenge = `Basic realm="Authorization Required"`

// Answer is what the token endpoint answers, and what it made of the request.
type Answer struct {
	Status int
	Header http.Header // Content-Type, and WWW-Authenticate or Allow where due
	Body   []byte

	GrantType     string // as sent
	CredentialsIn string // basic, body, both, none
	ClientID      string // as sent; of several readings the one that was let in
	Error         string // RFC 6749 error code; empty when granted
	Token         string // the token granted: a secret
}

type granted struct {
	TokenType   string `json:"token_type"`
	AccessToken string `json:"access_token"`
	ExpiresIn   int    `json:"expires_in"` // seconds
}

type refused struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func (d *Directory) answer(r request, find finder) Answer {
	a := r.answer
	if r.problem != nil {
		return a.refuse(r.problem.status, r.problem.code, r.problem.description)
	}
	e := authenticate(find, r.logins)
	if e == nil {
		return a.refuse(http.StatusUnauthorized, ErrorInvalidClient, descriptionBadCredentials)
	}
	a.ClientID = e.ID
	if r.late != nil {
		return a.refuse(r.late.status, r.late.code, r.late.description)
	}
	token, err := d.issue(e)
	if err != nil {
		return a.refuse(http.StatusInternalServerError, "server_error", err.Error())
	}
	a.Token = token
	return a.write(http.StatusOK, granted{TokenType: "Bearer", AccessToken: token, ExpiresIn: int(Lifetime.Seconds())})
}

func (a Answer) refuse(status int, code, description string) Answer {
	a.Error = code
	a = a.write(status, refused{Error: code, Description: description})
	switch status {
	case http.StatusUnauthorized:
		a.Header.Set("WWW-Authenticate", challenge)
	case http.StatusMethodNotAllowed:
		a.Header.Set("Allow", http.MethodPost)
	}
	return a
}

func (a Answer) write(status int, v any) Answer {
	a.Status = status
	a.Header = http.Header{"Content-Type": {"application/json"}}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		a.Status = http.StatusInternalServerError
	}
	a.Body = []byte(strings.TrimSuffix(b.String(), "\n"))
	return a
}

// request is a token request as read. A problem is refused at once; a late one only once the client is known, so that
// a stranger learns nothing but that it is one.
type request struct {
	answer  Answer
	logins  []login
	problem *problem
	late    *problem
}

type problem struct {
	status      int
	code        string
	description string
}

func invalidRequest(format string, args ...any) *problem {
	return &problem{http.StatusBadRequest, ErrorInvalidRequest, fmt.Sprintf(format, args...)}
}

func invalidClient(description string) *problem {
	return &problem{http.StatusUnauthorized, ErrorInvalidClient, description}
}

func readRequest(method string, header http.Header, body []byte) request {
	r := request{answer: Answer{CredentialsIn: CredentialsNone}}
	values, formProblem := readForm(header.Get("Content-Type"), body)
	r.answer.GrantType = values.Get("grant_type")
	r.late = formProblem
	if r.late == nil {
		r.late = checkForm(values)
	}
	bodyID, bodySecret := values.Get("client_id"), values.Get("client_secret")
	r.answer.ClientID = bodyID
	authorization := header.Get("Authorization")
	if bodySecret != "" {
		r.answer.CredentialsIn = CredentialsBody
		r.logins = []login{{bodyID, bodySecret}}
	}
	if authorization != "" {
		r.readBasic(authorization, bodyID, bodySecret != "")
	}
	switch {
	case method != http.MethodPost:
		r.problem = &problem{http.StatusMethodNotAllowed, ErrorInvalidRequest, "The token endpoint takes POST only."}
	case r.problem == nil && r.answer.CredentialsIn == CredentialsNone:
		// Credentials may stand in a body that could not be read, so that is what has to be said first.
		if r.problem = formProblem; r.problem == nil {
			r.problem = invalidClient(descriptionNoCredentials)
		}
	}
	return r
}

func (r *request) readBasic(authorization, bodyID string, bodySecret bool) {
	r.answer.CredentialsIn = CredentialsBasic
	if bodySecret {
		r.answer.CredentialsIn = CredentialsBoth
	}
	scheme, rest, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Basic") {
		r.problem = invalidClient(descriptionBadCredentials)
		return
	}
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	id, secret, found := strings.Cut(string(raw), ":")
	if err != nil || !found {
		r.problem = invalidClient(descriptionUndecodable)
		return
	}
	r.logins = readings(id, secret)
	r.answer.ClientID = id
	if bodyID != "" && !anyID(r.logins, bodyID) {
		r.problem = invalidRequest("client_id in the body is not that of the Authorization header.")
	}
}

func anyID(logins []login, id string) bool {
	for _, l := range logins {
		if l.id == id {
			return true
		}
	}
	return false
}

func readForm(contentType string, body []byte) (url.Values, *problem) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || media != "application/x-www-form-urlencoded" {
		return url.Values{}, invalidRequest("Content-Type must be application/x-www-form-urlencoded.")
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return url.Values{}, invalidRequest("The body cannot be read as a form.")
	}
	return values, nil
}

func checkForm(values url.Values) *problem {
	for _, name := range []string{"grant_type", "client_id", "client_secret", "scope"} {
		if len(values[name]) > 1 {
			return invalidRequest("Parameter %s is given more than once.", name)
		}
	}
	switch values.Get("grant_type") {
	case "client_credentials":
		return nil
	case "":
		return invalidRequest("Parameter grant_type is missing.")
	}
	return &problem{http.StatusBadRequest, ErrorUnsupportedGrantType, "Only grant_type client_credentials is supported."}
}

// Claimed are the ids that a token request may mean, in every reading of its credentials: how a server of several
// registries finds the one that is asked. They are the caller's word, and nothing is checked.
func Claimed(header http.Header, body []byte) []string {
	r := readRequest(http.MethodPost, header, body)
	var ids []string
	for _, l := range r.logins {
		ids = append(ids, l.id)
	}
	return ids
}
