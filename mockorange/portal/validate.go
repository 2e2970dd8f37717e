package portal

import (
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of what people type, in characters unless said otherwise.
const (
	longestText     = 120
	longestEmail    = 254
	longestURL      = 500
	longestReason   = 500
	longestSecret   = 500
	shortPassword   = 12
	passwordBytes   = 72 // bcrypt reads no further
	longestContract = 60
)

var (
	headerForm   = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")
	contractForm = regexp.MustCompile(`^[\pL\pN][\pL\pN ./_-]*$`)
)

// line takes a line of text that people give: trimmed, without control characters.
func (v *violations) line(field, s string, longest int, required bool) string {
	s = strings.TrimSpace(s)
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		v.add(field, CodeFormat, "must be one line of text")
	case utf8.RuneCountInString(s) > longest:
		v.add(field, CodeTooLong, "must have at most %d characters", longest)
	case required && s == "":
		v.add(field, CodeRequired, "must not be blank")
	}
	return s
}

// email takes an address, in lower case: nobody means two accounts by its capitals.
func (v *violations) email(field, s string) string {
	before := len(*v)
	if s = v.line(field, s, longestEmail, true); len(*v) > before {
		return s
	}
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s {
		v.add(field, CodeFormat, "must be an e-mail address such as dev@example.com")
		return s
	}
	return strings.ToLower(s)
}

func (v *violations) password(s string) {
	switch {
	case utf8.RuneCountInString(s) < shortPassword:
		v.add("password", CodeTooShort, "must have at least %d characters", shortPassword)
	case len(s) > passwordBytes:
		v.add("password", CodeTooLong, "must have at most %d bytes", passwordBytes)
	}
}

// AuthTypes are the ways in which Orange can present itself to a partner: those of the profile.
func AuthTypes() []string { return []string{"none", "basic", "bearer", "header", "mtls"} }

// configuration takes the form that follows a subscription. An empty secret keeps the one that is there, if the way is the same.
func (v *violations) configuration(c Configuration, before Configuration) Configuration {
	if c.Contract = v.line("contract", c.Contract, longestContract, true); c.Contract != "" && !contractForm.MatchString(c.Contract) {
		v.add("contract", CodeFormat, "must be letters, digits, blanks, dots, hyphens, slashes and underscores")
	}
	if c.BaseURL = v.line("baseURL", c.BaseURL, longestURL, true); c.BaseURL != "" {
		u, err := url.Parse(c.BaseURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
			v.add("baseURL", CodeFormat, "must be an http or https address without user, query and fragment")
		}
	}
	if !slices.Contains(AuthTypes(), c.Auth.Type) {
		v.add("auth.type", CodeUnknown, "must be one of %s", strings.Join(AuthTypes(), ", "))
		return c
	}
	c.Auth.Name = v.line("auth.name", c.Auth.Name, longestText, c.Auth.Type == "basic" || c.Auth.Type == "header")
	if c.Auth.Type == "header" && c.Auth.Name != "" && !headerForm.MatchString(c.Auth.Name) {
		v.add("auth.name", CodeFormat, "must be the name of an HTTP header")
	}
	if c.Auth.Secret == "" && before.Auth.Type == c.Auth.Type {
		c.Auth.Secret = before.Auth.Secret
	}
	needed := c.Auth.Type == "basic" || c.Auth.Type == "bearer" || c.Auth.Type == "header"
	c.Auth.Secret = v.line("auth.secret", c.Auth.Secret, longestSecret, needed)
	if c.Auth.Type != "basic" && c.Auth.Type != "header" {
		c.Auth.Name = ""
	}
	switch {
	case !needed:
		c.Auth.Secret = ""
	case c.Auth.Secret != "":
		c.Auth.Secret = SecretGiven
	}
	return c
}
