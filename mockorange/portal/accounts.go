package portal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/clementine-ope/clementine/internal/database"
)

const (
	activationLifetime = 48 * time.Hour
	sessionLifetime    = 8 * time.Hour
	// mostAccounts bounds what strangers can fill: sign-ups that were never activated go after their link does.
	mostAccounts = 10_000
)

const accountColumns = "a.id, a.email, a.name, a.company, a.lang, a.active, a.created_at"

func scanAccount(row database.Scanner, more ...any) (Account, error) {
	var a Account
	var active, created int64
	err := row.Scan(append([]any{&a.ID, &a.Email, &a.Name, &a.Company, &a.Lang, &active, &created}, more...)...)
	a.Active, a.CreatedAt = active == 1, instant(created)
	return a, err
}

// SignUp writes the activation mail of a new account. For an address that has an account it writes a mail that says so
// instead: to the caller both are the same. An *InvalidError names what is wrong; ErrTooMany is a full portal.
func (s *Service) SignUp(ctx context.Context, n NewAccount) error {
	var v violations
	n.Email = v.email("email", n.Email)
	n.Name = v.line("name", n.Name, longestText, true)
	n.Company = v.line("company", n.Company, longestText, true)
	v.password(n.Password)
	if n.Lang != "fr" {
		n.Lang = "en"
	}
	if err := v.err(); err != nil {
		return err
	}
	hash, err := s.hash(ctx, n.Password)
	if err != nil {
		return err
	}
	token := rand.Text()
	now := s.now()
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM portal_account WHERE active = 0 AND activation_ends <= ?", now.UnixMilli()); err != nil {
			return err
		}
		there, err := scanAccount(tx.QueryRow(ctx, "SELECT "+accountColumns+" FROM portal_account a WHERE email = ?", n.Email))
		switch {
		case err == nil && there.Active:
			return s.write(ctx, tx, letter{kind: mailKnown, to: there.Email, lang: there.Lang, link: "/portal/sign-in"})
		case err == nil:
			_, err = tx.Exec(ctx, `UPDATE portal_account SET name = ?, company = ?, lang = ?, password = ?, activation = ?, activation_ends = ?
				WHERE id = ?`, n.Name, n.Company, n.Lang, hash, digestOf(token), now.Add(activationLifetime).UnixMilli(), there.ID)
		case errors.Is(err, sql.ErrNoRows):
			err = s.insertAccount(ctx, tx, n, hash, token, now)
		}
		if err != nil {
			return err
		}
		return s.write(ctx, tx, letter{
			kind: mailActivation, to: n.Email, lang: n.Lang, link: "/portal/activate?token=" + url.QueryEscape(token),
		})
	})
	if database.IsUnique(err) {
		return nil // somebody else is signing this address up at this moment, and has written the mail
	}
	return wrap("sign up", err)
}

func (s *Service) insertAccount(ctx context.Context, tx *database.Tx, n NewAccount, hash, token string, now time.Time) error {
	var accounts int
	if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM portal_account").Scan(&accounts); err != nil {
		return err
	}
	if accounts >= mostAccounts {
		return ErrTooMany
	}
	_, err := tx.Exec(ctx, `INSERT INTO portal_account (id, email, name, company, lang, password, active, activation, activation_ends, created_at)
		VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?)`, newID(), n.Email, n.Name, n.Company, n.Lang, hash, digestOf(token),
		now.Add(activationLifetime).UnixMilli(), now.UnixMilli())
	return err
}

// Activate follows the link of an activation mail. ErrLink if it is unknown, used or too old.
func (s *Service) Activate(ctx context.Context, token string) (Account, error) {
	var a Account
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		var err error
		a, err = scanAccount(tx.QueryRow(ctx, "SELECT "+accountColumns+" FROM portal_account a WHERE activation = ? AND active = 0 AND activation_ends > ?"+
			tx.Dialect().ForUpdate(), digestOf(token), s.now().UnixMilli()))
		if errors.Is(err, sql.ErrNoRows) {
			return ErrLink
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE portal_account SET active = 1, activation = NULL WHERE id = ?", a.ID); err != nil {
			return err
		}
		a.Active = true
		return s.note(ctx, tx, a.ID, a.Email, "activate", "")
	})
	return a, wrap("activate an account", err)
}

