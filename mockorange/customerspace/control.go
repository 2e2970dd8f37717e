package customerspace

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/internal/apidocs"
	"github.com/clementine-ope/clementine/internal/apierror"
	"github.com/clementine-ope/clementine/mockorange/control"
)

// ControlRoutes are what Control serves: "DELETE /control/accounts/{id}", in order.
func ControlRoutes() []string {
	return apidocs.Routes((&API{}).controlRoutes().Routes(), func(r gin.RouteInfo) (method, path string) { return r.Method, r.Path })
}

// controlRoutes is how accounts come and go (wire.md, section 9).
func (a *API) controlRoutes() *gin.Engine {
	e := newEngine()
	e.GET(ControlPath, a.open(a.getAccounts))
	e.POST(ControlPath, a.open(a.postAccount))
	e.DELETE(ControlPath+"/:id", a.open(a.deleteAccount))
	e.POST(ControlPath+"/:id/perimeter", a.open(a.postPerimeter))
	e.POST(ControlPath+"/:id/keys", a.open(a.postKey))
	e.DELETE(ControlPath+"/:id/keys/:key", a.open(a.deleteKey))
	e.NoRoute(a.open(func(context.Context, *call) (answer, error) { return answer{}, refuse(404, apierror.NotFound, "") }))
	e.NoMethod(a.open(func(context.Context, *call) (answer, error) {
		return answer{}, refuse(405, apierror.MethodNotAllowed, "")
	}))
	return e
}

// decodeStrictly reads a JSON object; a field that v does not have is an error.
func (c *call) decodeStrictly(v any) error {
	body, err := readBody(c.request.Body)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	return asField(d.Decode(v))
}

func (a *API) getAccounts(ctx context.Context, _ *call) (answer, error) {
	accounts, err := a.store.Accounts(ctx)
	if err != nil {
		return answer{}, err
	}
	list := make([]control.Account, 0, len(accounts))
	for _, account := range accounts {
		list = append(list, a.showAccount(account))
	}
	return respond(http.StatusOK, list)
}

func (a *API) postAccount(ctx context.Context, c *call) (answer, error) {
	var in control.NewAccount
	if err := c.decodeStrictly(&in); err != nil {
		return answer{}, err
	}
	account, secret, err := a.store.CreateAccount(ctx, NewAccount{
		Type: AccountType(in.Type), Login: in.Login, Email: in.Email, Perimeter: perimeter(in.Perimeter), ExpiresAt: in.ExpiresAt,
	})
	if err != nil {
		return answer{}, err
	}
	out := a.showAccount(account)
	out.APIKey = secret
	return respond(http.StatusCreated, out)
}

func (a *API) postPerimeter(ctx context.Context, c *call) (answer, error) {
	var in control.Perimeter
	if err := c.decodeStrictly(&in); err != nil {
		return answer{}, err
	}
	account, err := a.store.SetPerimeter(ctx, c.path("id"), perimeter(in))
	if err != nil {
		return answer{}, err
	}
	return respond(http.StatusOK, a.showAccount(account))
}

func (a *API) postKey(ctx context.Context, c *call) (answer, error) {
	var in control.NewKey
	var known *apierror.Error
	// Nothing has to be said about a key, so no body is a good one.
	if err := c.decodeStrictly(&in); err != nil && (!errors.As(err, &known) || known.Code != apierror.MissingBody) {
		return answer{}, err
	}
	k, secret, err := a.store.NewKey(ctx, c.path("id"), in.ExpiresAt)
	if err != nil {
		return answer{}, err
	}
	out := showKey(k, a.options.Now())
	out.APIKey = secret
	return respond(http.StatusCreated, out)
}

func (a *API) deleteAccount(ctx context.Context, c *call) (answer, error) {
	return answer{status: http.StatusNoContent}, a.store.BlockAccount(ctx, c.path("id"))
}

func (a *API) deleteKey(ctx context.Context, c *call) (answer, error) {
	return answer{status: http.StatusNoContent}, a.store.RevokeKey(ctx, c.path("id"), c.path("key"))
}

func perimeter(p control.Perimeter) Perimeter {
	return Perimeter{BillingAccounts: p.BillingAccounts, Offers: p.Offers, Contracts: p.Contracts}
}

func (a *API) showAccount(account Account) control.Account {
	p := account.Perimeter
	out := control.Account{
		ID: account.ID, Type: string(account.Type), Login: account.Login, Email: account.Email,
		Perimeter: control.Perimeter{BillingAccounts: p.BillingAccounts, Offers: p.Offers, Contracts: p.Contracts},
		CreatedAt: account.CreatedAt, BlockedAt: account.BlockedAt, Keys: []control.Key{},
	}
	now := a.options.Now()
	for _, k := range account.Keys {
		out.Keys = append(out.Keys, showKey(k, now))
	}
	return out
}

func showKey(k Key, now time.Time) control.Key {
	return control.Key{
		ID: k.ID, State: string(k.State(now)), CreatedAt: k.CreatedAt, ExpiresAt: k.ExpiresAt, RevokedAt: k.RevokedAt,
	}
}
