package reports

import (
	"fmt"
	"net/http"
	"sort"
	"strings"
	"unicode/utf8"
)

// Hurl returns the request of e as an entry of a hurl file (hurl.dev), which expects the status that was recorded. A
// masked secret becomes a variable, as in "Authorization: Bearer {{token}}", a host that was not recorded {{gateway}}, and
// a body that is binary, cut or long a file beside it. Where nothing can be sent, it is only a comment.
func Hurl(e Exchange) string {
	q := e.Request
	target := q.URL
	switch {
	case strings.HasPrefix(target, "http://"), strings.HasPrefix(target, "https://"):
	case strings.HasPrefix(target, "/"):
		target = "{{gateway}}" + hurlText(target)
	default:
		return "# no HTTP request was recorded\n"
	}
	if target == q.URL {
		target = hurlText(target)
	}
	method := strings.ToUpper(q.Method)
	if method == "" {
		method = http.MethodGet
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", hurlText(method), target)
	for _, line := range hurlHeaders(q.Headers) {
		b.WriteString(line + "\n")
	}
	b.WriteString(hurlBody(e))
	if e.Response.Status != 0 {
		fmt.Fprintf(&b, "\nHTTP %d\n", e.Response.Status)
	}
	return b.String()
}

// hurlEscapes are for what would be hurl's own: templates and comments.
var hurlEscapes = strings.NewReplacer(`\`, `\\`, "{{", `\u{7b}\u{7b}`, "#", `\#`)

func hurlText(s string) string { return hurlEscapes.Replace(visible(s)) }

func hurlHeaders(headers map[string][]string) []string {
	names := make([]string, 0, len(headers))
	for name := range headers {
		names = append(names, name)
	}
	sort.Strings(names)
	var out []string
	for _, name := range names {
		key := http.CanonicalHeaderKey(name)
		if ownHeader(key) || !headerName.MatchString(name) {
			continue
		}
		for _, value := range headers[name] {
			out = append(out, hurlText(name)+": "+hurlValue(key, value))
		}
	}
	return out
}

func hurlValue(key, value string) string {
	if key == "Authorization" || key == "Proxy-Authorization" {
		scheme, _, found := strings.Cut(value, " ")
		switch {
		case found && strings.EqualFold(scheme, "Bearer"):
			return hurlText(scheme) + " {{token}}"
		case found && headerName.MatchString(scheme):
			return hurlText(scheme) + " {{credentials}}"
		}
		return "{{credentials}}"
	}
	if at := maskedValue.FindStringIndex(value); at != nil {
		return hurlText(value[:at[0]]) + "{{" + strings.ToLower(variable(key)) + "}}"
	}
	return hurlText(value)
}

// hurlBody is the body between fences, in which hurl reads everything but its own templates as it stands.
func hurlBody(e Exchange) string {
	body := e.Request.Body
	if body == nil || body.Bytes == 0 {
		return ""
	}
	text := body.Text
	plain := body.Base64 == "" && !body.Truncated && len(text) <= curlBodyLimit && utf8.ValidString(text) && text == visibleLines(text) &&
		!strings.Contains(text, "```") && !strings.Contains(text, "{{")
	if !plain {
		return fmt.Sprintf("# exchange-%d.body: %d bytes, see exchange %d in results.json\nfile,exchange-%d.body;\n", e.ID, body.Bytes, e.ID, e.ID)
	}
	return "```\n" + text + "\n```\n"
}
