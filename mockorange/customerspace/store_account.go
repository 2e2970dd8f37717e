package customerspace

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/clementine-ope/clementine/internal/database"
)

// CreateAccount creates an account with its first API key, whose secret is returned here and never again. A client is a
// manager of the contracts of its perimeter, and sees those that its login is declared on already. An *InvalidError says what cannot be taken; ErrLoginTaken if there is an account of that login.
func (s *Store) CreateAccount(ctx context.Context, n NewAccount) (a Account, secret string, err error) {
	if n.Login == "" {
		n.Login = string(n.Type) + "." + strings.ToLower(rand.Text()[:12])
	}
	if err := n.check(); err != nil {
		return Account{}, "", err
	}
	now := moment(time.Time{}, s.now())
	id := uuid()
	k, secret, err := newKey(now, n.ExpiresAt)
	if err != nil {
		return Account{}, "", err
	}
	err = s.write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO space_account (id, type, login_key, login, email, created_at, blocked_at) VALUES (?, ?, ?, ?, ?, ?, 0)`,
			id, n.Type, loginKey(n.Login), n.Login, n.Email, now.UnixMilli())
		if database.IsUnique(err) {
			return ErrLoginTaken
		}
		if err != nil {
			return err
		}
		a = Account{ID: id, Type: n.Type, Login: n.Login, Email: n.Email}
		if err := setPerimeter(ctx, tx, a, n.Perimeter, false); err != nil {
			return err
		}
		if err := insertKey(ctx, tx, id, k, secret); err != nil {
			return err
		}
		a, err = accountOf(ctx, tx, id)
		return err
	})
	if err != nil {
		return Account{}, "", fmt.Errorf("creating an account: %w", err)
	}
	return a, secret, nil
}

// SetPerimeter replaces the perimeter of an account: of a client the contracts that it is declared on, where new ones make
// it their manager. ErrNotFound if there is no such account.
func (s *Store) SetPerimeter(ctx context.Context, id string, p Perimeter) (a Account, err error) {
	err = s.write(ctx, func(tx *database.Tx) error {
		a, err = accountOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := p.check(a.Type); err != nil {
			return err
		}
		if err := setPerimeter(ctx, tx, a, p, true); err != nil {
			return err
		}
		a, err = accountOf(ctx, tx, id)
		return err
	})
	if err != nil {
		return Account{}, fmt.Errorf("setting the perimeter of account %q: %w", id, err)
	}
	return a, nil
}

// NewKey gives an account another API key; those that it has stay good. A zero expiry stands for two years from now.
func (s *Store) NewKey(ctx context.Context, id string, expires time.Time) (k Key, secret string, err error) {
	k, secret, err = newKey(moment(time.Time{}, s.now()), expires)
	if err != nil {
		return Key{}, "", err
	}
	err = s.write(ctx, func(tx *database.Tx) error {
		if _, err := accountOf(ctx, tx, id); err != nil {
			return err
		}
		return insertKey(ctx, tx, id, k, secret)
	})
	if err != nil {
		return Key{}, "", fmt.Errorf("giving account %q a key: %w", id, err)
	}
	return k, secret, nil
}

// RevokeKey ends a key of an account at once. One that has ended stays as it is. ErrNotFound if there is none.
func (s *Store) RevokeKey(ctx context.Context, account, key string) error {
	return s.end(ctx, "UPDATE space_key SET revoked_at = CASE revoked_at WHEN 0 THEN ? ELSE revoked_at END WHERE account = ? AND id = ?",
		account, key)
}

// BlockAccount shuts an account out, whatever key it has; it stays in the list. ErrNotFound if there is none.
func (s *Store) BlockAccount(ctx context.Context, id string) error {
	return s.end(ctx, "UPDATE space_account SET blocked_at = CASE blocked_at WHEN 0 THEN ? ELSE blocked_at END WHERE id = ?", id)
}

func (s *Store) end(ctx context.Context, statement string, ids ...string) error {
	args := []any{s.now().UnixMilli()}
	for _, id := range ids {
		if !storable(id) {
			return ErrNotFound
		}
		args = append(args, id)
	}
	return s.write(ctx, func(tx *database.Tx) error {
		done, err := tx.Exec(ctx, statement, args...)
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrNotFound)
		}
		return nil
	})
}

// Accounts are all accounts, oldest first, with what is known of their keys.
func (s *Store) Accounts(ctx context.Context) ([]Account, error) {
	var accounts []Account
	err := s.read(ctx, func(tx *database.Tx) error {
		var ids []string
		err := tx.Each(ctx, func(row database.Scanner) error {
			var id string
			err := row.Scan(&id)
			ids = append(ids, id)
			return err
		}, "SELECT id FROM space_account ORDER BY created_at, id")
		if err != nil {
			return err
		}
		accounts = make([]Account, 0, len(ids))
		for _, id := range ids {
			a, err := accountOf(ctx, tx, id)
			if err != nil {
				return err
			}
			accounts = append(accounts, a)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing accounts: %w", err)
	}
	return accounts, nil
}

// Holder is who a key belongs to, and what it is worth.
type Holder struct {
	Account string
	Blocked bool
	Key     KeyState
	Scope   Scope
}

// Holder finds the account of a key by its secret; found is false for a secret that is none. The scope is empty unless
// the key opens the space now.
func (s *Store) Holder(ctx context.Context, secret string) (h Holder, found bool, err error) {
	digest := sha256.Sum256([]byte(secret))
	err = s.read(ctx, func(tx *database.Tx) error {
		h, found = Holder{}, false
		var a Account
		var k Key
		var expires, revoked, blocked int64
		err := tx.QueryRow(ctx, `SELECT a.id, a.type, a.login, a.blocked_at, k.expires_at, k.revoked_at
			FROM space_key k JOIN space_account a ON a.id = k.account WHERE k.digest = ?`, digest[:]).
			Scan(&a.ID, &a.Type, &a.Login, &blocked, &expires, &revoked)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		k.ExpiresAt, k.RevokedAt, a.BlockedAt = time.UnixMilli(expires), unlessZero(revoked), unlessZero(blocked)
		h = Holder{Account: a.ID, Blocked: blocked != 0, Key: k.State(s.now())}
		if h.Blocked || h.Key != KeyValid {
			return nil
		}
		if a.Perimeter.BillingAccounts, a.Perimeter.Offers, err = perimeterOf(ctx, tx, a.ID); err != nil {
			return err
		}
		h.Scope = scopeOf(a)
		return nil
	})
	if err != nil {
		return Holder{}, false, fmt.Errorf("finding the account of a key: %w", err)
	}
	return h, found, nil
}

// newKey makes a key of 130 random bits, so its digest needs neither salt nor stretching.
func newKey(now, expires time.Time) (k Key, secret string, err error) {
	if expires.IsZero() {
		expires = now.AddDate(keyYears, 0, 0)
	}
	if expires.Year() < 1970 || expires.After(now.AddDate(keyYears, 0, 0)) {
		return Key{}, "", &InvalidError{Field: "expiresAt", Message: "must be within two years from now"}
	}
	return Key{ID: uuid(), CreatedAt: now, ExpiresAt: moment(expires, now)}, rand.Text(), nil
}

func insertKey(ctx context.Context, tx *database.Tx, account string, k Key, secret string) error {
	digest := sha256.Sum256([]byte(secret))
	_, err := tx.Exec(ctx, "INSERT INTO space_key (id, account, digest, created_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, 0)",
		k.ID, account, digest[:], k.CreatedAt.UnixMilli(), k.ExpiresAt.UnixMilli())
	return err
}

// setPerimeter gives an account its perimeter. A new client keeps the contracts that its login is declared on already.
func setPerimeter(ctx context.Context, tx *database.Tx, a Account, p Perimeter, replaces bool) error {
	if a.Type == AccountClient {
		return declareOn(ctx, tx, a, p.Contracts, replaces)
	}
	if _, err := tx.Exec(ctx, "DELETE FROM space_perimeter WHERE account = ?", a.ID); err != nil {
		return err
	}
	for kind, values := range map[string][]string{"billingAccount": p.BillingAccounts, "offer": p.Offers} {
		sorted := slices.Sorted(slices.Values(values))
		for _, v := range slices.Compact(sorted) {
			if _, err := tx.Exec(ctx, "INSERT INTO space_perimeter (account, kind, value) VALUES (?, ?, ?)", a.ID, kind, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// declareOn makes a client's login a user of these contracts and, if it replaces what there was, of no others. Where it is
// one already, it stays what it is.
func declareOn(ctx context.Context, tx *database.Tx, a Account, contracts []string, replaces bool) error {
	numbers := []int64{}
	for i, id := range contracts {
		num, ok := contractNumber(id)
		if ok {
			err := tx.QueryRow(ctx, "SELECT num FROM space_contract WHERE num = ?", num).Scan(&num)
			if ok = err == nil; err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		if !ok {
			return &InvalidError{Field: fmt.Sprintf("perimeter.contracts[%d]", i), Message: "is not a contract: " + id}
		}
		numbers = append(numbers, num)
	}
	if replaces {
		keep, list := database.In(tx.Dialect(), "contract", numbers)
		if _, err := tx.Exec(ctx, "DELETE FROM space_user WHERE login_key = ? AND NOT ("+keep+")", loginKey(a.Login), list); err != nil {
			return err
		}
	}
	for _, num := range numbers {
		if err := putUser(ctx, tx, num, User{Login: a.Login, Email: a.Email, Role: RoleManager}, true); err != nil {
			return err
		}
	}
	return nil
}

// putUser declares a user on a contract. One of the same login is replaced, or stays as it is.
func putUser(ctx context.Context, tx *database.Tx, contract int64, u User, stays bool) error {
	statement := `INSERT INTO space_user (contract, login_key, login, civility, first_name, last_name, email, fix_phone, mobile_phone,
		manager) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (contract, login_key) DO `
	if stays {
		statement += "NOTHING"
	} else {
		statement += `UPDATE SET login = excluded.login, civility = excluded.civility, first_name = excluded.first_name,
			last_name = excluded.last_name, email = excluded.email, fix_phone = excluded.fix_phone,
			mobile_phone = excluded.mobile_phone, manager = excluded.manager`
	}
	_, err := tx.Exec(ctx, statement, contract, loginKey(u.Login), u.Login, u.Civility, u.FirstName, u.LastName, u.Email, u.FixPhone,
		u.MobilePhone, flag(u.Role == RoleManager))
	return err
}

func perimeterOf(ctx context.Context, tx *database.Tx, account string) (billingAccounts, offers []string, err error) {
	err = tx.Each(ctx, func(row database.Scanner) error {
		var kind, value string
		if err := row.Scan(&kind, &value); err != nil {
			return err
		}
		if kind == "offer" {
			offers = append(offers, value)
		} else {
			billingAccounts = append(billingAccounts, value)
		}
		return nil
	}, "SELECT kind, value FROM space_perimeter WHERE account = ? ORDER BY kind, value", account)
	return billingAccounts, offers, err
}

// accountOf reads an account whole; ErrNotFound if there is none.
func accountOf(ctx context.Context, tx *database.Tx, id string) (Account, error) {
	if !storable(id) {
		return Account{}, ErrNotFound
	}
	a := Account{ID: id}
	var created, blocked int64
	err := tx.QueryRow(ctx, "SELECT type, login, email, created_at, blocked_at FROM space_account WHERE id = ?", id).
		Scan(&a.Type, &a.Login, &a.Email, &created, &blocked)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, ErrNotFound
	}
	if err != nil {
		return Account{}, err
	}
	a.CreatedAt, a.BlockedAt = time.UnixMilli(created).UTC(), unlessZero(blocked)
	if a.Perimeter.BillingAccounts, a.Perimeter.Offers, err = perimeterOf(ctx, tx, id); err != nil {
		return Account{}, err
	}
	if a.Type == AccountClient {
		err = tx.Each(ctx, func(row database.Scanner) error {
			var num int64
			err := row.Scan(&num)
			a.Perimeter.Contracts = append(a.Perimeter.Contracts, contractID(num))
			return err
		}, "SELECT contract FROM space_user WHERE login_key = ? ORDER BY contract", loginKey(a.Login))
		if err != nil {
			return Account{}, err
		}
	}
	err = tx.Each(ctx, func(row database.Scanner) error {
		var k Key
		var made, expires, revoked int64
		err := row.Scan(&k.ID, &made, &expires, &revoked)
		k.CreatedAt, k.ExpiresAt, k.RevokedAt = time.UnixMilli(made).UTC(), time.UnixMilli(expires).UTC(), unlessZero(revoked)
		a.Keys = append(a.Keys, k)
		return err
	}, "SELECT id, created_at, expires_at, revoked_at FROM space_key WHERE account = ? ORDER BY created_at, id", id)
	return a, err
}

func unlessZero(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
