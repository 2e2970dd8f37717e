package web

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"time"
)

// Page is what an application hands over to be rendered.
type Page struct {
	Name    string // of its template, without .html
	Title   string // its heading and, with the application's name, that of the window; already in the visit's language
	Section string // the Key of the navigation's entry it belongs to
	Trail   []Crumb
	Notice  string // message key of what has just been done; empty for nothing
	Data    any
}

// Crumb is one step of the way to a page.
type Crumb struct {
	Text string
	Path string // below the site's base
}

// view is what the layout's template sees.
type view struct {
	Page
	Visit
	Lang      Lang
	Base      string
	App       string // message key
	Nav       []NavItem
	Styles    []string
	Scripts   []string
	Icon      string
	Languages []languageLink
	OpenHere  bool
}

type languageLink struct {
	Lang    Lang
	Name    string
	URL     string
	Current bool
}

// functions are what templates may call. An unknown message stops the page: it is a mistake, not a text.
func (s *Site) functions(l Lang) template.FuncMap {
	messages := s.options.Messages
	return template.FuncMap{
		"t": func(key string, args ...any) (string, error) { return messages.Text(l, key, args...) },
		"count": func(key string, n int, args ...any) (string, error) {
			return messages.Count(l, key, n, args...)
		},
		"integer": func(n int) string { return l.Integer(int64(n)) },
		"number":  l.Number, "date": l.Date, "month": l.Month, "shortMonth": l.ShortMonth,
		"instant": func(t time.Time) string { return l.Instant(t) },
		"amount": func(minor int64, digits int, currency string) string {
			return l.Amount(minor, digits, currency)
		},
		"asset": func(name string) string { return s.assets.link(s.options.Base, name) },
		"url":   func(path string) string { return s.options.Base + path },
		"dict":  dict,
	}
}

// dict makes the one value that a part can be given out of several: name, value, name, value.
func dict(pairs ...any) (map[string]any, error) {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// Has says whether a message exists.
func (s *Site) Has(key string) bool { return s.options.Messages.Has(key) }

// Text is a message in the language of a request; an unknown one is logged and shown by its key.
func (s *Site) Text(r *http.Request, key string, args ...any) string {
	return s.text(VisitOf(r.Context()).Lang, key, args...)
}

// Say is a message in a language; an unknown one is logged and shown by its key.
func (s *Site) Say(l Lang, key string, args ...any) string { return s.text(l, key, args...) }

func (s *Site) text(l Lang, key string, args ...any) string {
	text, err := s.options.Messages.Text(l, key, args...)
	if err != nil {
		s.log.Error("message", "error", err)
		return key
	}
	return text
}

// Render writes a page. It is rendered whole before anything is sent, so that a mistake is an error page and not half
// a page.
func (s *Site) Render(w http.ResponseWriter, r *http.Request, status int, p Page) {
	v := VisitOf(r.Context())
	if v.Lang == "" {
		v.Lang = English
	}
	var body bytes.Buffer
	page, err := s.pages.page(v.Lang, p.Name)
	if err == nil {
		err = page.ExecuteTemplate(&body, "layout.html", s.view(r, v, p))
	}
	if err != nil {
		if p.Name == "error" {
			s.log.Error("render the error page", "error", err)
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
			return
		}
		s.Fail(w, r, fmt.Errorf("render %s: %w", p.Name, err))
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", string(v.Lang))
	w.Header().Add("Vary", "Accept-Language, Cookie")
	w.WriteHeader(status)
	if _, err := body.WriteTo(w); err != nil {
		s.log.Debug("write page", "error", err)
	}
}

func (s *Site) view(r *http.Request, v Visit, p Page) view {
	out := view{
		Page: p, Visit: v, Lang: v.Lang, Base: s.options.Base, App: s.options.Title, Icon: icon,
		Styles: s.assets.styles(), Scripts: s.assets.scripts(), OpenHere: v.Account.Subject != "" && !v.SignedIn,
	}
	if s.options.Nav != nil && v.Account.Subject != "" {
		out.Nav = s.options.Nav(v.Account)
	}
	for _, l := range Languages() {
		out.Languages = append(out.Languages, languageLink{
			Lang: l, Name: map[Lang]string{English: "English", French: "Français"}[l], Current: l == v.Lang,
			URL: s.inLanguage(r, l),
		})
	}
	return out
}

// inLanguage is the page that is shown, in another language. The answer to a form has no address of its own: its
// switch leads to where the form was, as far as the browser tells.
func (s *Site) inLanguage(r *http.Request, l Lang) string {
	u := &url.URL{Path: r.URL.Path, RawQuery: r.URL.RawQuery}
	if !safe(r.Method) {
		u = &url.URL{Path: s.options.Base + "/"}
		if from, err := url.Parse(r.Referer()); err == nil && from.Host == r.Host {
			if own, err := url.ParseRequestURI(s.ownPath(from.RequestURI())); err == nil {
				u = own
			}
		}
	}
	return With(u, "lang", string(l))
}

type errorPage struct {
	Status  int
	Message string
}

// Error writes a page that says in words what is wrong; key is its message.
func (s *Site) Error(w http.ResponseWriter, r *http.Request, status int, key string, args ...any) {
	l := VisitOf(r.Context()).Lang
	if l == "" {
		l = English
	}
	s.Render(w, r, status, Page{
		Name: "error", Title: s.text(l, fmt.Sprintf("error.%d", titled(status))),
		Data: errorPage{status, s.text(l, key, args...)},
	})
}

// titled is the status whose title the error page has.
func titled(status int) int {
	switch status {
	case http.StatusNotFound, http.StatusForbidden, http.StatusConflict, http.StatusInternalServerError:
		return status
	}
	return http.StatusBadRequest
}

// Fail logs an error that is ours and writes a page that does not tell it.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, r.Context().Err()) {
		return // the browser has gone
	}
	s.log.Error("page failed", "path", r.URL.Path, "error", err)
	s.Error(w, r, http.StatusInternalServerError, "error.ours")
}
