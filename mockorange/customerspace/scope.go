package customerspace

import (
	"slices"
	"strings"

	"github.com/clementine-ope/clementine/internal/database"
)

// Scope is what an account reaches. The zero value reaches nothing. Only scopeOf makes one that reaches something, and no
// method widens one.
type Scope struct {
	account         string
	login           string // of a client account, in lower case: the contracts that it is declared on
	administers     bool
	billingAccounts []string // of an administrator: contracts of one of these billing accounts
	offers          []string // and, at the same time, of one of these offers
}

// scopeOf is what an account reaches: nothing unless it is one of the two types and is not blocked.
func scopeOf(a Account) Scope {
	switch {
	case !a.BlockedAt.IsZero():
		return Scope{}
	case a.Type == AccountClient:
		return Scope{account: a.ID, login: loginKey(a.Login)}
	case a.Type == AccountAdministrator:
		return Scope{
			account: a.ID, administers: true,
			billingAccounts: slices.Clone(a.Perimeter.BillingAccounts), offers: slices.Clone(a.Perimeter.Offers),
		}
	}
	return Scope{}
}

// covers says whether an administrator's perimeter holds a contract of this billing account and this offer.
func (s Scope) covers(billingAccount, offer string) bool {
	return s.administers && slices.Contains(s.billingAccounts, billingAccount) && slices.Contains(s.offers, offer)
}

// reach is the condition that every query about what belongs to a contract c carries, and its arguments.
func (s Scope) reach(d database.Dialect) (condition string, args []any) {
	switch {
	case s.administers:
		accounts, list := database.In(d, "c.billing_account", s.billingAccounts)
		offers, codes := database.In(d, "c.offer", s.offers)
		return accounts + " AND " + offers, []any{list, codes}
	case s.login != "":
		return "c.num IN (SELECT u.contract FROM space_user u WHERE u.login_key = ?)", []any{s.login}
	}
	return "1 = 0", nil
}

// manages is an SQL expression: 1 where the account may change contract c, which is within its reach.
func (s Scope) manages() (expression string, args []any) {
	switch {
	case s.administers:
		return "1", nil
	case s.login != "":
		return "coalesce((SELECT u.manager FROM space_user u WHERE u.contract = c.num AND u.login_key = ?), 0)", []any{s.login}
	}
	return "0", nil
}

// loginKey is a login as it is compared: nobody is someone else by the case of a letter.
func loginKey(login string) string { return strings.ToLower(login) }
