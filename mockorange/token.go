package mockorange

import (
	"errors"
	"net/http"

	"github.com/clementine-ope/clementine/internal/redact"
	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/fault"
)

// token handles every call of the token path, whatever its method (facts.md, sections 1.1 to 1.3).
func (s *Server) token(c *call) answer {
	if errors.Is(c.bodyErr, errTooLarge) {
		return refuse(http.StatusRequestEntityTooLarge, codeTooLarge, "")
	}
	given, err := s.tokens.Answer(c.request.Context(), c.request.Method, c.request.Header, c.body)
	if err != nil {
		return s.unavailable(err)
	}
	c.entry.Grant = &control.Grant{
		GrantType: given.GrantType, CredentialsIn: given.CredentialsIn, ClientID: given.ClientID, Error: given.Error,
		Token: redact.Fingerprint(given.Token, tokenMarkDigits),
	}
	over, err := s.overRate(c, given.ClientID)
	if err != nil {
		return s.unavailable(err)
	}
	if over {
		c.entry.Grant.Error, c.entry.Grant.Token = "too_many_requests", ""
		a := refuse(http.StatusTooManyRequests, codeTooManyRequests, "")
		a.header = http.Header{"Retry-After": {"60"}}
		return a
	}
	usual := answer{status: given.Status, header: given.Header, body: given.Body}
	if given.Error != "" {
		return usual
	}
	return s.misbehave(c, fault.OnToken, func() []string { return []string{given.ClientID} }, usual)
}

// overRate says whether a token request is one too many. All ids that nobody is let in by, which anybody can make up,
// share one count.
func (s *Server) overRate(c *call, id string) (bool, error) {
	if !s.options.EnforceRate {
		return false, nil
	}
	ctx := c.request.Context()
	known, err := s.tokens.Knows(ctx, id)
	if err != nil {
		return false, err
	}
	if !known {
		id = ""
	}
	return s.state.OverRate(ctx, id, c.entry.At)
}
