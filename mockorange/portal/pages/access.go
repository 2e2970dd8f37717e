package pages

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/web"
)

// caller is who asks, as it stands at this request.
type caller struct {
	account portal.Account // of a partner; the zero value otherwise
	orange  bool
	lang    web.Lang
}

// handler answers one route. An error becomes a page in one place: fail.
type handler func(c *gin.Context, by caller) error

// idForm is what an id in a path can be; nothing else is looked for.
var idForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

// anybody handles what strangers may see, too.
func (p *Pages) anybody(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		by, err := p.caller(c)
		for _, param := range c.Params {
			if !idForm.MatchString(param.Value) {
				err = portal.ErrNotFound
			}
		}
		if err == nil {
			err = h(c, by)
		}
		if err != nil {
			p.fail(c, err)
		}
	}
}

// partner leads everybody else to the sign-in; what Orange would have written is not written.
func (p *Pages) partner(h handler) gin.HandlerFunc {
	return p.anybody(func(c *gin.Context, by caller) error {
		if by.account.ID != "" {
			return h(c, by)
		}
		if c.Request.Method != http.MethodGet {
			p.site.Error(c.Writer, c.Request, http.StatusForbidden, "error.partnerOnly")
			return nil
		}
		c.Redirect(http.StatusSeeOther, Base+"/sign-in?next="+url.QueryEscape(c.Request.URL.RequestURI()))
		return nil
	})
}

func (p *Pages) orange(h handler) gin.HandlerFunc {
	return p.anybody(func(c *gin.Context, by caller) error {
		if !by.orange {
			p.site.Error(c.Writer, c.Request, http.StatusForbidden, "error.orangeOnly")
			return nil
		}
		return h(c, by)
	})
}

func (p *Pages) caller(c *gin.Context) (caller, error) {
	visit := web.VisitOf(c.Request.Context())
	by := caller{lang: visit.Lang, orange: visit.Account.Subject == orangeSubject}
	id, ok := strings.CutPrefix(visit.Account.Subject, partnerSubject)
	if !ok {
		return by, nil
	}
	var err error
	if by.account, err = p.portal.Account(c.Request.Context(), id); errors.Is(err, portal.ErrNotFound) {
		err = portal.ErrCredentials
	}
	return by, err
}

// fail writes the page of an error: the one table of the portal's errors and statuses.
func (p *Pages) fail(c *gin.Context, err error) {
	show := func(status int, key string, args ...any) { p.site.Error(c.Writer, c.Request, status, key, args...) }
	if problems := p.problems(c, err); problems != nil {
		show(http.StatusBadRequest, "error.invalid", strings.Join(problems, " · "))
		return
	}
	switch {
	case errors.Is(err, portal.ErrNotFound):
		show(http.StatusNotFound, "error.missing")
	case errors.Is(err, portal.ErrLink):
		show(http.StatusNotFound, "error.link")
	case errors.Is(err, portal.ErrCredentials):
		show(http.StatusUnauthorized, "error.signedOut")
	default:
		p.site.Fail(c.Writer, c.Request, err)
	}
}

// problems are what is wrong with a form, in the caller's language; nil for an error that is not the form's.
func (p *Pages) problems(c *gin.Context, err error) []string {
	var invalid *portal.InvalidError
	var state *portal.StateError
	switch {
	case errors.As(err, &invalid):
		var out []string
		for _, v := range invalid.Violations {
			text := v.Message
			if web.VisitOf(c.Request.Context()).Lang != web.English {
				if text = p.site.Text(c.Request, "violation."+v.Code); strings.Contains(text, "%s") {
					text = p.site.Text(c.Request, "violation."+v.Code, v.Message)
				}
			}
			name := v.Field
			if p.site.Has("field." + v.Field) {
				name = p.site.Text(c.Request, "field."+v.Field)
			}
			out = append(out, p.site.Text(c.Request, "problem.field", name, text))
		}
		return out
	case errors.As(err, &state):
		return []string{p.site.Text(c.Request, "problem.state", p.site.Text(c.Request, "state."+string(state.State)))}
	case errors.Is(err, portal.ErrInvitationNeeded):
		return []string{p.site.Text(c.Request, "problem.invitation")}
	case errors.Is(err, portal.ErrTooMany):
		return []string{p.site.Text(c.Request, "problem.tooMany")}
	}
	return nil
}

// formState is the form that was refused: what it said and what is wrong with it.
type formState struct {
	Name     string
	Values   map[string]string
	Problems []string
}

// Get is what a field of the form said, or otherwise if it is another form's turn.
func (f formState) Get(form, field, otherwise string) string {
	if f.Name == form {
		return f.Values[field]
	}
	return otherwise
}

// refused is the state of a form that err refuses; nil if err is not the form's. Secrets are not sent back.
func (p *Pages) refused(c *gin.Context, name string, err error) *formState {
	problems := p.problems(c, err)
	if problems == nil {
		return nil
	}
	f := &formState{name, map[string]string{}, problems}
	for field := range c.Request.PostForm {
		if field != "password" && field != "secret" {
			f.Values[field] = c.PostForm(field)
		}
	}
	return f
}

func (f formState) status() int {
	if len(f.Problems) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// render writes a page; notice comes from the address that a form led to, and only known ones are shown.
func (p *Pages) render(c *gin.Context, status int, page web.Page) {
	if key := "done." + c.Query("done"); page.Notice == "" && p.site.Has(key) {
		page.Notice = key
	}
	p.site.Render(c.Writer, c.Request, status, page)
}

// goTo answers a form: the browser reads the page anew, so that reloading sends nothing twice.
func (p *Pages) goTo(c *gin.Context, path, done string) error {
	if done != "" {
		path += "?done=" + done
	}
	c.Redirect(http.StatusSeeOther, Base+path)
	return nil
}

func (p *Pages) text(c *gin.Context, key string, args ...any) string {
	return p.site.Text(c.Request, key, args...)
}

// at is an instant in words; empty for none.
func (by caller) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return by.lang.Instant(t)
}

// option is one choice of a list.
type option struct {
	Value, Text string
	Chosen      bool
}
