package redact

import (
	"bytes"
	"encoding/json"
)

// JSON masks the values of the secret members of a JSON text at any depth; numbers and words among them become masks
// too, and all values of an object or an array under a secret name. It needs no valid JSON: a text that was cut off
// inside a secret is masked to its end.
func JSON(body []byte) []byte {
	s := jsonScan{in: body}
	s.run()
	return s.out.Bytes()
}

// jsonScan copies in to out, one token at a time. hide is the depth at which a secret container was opened, 0 for
// none; next says that the value to come belongs to a secret name.
type jsonScan struct {
	in    []byte
	pos   int
	out   bytes.Buffer
	depth int
	hide  int
	next  bool
}

func (s *jsonScan) run() {
	s.out.Grow(len(s.in))
	for s.pos < len(s.in) {
		switch c := s.in[s.pos]; c {
		case '{', '[':
			s.depth++
			if s.next && s.hide == 0 {
				s.hide = s.depth
			}
			s.next = false
			s.copy(1)
		case '}', ']':
			if s.hide == s.depth {
				s.hide = 0
			}
			s.depth--
			s.next = false
			s.copy(1)
		case ',':
			s.next = false
			s.copy(1)
		case ':', ' ', '\t', '\r', '\n':
			s.copy(1)
		case '"':
			s.str()
		default:
			s.bare()
		}
	}
}

func (s *jsonScan) copy(n int) {
	s.out.Write(s.in[s.pos : s.pos+n])
	s.pos += n
}

func (s *jsonScan) str() {
	end := stringEnd(s.in, s.pos)
	raw := s.in[s.pos:end]
	if isName(s.in, end) {
		s.next = secretName(text(raw))
		s.copy(len(raw))
		return
	}
	if !s.next && s.hide == 0 {
		s.copy(len(raw))
		return
	}
	s.out.WriteByte('"')
	s.out.WriteString(Secret(text(raw)))
	s.out.WriteByte('"')
	s.pos = end
	s.next = false
}

func (s *jsonScan) bare() {
	n := bytes.IndexAny(s.in[s.pos:], "{}[],:\" \t\r\n")
	if n < 0 {
		n = len(s.in) - s.pos
	}
	raw := string(s.in[s.pos : s.pos+n])
	if (!s.next && s.hide == 0) || raw == "null" {
		s.copy(n)
		return
	}
	s.out.WriteString(`"` + Secret(raw) + `"`)
	s.pos += n
}

// stringEnd is the index after the closing quote of the string that starts at i, or the end of the text.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

func isName(b []byte, i int) bool {
	rest := bytes.TrimLeft(b[i:], " \t\r\n")
	return len(rest) > 0 && rest[0] == ':'
}

func text(raw []byte) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(bytes.Trim(raw, `"`))
}
