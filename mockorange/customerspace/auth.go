package customerspace

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/clementine-ope/clementine/internal/apierror"
	"github.com/clementine-ope/clementine/internal/oauth"
)

// admit says who calls. The gateway's checks come first (token, subscription, number of calls), as they would at Orange,
// then the key of the account.
func (a *API) admit(ctx context.Context, r *http.Request) (Scope, error) {
	application, err := a.application(ctx, r)
	if err != nil {
		return Scope{}, err
	}
	if a.options.Subscribed != nil {
		subscribed, err := a.options.Subscribed(ctx, application)
		if err != nil {
			return Scope{}, fmt.Errorf("looking for the subscription of %q: %w", application, err)
		}
		if !subscribed {
			return Scope{}, refuse(http.StatusForbidden, apierror.AccessDenied, "The application is not subscribed to Cloud Store Customer Space.")
		}
	}
	if err := a.limits.take(application, a.options.Now()); err != nil {
		return Scope{}, err
	}
	return a.account(ctx, r)
}

// application checks the token and names the application that it was issued to.
func (a *API) application(ctx context.Context, r *http.Request) (string, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", refuse(http.StatusUnauthorized, apierror.MissingCredentials, "")
	}
	check, err := a.options.CheckToken(ctx, token)
	if err != nil {
		return "", fmt.Errorf("checking a token: %w", err)
	}
	switch check.State {
	case oauth.StateValid:
		return check.Token.ClientID, nil
	case oauth.StateExpired:
		return "", refuse(http.StatusUnauthorized, apierror.ExpiredCredentials, "")
	case oauth.StateInvalid:
	}
	return "", refuse(http.StatusUnauthorized, apierror.InvalidCredentials, "")
}

// account checks the key. A key that was revoked is answered as one that never was.
func (a *API) account(ctx context.Context, r *http.Request) (Scope, error) {
	secret := strings.TrimSpace(r.Header.Get(keyHeader))
	if secret == "" {
		return Scope{}, refuse(http.StatusUnauthorized, apierror.MissingCredentials, "The header X-API-Key is missing or empty.")
	}
	holder, found, err := a.store.Holder(ctx, secret)
	switch {
	case err != nil:
		return Scope{}, err
	case !found || holder.Key == KeyRevoked:
		return Scope{}, refuse(http.StatusUnauthorized, apierror.InvalidCredentials, "The X-API-Key is not a key of this service.")
	case holder.Blocked:
		return Scope{}, refuse(http.StatusForbidden, apierror.ForbiddenUser, "The account of the X-API-Key has been blocked.")
	case holder.Key == KeyExpired:
		return Scope{}, refuse(http.StatusUnauthorized, apierror.ExpiredCredentials, "The X-API-Key has expired: ask for another one.")
	}
	return holder.Scope, nil
}

// contract reads the header that names a contract: "" where it is not needed and not there.
func (c *call) contract(needed bool) (string, error) {
	values := c.request.Header.Values(contractHeader)
	id := strings.TrimSpace(strings.Join(values, ","))
	if id == "" {
		if needed {
			return "", refuse(http.StatusBadRequest, apierror.MissingHeader, "The header X-ECCS-Contract-Id is missing or empty.")
		}
		return "", nil
	}
	if _, ok := contractNumber(id); !ok {
		return "", refuse(http.StatusBadRequest, apierror.InvalidHeader, "X-ECCS-Contract-Id must be one contract's id, such as OCB0001234.")
	}
	return id, nil
}
