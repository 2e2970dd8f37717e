package partner

import (
	"crypto/subtle"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/wire"
)

// authenticate lets in whom the agreement says. Client certificates (mtls) are checked where TLS ends, not here.
func (p *Partner) authenticate(c *gin.Context) {
	presented, scheme := p.presented(c.Request)
	if scheme == "" {
		return
	}
	var refusal *wire.Error
	switch {
	case presented == "":
		refusal = wire.MissingCredentials()
	case subtle.ConstantTimeCompare([]byte(presented), []byte(p.expected())) != 1:
		refusal = wire.InvalidCredentials()
	default:
		return
	}
	c.Header("WWW-Authenticate", scheme)
	write(c, p.failure(c, refusal))
	c.Abort()
}

func (p *Partner) presented(r *http.Request) (credentials, scheme string) {
	auth := p.profile.Auth
	switch auth.Type {
	case "basic":
		user, password, ok := r.BasicAuth()
		if !ok {
			return "", `Basic realm="partner"`
		}
		return user + ":" + password, `Basic realm="partner"`
	case "bearer":
		kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(kind, "Bearer") {
			return "", "Bearer"
		}
		return token, "Bearer"
	case "header":
		return r.Header.Get(auth.Name), auth.Name
	}
	return "", ""
}

func (p *Partner) expected() string {
	switch auth := p.profile.Auth; auth.Type {
	case "basic":
		return auth.User + ":" + auth.Password
	case "bearer":
		return auth.Token
	default:
		return auth.Value
	}
}
