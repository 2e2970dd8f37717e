package web

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
)

// templates are the pages of a site. Functions of a template are bound when it is parsed, so that there is a set for
// each page and language; each is parsed when it is first asked for, because a program that starts shows none.
type templates struct {
	own   fs.FS // of the application; nil for none
	files map[string]source
	bases map[Lang]func() (*template.Template, error)

	mu     sync.Mutex
	parsed map[pageKey]*template.Template
}

// source is where a page is read from.
type source struct {
	files fs.FS
	name  string
}

type pageKey struct {
	lang Lang
	name string
}

// newTemplates finds the pages; functions are what the templates of a language may call.
func newTemplates(own fs.FS, functions func(Lang) template.FuncMap) (*templates, error) {
	t := &templates{
		own: own, files: map[string]source{}, bases: map[Lang]func() (*template.Template, error){}, parsed: map[pageKey]*template.Template{},
	}
	for _, name := range []string{"sign-in", "error"} {
		t.files[name] = source{templateFiles, "templates/pages/" + name + ".html"}
	}
	if own != nil {
		names, err := fs.Glob(own, "*.html")
		if err != nil {
			return nil, fmt.Errorf("find templates: %w", err)
		}
		for _, name := range names {
			if !strings.HasPrefix(name, "_") {
				t.files[strings.TrimSuffix(name, ".html")] = source{own, name}
			}
		}
	}
	for _, l := range Languages() {
		t.bases[l] = sync.OnceValues(func() (*template.Template, error) { return t.base(functions(l)) })
	}
	return t, nil
}

// base has what all pages share: the layout, and the parts of the application.
func (t *templates) base(functions template.FuncMap) (*template.Template, error) {
	base, err := template.New("layout.html").Funcs(functions).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("parse shared templates: %w", err)
	}
	if t.own == nil {
		return base, nil
	}
	parts, err := fs.Glob(t.own, "_*.html")
	if err != nil {
		return nil, fmt.Errorf("find templates: %w", err)
	}
	if len(parts) == 0 {
		return base, nil
	}
	if base, err = base.ParseFS(t.own, parts...); err != nil {
		return nil, fmt.Errorf("parse templates: %w", err)
	}
	return base, nil
}

// page is one page in one language. A page that does not exist, or does not parse, is an error that names it.
func (t *templates) page(l Lang, name string) (*template.Template, error) {
	from, ok := t.files[name]
	if !ok || t.bases[l] == nil {
		return nil, fmt.Errorf("no page %q in %q", name, l)
	}
	base, err := t.bases[l]()
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key := pageKey{l, name}
	if page := t.parsed[key]; page != nil {
		return page, nil
	}
	page, err := base.Clone()
	if err == nil {
		page, err = page.ParseFS(from.files, from.name)
	}
	if err != nil {
		return nil, fmt.Errorf("parse template %s: %w", from.name, err)
	}
	t.parsed[key] = page
	return page, nil
}

// check parses every page in every language.
func (t *templates) check() error {
	var failed []error
	for _, l := range Languages() {
		for _, name := range slices.Sorted(maps.Keys(t.files)) {
			_, err := t.page(l, name)
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}
