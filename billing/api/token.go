package api

import "github.com/gin-gonic/gin"

// token is the token endpoint, of RFC 6749 and of Orange's shape: its errors are not problems.
func (a *API) token(c *gin.Context) {
	id := a.newID(c)
	body, err := readBody(c.Writer, c.Request, tokenBodyLimit)
	if err != nil {
		a.refuse(c, id, err)
		return
	}
	out, err := a.tokens.Answer(c.Request.Context(), c.Request.Method, c.Request.Header, body)
	if err != nil {
		a.refuse(c, id, err)
		return
	}
	for name, values := range out.Header {
		c.Header(name, values[0])
	}
	c.Header("Cache-Control", "no-store")
	c.Status(out.Status)
	c.Writer.WriteHeaderNow()
	// Who has gone away needs no answer.
	_, _ = c.Writer.Write(out.Body)
	a.log.Info("token request", "request", id, "client", out.ClientID, "status", out.Status)
}
