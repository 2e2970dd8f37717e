package console

import (
	"context"
	"errors"
	"net"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/reports/archive"
	"github.com/clementine-ope/clementine/web"
)

// caller is who asks, as it stands at this request.
type caller struct {
	reviewer bool
	owner    string // of what it sets up and runs
	account  string // of a partner; empty for a reviewer
	name     string
	lang     web.Lang
	// dial is how this server connects on the caller's behalf; nil for a person at this very machine, who can do so anyway.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// sees is the owner whose things the caller sees; empty for everybody's.
func (by caller) sees() string {
	if by.reviewer {
		return ""
	}
	return by.owner
}

// calling is the caller as it may call what a profile names: addresses that a partner typed are a partner's, whoever
// presses the button.
func (c *Console) calling(by caller, s stored) caller {
	if s.Owner != reviewerSubject {
		by.dial = c.options.Reach.Dial
	}
	return by
}

// at is an instant in words; empty for none.
func (by caller) at(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return by.lang.Instant(t)
}

// handler answers one route. An error becomes a page in one place: fail.
type handler func(w http.ResponseWriter, r *http.Request, by caller) error

// idForm is what an id in a path can be; nothing else is looked for.
var idForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)

func (c *Console) handle(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		by, err := c.caller(r)
		if id := r.PathValue("id"); err == nil && id != "" && !idForm.MatchString(id) {
			err = archive.ErrNotFound
		}
		if err == nil {
			err = h(w, r, by)
		}
		if err != nil {
			c.fail(w, r, err)
		}
	}
}

func (c *Console) reviewers(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request, by caller) error {
		if !by.reviewer {
			c.site.Error(w, r, http.StatusForbidden, "error.reviewerOnly")
			return nil
		}
		return h(w, r, by)
	}
}

func (c *Console) caller(r *http.Request) (caller, error) {
	visit := web.VisitOf(r.Context())
	by := caller{lang: visit.Lang, name: visit.Account.Name, owner: visit.Account.Subject, reviewer: visit.Account.Subject == reviewerSubject}
	if visit.SignedIn {
		by.dial = c.options.Reach.Dial
	}
	if by.reviewer {
		return by, nil
	}
	id, ok := strings.CutPrefix(visit.Account.Subject, partnerSubject)
	if !ok || c.options.Partners == nil {
		return by, web.ErrRefused
	}
	by.account = id
	_, err := c.options.Partners.Current(r.Context(), id)
	return by, err
}

// fail writes the page of an error: the one table of the console's errors and statuses.
func (c *Console) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, archive.ErrNotFound):
		c.site.Error(w, r, http.StatusNotFound, "error.missing")
	case errors.Is(err, web.ErrRefused):
		c.site.Error(w, r, http.StatusUnauthorized, "error.signedOut")
	default:
		c.site.Fail(w, r, err)
	}
}

// render writes a page; notice comes from the address that a form led to, and only known ones are shown.
func (c *Console) render(w http.ResponseWriter, r *http.Request, status int, page web.Page) {
	if key := "done." + r.URL.Query().Get("done"); page.Notice == "" && c.site.Has(key) {
		page.Notice = key
	}
	c.site.Render(w, r, status, page)
}

// goTo answers a form: the browser reads the page anew, so that reloading sends nothing twice.
func goTo(w http.ResponseWriter, r *http.Request, path, done string) error {
	if done != "" {
		path += "?done=" + done
	}
	http.Redirect(w, r, Base+path, http.StatusSeeOther) // #nosec G710 -- below Base
	return nil
}

func (c *Console) text(r *http.Request, key string, args ...any) string {
	return c.site.Text(r, key, args...)
}

// option is one choice of a list.
type option struct {
	Value, Text string
	Chosen      bool
}
