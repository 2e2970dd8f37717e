package api

import (
	"context"
	"net/http"

	"github.com/clementine-ope/clementine/billing"
)

// ClientInput is what creates an API client.
type ClientInput struct {
	Name       string   `json:"name" example:"Cost reports"`
	Offers     []string `json:"offers,omitempty" nullable:"false" doc:"Codes of the offers that it may act on."`
	Omniscient bool     `json:"omniscient,omitempty" doc:"It may read every offer; each of its reads is audited."`
	Role       string   `json:"role,omitempty" enum:"reader,writer,admin" doc:"reader if it is left out; an admin reads and writes everything, and each of its acts is audited."`
	Expires    *string  `json:"expires,omitempty" nullable:"false" format:"date" doc:"The first day on which it is no longer let in; never if it is left out."`
}

// Credentials are shown once, when they are made.
type Credentials struct {
	ClientID     string `json:"clientID"`
	ClientSecret string `json:"clientSecret" doc:"Shown now and never again."`
}

// Access is what a client may do.
type Access struct {
	Offers     []string `json:"offers" nullable:"false"`
	Omniscient bool     `json:"omniscient"`
	Role       string   `json:"role" enum:"reader,writer,admin"`
}

// Client is an API client as it is shown.
type Client struct {
	Node
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Status     string   `json:"status" enum:"active,suspended"`
	Expires    string   `json:"expires,omitempty" format:"date" doc:"The first day on which it is no longer let in; absent if never."`
	Offers     []string `json:"offers" nullable:"false"`
	Omniscient bool     `json:"omniscient"`
	Role       string   `json:"role" enum:"reader,writer,admin"`
	CreatedAt  string   `json:"createdAt" format:"date-time"`
}

func clientPath(id billing.ClientID) string { return BasePath + "/clients/" + string(id) }

func (r *request) viewClient(c billing.Client, alone bool) Client {
	v := Client{
		Node: r.node("Client", clientPath(c.ID), alone), ID: string(c.ID), Name: c.Name, Status: string(c.Status),
		Expires: c.Expires.String(), Offers: []string{}, Omniscient: c.Omniscient, Role: string(c.Role),
		CreatedAt: instant(c.CreatedAt),
	}
	for _, o := range c.Offers {
		v.Offers = append(v.Offers, string(o))
	}
	return v
}

func codes(in []string) []billing.OfferCode {
	out := make([]billing.OfferCode, 0, len(in))
	for _, o := range in {
		out = append(out, billing.OfferCode(o))
	}
	return out
}

func (r *request) clientID() billing.ClientID { return billing.ClientID(r.path["id"]) }

func (a *API) listClients(ctx context.Context, r *request) (answer, error) {
	clients, err := a.store.Clients(ctx, r.scope)
	if err != nil {
		return answer{}, err
	}
	views := make([]Client, 0, len(clients))
	for _, c := range clients {
		views = append(views, r.viewClient(c, false))
	}
	return respondAll(r, "Client", views)
}

func (a *API) getClient(ctx context.Context, r *request) (answer, error) {
	c, err := a.store.Client(ctx, r.scope, r.clientID())
	if err != nil {
		return answer{}, err
	}
	return r.respondOne(http.StatusOK, r.viewClient(c, true))
}

// createClient takes no Idempotency-Key: its answer holds a secret, which is to be stored nowhere.
func (a *API) createClient(ctx context.Context, r *request) (answer, error) {
	var in ClientInput
	if err := a.schemas.decode(r.body, &in); err != nil {
		return answer{}, err
	}
	n := billing.NewClient{
		Name: in.Name, Offers: codes(in.Offers), Omniscient: in.Omniscient, Role: billing.Role(in.Role),
	}
	if in.Expires != nil {
		day, err := billing.ParseDay(*in.Expires)
		if err != nil {
			return answer{}, billing.Invalid("expires", billing.CodeFormat, "%s", err.Error())
		}
		n.Expires = &day
	}
	c, secret, err := a.store.CreateClient(ctx, r.actor, r.scope, n)
	if err != nil {
		return answer{}, err
	}
	out, err := r.respondOne(http.StatusCreated, Credentials{string(c.ID), secret})
	return out.with("Location", clientPath(c.ID)), err
}

func (a *API) rotateSecret(ctx context.Context, r *request) (answer, error) {
	c, secret, err := a.store.RotateSecret(ctx, r.actor, r.scope, r.clientID())
	if err != nil {
		return answer{}, err
	}
	return r.respondOne(http.StatusCreated, Credentials{string(c.ID), secret})
}

func (a *API) suspendClient(ctx context.Context, r *request) (answer, error) {
	return a.setClientStatus(ctx, r, billing.ClientSuspended)
}

func (a *API) activateClient(ctx context.Context, r *request) (answer, error) {
	return a.setClientStatus(ctx, r, billing.ClientActive)
}

func (a *API) setClientStatus(ctx context.Context, r *request, status billing.ClientStatus) (answer, error) {
	c, err := a.store.SetClientStatus(ctx, r.actor, r.scope, r.clientID(), status)
	if err != nil {
		return answer{}, err
	}
	return r.respondOne(http.StatusOK, r.viewClient(c, true))
}

func (a *API) setAccess(ctx context.Context, r *request) (answer, error) {
	var in Access
	if err := a.schemas.decode(r.body, &in); err != nil {
		return answer{}, err
	}
	c, err := a.store.SetClientAccess(ctx, r.actor, r.scope, r.clientID(), codes(in.Offers), in.Omniscient, billing.Role(in.Role))
	if err != nil {
		return answer{}, err
	}
	return r.respondOne(http.StatusOK, r.viewClient(c, true))
}
