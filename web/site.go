package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/time/rate"
)

// Attempts to sign in, of everybody together: a second's worth, and how many at once.
const (
	signInsPerSecond = 2
	signInsAtOnce    = 10
)

// formField is the field of every form that carries its token.
const formField = "csrf"

// ErrRefused is returned by Options.SignIn for a name and secret that do not open.
var ErrRefused = errors.New("sign-in refused")

// NavItem is one entry of the main navigation.
type NavItem struct {
	Key  string // of its message, and what Page.Section compares with
	Path string // below the site's base; one that starts with http or // is not allowed
}

// Options of a site.
type Options struct {
	Base     string // where it is mounted, such as "/backoffice"; no last slash
	Title    string // message key of the application's name
	Pages    fs.FS  // *.html at its root: each defines "content", those that start with _ define parts for all
	Messages *Catalog

	// Nav is the main navigation for an account; nil for none.
	Nav func(Account) []NavItem
	// SignIn checks what the sign-in form sent. ErrRefused shows the form again; other errors are ours.
	SignIn func(ctx context.Context, name, secret string) (Account, error)
	// OpenAs, if it has a subject, is who requests from this machine act as, without signing in.
	OpenAs Account
	// Public says which pages below the base need no sign-in; nil for none.
	Public func(path string) bool
	// Uploads is how many bytes a form with files may have at a path below the base, for who has signed in; 0, or nil,
	// where files are not taken.
	Uploads func(path string) int64
	// Help is the message key of what the sign-in page explains; empty for nothing.
	Help string

	Plain  bool             // leave out Boosted and htmx, even if they are there
	Now    func() time.Time // nil is time.Now
	Logger *slog.Logger     // nil drops everything
}

// Site serves the pages of one application: Handler guards and Render writes them.
type Site struct {
	options     Options
	assets      assets
	pages       *templates
	sessions    *sessions
	attempts    *rate.Limiter
	crossOrigin *http.CrossOriginProtection
	log         *slog.Logger
}

// New makes a site. Messages and pages are read when they are first asked for, not while a program starts; Check reads
// them all.
func New(o Options) (*Site, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Messages == nil {
		o.Messages = LoadCatalog(messageFiles)
	}
	files, err := loadAssets(o.Plain)
	if err != nil {
		return nil, err
	}
	o.Messages = o.Messages.over(LoadCatalog(messageFiles, "messages/*.yaml"))
	s := &Site{
		options: o, assets: files, sessions: newSessions(o.Now), attempts: rate.NewLimiter(signInsPerSecond, signInsAtOnce),
		crossOrigin: http.NewCrossOriginProtection(), log: o.Logger,
	}
	if s.pages, err = newTemplates(o.Pages, s.functions); err != nil {
		return nil, err
	}
	return s, nil
}

// Check reads all messages and parses every page in every language. An error names what cannot be read: a test of each
// application has none, because its files are built in.
func (s *Site) Check() error { return errors.Join(s.options.Messages.Check(), s.pages.check()) }

// Visit is what the site knows about one request.
type Visit struct {
	Lang     Lang
	Account  Account
	SignedIn bool   // by the form; false if it is open to this machine
	Form     string // the token of its forms
	browser  string
}

type visitKey struct{}

// VisitOf is the visit of a request that came through Handler; otherwise the zero value.
func VisitOf(ctx context.Context) Visit {
	v, _ := ctx.Value(visitKey{}).(Visit)
	return v
}