// SignIn checks an address and a password. ErrCredentials says nothing about which of the two is wrong, and takes the
// same time; ErrNotActivated is told only to who knows the password.
func (s *Service) SignIn(ctx context.Context, email, password string) (Account, error) {
	var v violations
	email = v.email("email", email)
	var a Account
	stored, err := s.nobody()
	if err != nil {
		return Account{}, fmt.Errorf("hash a password: %w", err)
	}
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		if v.err() != nil {
			return nil // no account has such an address, and some are no text for a database
		}
		var hash string
		var err error
		a, err = scanAccount(tx.QueryRow(ctx, "SELECT "+accountColumns+", a.password FROM portal_account a WHERE email = ?", email), &hash)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			stored = []byte(hash)
		}
		return err
	})
	if err != nil {
		return Account{}, fmt.Errorf("sign in: %w", err)
	}
	if err := s.place(ctx); err != nil {
		return Account{}, err
	}
	wrong := bcrypt.CompareHashAndPassword(stored, []byte(password))
	<-s.hashing
	switch {
	case wrong != nil || a.ID == "":
		return Account{}, ErrCredentials
	case !a.Active:
		return Account{}, ErrNotActivated
	}
	return a, nil
}

// place waits until a password may be hashed.
func (s *Service) place(ctx context.Context) error {
	select {
	case s.hashing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	if err := s.place(ctx); err != nil {
		return "", err
	}
	defer func() { <-s.hashing }()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), s.opts.PasswordCost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return string(hash), nil
}

// Account is an active account by its id; ErrNotFound otherwise.
func (s *Service) Account(ctx context.Context, id string) (Account, error) {
	var a Account
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		var err error
		a, err = scanAccount(tx.QueryRow(ctx, "SELECT "+accountColumns+" FROM portal_account a WHERE id = ? AND active = 1", id))
		return err
	})
	return a, wrap("read an account", err)
}

// Accounts returns the active accounts, by company.
func (s *Service) Accounts(ctx context.Context) ([]Account, error) {
	var out []Account
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		out = nil
		return tx.Each(ctx, func(row database.Scanner) error {
			a, err := scanAccount(row)
			out = append(out, a)
			return err
		}, "SELECT "+accountColumns+" FROM portal_account a WHERE active = 1 ORDER BY company, email")
	})
	return out, wrap("list accounts", err)
}

// StartSession makes a token for the API. It is stored as a digest.
func (s *Service) StartSession(ctx context.Context, account string) (token string, ends time.Time, err error) {
	token, now := rand.Text(), s.now()
	ends = now.Add(sessionLifetime)
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM portal_session WHERE ends <= ?", now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO portal_session (digest, account_id, ends) VALUES (?, ?, ?)", digestOf(token), account, ends.UnixMilli())
		return err
	})
	return token, ends, wrap("start a session", err)
}

// Session is the account of a token; ErrCredentials if it is unknown or has ended.
func (s *Service) Session(ctx context.Context, token string) (Account, error) {
	var a Account
	err := s.db.Read(ctx, func(tx *database.Tx) error {
		var err error
		a, err = scanAccount(tx.QueryRow(ctx, "SELECT "+accountColumns+
			" FROM portal_session s JOIN portal_account a ON a.id = s.account_id WHERE s.digest = ? AND s.ends > ?", digestOf(token), s.now().UnixMilli()))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, ErrCredentials
	}
	return a, wrap("find a session", err)
}

// EndSession ends a session; an unknown one changes nothing.
func (s *Service) EndSession(ctx context.Context, token string) error {
	return wrap("end a session", s.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM portal_session WHERE digest = ?", digestOf(token))
		return err
	}))
}

// wrap adds what was being done; what is not there is ErrNotFound.
func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return fmt.Errorf("%s: %w", doing, err)
}
