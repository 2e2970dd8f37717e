package hostile

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/clementine-ope/clementine/partner"
)

// maxRequest bounds what one request may send, in bytes, as the reference does.
const maxRequest = 2 << 20

// answers replaces every answer but that to the ping, so that the suite gets past its preflight.
func answers(write http.HandlerFunc) func() partner.Seam {
	return func() partner.Seam {
		return partner.Seam{WrapHandler: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if isPing(r) {
					next.ServeHTTP(w, r)
					return
				}
				write(w, r)
			})
		}}
	}
}

func isPing(r *http.Request) bool {
	return r.Method == http.MethodGet && !strings.Contains(strings.ToLower(r.URL.Path), "/userservice/")
}

// edited lets the reference answer, then changes the answer.
func edited(edit func(status int, header http.Header, body []byte) (int, []byte)) func() partner.Seam {
	return func() partner.Seam {
		return partner.Seam{WrapHandler: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				rec := &recorder{header: http.Header{}, status: http.StatusOK}
				next.ServeHTTP(rec, r)
				status, body := rec.status, rec.body.Bytes()
				if !isPing(r) {
					status, body = edit(status, rec.header, body)
				}
				rec.header.Set("Content-Length", strconv.Itoa(len(body)))
				for name, values := range rec.header {
					w.Header()[name] = values
				}
				w.WriteHeader(status)
				_, _ = w.Write(body) // a caller that has gone misses nothing
			})
		}}
	}
}

// recorder keeps an answer instead of sending it.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
func (r *recorder) WriteHeader(status int)      { r.status = status }

// line is a connection whose bytes are written by hand.
type line struct {
	net.Conn
	gone <-chan struct{} // closed once the judge has hung up
}

func (l *line) say(text string) bool { return say(l, text) }

func say(w io.Writer, text string) bool {
	_, err := io.WriteString(w, text)
	return err == nil
}

// raw takes the connection of every call but the ping, writes on it and closes it.
func raw(write func(l *line)) func() partner.Seam {
	return answers(func(w http.ResponseWriter, r *http.Request) { takeOver(w, write) })
}

func takeOver(w http.ResponseWriter, write func(l *line)) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, buffered) // ends with the connection
	}()
	write(&line{Conn: conn, gone: gone})
	_ = conn.Close()
	<-gone
}

// repeat writes the same bytes until limit is reached, or for ever if it is 0; false once nobody takes them any more.
func repeat(w io.Writer, piece []byte, limit int64) bool {
	for sent := int64(0); limit == 0 || sent < limit; sent += int64(len(piece)) {
		if limit > 0 && limit-sent < int64(len(piece)) {
			piece = piece[:limit-sent]
		}
		if _, err := w.Write(piece); err != nil {
			return false
		}
	}
	return true
}

func jsonType(w http.ResponseWriter) { w.Header().Set("Content-Type", "application/json") }
