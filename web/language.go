package web

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
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

// ErrUnknownMessage is the error of a template that asks for a message which no catalogue holds.
var ErrUnknownMessage = errors.New("unknown message")

// Catalog holds messages by key, in every language.
type Catalog struct {
	texts map[string]map[Lang]string
}

// LoadCatalog reads YAML files of the form `key: {en: …, fr: …}`. A key that is given twice, or lacks a language, is
// an error that names it. Texts may hold the verbs of package fmt.
func LoadCatalog(files fs.FS, patterns ...string) (*Catalog, error) {
	c := &Catalog{texts: map[string]map[Lang]string{}}
	for _, pattern := range patterns {
		names, err := fs.Glob(files, pattern)
		if err != nil {
			return nil, fmt.Errorf("find messages %s: %w", pattern, err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(files, name)
			if err != nil {
				return nil, fmt.Errorf("read messages %s: %w", name, err)
			}
			if err := c.add(name, data); err != nil {
				return nil, err
			}
		}
	}
	return c, nil
}

func (c *Catalog) add(name string, data []byte) error {
	var texts map[string]map[Lang]string
	if err := yaml.UnmarshalWithOptions(data, &texts, yaml.Strict()); err != nil {
		return fmt.Errorf("read messages %s: %w", name, err)
	}
	for key, text := range texts {
		if _, twice := c.texts[key]; twice {
			return fmt.Errorf("messages %s: %s is given twice", name, key)
		}
		for _, l := range Languages() {
			if text[l] == "" {
				return fmt.Errorf("messages %s: %s has no text in %q", name, key, l)
			}
		}
		// A comma in a text without quotes begins what YAML takes for another language.
		for l := range text {
			if !slices.Contains(Languages(), l) {
				return fmt.Errorf("messages %s: %s has a text in %q, which is no language: does its text need quotes?", name, key, l)
			}
		}
		c.texts[key] = text
	}
	return nil
}

// over is c before what another catalogue holds: its own texts win, so that an application can reword a shared one.
func (c *Catalog) over(shared *Catalog) *Catalog {
	all := maps.Clone(shared.texts)
	maps.Copy(all, c.texts)
	return &Catalog{all}
}

// Has says whether a message exists.
func (c *Catalog) Has(key string) bool { return c.texts[key] != nil }

// Text is the message in a language, its verbs filled. An unknown key is ErrUnknownMessage.
func (c *Catalog) Text(l Lang, key string, args ...any) (string, error) {
	text, ok := c.texts[key][l]
	if !ok {
		return "", fmt.Errorf("%w: %s in %q", ErrUnknownMessage, key, l)
	}
	if len(args) == 0 {
		return text, nil
	}
	return fmt.Sprintf(text, args...), nil
}

// Count is the message key.one or key.other, whichever n asks for, with n as its first verb.
func (c *Catalog) Count(l Lang, key string, n int, args ...any) (string, error) {
	form := ".other"
	if n == 1 || (n == 0 && l == French) {
		form = ".one"
	}
	return c.Text(l, key+form, append([]any{l.Integer(int64(n))}, args...)...)
}

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
