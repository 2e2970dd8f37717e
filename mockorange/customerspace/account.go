package customerspace

import (
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// AccountType says how an account comes to its contracts.
type AccountType string

// The two types. A client sees the contracts that it is declared on; an administrator all contracts of its perimeter,
// without being declared on any (source 001).
const (
	AccountClient        AccountType = "client"
	AccountAdministrator AccountType = "administrator"
)

// Perimeter is what an account is made for. An administrator reaches a contract if its billing account and its offer are
// both listed; an empty list reaches nothing. Contracts are a client's: those that it is declared on.
type Perimeter struct {
	BillingAccounts []string // ids
	Offers          []string // codes
	Contracts       []string // ids, OCB…
}

// maxPerimeter is how many entries each list of a perimeter may have.
const maxPerimeter = 1000

// Account is an access to the customer space.
type Account struct {
	ID        string
	Type      AccountType
	Login     string
	Email     string // may be empty
	Perimeter Perimeter
	CreatedAt time.Time
	BlockedAt time.Time // zero unless it is blocked
	Keys      []Key     // oldest first
}

// Key is an API key without its secret, which is shown once and kept nowhere.
type Key struct {
	ID        string
	CreatedAt time.Time
	ExpiresAt time.Time
	RevokedAt time.Time // zero unless it is revoked
}

// keyYears is how long a key opens the space (source 001).
const keyYears = 2

// KeyState is what a key is worth.
type KeyState string

// The states of a key.
const (
	KeyValid   KeyState = "valid"
	KeyExpired KeyState = "expired"
	KeyRevoked KeyState = "revoked"
)

// State is what the key is worth at a time.
func (k Key) State(at time.Time) KeyState {
	switch {
	case !k.RevokedAt.IsZero():
		return KeyRevoked
	case !at.Before(k.ExpiresAt):
		return KeyExpired
	}
	return KeyValid
}

// NewAccount is an account that is asked for.
type NewAccount struct {
	Type      AccountType
	Login     string // empty: one is made up
	Email     string // may be empty
	Perimeter Perimeter
	ExpiresAt time.Time // of its first key; zero stands for two years from now
}

func (n *NewAccount) check() error {
	var t texts
	t.take("email", n.Email, false)
	switch {
	case t.err != nil:
		return t.err
	case n.Type != AccountClient && n.Type != AccountAdministrator:
		return &InvalidError{Field: "type", Missing: n.Type == "", Message: `must be "client" or "administrator"`}
	case !isLogin(n.Login):
		return &InvalidError{Field: "login", Message: loginRule}
	case n.Email != "" && !isEmail(n.Email):
		return &InvalidError{Field: "email", Message: "must be an e-mail address"}
	}
	return n.Perimeter.check(n.Type)
}

func (p Perimeter) check(t AccountType) error {
	if t == AccountClient && len(p.BillingAccounts)+len(p.Offers) > 0 {
		return &InvalidError{
			Field: "perimeter", Message: "of a client is its contracts; billingAccounts and offers are an administrator's",
		}
	}
	if t == AccountAdministrator && len(p.Contracts) > 0 {
		return &InvalidError{
			Field: "perimeter", Message: "of an administrator is billingAccounts and offers; contracts are a client's",
		}
	}
	if t == AccountAdministrator && (len(p.BillingAccounts) == 0 || len(p.Offers) == 0) {
		return &InvalidError{
			Field: "perimeter", Missing: true, Message: "of an administrator needs billingAccounts and offers, or it reaches nothing",
		}
	}
	for _, list := range []struct {
		name   string
		values []string
	}{{"billingAccounts", p.BillingAccounts}, {"offers", p.Offers}, {"contracts", p.Contracts}} {
		if len(list.values) > maxPerimeter {
			return &InvalidError{Field: "perimeter." + list.name, Message: fmt.Sprintf("must have %d entries at most", maxPerimeter)}
		}
		for i, v := range list.values {
			var t texts
			if t.take(fmt.Sprintf("perimeter.%s[%d]", list.name, i), v, true); t.err != nil {
				return t.err
			}
		}
	}
	return nil
}

const loginRule = "must have 8 to 64 letters, digits or . _ -"

// isLogin follows the rule of Orange's customer space (facts.md, section 4).
func isLogin(s string) bool {
	if len(s) < 8 || len(s) > 64 {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("._-", r)
	}) < 0
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}
