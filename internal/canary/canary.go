// Package canary looks for planted secrets in what a program wrote, in whatever form they got there. Tests prove by it
// that nothing leaks. It owns the forms; it does not own their masking (internal/redact), and shares no code with it, so
// that neither can be blind where the other is.
package canary

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Find names the form in which content holds the secret; "" if in none.
func Find(content, secret string) string {
	for _, view := range views(content) {
		for _, form := range forms(secret) {
			if strings.Contains(view.text, form.text) {
				return strings.TrimSpace(form.name + " " + view.name)
			}
		}
	}
	return ""
}

type named struct{ name, text string }

// forms are what a secret becomes on its way through a protocol.
func forms(secret string) []named {
	quoted, err := json.Marshal(secret)
	if err != nil {
		quoted = []byte(secret)
	}
	out := []named{
		{"as text", secret}, {"as JSON", strings.Trim(string(quoted), `"`)},
		{"in a query", url.QueryEscape(secret)}, {"in a path", url.PathEscape(secret)},
	}
	for shift := range 3 {
		// What the secret decides alone of a longer base64 text, in which so many bytes stand before it.
		whole := base64.RawStdEncoding.EncodeToString(append(make([]byte, shift), secret...))
		core := whole[[]int{0, 2, 3}[shift] : len(whole)-2]
		behind := " behind " + strconv.Itoa(shift)
		out = append(out, named{"as base64" + behind, core},
			named{"as base64url" + behind, strings.NewReplacer("+", "-", "/", "_").Replace(core)})
	}
	return out
}

var (
	backslashes = regexp.MustCompile(`\\+`)
	unicode     = regexp.MustCompile(`\\u[0-9a-fA-F]{4}`)
	percent     = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
)

// views are the content as it is, and as who reads it sees it: a page in a browser, JSON (also JSON in a JSON string)
// decoded, a URL decoded.
func views(content string) []named {
	page := html.UnescapeString(content)
	decoded := backslashes.ReplaceAllString(page, `\`)
	decoded = unicode.ReplaceAllStringFunc(decoded, func(escape string) string {
		r, err := strconv.ParseUint(escape[2:], 16, 16)
		if err != nil {
			return escape
		}
		return string(rune(r))
	})
	decoded = strings.NewReplacer(`\/`, "/", `\"`, `"`).Replace(decoded)
	opened := percent.ReplaceAllStringFunc(decoded, func(escape string) string {
		b, err := strconv.ParseUint(escape[1:], 16, 8)
		if err != nil {
			return escape
		}
		return string([]byte{byte(b)})
	})
	return []named{{"", content}, {"in a page", page}, {"behind JSON escapes", decoded}, {"behind percent escapes", opened}}
}
