package variant

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/clementine-ope/clementine/partner"
)

func answers() []Variant {
	all := []Variant{
		{
			Name: "tool-answers-204", Why: "The customer's tool is the partner's own; a trigger is refused by 400, 403, 409 or 422 only.",
			Seam: func() partner.Seam {
				return onExchanges(func(next http.Handler, x *exchange) {
					x.serve(next)
					if x.kind == aToolCall && x.status == http.StatusOK {
						x.status, x.body = http.StatusNoContent, nil
					}
				})
			},
		},
		{
			Name: "ping-answers-a-page", Why: "GEN-01: GET ping answers HTTP 200; nothing is said of its body.",
			Seam: func() partner.Seam {
				return onExchanges(func(next http.Handler, x *exchange) {
					x.serve(next)
					if x.kind == another && x.status == http.StatusOK && x.request.Method == http.MethodGet {
						x.header.Set("Content-Type", "text/html")
						x.body = []byte("<html><body>It works!</body></html>")
					}
				})
			},
		},
	}
	for _, status := range []int{200, 201, 202, 203} {
		all = append(all, Variant{
			Name: fmt.Sprintf("orders-and-updates-answered-%d", status), Why: "wire.md, 1: any 2xx status.",
			Seam: func() partner.Seam {
				return onExchanges(func(next http.Handler, x *exchange) {
					x.serve(next)
					if x.status/100 == 2 && (x.kind == anOrder || x.kind == anUpdate) {
						x.status = status
					}
				})
			},
		})
	}
	return all
}

func connections() []Variant {
	return []Variant{
		{
			Name: "chunked", Why: "HTTP/1.1 sends bodies of any length in chunks (RFC 9112).",
			Seam: func() partner.Seam { return onWrites(serve, (*exchange).chunked) },
		},
		{
			Name: "early-hints", Why: "Any number of 1xx answers may come before the final one (RFC 9110).",
			Seam: func() partner.Seam {
				return onWrites(serve, func(x *exchange, w http.ResponseWriter) {
					w.WriteHeader(http.StatusEarlyHints)
					x.write(w)
				})
			},
		},
		{
			Name: "http-1.0", Why: "No clause names an HTTP version; one of 1.0 ends its body with the connection.",
			Seam: func() partner.Seam {
				return onWrites(serve, func(x *exchange, w http.ResponseWriter) { x.raw(w, "HTTP/1.0", false) })
			},
		},
		{
			Name: "connection-closed", Why: "Either side may end a connection after an answer (RFC 9112).",
			Seam: func() partner.Seam {
				return onExchanges(func(next http.Handler, x *exchange) {
					x.serve(next)
					x.header.Set("Connection", "close")
				})
			},
		},
		{
			Name: "connection-closed-without-a-word", Why: "Either side may end a connection after an answer, announced or not (RFC 9112).",
			Seam: func() partner.Seam {
				return onWrites(serve, func(x *exchange, w http.ResponseWriter) { x.raw(w, "HTTP/1.1", true) })
			},
		},
	}
}

func serve(next http.Handler, x *exchange) { x.serve(next) }

// chunked sends the body in small pieces.
func (x *exchange) chunked(w http.ResponseWriter) {
	x.header.Del("Content-Length")
	w.WriteHeader(x.status)
	out := http.NewResponseController(w)
	for piece := range piecesOf(x.body, 1+len(x.body)/5) {
		if _, err := w.Write(piece); err != nil {
			return
		}
		_ = out.Flush() // a caller that has gone misses nothing
	}
}

func piecesOf(body []byte, size int) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(body) > 0 {
			n := min(size, len(body))
			if !yield(body[:n]) {
				return
			}
			body = body[n:]
		}
	}
}

// raw writes the answer by itself and closes the connection, which the server has no part in.
func (x *exchange) raw(w http.ResponseWriter, version string, length bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		x.write(w)
		return
	}
	defer conn.Close()
	if length {
		x.header.Set("Content-Length", fmt.Sprint(len(x.body)))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %d %s\r\n", version, x.status, http.StatusText(x.status))
	_ = x.header.Write(&b) // into memory
	b.WriteString("\r\n")
	b.Write(x.body)
	_, _ = conn.Write(b.Bytes()) // a caller that has gone misses nothing
}
