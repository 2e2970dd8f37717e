package control

import (
	"context"
	"net/http"
	"net/url"
	"time"
)

// NewAccount asks for an access to the Cloud Store Customer Space.
type NewAccount struct {
	Type      string    `json:"type"`            // client | administrator
	Login     string    `json:"login,omitempty"` // 8 to 64 letters, digits or . _ -; made up if it is left out
	Email     string    `json:"email,omitempty"`
	Perimeter Perimeter `json:"perimeter"`
	ExpiresAt time.Time `json:"expiresAt,omitzero"` // of its API key; two years from now if it is left out, and at most
}

// Perimeter says which contracts an account reaches: an administrator those whose billing account and offer are both
// listed, a client those that it is declared on.
type Perimeter struct {
	BillingAccounts []string `json:"billingAccounts,omitempty"`
	Offers          []string `json:"offers,omitempty"`
	Contracts       []string `json:"contracts,omitempty"`
}

// Account is an access to the customer space.
type Account struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	Login     string    `json:"login"`
	Email     string    `json:"email,omitempty"`
	Perimeter Perimeter `json:"perimeter"`
	CreatedAt time.Time `json:"createdAt"`
	BlockedAt time.Time `json:"blockedAt,omitzero"`
	Keys      []Key     `json:"keys"`
	APIKey    string    `json:"apiKey,omitempty"` // of its first key, in the answer that made it and nowhere else
}

// Key is an API key of an account.
type Key struct {
	ID        string    `json:"id"`
	State     string    `json:"state"` // valid | expired | revoked
	CreatedAt time.Time `json:"createdAt"`
	ExpiresAt time.Time `json:"expiresAt"`
	RevokedAt time.Time `json:"revokedAt,omitzero"`
	APIKey    string    `json:"apiKey,omitempty"` // in the answer that made it and nowhere else
}

// NewKey asks for another API key of an account.
type NewKey struct {
	ExpiresAt time.Time `json:"expiresAt,omitzero"` // two years from now if it is left out, and at most
}

const accountsPath = "/control/accounts"

// AddAccount makes an account of the customer space; the answer holds its API key.
func (c *Client) AddAccount(ctx context.Context, a NewAccount) (Account, error) {
	var made Account
	return made, c.call(ctx, http.MethodPost, accountsPath, a, &made)
}

// Accounts are all accounts of the customer space, oldest first, those that are blocked too.
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	var accounts []Account
	return accounts, c.call(ctx, http.MethodGet, accountsPath, nil, &accounts)
}

// SetPerimeter replaces the perimeter of an account.
func (c *Client) SetPerimeter(ctx context.Context, id string, p Perimeter) (Account, error) {
	var a Account
	return a, c.call(ctx, http.MethodPost, accountPath(id)+"/perimeter", p, &a)
}

// BlockAccount shuts an account out, whatever key it has.
func (c *Client) BlockAccount(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, accountPath(id), nil, nil)
}

// AddKey gives an account another API key; those that it has stay good.
func (c *Client) AddKey(ctx context.Context, id string, k NewKey) (Key, error) {
	var made Key
	return made, c.call(ctx, http.MethodPost, accountPath(id)+"/keys", k, &made)
}

// RevokeKey ends an API key of an account at once.
func (c *Client) RevokeKey(ctx context.Context, id, key string) error {
	return c.call(ctx, http.MethodDelete, accountPath(id)+"/keys/"+url.PathEscape(key), nil, nil)
}

func accountPath(id string) string { return accountsPath + "/" + url.PathEscape(id) }
