package portal_test

import (
	"context"
	"crypto/sha256"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/clementine-ope/clementine/internal/database"
	"github.com/clementine-ope/clementine/internal/database/databasetest"
	"github.com/clementine-ope/clementine/mockorange/portal"
)

var server databasetest.Server

func TestMain(m *testing.M) { os.Exit(databasetest.Run(m, &server)) }

// registry remembers who is let in to what.
type registry struct {
	mu   sync.Mutex
	apps map[string]entry
}

type entry struct {
	name   string
	digest [sha256.Size]byte
	offers []string
}

func (r *registry) Register(_ context.Context, id, name string, digest [sha256.Size]byte, offers []string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.apps == nil {
		r.apps = map[string]entry{}
	}
	r.apps[id] = entry{name, digest, offers}
	return nil
}

func (r *registry) Unregister(_ context.Context, id string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.apps, id)
	return nil
}

// opens are the offers that a pair of credentials opens; nil if it is not let in.
func (r *registry) opens(id, secret string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.apps[id]
	if !ok || e.digest != sha256.Sum256([]byte(secret)) {
		return nil
	}
	return e.offers
}

// bench is a portal on one engine, whose time the test moves.
type bench struct {
	*portal.Service
	t        *testing.T
	db       *database.DB
	registry *registry
	now      time.Time
}

const password = "correct horse battery"

func onEachEngine(t *testing.T, test func(b *bench)) {
	t.Helper()
	for _, engine := range databasetest.Engines(&server) {
		t.Run(engine.Name, func(t *testing.T) {
			t.Parallel()
			b := &bench{
				t: t, db: databasetest.Open(t, engine.Address(t), database.Options{}), registry: &registry{},
				now: time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC),
			}
			b.Service = b.open()
			test(b)
		})
	}
}

func (b *bench) open() *portal.Service {
	b.t.Helper()
	s, err := portal.New(b.t.Context(), b.db, portal.Options{
		Registry: b.registry, BaseURL: func() string { return "https://orange.test" }, PasswordCost: bcrypt.MinCost,
		Now: func() time.Time { return b.now }, Pack: "mba-2.2", Requirements: catalogue(),
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return s
}

func (b *bench) ok(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// last is the newest mail to an address.
func (b *bench) last(to string) portal.Mail {
	b.t.Helper()
	mail, err := b.Mailbox(b.t.Context(), to)
	b.ok(err)
	if len(mail) == 0 {
		b.t.Fatalf("no mail to %s", to)
	}
	return mail[0]
}

// token is that of a mail's link.
func token(m portal.Mail) string {
	_, token, _ := strings.Cut(m.Link, "token=")
	return token
}

func newAccount(email string) portal.NewAccount {
	return portal.NewAccount{Email: email, Name: "Dev Éloper", Company: "Acme SaaS", Password: password, Lang: "fr"}
}

// account is one that has been activated.
func (b *bench) account(email string) portal.Account {
	b.t.Helper()
	b.ok(b.SignUp(b.t.Context(), newAccount(email)))
	a, err := b.Activate(b.t.Context(), token(b.last(email)))
	b.ok(err)
	return a
}

func (b *bench) application(owner portal.Account, name string) (portal.Application, string) {
	b.t.Helper()
	a, secret, err := b.CreateApplication(b.t.Context(), owner.ID, name)
	b.ok(err)
	return a, secret
}

// invited has accepted an invitation.
func (b *bench) invited(a portal.Account, offer string) {
	b.t.Helper()
	_, err := b.Invite(b.t.Context(), a.Email, offer, "")
	b.ok(err)
	_, err = b.AcceptInvitation(b.t.Context(), a.ID, token(b.last(a.Email)))
	b.ok(err)
}

func (b *bench) subscribe(a portal.Account, app, offer string) portal.Subscription {
	b.t.Helper()
	s, err := b.Subscribe(b.t.Context(), a.ID, app, offer)
	b.ok(err)
	return s
}

func (b *bench) terms(a portal.Account, app, offer string) {
	b.t.Helper()
	_, err := b.AcceptTerms(b.t.Context(), a.ID, app, offer, portal.TermsVersion)
	b.ok(err)
}

func (b *bench) decide(id string, d portal.Decision) {
	b.t.Helper()
	_, err := b.Decide(b.t.Context(), id, d, "because")
	b.ok(err)
}

// opens fails the test if credentials do not open just these offers.
func (b *bench) opens(when, id, secret string, want ...string) {
	b.t.Helper()
	got := b.registry.opens(id, secret)
	if (got == nil) != (want == nil) || !slices.Equal(got, want) {
		b.t.Errorf("%s: %v are open, want %v", when, got, want)
	}
}
