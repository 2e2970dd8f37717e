package web

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"sync"
	"time"
)

const (
	sessionCookie   = "clementine_session"
	languageCookie  = "clementine_lang"
	sessionLifetime = 8 * time.Hour
	languageMaxAge  = 365 * 24 * 3600 // seconds
	// Beyond this many the oldest sign-in ends: memory is bounded, whoever signs in how often.
	maxSessions = 10_000
)

// Account is who has signed in, in the application's own terms.
type Account struct {
	Subject string // the application's key for it; asked for again at each request, so that a suspension counts at once
	Name    string // as the page's header shows it
	// Administers is what the navigation may go by; whether an act is allowed is asked elsewhere, at each request.
	Administers bool
}

// sessions are the sign-ins that last, by the random id in a cookie. They live in memory: a restart ends them.
type sessions struct {
	now func() time.Time
	key []byte // of the forms' tokens

	mu  sync.Mutex
	all map[string]session
}

type session struct {
	account Account
	ends    time.Time
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, key: []byte(rand.Text()), all: map[string]session{}}
}

// start ends the session that was there before, under whose id somebody else might have planted it, and begins one.
func (s *sessions) start(before string, a Account) string {
	id := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, before)
	if len(s.all) >= maxSessions {
		s.dropOldest()
	}
	s.all[id] = session{a, s.now().Add(sessionLifetime)}
	return id
}

func (s *sessions) dropOldest() {
	var oldest string
	for id, each := range s.all {
		if first, ok := s.all[oldest]; !ok || each.ends.Before(first.ends) {
			oldest = id
		}
	}
	delete(s.all, oldest)
}

func (s *sessions) find(id string) (Account, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok := s.all[id]
	if ok && !s.now().Before(found.ends) {
		delete(s.all, id)
		return Account{}, false
	}
	return found.account, ok
}

func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, id)
}

// formToken is the token of every form of one browser: nobody who cannot read its cookie can make it.
func (s *sessions) formToken(id string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte("form " + id))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (s *sessions) validForm(id, token string) bool {
	return id != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.formToken(id))) == 1
}

// browserID is the id in the browser's cookie; one that has none gets one, so that its forms can carry a token.
func browserID(w http.ResponseWriter, r *http.Request, base string) string {
	if cookie, err := r.Cookie(sessionCookie); err == nil && cookie.Value != "" {
		return cookie.Value
	}
	id := rand.Text()
	setBrowserID(w, r, base, id)
	return id
}

func setBrowserID(w http.ResponseWriter, r *http.Request, base, id string) {
	http.SetCookie(w, &http.Cookie{ // #nosec G124 -- Secure wherever it is served over HTTPS
		Name: sessionCookie, Value: id, Path: base, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	})
}
