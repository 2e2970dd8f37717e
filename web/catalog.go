package web

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"

	"github.com/goccy/go-yaml"

	"github.com/clementine-ope/clementine/internal/typography"
)

// ErrUnknownMessage is the error of a template that asks for a message which no catalogue holds.
var ErrUnknownMessage = errors.New("unknown message")

// Catalog holds messages by key, in every language. Its files are read when it is first asked for a message.
type Catalog struct {
	texts func() (texts, error)
}

// texts are messages by key and language.
type texts map[string]map[Lang]string

// LoadCatalog is a catalogue of YAML files of the form `key: {en: …, fr: …}`. A key that is given twice, or lacks a
// language, is an error that names it: of Check, and of whatever is asked. Texts may hold the verbs of package fmt. French
// is typed with plain spaces and straight apostrophes, and set as print does.
func LoadCatalog(files fs.FS, patterns ...string) *Catalog {
	return &Catalog{sync.OnceValues(func() (texts, error) { return readTexts(files, patterns) })}
}

func readTexts(files fs.FS, patterns []string) (texts, error) {
	all := texts{}
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
			if err := all.add(name, data); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func (t texts) add(name string, data []byte) error {
	var read texts
	if err := yaml.UnmarshalWithOptions(data, &read, yaml.Strict()); err != nil {
		return fmt.Errorf("read messages %s: %w", name, err)
	}
	for key, text := range read {
		if _, twice := t[key]; twice {
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
		text[French] = typography.French(text[French])
		t[key] = text
	}
	return nil
}

// over is c before what another catalogue holds: its own texts win, so that an application can reword a shared one.
func (c *Catalog) over(shared *Catalog) *Catalog {
	return &Catalog{sync.OnceValues(func() (texts, error) {
		below, err := shared.texts()
		if err != nil {
			return nil, err
		}
		own, err := c.texts()
		if err != nil {
			return nil, err
		}
		all := maps.Clone(below)
		maps.Copy(all, own)
		return all, nil
	})}
}

// With is c and messages that are named elsewhere, by key and language. A key that c has too is an error of Check, and of
// whatever is asked.
func (c *Catalog) With(more map[string]map[Lang]string) *Catalog {
	return &Catalog{sync.OnceValues(func() (texts, error) {
		own, err := c.texts()
		if err != nil {
			return nil, err
		}
		all := maps.Clone(own)
		for key, text := range more {
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("message %s is given twice", key)
			}
			all[key] = text
		}
		return all, nil
	})}
}

// Check says what is wrong with the files, if anything is.
func (c *Catalog) Check() error {
	_, err := c.texts()
	return err
}

// Has says whether a message exists; none does in files that cannot be read.
func (c *Catalog) Has(key string) bool {
	all, err := c.texts()
	return err == nil && all[key] != nil
}

// Text is the message in a language, its verbs filled. An unknown key is ErrUnknownMessage.
func (c *Catalog) Text(l Lang, key string, args ...any) (string, error) {
	all, err := c.texts()
	if err != nil {
		return "", err
	}
	text, ok := all[key][l]
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