// Handler guards next: it serves assets and sign-in, chooses the language, and lets nobody through who has not signed
// in, and no form that another site has sent. It expects whole paths, and next gets them too.
func (s *Site) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header())
		path := strings.TrimPrefix(r.URL.Path, s.options.Base)
		if name, ok := strings.CutPrefix(path, "/assets/"); ok && safe(r.Method) {
			s.assets.serve(w, r, name)
			return
		}
		if arrivedFromElsewhere(r) {
			s.comeAgain(w)
			return
		}
		r = s.visit(w, r)
		v := VisitOf(r.Context())
		if !safe(r.Method) {
			err := s.checkForm(w, r, path, v)
			defer removeFiles(r)
			if err != nil {
				s.refuseForm(w, r, err)
				return
			}
		}
		switch {
		case path == "/sign-in":
			s.signIn(w, r)
		case path == "/sign-out" && r.Method == http.MethodPost:
			s.signOut(w, r)
		case v.Account.Subject == "" && !s.public(path):
			s.askSignIn(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func (s *Site) public(path string) bool { return s.options.Public != nil && s.options.Public(path) }

// visit settles language and account, and takes lang out of the URL: applications refuse parameters they do not know.
func (s *Site) visit(w http.ResponseWriter, r *http.Request) *http.Request {
	v := Visit{Lang: chooseLanguage(r), browser: browserID(w, r, s.options.Base)}
	v.Form = s.sessions.formToken(v.browser)
	v.Account, v.SignedIn = s.sessions.find(v.browser)
	if !v.SignedIn && s.options.OpenAs.Subject != "" && Local(r) {
		v.Account = s.options.OpenAs
	}
	r = r.Clone(context.WithValue(r.Context(), visitKey{}, v))
	query := r.URL.Query()
	if query.Has("lang") {
		http.SetCookie(w, &http.Cookie{ // #nosec G124 -- Secure wherever it is served over HTTPS
			Name: languageCookie, Value: string(v.Lang), Path: s.options.Base, MaxAge: languageMaxAge, HttpOnly: true,
			Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
		})
		query.Del("lang")
		r.URL.RawQuery = query.Encode()
	}
	return r
}

func (s *Site) refuseForm(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, errForged):
		s.Error(w, r, http.StatusForbidden, "error.forged")
	case errors.As(err, &tooLarge):
		s.Error(w, r, http.StatusRequestEntityTooLarge, "error.tooLarge")
	default:
		s.Error(w, r, http.StatusBadRequest, "error.form")
	}
}

// askSignIn sends a reader to the form, and back afterwards; what was to be written is lost, and said to be.
func (s *Site) askSignIn(w http.ResponseWriter, r *http.Request) {
	if !safe(r.Method) {
		s.Error(w, r, http.StatusUnauthorized, "error.signedOut")
		return
	}
	target := s.options.Base + "/sign-in?next=" + url.QueryEscape(r.URL.RequestURI())
	if r.Header.Get("HX-Request") != "" {
		// htmx would put the form into the page's middle.
		w.Header().Set("HX-Redirect", target)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

type signInForm struct {
	Name, Next, Help, Refused string
}

func (s *Site) signIn(w http.ResponseWriter, r *http.Request) {
	v := VisitOf(r.Context())
	form := signInForm{Next: s.ownPath(r.FormValue("next")), Help: s.options.Help}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		form.Name = r.PostForm.Get("name")
		account, err := Account{}, ErrRefused
		allowed := s.attempts.Allow()
		if allowed && s.options.SignIn != nil {
			account, err = s.options.SignIn(r.Context(), form.Name, r.PostForm.Get("secret"))
		}
		switch {
		case !allowed:
			status, form.Refused = http.StatusTooManyRequests, "signIn.tooMany"
			w.Header().Set("Retry-After", "5")
		case errors.Is(err, ErrRefused):
			status, form.Refused = http.StatusUnauthorized, "signIn.refused"
		case err != nil:
			s.Fail(w, r, fmt.Errorf("sign in: %w", err))
			return
		default:
			setBrowserID(w, r, s.options.Base, s.sessions.start(v.browser, account))
			http.Redirect(w, r, form.Next, http.StatusSeeOther)
			return
		}
	}
	s.Render(w, r, status, Page{Name: "sign-in", Title: s.text(v.Lang, "signIn.title"), Data: form})
}

func (s *Site) signOut(w http.ResponseWriter, r *http.Request) {
	s.sessions.end(VisitOf(r.Context()).browser)
	http.Redirect(w, r, s.options.Base+"/sign-in", http.StatusSeeOther)
}

// ownPath keeps only a path of this site: a sign-in must not send people elsewhere.
func (s *Site) ownPath(target string) string {
	home := s.options.Base + "/"
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, home) || strings.Contains(target, "\\") {
		return home
	}
	return u.RequestURI()
}
