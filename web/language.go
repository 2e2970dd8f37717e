package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Lang is a language of the pages, as in the lang attribute of HTML.
type Lang string

// The languages. Every message exists in each of them.
const (
	English Lang = "en"
	French  Lang = "fr"
)

// Languages returns all of them, the one for everybody else first.
func Languages() []Lang { return []Lang{English, French} }

// chooseLanguage takes the language of the URL, else of the cookie, else the best of Accept-Language.
func chooseLanguage(r *http.Request) Lang {
	if l := Lang(r.URL.Query().Get("lang")); slices.Contains(Languages(), l) {
		return l
	}
	if cookie, err := r.Cookie(languageCookie); err == nil && slices.Contains(Languages(), Lang(cookie.Value)) {
		return Lang(cookie.Value)
	}
	return accepted(r.Header.Get("Accept-Language"))
}

// accepted is the language with the highest weight in an Accept-Language header (RFC 9110, 12.5.4).
func accepted(header string) Lang {
	best, weight := English, 0.0
	for entry := range strings.SplitSeq(header, ",") {
		tag, parameter, _ := strings.Cut(strings.TrimSpace(entry), ";")
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
			parsed, err := strconv.ParseFloat(value, 64)
			if err != nil {
				continue
			}
			q = parsed
		}
		if slices.Contains(Languages(), Lang(primary)) && q > weight {
			best, weight = Lang(primary), q
		}
	}
	return best
}
