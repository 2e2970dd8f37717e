package mockorange

import (
	"context"
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
	known, err := s.known(c.request.Context(), given.ClientID)
	if err != nil {
		return s.unavailable(err)
	}
	if s.options.EnforceRate && s.rate.over(known, c.entry.At) {
		c.entry.Grant.Error, c.entry.Grant.Token = "too_many_requests", ""
		a := refuse(http.StatusTooManyRequests, codeTooManyRequests, "")
		a.header = http.Header{"Retry-After": {"60"}}
		return a
	}
	usual := answer{status: given.Status, header: given.Header, body: given.Body}
	if given.Error != "" || s.faults.Empty() {
		return usual
	}
	return s.misbehave(c, fault.OnToken, []string{given.ClientID}, usual)
}

// known is the id of an application that is let in, and empty for all others, whose ids anybody can make up.
func (s *Server) known(ctx context.Context, id string) (string, error) {
	if known, err := s.tokens.Knows(ctx, id); err != nil || !known {
		return "", err
	}
	return id, nil
}
