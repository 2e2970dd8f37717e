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
	given := s.issuer.Answer(c.request.Method, c.request.Header, c.body)
	c.entry.Grant = &control.Grant{
		GrantType: given.GrantType, CredentialsIn: given.CredentialsIn, ClientID: given.ClientID, Error: given.Error,
		Token: redact.Fingerprint(given.Token, tokenMarkDigits),
	}
	if s.options.EnforceRate && s.rate.over(s.known(given.ClientID), c.entry.At) {
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
func (s *Server) known(id string) string {
	if s.clients.Has(id) {
		return id
	}
	return ""
}
