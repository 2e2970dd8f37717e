package backoffice

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/billing"
	"github.com/clementine-ope/clementine/web"
)

// caller is who asks, as it stands at this request.
type caller struct {
	scope billing.Scope
	actor billing.Actor
	lang  web.Lang
	today billing.Day
}

// because is the caller's actor with the reason that a form gave.
func (by caller) because(c *gin.Context) billing.Actor {
	a := by.actor
	a.Reason = strings.TrimSpace(c.PostForm("reason"))
	return a
}

func (by caller) money(m billing.Minor, currency billing.Currency) string {
	digits, _ := currency.Digits()
	return by.lang.Amount(int64(m), digits, string(currency))
}

func (by caller) instant(at billing.Instant) string {
	if at == 0 {
		return ""
	}
	return by.lang.Instant(time.UnixMilli(int64(at)))
}

// handler answers one route. An error becomes a page in one place: fail.
type handler func(c *gin.Context, by caller) error

func (b *Backoffice) handle(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		by, err := b.caller(c)
		if err == nil {
			err = h(c, by)
		}
		if err != nil {
			b.fail(c, err)
		}
	}
}

// audited records what an administrator or an omniscient client reads, before it is shown.
func (b *Backoffice) audited(h handler) gin.HandlerFunc {
	return b.handle(func(c *gin.Context, by caller) error {
		if by.actor.Kind != billing.ActorClient {
			access := billing.Access{Route: c.Request.Method + " " + c.Request.URL.Path, Query: c.Request.URL.RawQuery}
			for _, code := range c.QueryArray("offer") {
				if code != "" {
					access.Offers = append(access.Offers, billing.OfferCode(code))
				}
			}
			if err := b.store.RecordAccess(c.Request.Context(), by.actor, by.scope, access); err != nil {
				return fmt.Errorf("record access: %w", err)
			}
		}
		return h(c, by)
	})
}

// tidied leads to the address without empty parameters, which a form sends for each field left alone: an address is to
// be read and shared. What htmx asks for is answered at once, and tells it the address.
func (b *Backoffice) tidied(next gin.HandlerFunc) gin.HandlerFunc {
	return func(c *gin.Context) {
		query := c.Request.URL.Query()
		asked := len(query)
		for name, values := range query {
			// An empty decision is a choice: all of them.
			if name != "decision" && !slices.ContainsFunc(values, func(v string) bool { return v != "" }) {
				query.Del(name)
			}
		}
		if len(query) == asked {
			next(c)
			return
		}
		tidy := (&url.URL{Path: c.Request.URL.Path, RawQuery: query.Encode()}).String()
		if c.GetHeader("HX-Request") == "" {
			c.Redirect(http.StatusSeeOther, tidy)
			return
		}
		c.Header("HX-Push-Url", tidy)
		c.Request.URL.RawQuery = query.Encode()
		next(c)
	}
}

func (b *Backoffice) caller(c *gin.Context) (caller, error) {
	visit := web.VisitOf(c.Request.Context())
	today := b.today()
	client := billing.Client{
		ID: houseClient, Name: string(houseClient), Status: billing.ClientActive, Expires: billing.Forever, Role: billing.RoleAdmin,
	}
	if id, ok := strings.CutPrefix(visit.Account.Subject, clientSubject); ok {
		var err error
		if client, err = b.store.Current(c.Request.Context(), billing.ClientID(id), today); err != nil {
			return caller{}, fmt.Errorf("read the caller: %w", err)
		}
	} else if visit.Account.Subject != houseSubject {
		return caller{}, billing.ErrCredentials
	}
	return caller{
		scope: billing.ScopeOf(client, today), actor: billing.ActorOf(client, rand.Text()), lang: visit.Lang, today: b.shown(),
	}, nil
}

// administers refuses pages that are not for everybody.
func (by caller) administers() error {
	if !by.scope.Administers() {
		return billing.ErrForbidden
	}
	return nil
}

