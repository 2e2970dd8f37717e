package portal

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/clementine-ope/clementine/internal/database"
)

// mostApplications is how many applications an account may have.
const mostApplications = 20

const applicationColumns = "p.id, p.account_id, p.name, p.client_id, p.created_at, p.secret_at"

func scanApplication(row database.Scanner, more ...any) (Application, error) {
	var a Application
	var created, secret int64
	err := row.Scan(append([]any{&a.ID, &a.Owner, &a.Name, &a.ClientID, &created, &secret}, more...)...)
	a.CreatedAt, a.SecretAt = instant(created), instant(secret)
	return a, err
}

// findApplication reads an application with its subscriptions and the digest of its secret; an empty owner is anybody.
func findApplication(ctx context.Context, tx *database.Tx, owner, id string) (Application, []byte, error) {
	var digest []byte
	a, err := scanApplication(tx.QueryRow(ctx, "SELECT "+applicationColumns+", p.secret FROM portal_application p WHERE p.id = ? AND (p.account_id = ? OR ? = '')",
		id, owner, owner), &digest)
	if err != nil {
		return Application{}, nil, err
	}
	err = tx.Each(ctx, func(row database.Scanner) error {
		s, err := scanSubscription(row)
		a.Subscriptions = append(a.Subscriptions, s)
		return err
	}, "SELECT "+subscriptionColumns+" FROM portal_subscription s WHERE s.application_id = ? ORDER BY s.requested_at, s.offer", id)
	return a, digest, err
}

// CreateApplication makes an application with an id and a secret, which is returned this once. The registry lets it in
// at once, to nothing yet. ErrTooMany from the 21st on.
func (s *Service) CreateApplication(ctx context.Context, owner, name string) (a Application, secret string, err error) {
	var v violations
	name = v.line("name", name, longestText, true)
	if err := v.err(); err != nil {
		return Application{}, "", err
	}
	now := s.now()
	a = Application{ID: newID(), Owner: owner, Name: name, ClientID: rand.Text(), CreatedAt: now, SecretAt: now}
	secret = rand.Text()
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		var there int
		if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM portal_application WHERE account_id = ?", owner).Scan(&there); err != nil {
			return err
		}
		if there >= mostApplications {
			return ErrTooMany
		}
		_, err := tx.Exec(ctx, "INSERT INTO portal_application (id, account_id, name, client_id, secret, secret_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
			a.ID, owner, name, a.ClientID, digestOf(secret), now.UnixMilli(), now.UnixMilli())
		return err
	})
	if database.IsUnique(err) {
		v.add("name", CodeTaken, "is the name of another application of yours")
		err = v.err()
	}
	if err != nil {
		return Application{}, "", wrap("create an application", err)
	}
	return a, secret, s.register(ctx, a.ID)
}

// Applications returns the applications of an account, by name.
func (s *Service) Applications(ctx context.Context, owner string) ([]Application, error) {
	var out []Application
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		out = nil
		byID := map[string]int{}
		err := tx.Each(ctx, func(row database.Scanner) error {
			a, err := scanApplication(row)
			byID[a.ID] = len(out)
			out = append(out, a)
			return err
		}, "SELECT "+applicationColumns+" FROM portal_application p WHERE p.account_id = ? ORDER BY p.name", owner)
		if err != nil {
			return err
		}
		return tx.Each(ctx, func(row database.Scanner) error {
			sub, err := scanSubscription(row)
			if i, ok := byID[sub.Application]; ok {
				out[i].Subscriptions = append(out[i].Subscriptions, sub)
			}
			return err
		}, "SELECT "+subscriptionColumns+` FROM portal_subscription s JOIN portal_application p ON p.id = s.application_id
			WHERE p.account_id = ? ORDER BY s.requested_at, s.offer`, owner)
	})
	return out, wrap("list applications", err)
}

// Application is one application of an account; ErrNotFound otherwise.
func (s *Service) Application(ctx context.Context, owner, id string) (Application, error) {
	var a Application
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		var err error
		a, _, err = findApplication(ctx, tx, mine(owner), id)
		return err
	})
	return a, wrap("read an application", err)
}

// mine is an owner as findApplication takes it: the empty one, which it would take for anybody, is nobody here.
func mine(owner string) string {
	if owner == "" {
		return "nobody"
	}
	return owner
}

// RotateSecret gives an application a new secret, which is returned this once. The old one opens nothing from now on,
// nor do tokens that it got.
func (s *Service) RotateSecret(ctx context.Context, owner, id string) (a Application, secret string, err error) {
	secret = rand.Text()
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		var err error
		if a, _, err = findApplication(ctx, tx, mine(owner), id); err != nil {
			return err
		}
		a.SecretAt = s.now()
		_, err = tx.Exec(ctx, "UPDATE portal_application SET secret = ?, secret_at = ? WHERE id = ?", digestOf(secret), a.SecretAt.UnixMilli(), id)
		return err
	})
	if err != nil {
		return Application{}, "", wrap("rotate a secret", err)
	}
	return a, secret, s.register(ctx, id)
}

// DeleteApplication ends an application with its subscriptions. Its tokens are expired from now on.
func (s *Service) DeleteApplication(ctx context.Context, owner, id string) error {
	s.registering.Lock()
	defer s.registering.Unlock()
	var a Application
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		var err error
		if a, _, err = findApplication(ctx, tx, mine(owner), id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM portal_subscription WHERE application_id = ?", id); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM portal_application WHERE id = ?", id)
		return err
	})
	if err != nil {
		return wrap("delete an application", err)
	}
	if err := s.opts.Registry.Unregister(context.WithoutCancel(ctx), a.ClientID); err != nil {
		return fmt.Errorf("unregister application %s: %w", a.ID, err)
	}
	return nil
}

// Opens says whether tokens of an application, by its client id, open an offer now: for services that the gateway's
// registry does not know.
func (s *Service) Opens(ctx context.Context, clientID, offer string) (bool, error) {
	var open int
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM portal_subscription s JOIN portal_application p ON p.id = s.application_id
			WHERE p.client_id = ? AND s.offer = ? AND s.state = ? AND s.terms_version <> ''`, clientID, offer, string(Approved)).Scan(&open)
	})
	return open > 0, wrap("look for a subscription", err)
}

// Knows says whether an application, by its client id, was made here.
func (s *Service) Knows(ctx context.Context, clientID string) (bool, error) {
	var known int
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		return tx.QueryRow(ctx, "SELECT COUNT(*) FROM portal_application WHERE client_id = ?", clientID).Scan(&known)
	})
	return known > 0, wrap("look for an application", err)
}
