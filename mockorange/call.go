package mockorange

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/internal/jsonlimit"
	"github.com/clementine-ope/clementine/internal/operations"
	"github.com/clementine-ope/clementine/internal/redact"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// The time that a caller has to send its body, and to take its answer.
const (
	readBodyTimeout    = 30 * time.Second
	writeAnswerTimeout = 10 * time.Second
)

// What the protocol port holds in memory at once (docs/limits.md).
const (
	// eventValues is how many JSON values an event may hold: as a tree they take many times their size.
	eventValues = 50_000
	// largeEvent is the size, in bytes, from which events are judged one at a time.
	largeEvent = 64 << 10
	// readers is how many bodies are read at once, and largeReaders how many of those that are large, which keep their
	// place until they have been judged; other calls wait.
	readers      = 64
	largeReaders = 4
	// answerKept is how much of an answer, the echo of an event for the most part, the journal keeps, in bytes.
	answerKept = 16 << 10
)

// requestIDHeader is on every answer of the gateway (facts.md, section 1).
const requestIDHeader = "X-OAPI-Request-Id"

// call is one call of the protocol port while it is handled. entry is what the journal will hold of it.
type call struct {
	request *http.Request
	body    []byte // up to the limit
	bodyErr error  // nil, errTooLarge, or why reading stopped
	entry   control.Entry

	storeErr error // why the caller's token could not be checked
}

var errTooLarge = errors.New("the body is larger than the limit")

// handle is the one adapter of the protocol port: it reads the call, lets h decide, stores what came and what will be
// answered, writes the answer, and only then shows the call to the journal's readers: whoever waits for an event wakes
// after its 201 has been sent, and what has been answered is not lost.
func (s *Server) handle(kind control.Kind, api string, h func(*call) answer) gin.HandlerFunc {
	return func(g *gin.Context) {
		c, done := s.read(g, kind, api)
		a := func() answer {
			defer done()
			return h(c)
		}()
		a = s.hold(c, a)
		header := s.complete(c, a)
		place, err := s.state.Begin(c.entry)
		if err != nil {
			// Nothing of this call is kept, so nothing of it may have been taken.
			a = s.unavailable(err)
			header = s.complete(c, a)
		}
		func() {
			if err == nil {
				defer s.state.End(place)
			}
			s.write(g, c, a, header)
		}()
		s.fill(g, c, a)
	}
}

// read takes a call off the wire. done is for when it has been judged.
func (s *Server) read(g *gin.Context, kind control.Kind, api string) (c *call, done func()) {
	r := g.Request
	c = &call{request: r}
	at := s.clock.now()
	limit := s.options.BodyLimit
	// A connection without deadlines is still read, only without their protection.
	_ = http.NewResponseController(g.Writer).SetReadDeadline(time.Now().Add(readBodyTimeout))
	c.body, done, c.bodyErr = s.readBody(r.Body, limit+1)
	_ = http.NewResponseController(g.Writer).SetReadDeadline(time.Time{})
	seen := int64(len(c.body))
	if seen > limit {
		c.body, c.bodyErr = c.body[:limit], errTooLarge
		seen = max(seen, r.ContentLength)
	}
	if kind == control.KindEvent && c.bodyErr == nil && jsonlimit.MoreValuesThan(eventValues, c.body) {
		c.bodyErr = errTooLarge
	}
	path := r.URL.EscapedPath()
	offer, pathAPI := segments(path)
	if api == "" {
		api = pathAPI
	}
	c.entry = control.Entry{
		At: at, Kind: kind, Method: r.Method, Path: path, Query: redactedQuery(r.URL.RawQuery),
		Header: redact.Header(r.Header), ContentType: r.Header.Get("Content-Type"),
		Body: c.body, BodyBytes: seen, Truncated: errors.Is(c.bodyErr, errTooLarge), RequestID: uuid(),
	}
	operations.Identify(r.Context(), c.entry.RequestID)
	if kind == control.KindToken || isForm(c.entry.ContentType) {
		c.entry.Body = redact.JSON(redact.Form(c.body))
	}
	if kind == control.KindEvent {
		c.entry.Offer, c.entry.API = offer, api
		c.entry.Auth, c.storeErr = s.authenticate(r, offer)
	}
	return c, done
}