// fail writes the page of an error: the one table of billing's errors and statuses.
func (b *Backoffice) fail(c *gin.Context, err error) {
	var bad *badQuery
	var invalid *billing.InvalidError
	var conflict *billing.ConflictError
	show := func(status int, key string, args ...any) { b.site.Error(c.Writer, c.Request, status, key, args...) }
	switch {
	case errors.As(err, &bad):
		show(http.StatusBadRequest, bad.key, bad.args...)
	case errors.As(err, &invalid):
		show(http.StatusBadRequest, "error.invalid", strings.Join(b.problems(c, invalid), " · "))
	case errors.As(err, &conflict):
		show(http.StatusConflict, "error.conflict")
	case errors.Is(err, billing.ErrNotFound):
		show(http.StatusNotFound, "error.missing")
	case errors.Is(err, billing.ErrForbidden):
		show(http.StatusForbidden, "error.role")
	case errors.Is(err, billing.ErrCredentials):
		show(http.StatusUnauthorized, "error.suspended")
	case errors.Is(err, billing.ErrTooBroad):
		show(http.StatusBadRequest, "error.tooBroad")
	case errors.Is(err, billing.ErrOverflow):
		show(http.StatusBadRequest, "error.overflow")
	default:
		b.site.Fail(c.Writer, c.Request, err)
	}
}

// badQuery is an address that asks for what does not exist; key is the message that says so.
type badQuery struct {
	key  string
	args []any
}

// Error names the message, for logs.
func (e *badQuery) Error() string { return fmt.Sprint(e.key, e.args) }

// problems are the violations in the caller's language, each with its field's name.
func (b *Backoffice) problems(c *gin.Context, e *billing.InvalidError) []string {
	out := make([]string, 0, len(e.Violations))
	for _, v := range e.Violations {
		text := v.Message
		if web.VisitOf(c.Request.Context()).Lang != web.English && b.site.Has("violation."+v.Code) {
			text = b.site.Text(c.Request, "violation."+v.Code)
		}
		name := v.Path
		if b.site.Has("field." + v.Path) {
			name = b.site.Text(c.Request, "field."+v.Path)
		}
		out = append(out, b.site.Text(c.Request, "problem.field", name, text))
	}
	return out
}

// refusal are the problems of an error that is the fault of what a form says; nil for any other error.
func (b *Backoffice) refusal(c *gin.Context, err error) []string {
	var invalid *billing.InvalidError
	var duplicate *billing.DuplicateError
	var taken *billing.TakenError
	var conflict *billing.ConflictError
	switch {
	case errors.As(err, &invalid):
		return b.problems(c, invalid)
	case errors.As(err, &duplicate):
		return []string{b.site.Text(c.Request, "problem.duplicate", string(duplicate.Existing))}
	case errors.As(err, &taken):
		return []string{b.site.Text(c.Request, "problem.taken", taken.Code)}
	case errors.As(err, &conflict):
		return []string{b.site.Text(c.Request, "error.conflict")}
	}
	return nil
}

// render writes a page; notice comes from the address that a form led to, and only known ones are shown.
func (b *Backoffice) render(c *gin.Context, status int, p web.Page) {
	if key := "done." + c.Query("done"); p.Notice == "" && b.site.Has(key) {
		p.Notice = key
	}
	b.site.Render(c.Writer, c.Request, status, p)
}

// goTo answers a form: the browser reads the page anew, so that reloading sends nothing twice.
func (b *Backoffice) goTo(c *gin.Context, path, done string) {
	target := b.options.Base + path
	if mark := "?"; done != "" {
		if strings.Contains(path, mark) {
			mark = "&"
		}
		target += mark + "done=" + done
	}
	c.Redirect(http.StatusSeeOther, target)
}

// reasonGiven is the reason of a destructive act; without one it is refused.
func reasonGiven(a billing.Actor) error {
	if a.Reason == "" {
		return billing.Invalid("reason", billing.CodeRequired, "is required")
	}
	return nil
}
