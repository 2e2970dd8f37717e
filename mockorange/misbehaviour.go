package mockorange

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/mockorange/control"
	"github.com/clementine-ope/clementine/mockorange/fault"
)

// page is what a proxy says that knows nothing of the API.
const page = "<!DOCTYPE html>\n<html><head><title>Gateway</title></head><body><h1>The page cannot be shown</h1></body></html>\n"

// blanks are how many bytes a long answer is filled up with at once.
const blanks = 64 << 10

// misbehave lets an armed fault change the answer of a call that went well so far.
func (s *Server) misbehave(c *call, on fault.Endpoint, keys func() []string, usual answer) answer {
	now := fault.Call{At: s.clock.now(), IssuedAt: c.entry.Auth.IssuedAt}
	effect, ok, err := s.state.Act(c.request.Context(), on, keys, now)
	if err != nil {
		return s.unavailable(err)
	}
	if !ok {
		return usual
	}
	c.entry.Fault = control.FaultKind(effect.Kind)
	switch {
	case effect.Stale:
		c.entry.Auth.State, c.entry.Auth.JudgeMade = control.AuthExpired, true
	case effect.Revoked:
		c.entry.Auth.State, c.entry.Auth.JudgeMade = control.AuthInvalid, true
	}
	a := changed(usual, effect)
	if c.entry.Grant != nil && (effect.Code != 0 || effect.Page || effect.Untaken) {
		c.entry.Grant.Error, c.entry.Grant.Token = withheld(a.status), ""
	}
	return a
}

// withheld says in a journal entry why a token that was asked for properly was not given.
func withheld(status int) string {
	switch status {
	case 0:
		return "no_answer"
	case http.StatusTooManyRequests:
		return "too_many_requests"
	}
	return "temporarily_unavailable"
}

// changed is the usual answer under an effect.
func changed(a answer, e fault.Effect) answer {
	switch {
	case e.Untaken:
		a = answer{}
	case e.Page:
		a = answer{status: e.Status, body: []byte(page)}
	case e.Code != 0:
		a = refuse(e.Status, code(e.Code), "")
	case e.Status != 0:
		a.status = e.Status
	}
	a.header = a.header.Clone()
	if a.header == nil {
		a.header = http.Header{}
	}
	if e.RetryAfter > 0 {
		a.header.Set("Retry-After", strconv.Itoa(e.RetryAfter))
	}
	if e.ContentType != "" {
		a.header.Set("Content-Type", e.ContentType)
	}
	a.cut, a.delay, a.bytes = e.Cut, e.Delay, e.Bytes
	return a
}

// hold keeps a late answer back. A caller that gives up meanwhile never gets it; a mock that stops waits for nothing.
func (s *Server) hold(c *call, a answer) answer {
	if a.delay <= 0 {
		return a
	}
	timer := time.NewTimer(a.delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.closing:
	case <-c.request.Context().Done():
		a.cut = true
	}
	return a
}

// fill sends the blanks of a long answer. The call is in the journal by then: whoever reads slowly holds up nobody.
func (s *Server) fill(g *gin.Context, c *call, a answer) {
	left := a.bytes - int64(len(a.body))
	if a.cut || left <= 0 {
		return
	}
	rc := http.NewResponseController(g.Writer)
	_ = rc.SetWriteDeadline(time.Now().Add(writeAnswerTimeout))
	piece := bytes.Repeat([]byte(" "), blanks)
	for ; left > 0; left -= blanks {
		if _, err := g.Writer.Write(piece[:min(left, blanks)]); err != nil {
			s.log.Debug("the caller did not take the whole of a long answer", "path", c.entry.Path, "error", err)
			return
		}
	}
	_ = rc.SetWriteDeadline(time.Time{})
}
