package hostile

import (
	"net/http"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/partner"
)

const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

// headers are attacks that come before any body.
func headers() []Kind {
	return []Kind{
		{
			Name: "endless-headers", What: "The headers of each answer never end.",
			Seam: raw(func(l *line) {
				_ = l.say(head) && repeat(l, []byte("X-Filler: "+strings.Repeat("a", 1000)+"\r\n"), 0)
			}),
		},
		{
			Name: "endless-header", What: "One header of each answer never ends.",
			Seam: raw(func(l *line) { _ = l.say(head+"X-Filler: ") && repeat(l, []byte(strings.Repeat("a", piece)), 0) }),
		},
		{
			Name: "endless-status-line", What: "The status line of each answer never ends.",
			Seam: raw(func(l *line) { _ = l.say("HTTP/1.1 200 ") && repeat(l, []byte(strings.Repeat("a", piece)), 0) }),
		},
		{
			Name: "slow-headers", What: "The headers of each answer come one byte each 50 ms.",
			Seam: raw(func(l *line) { l.drip(strings.Repeat("X-Filler: a\r\n", 10_000), 50*time.Millisecond) }),
		},
		{
			Name: "hundred-continue", What: "Each answer is 100 Continue, without end.",
			Seam: raw(func(l *line) { repeat(l, []byte("HTTP/1.1 100 Continue\r\n\r\n"), 0) }),
		},
		{
			Name: "early-hints-flood", What: "Each answer is 103 Early Hints, with large headers and without end.",
			Seam: raw(func(l *line) {
				repeat(l, []byte("HTTP/1.1 103 Early Hints\r\nLink: <"+strings.Repeat("a", 4000)+">\r\n\r\n"), 0)
			}),
		},
		{
			Name: "switching-protocols", What: "Each answer is 101 Switching Protocols, and then nothing.",
			Seam: raw(func(l *line) {
				if l.say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n") {
					<-l.gone
				}
			}),
		},
		{
			Name: "endless-trailers", What: "The trailers after each body never end.",
			Seam: raw(func(l *line) {
				_ = l.say(head+"Trailer: X-Filler\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n") &&
					repeat(l, []byte("X-Filler: "+strings.Repeat("a", 1000)+"\r\n"), 0)
			}),
		},
	}
}

// connections are calls that break off.
func connections() []Kind {
	return []Kind{
		{Name: "silence", What: "No call is ever answered.", Seam: raw(func(l *line) { <-l.gone })},
		{Name: "cut-before-headers", What: "Each connection is cut before the answer.", Seam: raw(func(*line) {})},
		cut("cut-in-status-line", "Each connection is cut in the status line.", "HTTP/1.1 2"),
		cut("cut-in-headers", "Each connection is cut in the headers.", "HTTP/1.1 200 OK\r\nContent-Ty"),
		cut("cut-in-body", "Each connection is cut in the body.", head+"Content-Length: 100\r\n\r\n{\"id\":\"1\",\"sta"),
		cut("cut-in-chunk", "Each connection is cut in a chunk.", head+"Transfer-Encoding: chunked\r\n\r\nff\r\n[{\"id\":"),
		cut("cut-after-chunk", "Each connection is cut after a chunk that was not the last.", head+"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n"),
		{
			Name: "no-http", What: "Every call, the ping too, is answered by what is no HTTP but would steer a terminal.",
			Seam: func() partner.Seam {
				return partner.Seam{WrapHandler: func(http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
						takeOver(w, func(l *line) { l.say(escapes + markup + "\r\n\r\n") })
					})
				}}
			},
		},
	}
}

func cut(name, what, sent string) Kind {
	return Kind{Name: name, What: what, Seam: raw(func(l *line) { l.say(sent) })}
}

// framing are answers that lie about their own form.
func framing() []Kind {
	return []Kind{
		cut("length-too-long", "Each answer is shorter than it declares.", head+"Content-Length: 4096\r\n\r\n[]"),
		{
			Name: "length-too-short", What: "Each answer is longer than it declares: what is left poses as the answer to the next call.",
			Seam: raw(func(l *line) {
				if l.say(head + "Content-Length: 2\r\n\r\n[]" + head + "Content-Length: 27\r\n\r\n{\"id\":\"1\",\"state\":\"completed\"}") {
					<-l.gone
				}
			}),
		},
		cut("length-negative", "Each answer declares a length below zero.", head+"Content-Length: -1\r\n\r\n[]"),
		cut("length-immense", "Each answer declares a length beyond any machine's.", head+"Content-Length: 9223372036854775807\r\n\r\n[]"),
		cut("two-lengths", "Each answer declares two lengths.", head+"Content-Length: 2\r\nContent-Length: 200\r\n\r\n[]"),
		cut("length-and-chunks", "Each answer declares a length and comes in chunks.", head+"Content-Length: 200\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n"),
		cut("chunk-immense", "Each chunk declares a length beyond any machine's.", head+"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n[]\r\n0\r\n\r\n"),
		cut("chunk-no-number", "Each chunk declares a length that is no number.", head+"Transfer-Encoding: chunked\r\n\r\n-2\r\n[]\r\n0\r\n\r\n"),
		{
			Name: "chunks-of-one-byte", What: "Each answer comes in chunks of one byte with long extensions, without end.",
			Seam: raw(func(l *line) {
				_ = l.say(head+"Transfer-Encoding: chunked\r\n\r\n") && repeat(l, []byte("1;"+strings.Repeat("x", 2000)+"\r\n \r\n"), 0)
			}),
		},
		cut("status-999", "Each answer has the status 999.", "HTTP/1.1 999 Beyond\r\nContent-Length: 2\r\n\r\n[]"),
		cut("status-no-number", "Each answer has a status that is no number.", "HTTP/1.1 2OO OK\r\nContent-Length: 2\r\n\r\n[]"),
		cut("http-9", "Each answer speaks HTTP/9.9.", "HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n[]"),
	}
}

// redirects lead the judge elsewhere.
func redirects() []Kind {
	return []Kind{
		{
			Name: "redirect-loop", What: "Each answer redirects to itself.",
			Seam: answers(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", r.URL.RequestURI())
				w.WriteHeader(http.StatusTemporaryRedirect)
			}),
		},
		redirect("redirect-to-file", "Each answer redirects to a file on the judge's machine.", "file:///etc/passwd"),
		redirect("redirect-to-metadata", "Each answer redirects to the address where clouds keep their credentials.", "http://169.254.169.254/latest/meta-data/"),
		redirect("redirect-to-other-host", "Each answer redirects to another host, credentials and all.", "http://user:secret@other.invalid/"),
		redirect("redirect-to-script", "Each answer redirects to a script.", "javascript:alert(1)"),
	}
}

func redirect(name, what, to string) Kind {
	return Kind{Name: name, What: what, Seam: answers(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", to)
		w.WriteHeader(http.StatusPermanentRedirect)
	})}
}
