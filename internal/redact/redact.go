// Package redact masks secrets where they are written: in headers, forms, JSON bodies, URLs and free text. A masked
// value is three stars and the first six hex digits of its SHA-256, so that two uses of one secret can still be told
// to be the same. It owns what counts as a secret by name. It does not own where masked text goes.
//
// Every function leaves what is not secret byte for byte as it was, and masking twice is masking once.
package redact

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
)

const (
	stars      = "***"
	markDigits = 6
)

// Fingerprint is the first digits hex digits of the SHA-256 of a secret; at most 64. Its first six are those of the
// mask. An empty secret has an empty fingerprint.
func Fingerprint(secret string, digits int) string {
	if secret == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])[:digits]
}

// Secret masks one secret: "***3f2a9c". An empty one stays empty, and a mask stays as it is.
func Secret(s string) string {
	if s == "" || isMask(s) {
		return s
	}
	return stars + Fingerprint(s, markDigits)
}

func isMask(s string) bool {
	mark, ok := strings.CutPrefix(s, stars)
	if !ok || len(mark) != markDigits {
		return false
	}
	return strings.Trim(mark, "0123456789abcdef") == ""
}

// Header returns a copy in which credentials are masked. Authorization keeps its scheme: "Bearer ***3f2a9c". Nil
// stays nil.
func Header(h http.Header) http.Header {
	out := h.Clone()
	for name, values := range out {
		switch {
		case name == "Authorization" || name == "Proxy-Authorization":
			for i, v := range values {
				values[i] = credentials(v)
			}
		case secretHeader(name):
			for i, v := range values {
				values[i] = Secret(v)
			}
		case name == "Location" || name == "Referer":
			for i, v := range values {
				values[i] = URL(v)
			}
		}
	}
	return out
}

func credentials(v string) string {
	scheme, rest, found := strings.Cut(v, " ")
	if found && isScheme(scheme) {
		return scheme + " " + Secret(strings.TrimSpace(rest))
	}
	switch strings.ToLower(v) {
	case "bearer", "basic", "digest", "negotiate":
		return v
	}
	return Secret(v)
}

// isScheme tells an authentication scheme from a token that somebody put in its place.
func isScheme(s string) bool {
	return len(s) <= 20 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz-") == ""
}

func secretHeader(name string) bool {
	n := plain(name)
	if n == "cookie" || n == "setcookie" {
		return true
	}
	for _, part := range []string{"token", "secret", "password", "apikey", "authorization"} {
		if strings.Contains(n, part) {
			return true
		}
	}
	return false
}

// secretName says whether a form field, a JSON member or a query parameter of this name holds a secret.
func secretName(name string) bool {
	switch plain(name) {
	case "accesstoken", "refreshtoken", "idtoken", "token", "clientsecret", "secret", "password", "passwd",
		"assertion", "clientassertion", "apikey", "xapikey", "authorization", "privatekey":
		return true
	}
	return false
}

func plain(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(strings.ToLower(name), "-", ""), "_", "")
}

// Form masks the secret fields of an application/x-www-form-urlencoded body or of a query string.
func Form(body []byte) []byte {
	return []byte(form(string(body)))
}

func form(s string) string {
	pairs := strings.Split(s, "&")
	for i, pair := range pairs {
		name, value, found := strings.Cut(pair, "=")
		if found && secretName(strings.TrimSpace(unescape(name))) {
			pairs[i] = name + "=" + Secret(unescape(value))
		}
	}
	return strings.Join(pairs, "&")
}

func unescape(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}

// URL masks a password (or a lone user) before the host, and the secret parameters of query and fragment. It takes
// what is no valid URL as well.
func URL(raw string) string {
	rest, fragment, hasFragment := strings.Cut(raw, "#")
	base, query, hasQuery := strings.Cut(rest, "?")
	out := userinfo(base)
	if hasQuery {
		out += "?" + form(query)
	}
	if hasFragment {
		out += "#" + form(fragment)
	}
	return out
}

func userinfo(base string) string {
	scheme, rest, found := strings.Cut(base, "://")
	if !found {
		return base
	}
	authority, path := rest, ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		authority, path = rest[:i], rest[i:]
	}
	at := strings.LastIndexByte(authority, '@')
	if at < 0 {
		return base
	}
	user, password, both := strings.Cut(authority[:at], ":")
	if both {
		user += ":" + Secret(unescape(password))
	} else {
		user = Secret(unescape(user))
	}
	return scheme + "://" + user + authority[at:] + path
}
