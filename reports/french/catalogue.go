package french

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Catalogue holds sentences with their French, the most particular first.
type Catalogue struct {
	entries []entry
}

// entry is one English pattern. Where what it says depends on a number, singular is the French for 0 and 1.
type entry struct {
	english          pattern
	singular, plural template
	part             bool   // within other sentences only
	at               string // file and line
}

// Read reads the PO files that match one of the patterns of path.Match. An entry whose French does not have the holes of its
// English, or that stands twice, is an error that names file and line.
func Read(fsys fs.FS, globs ...string) (*Catalogue, error) {
	var names []string
	for _, glob := range globs {
		more, err := fs.Glob(fsys, glob)
		if err != nil {
			return nil, err
		}
		names = append(names, more...)
	}
	c := &Catalogue{}
	known := map[string]string{}
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		messages, err := readPO(name, string(raw))
		if err != nil {
			return nil, err
		}
		for _, m := range messages {
			list, err := entriesOf(m)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.at, err)
			}
			for _, e := range list {
				key := fmt.Sprint(e.part, e.english.source)
				if first, twice := known[key]; twice {
					return nil, fmt.Errorf("%s: %q stands in %s already", e.at, e.english.source, first)
				}
				known[key] = e.at
			}
			c.entries = append(c.entries, list...)
		}
	}
	slices.SortStableFunc(c.entries, func(a, b entry) int { return cmp.Compare(b.english.weight(), a.english.weight()) })
	return c, nil
}

// entriesOf makes a message's entries: one, or two where English says one thing otherwise than many.
func entriesOf(m message) ([]entry, error) {
	sources := []string{m.id}
	if m.plural != "" && m.plural != m.id {
		sources = append(sources, m.plural)
	}
	var out []entry
	for _, source := range sources {
		p := parsePattern(source)
		e := entry{english: p, part: m.part, at: m.at}
		var err error
		if e.singular, err = parseTemplate(m.texts[0], p); err != nil {
			return nil, err
		}
		if e.plural, err = parseTemplate(m.texts[len(m.texts)-1], p); err != nil {
			return nil, err
		}
		if m.plural != "" && !slices.ContainsFunc(p.pieces, func(q piece) bool { return q.hole == 'd' }) {
			return nil, fmt.Errorf("%q has a plural and no %%d", source)
		}
		out = append(out, e)
	}
	return out, nil
}

// Text is a sentence in French, or the sentence itself and false.
func (c *Catalogue) Text(english string) (string, bool) {
	return c.reading().text(english, 0)
}

// Sources lists the English of every entry, in the order in which they are tried.
func (c *Catalogue) Sources() []string {
	out := make([]string, 0, len(c.entries))
	for _, e := range c.entries {
		out = append(out, e.english.source)
	}
	return out
}

// deepest bounds sentences within sentences: a hostile text may look like any number of them.
const deepest = 6

// reading is one sentence being translated, with what its parts came to.
type reading struct {
	c    *Catalogue
	done map[string]said
}

type said struct {
	text string
	ok   bool
}

func (c *Catalogue) reading() *reading { return &reading{c: c, done: map[string]said{}} }

func (r *reading) text(english string, depth int) (string, bool) {
	switch {
	case english == "" || isData(english):
		return english, true
	case depth > deepest:
		return english, false
	}
	if known, done := r.done[english]; done {
		return known.text, known.ok
	}
	r.done[english] = said{english, false}
	out := said{english, false}
	for i := range r.c.entries {
		e := &r.c.entries[i]
		if e.part && depth == 0 {
			continue
		}
		if values, ok := r.match(e.english, english, depth); ok {
			out = said{e.fill(values), true}
			break
		}
	}
	r.done[english] = out
	return out.text, out.ok
}

// isData reports whether a text is JSON that holds something, or a number: never words of the suite's.
func isData(s string) bool {
	return strings.HasPrefix(s, "{") || strings.HasPrefix(s, "[") || s != "" && strings.Trim(s, "0123456789.-+eE") == ""
}
