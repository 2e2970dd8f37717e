package reports

import (
	"fmt"
	"net/http"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"
)

// curlBodyLimit is the longest body, in bytes, that a curl line carries.
const curlBodyLimit = 8 << 10

// Curl returns one shell line that sends the request of e again. A masked secret becomes a variable, as in
// "Authorization: Bearer $TOKEN"; a body that is binary, cut or long is read from a file that a comment explains. A call
// of the partner whose host was not recorded goes to $GATEWAY. Where nothing can be sent, the line is only a comment.
func Curl(e Exchange) string {
	q := e.Request
	target, ok := curlTarget(q.URL)
	if !ok {
		return "# no HTTP request was recorded"
	}
	args := []string{"curl", "-sS", "-i", "-g"}
	hasBody := q.Body != nil && q.Body.Bytes > 0
	if method := strings.ToUpper(q.Method); method == http.MethodHead {
		args = append(args, "-I")
	} else if method != "" && method != http.MethodGet || hasBody {
		args = append(args, "-X", shellQuote(q.Method))
	}
	args = append(args, "--url", target)
	for _, h := range curlHeaders(q.Headers) {
		args = append(args, "-H", h)
	}
	comment := ""
	if hasBody {
		body := q.Body
		if body.Base64 != "" || body.Truncated || len(body.Text) > curlBodyLimit || strings.ContainsRune(body.Text, 0) || !utf8.ValidString(body.Text) {
			file := fmt.Sprintf("exchange-%d.body", e.ID)
			args = append(args, "--data-binary", "@"+file)
			comment = fmt.Sprintf(" # %s: %d bytes, see exchange %d in results.json", file, body.Bytes, e.ID)
			if body.Truncated {
				comment += " (recorded only in part)"
			}
		} else {
			args = append(args, "--data-raw", shellQuote(body.Text))
		}
	}
	return strings.Join(args, " ") + comment
}

func curlTarget(url string) (string, bool) {
	switch {
	case strings.HasPrefix(url, "http://"), strings.HasPrefix(url, "https://"):
		return shellQuote(url), true
	case strings.HasPrefix(url, "/"):
		return `"$GATEWAY"` + shellQuote(url), true
	}
	return "", false
}

// headerName is an HTTP token; curl reads a header that starts with @ from a file, so nothing else may pass.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// maskedValue is a secret as results.json holds it: three stars and a fingerprint.
var maskedValue = regexp.MustCompile(`\*\*\*[0-9A-Za-z]*`)

func curlHeaders(headers map[string][]string) []string {
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	sort.Strings(names)
	var out []string
	for _, name := range names {
		if ownHeader(http.CanonicalHeaderKey(name)) || !headerName.MatchString(name) {
			continue
		}
		for _, value := range headers[name] {
			out = append(out, curlHeader(name, value))
		}
	}
	return out
}

// ownHeader says whether a client sets this header by itself.
func ownHeader(canonical string) bool {
	switch canonical {
	case "Content-Length", "Accept-Encoding", "Connection", "Transfer-Encoding", "User-Agent", "Host", "Expect":
		return true
	}
	return false
}

func curlHeader(name, value string) string {
	if value == "" {
		return shellQuote(name + ";")
	}
	key := http.CanonicalHeaderKey(name)
	if key == "Authorization" || key == "Proxy-Authorization" {
		scheme, _, found := strings.Cut(value, " ")
		switch {
		case found && strings.EqualFold(scheme, "Bearer"):
			return shellQuote(name+": "+scheme+" ") + `"$TOKEN"`
		case found && headerName.MatchString(scheme):
			return shellQuote(name+": "+scheme+" ") + `"$CREDENTIALS"`
		}
		return shellQuote(name+": ") + `"$CREDENTIALS"`
	}
	if at := maskedValue.FindStringIndex(value); at != nil {
		return shellQuote(name+": "+value[:at[0]]) + `"$` + variable(key) + `"`
	}
	return shellQuote(name + ": " + value)
}

// variable is a header's name as a shell variable: X-API-Key gives X_API_KEY.
func variable(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, name)
}

// plainWord needs no quotes in any shell.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=-]+$`)

// shellQuote quotes s as one shell word on one line. What a terminal would act on is written as its bytes in $'…'.
func shellQuote(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	if s == visible(s) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		piece := s[i : i+size]
		switch {
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\'' || r == '\\':
			b.WriteString(`\` + piece)
		case piece != visible(piece):
			for j := range len(piece) {
				fmt.Fprintf(&b, `\%03o`, piece[j])
			}
		default:
			b.WriteString(piece)
		}
		i += size
	}
	b.WriteString("'")
	return b.String()
}
