package portal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/clementine-ope/clementine/internal/database"
)

//go:embed migrations
var migrations embed.FS

// Registry is what lets applications in: the token server and the gateway. Both calls take effect at once, also for
// tokens that exist, and may be repeated.
type Registry interface {
	// Register lets an application in, or changes one: by the SHA-256 of its secret, to exactly these offers. With no
	// offer it gets tokens, and they open nothing.
	Register(ctx context.Context, clientID, name string, secretDigest [sha256.Size]byte, offers []string) error
	// Unregister shuts an application out; an unknown one changes nothing.
	Unregister(ctx context.Context, clientID string) error
}

// Requirement is a row of the contract's catalogue, as far as the checklist looks at it.
type Requirement struct {
	ID      string
	Level   string // mandatory | optional | advice
	Mode    string // both | sync | async: of the partners that it is for
	Feature string // of the profile that switches it on; empty for always
	Text    string // English
	TextFR  string
}

// Options are the choices of whoever opens a portal. Registry is needed.
type Options struct {
	Registry     Registry
	Pack         string        // name of the contract pack that runs must be judged by
	Requirements []Requirement // its catalogue; without it no run fills the checklist
	// BaseURL is how the portal is reached, without /portal and a last slash: for links in mail. Nil gives relative links.
	BaseURL func() string
	// PasswordCost is bcrypt's; 0 is its default, 10.
	PasswordCost int
	Now          func() time.Time // nil is time.Now
	Log          *slog.Logger     // nil drops everything
}

// Service is the portal. It is safe for concurrent use.
type Service struct {
	db   *database.DB
	opts Options
	// nobody gives the hash that a password is compared with where there is no account, so that both take the same time.
	// It is made at the first sign-in, whoever's.
	nobody func() ([]byte, error)
	// hashing is a place for each password that is being hashed.
	hashing chan struct{}
	// registering is held from reading what an application may do until the registry knows it: the last one wins.
	registering sync.Mutex
	reading     sync.Mutex // held while a results.json is read
}

// hashers is how many passwords are hashed at once; others wait.
const hashers = 4

// New makes a portal in an open database, which others may share and the caller closes, and brings its tables up to
// date. Restore tells the registry what they hold.
func New(ctx context.Context, db *database.DB, o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.BaseURL == nil {
		o.BaseURL = func() string { return "" }
	}
	if o.PasswordCost == 0 {
		o.PasswordCost = bcrypt.DefaultCost
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, database.Component{Name: "portal", Files: files}); err != nil {
		return nil, err
	}
	nobody := sync.OnceValues(func() ([]byte, error) { return bcrypt.GenerateFromPassword([]byte(rand.Text()), o.PasswordCost) })
	return &Service{db: db, opts: o, nobody: nobody, hashing: make(chan struct{}, hashers)}, nil
}

// Restore registers every application that is stored. Call it once the registry is there.
func (s *Service) Restore(ctx context.Context) error {
	var ids []string
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		ids = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			var id string
			err := row.Scan(&id)
			ids = append(ids, id)
			return err
		}, "SELECT id FROM portal_application ORDER BY created_at, id")
	})
	if err != nil {
		return fmt.Errorf("list applications: %w", err)
	}
	for _, id := range ids {
		if err := s.register(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// register tells the registry what is stored of an application.
func (s *Service) register(ctx context.Context, id string) error {
	s.registering.Lock()
	defer s.registering.Unlock()
	var a Application
	var digest [sha256.Size]byte
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		var secret []byte
		var err error
		if a, secret, err = findApplication(ctx, tx, "", id); err != nil {
			return err
		}
		copy(digest[:], secret)
		return nil
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil // it has been deleted meanwhile
	}
	if err != nil {
		return fmt.Errorf("read application %s: %w", id, err)
	}
	offers := []string{}
	for _, sub := range a.Subscriptions {
		if sub.Open() {
			offers = append(offers, sub.Offer)
		}
	}
	// What is committed is to be known also where the caller has gone.
	if err := s.opts.Registry.Register(context.WithoutCancel(ctx), a.ClientID, a.Name, digest, offers); err != nil {
		return fmt.Errorf("register application %s: %w", a.ID, err)
	}
	return nil
}

func (s *Service) now() time.Time { return s.opts.Now().UTC().Truncate(time.Millisecond) }

// newID is an id that nobody can guess, in lower case.
func newID() string { return strings.ToLower(rand.Text()) }

func digestOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// instant is a stored time; 0 is none.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// note writes an entry of the history.
func (s *Service) note(ctx context.Context, tx *database.Tx, subject, who, act, reason string) error {
	_, err := tx.Exec(ctx, "INSERT INTO portal_act (at, subject, who, act, reason) VALUES (?, ?, ?, ?, ?)",
		s.now().UnixMilli(), subject, who, act, reason)
	return err
}

// History returns the acts on a subscription, or on an account, newest first: 100 at most.
func (s *Service) History(ctx context.Context, subject string) ([]Act, error) {
	var out []Act
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		out = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			var a Act
			var at int64
			err := row.Scan(&at, &a.Who, &a.Act, &a.Reason)
			a.At = instant(at)
			out = append(out, a)
			return err
		}, "SELECT at, who, act, reason FROM portal_act WHERE subject = ? ORDER BY seq DESC LIMIT 100", subject)
	})
	if err != nil {
		return nil, fmt.Errorf("read history: %w", err)
	}
	return out, nil
}