// readBody reads up to limit bytes of a body. A large one holds its place until done.
func (s *Server) readBody(from io.Reader, limit int64) (body []byte, done func(), err error) {
	s.reading <- struct{}{}
	body, err = io.ReadAll(io.LimitReader(from, min(limit, largeEvent+1)))
	<-s.reading
	if err != nil || len(body) <= largeEvent {
		return body, func() {}, err
	}
	s.large <- struct{}{}
	rest := bytes.NewBuffer(body)
	_, err = rest.ReadFrom(io.LimitReader(from, limit-int64(len(body))))
	return bytes.Clone(rest.Bytes()), func() { <-s.large }, err // the journal keeps it: without the buffer's spare room
}

// segments are the offer and the API that a path names; the API is empty where it is neither.
func segments(path string) (offer, api string) {
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	if len(parts) > 0 {
		offer = parts[0]
	}
	if len(parts) > 1 {
		switch second := strings.ToLower(parts[1]); second {
		case apiOrdering, apiService:
			api = second
		}
	}
	return offer, api
}

func redactedQuery(query string) string {
	return strings.TrimPrefix(redact.URL("?"+query), "?")
}

func isForm(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/x-www-form-urlencoded"
}

// complete notes the answer in the entry, and returns its header.
func (s *Server) complete(c *call, a answer) http.Header {
	e := &c.entry
	e.Status, e.Cut = a.status, a.cut
	e.DurationMs = float64(s.clock.now().Sub(e.At).Microseconds()) / 1000
	if a.cut {
		return nil
	}
	header := a.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json")
	}
	header.Set("Content-Length", strconv.FormatInt(max(int64(len(a.body)), a.bytes), 10))
	// On the wire the name is spelt as Orange spells it; readers look it up as Go does.
	e.ResponseHeader = redact.Header(header)
	e.ResponseHeader.Set(requestIDHeader, e.RequestID)
	header[requestIDHeader] = []string{e.RequestID}
	e.ResponseBody, e.ResponseBytes = a.body, 0
	if e.Kind == control.KindToken {
		e.ResponseBody = redact.JSON(bytes.Clone(a.body))
	}
	if len(a.body) > answerKept {
		e.ResponseBody, e.ResponseBytes = bytes.Clone(a.body[:answerKept]), int64(len(a.body))
	}
	return header
}

// write sends the answer, or cuts the connection. The length is given and the answer flushed, so that it has left the
// mock when write returns. Nothing is locked meanwhile: a caller that is slow to read holds up nobody else.
func (s *Server) write(g *gin.Context, c *call, a answer, header http.Header) {
	if a.cut {
		s.cut(g)
		return
	}
	for name, values := range header {
		g.Writer.Header()[name] = values
	}
	_ = http.NewResponseController(g.Writer).SetWriteDeadline(time.Now().Add(writeAnswerTimeout))
	g.Writer.WriteHeader(a.status)
	if _, err := g.Writer.Write(a.body); err != nil {
		s.log.Debug("the caller did not take its answer", "path", c.entry.Path, "error", err)
	}
	g.Writer.Flush()
	_ = http.NewResponseController(g.Writer).SetWriteDeadline(time.Time{})
}

// cut closes the connection without a byte of answer.
func (s *Server) cut(g *gin.Context) {
	conn, _, err := g.Writer.Hijack()
	if err != nil {
		s.log.Error("cut the connection", "error", err)
		return
	}
	if err := conn.Close(); err != nil {
		s.log.Debug("close the connection that was cut", "error", err)
	}
}
