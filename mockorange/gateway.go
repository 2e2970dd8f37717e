package mockorange

import (
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/internal/oauth"
	"github.com/clementine-ope/clementine/internal/redact"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/fault"
	"github.com/clementine-ope/clementine/schemas"
)

// tokenMarkDigits is the length of a token's fingerprint in the journal. It is longer than a mask's, because tokens
// are compared by it; it begins with the mask's digits.
const tokenMarkDigits = 12

// event handles "POST /{offer}/…/event". Each check is one paragraph, in the order in which Orange's gateway would
// make them: where, who, what.
func (s *Server) event(c *call) answer {
	if !slices.Contains(Offers(), c.entry.Offer) {
		return refuse(http.StatusNotFound, codeNotFound, "")
	}
	if c.storeErr != nil {
		return s.unavailable(c.storeErr)
	}
	if status, code := refusal(c.entry.Auth.State); status != 0 {
		a := refuse(status, code, "")
		if status == http.StatusUnauthorized {
			a.header = http.Header{"Www-Authenticate": {"Bearer"}}
		}
		return a
	}
	if errors.Is(c.bodyErr, errTooLarge) {
		return refuse(http.StatusRequestEntityTooLarge, codeTooLarge, "")
	}
	if c.bodyErr != nil {
		return refuse(http.StatusBadRequest, codeInvalidBody, "The body ended before its end.")
	}
	s.judge(c)
	if s.options.Strict && !isJSON(c.entry.ContentType) {
		return refuse(http.StatusUnsupportedMediaType, codeUnsupportedMedia, "")
	}
	if code, detail := s.events.check(c.body); code != 0 {
		return refuse(http.StatusBadRequest, code, detail)
	}
	if s.options.Strict && len(c.entry.Violations) > 0 {
		v := c.entry.Violations[0]
		return refuse(http.StatusBadRequest, codeInvalidField, v.Path+": expected "+v.Expected+", seen "+v.Seen+".")
	}
	usual := answer{status: http.StatusCreated, body: echo(c.body, uuid())}
	return s.misbehave(c, fault.OnEvent, func() []string { return s.events.keys(c.body) }, usual)
}

// unavailable answers while the store cannot be asked or written: what cannot be known is not guessed, and what cannot
// be kept is not taken.
func (s *Server) unavailable(err error) answer {
	s.log.Error("the store of the mock Orange cannot be used", "error", err)
	return refuse(http.StatusServiceUnavailable, codeUnavailable, "")
}

// refusal is how the gateway turns away a call by the worth of its token (facts.md, section 1.4); 0 lets it in.
func refusal(state control.AuthState) (status int, c code) {
	switch state {
	case control.AuthValid:
		return 0, 0
	case control.AuthInvalid:
		return http.StatusUnauthorized, codeInvalidCredential
	case control.AuthExpired:
		return http.StatusUnauthorized, codeExpiredCredential
	case control.AuthForbidden:
		return http.StatusForbidden, codeAccessDenied
	case control.AuthNone:
	}
	return http.StatusUnauthorized, codeMissingCredential
}

// authenticate says how a call presented itself. It is asked of every event call, also of one to a path that does not
// exist.
func (s *Server) authenticate(r *http.Request, offer string) (control.Auth, error) {
	auth := control.Auth{State: control.AuthNone, InQuery: r.URL.Query().Has("access_token")}
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") {
		// Without a blank the value may be the token itself, which must not get into the journal.
		if found && strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz-") == "" && len(scheme) <= 20 {
			auth.Scheme = scheme
		}
		return auth, nil
	}
	auth.Scheme = scheme
	if token == "" {
		return auth, nil
	}
	check, err := s.tokens.Check(r.Context(), token)
	if err != nil {
		return auth, err
	}
	auth.Token = redact.Fingerprint(token, tokenMarkDigits)
	auth.Application = check.Token.ClientID
	auth.IssuedAt = check.Token.IssuedAt
	auth.JudgeMade = check.Revoked
	switch {
	case check.State == oauth.StateInvalid:
		auth.State = control.AuthInvalid
	case check.State == oauth.StateExpired:
		auth.State = control.AuthExpired
	case slices.Contains(Offers(), offer) && !check.Token.Has(offer):
		auth.State = control.AuthForbidden
	default:
		auth.State = control.AuthValid
	}
	return auth, nil
}

// judge notes what the contract's schema has to say about the event. It changes no answer unless the mock is strict.
func (s *Server) judge(c *call) {
	if len(c.body) > largeEvent {
		s.judging.Lock()
		defer s.judging.Unlock()
	}
	schema := schemaOrderEvent
	if c.entry.API == apiService {
		schema = s.events.updateSchema(c.body)
	}
	for _, v := range s.options.Pack.Judge(schema, c.entry.ContentType, c.body) {
		c.entry.Violations = append(c.entry.Violations, violation(v))
	}
}

func violation(v schemas.Violation) control.Violation {
	return control.Violation{Requirement: v.Requirement, Path: v.Path, Expected: v.Expected, Seen: v.Seen}
}

func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	return media == "application/json" || (strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"))
}
