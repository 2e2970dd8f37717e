package mockorange

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/fault"
	"github.com/clementine-ope/clementine/mockorange/state"
)

// controlBodyLimit is the largest body that the control port takes, in bytes.
const controlBodyLimit = 64 << 10

// steer is the one adapter of the control port's handlers.
func (s *Server) steer(h func(*gin.Context) answer) gin.HandlerFunc {
	return func(g *gin.Context) { writeControl(g, h(g)) }
}

func writeControl(g *gin.Context, a answer) {
	for name, values := range a.header {
		g.Writer.Header()[name] = values
	}
	if len(a.body) == 0 {
		g.Status(a.status)
		g.Writer.WriteHeaderNow()
		return
	}
	g.Data(a.status, "application/json", a.body)
}

// guard lets in only who may steer: with the token if there is one, from the loopback interface otherwise. A web page
// in a browser on the same machine is kept out: by its Origin, by the host name it had to use (DNS rebinding), and by
// the content types that it may send without being asked.
func (s *Server) guard(g *gin.Context) {
	r := g.Request
	deny := func(a answer) {
		writeControl(g, a)
		g.Abort()
	}
	if r.Header.Get("Origin") != "" {
		deny(refuse(http.StatusForbidden, codeAccessDenied, "The control port is not for browsers."))
		return
	}
	if s.options.ControlToken == "" {
		if !loopback(r.RemoteAddr) || !loopback(r.Host) {
			deny(refuse(http.StatusForbidden, codeAccessDenied, "The control port is open on the loopback interface only."))
			return
		}
	} else if status, code := s.bearer(r); status != 0 {
		a := refuse(status, code, "")
		a.header = http.Header{"Www-Authenticate": {"Bearer"}}
		deny(a)
		return
	}
	if r.Method == http.MethodPost && !isJSON(r.Header.Get("Content-Type")) {
		deny(refuse(http.StatusUnsupportedMediaType, codeUnsupportedMedia, "A POST to the control port must be application/json."))
	}
}

func (s *Server) bearer(r *http.Request) (status int, c code) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return http.StatusUnauthorized, codeMissingCredential
	}
	given, want := sha256.Sum256([]byte(strings.TrimSpace(token))), sha256.Sum256([]byte(s.options.ControlToken))
	if subtle.ConstantTimeCompare(given[:], want[:]) != 1 {
		return http.StatusUnauthorized, codeInvalidCredential
	}
	return 0, 0
}

// decode reads a JSON body strictly; ok is false with the answer to give.
func decode(r *http.Request, v any) (answer, bool) {
	body, err := io.ReadAll(io.LimitReader(r.Body, controlBodyLimit+1))
	switch {
	case err != nil:
		return refuse(http.StatusBadRequest, codeInvalidBody, "The body ended before its end."), false
	case len(body) > controlBodyLimit:
		return refuse(http.StatusRequestEntityTooLarge, codeTooLarge, ""), false
	case len(body) == 0:
		return refuse(http.StatusBadRequest, codeMissingBody, ""), false
	case !json.Valid(body):
		return refuse(http.StatusBadRequest, codeInvalidBody, ""), false
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return refuse(http.StatusBadRequest, codeInvalidField, "The body cannot be read: "+err.Error()+"."), false
	}
	return answer{}, true
}

// after reads the number of the last entry that a reader has seen; a reader that comes back says it in a header.
func after(r *http.Request) (int64, error) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("after")
	}
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, errors.New("after must be the number of a journal entry, 0 or more")
	}
	return n, nil
}

// journalFailure answers for a journal that cannot give what was asked for.
func journalFailure(err error) answer {
	if errors.Is(err, state.ErrGap) {
		return refuse(http.StatusGone, codeNotFound, err.Error())
	}
	return refuse(http.StatusServiceUnavailable, codeUnavailable, err.Error())
}

// done answers a call that has no more to say than that it worked.
func (s *Server) done(err error) answer {
	if err != nil {
		return s.unavailable(err)
	}
	return answer{status: http.StatusNoContent}
}

func (s *Server) getInfo(g *gin.Context) answer {
	info, err := s.Control().Info(g.Request.Context())
	if err != nil {
		return refuse(http.StatusInternalServerError, codeInternal, err.Error())
	}
	return encode(http.StatusOK, info)
}

func (s *Server) getJournal(g *gin.Context) answer {
	from, err := after(g.Request)
	if err != nil {
		return refuse(http.StatusBadRequest, codeInvalidQuery, err.Error())
	}
	entries, err := s.Control().Journal(g.Request.Context(), from)
	if err != nil {
		return journalFailure(err)
	}
	if entries == nil {
		entries = []control.Entry{}
	}
	return encode(http.StatusOK, entries)
}

func (s *Server) getFaults(g *gin.Context) answer {
	armed, err := s.Control().Faults(g.Request.Context())
	if err != nil {
		return s.unavailable(err)
	}
	return encode(http.StatusOK, armed)
}

func (s *Server) postReset(g *gin.Context) answer { return s.done(s.Reset(g.Request.Context())) }

func (s *Server) postExpire(g *gin.Context) answer {
	return s.done(s.ExpireTokens(g.Request.Context()))
}

func (s *Server) postPort(g *gin.Context) answer {
	var p control.PortRefusal
	if bad, ok := decode(g.Request, &p); !ok {
		return bad
	}
	// Bounded before it is multiplied, so that no number can turn into another.
	if p.ForMs < 0 || p.ForMs > longestRefusal.Milliseconds() {
		return refuse(http.StatusBadRequest, codeInvalidField, fmt.Sprintf("forMs must be 0 to %d.", longestRefusal.Milliseconds()))
	}
	if err := s.RefuseConnections(time.Duration(p.ForMs) * time.Millisecond); err != nil {
		return refuse(http.StatusBadRequest, codeInvalidField, err.Error())
	}
	return answer{status: http.StatusNoContent}
}

func (s *Server) postApplication(g *gin.Context) answer {
	var a control.Application
	if bad, ok := decode(g.Request, &a); !ok {
		return bad
	}
	credentials, err := s.AddApplication(g.Request.Context(), a.Name, a.Offers)
	switch {
	case errors.Is(err, ErrUnknownOffer):
		return refuse(http.StatusBadRequest, codeInvalidField, err.Error())
	case err != nil:
		return s.unavailable(err)
	}
	return encode(http.StatusCreated, credentials)
}

func (s *Server) postFault(g *gin.Context) answer {
	var f control.Fault
	if bad, ok := decode(g.Request, &f); !ok {
		return bad
	}
	armed, err := s.Control().AddFault(g.Request.Context(), f)
	switch {
	case errors.Is(err, fault.ErrSetting), errors.Is(err, fault.ErrUnknownKind):
		return refuse(http.StatusBadRequest, codeInvalidField, err.Error())
	case err != nil:
		return s.unavailable(err)
	}
	return encode(http.StatusCreated, armed)
}

func (s *Server) deleteFaults(g *gin.Context) answer {
	return s.done(s.state.DisarmAll(g.Request.Context()))
}

func (s *Server) deleteFault(g *gin.Context) answer {
	err := s.state.Disarm(g.Request.Context(), g.Param("id"))
	if errors.Is(err, fault.ErrNotArmed) {
		return refuse(http.StatusNotFound, codeNotFound, err.Error())
	}
	return s.done(err)
}
