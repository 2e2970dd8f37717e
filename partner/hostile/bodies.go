package hostile

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"time"
)

const (
	gibibyte = 1 << 30
	piece    = 32 << 10 // bytes written at once
)

// bodies are answers that are too large, or too slow, to be read to their end.
func bodies() []Kind {
	return []Kind{
		{
			Name: "endless-body", What: "Each answer is an array that never ends.",
			Seam: answers(func(w http.ResponseWriter, _ *http.Request) {
				jsonType(w)
				w.WriteHeader(http.StatusOK)
				if say(w, "[") {
					repeat(w, bytes.Repeat([]byte(`{"id":"L"},`), piece/11), 0)
				}
			}),
		},
		{
			Name: "gibibyte-declared", What: "Each answer declares a length of 1 GiB, and sends it.",
			Seam: answers(func(w http.ResponseWriter, _ *http.Request) {
				jsonType(w)
				w.Header().Set("Content-Length", "1073741824")
				w.WriteHeader(http.StatusOK)
				repeat(w, bytes.Repeat([]byte(" "), piece), gibibyte)
			}),
		},
		{
			Name: "gibibyte-streamed", What: "Each answer is one string of 1 GiB, sent in chunks.",
			Seam: answers(func(w http.ResponseWriter, _ *http.Request) {
				jsonType(w)
				w.WriteHeader(http.StatusOK)
				_ = say(w, `"`) && repeat(w, bytes.Repeat([]byte("a"), piece), gibibyte) && say(w, `"`)
			}),
		},
		{
			Name: "one-byte-a-second", What: "Each answer comes one byte a second.",
			Seam: raw(func(l *line) {
				if l.say("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n") {
					l.drip(strings.Repeat(" ", 1000), time.Second)
				}
			}),
		},
		{
			Name: "twenty-bytes-a-second", What: "Each answer comes one byte each 50 ms: something always comes, and never the end.",
			Seam: raw(func(l *line) {
				if l.say("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n") {
					l.drip(strings.Repeat(" ", 100_000), 50*time.Millisecond)
				}
			}),
		},
		{
			Name: "gzip-bomb", What: "Each answer is 1 MB of gzip that swells to 1 GiB.",
			Seam: answers(func(w http.ResponseWriter, _ *http.Request) {
				jsonType(w)
				w.Header().Set("Content-Encoding", "gzip")
				w.WriteHeader(http.StatusOK)
				member := zeros(1 << 20)
				repeat(w, member, int64(len(member))*1024)
			}),
		},
	}
}

// drip writes text byte by byte until the judge hangs up.
func (l *line) drip(text string, pause time.Duration) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for i := range len(text) {
		if !l.say(text[i : i+1]) {
			return
		}
		select {
		case <-ticker.C:
		case <-l.gone:
			return
		}
	}
}

// zeros is a gzip member that holds n zeros. Members may follow one another in one file (RFC 1952).
func zeros(n int64) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	repeat(z, make([]byte, piece), n)
	_ = z.Close() // into memory
	return b.Bytes()
}
