package api

import (
	"context"
	"net/http"

	"github.com/clementine-ope/clementine/billing"
)

// OfferInput is what creates an offer.
type OfferInput struct {
	Code     string `json:"code" doc:"Never changes." example:"FIBRE-PRO"`
	Name     string `json:"name" example:"Fibre Pro"`
	Currency string `json:"currency" doc:"ISO 4217; never changes." example:"EUR"`
}

// Offer is an offer as it is shown.
type Offer struct {
	Node
	Code     string `json:"code"`
	Name     string `json:"name"`
	Currency string `json:"currency"`
}

// EnvelopeInput is what creates an envelope.
type EnvelopeInput struct {
	Code  string `json:"code" doc:"Never changes." example:"IT-2026"`
	Label string `json:"label" example:"Information technology 2026"`
}

// Envelope is an envelope as it is shown.
type Envelope struct {
	Node
	Code  string `json:"code"`
	Label string `json:"label"`
}

func (r *request) viewOffer(o billing.Offer, alone bool) (view Offer, path string) {
	path = BasePath + "/offers/" + string(o.Code)
	return Offer{r.node("Offer", path, alone), string(o.Code), o.Name, string(o.Currency)}, path
}

func (r *request) viewEnvelope(e billing.Envelope, alone bool) (view Envelope, path string) {
	path = BasePath + "/envelopes/" + string(e.Code)
	return Envelope{r.node("Envelope", path, alone), string(e.Code), e.Label}, path
}

func (a *API) listOffers(ctx context.Context, r *request) (answer, error) {
	offers, err := a.store.Offers(ctx, r.scope)
	if err != nil {
		return answer{}, err
	}
	views := make([]Offer, 0, len(offers))
	for _, o := range offers {
		view, _ := r.viewOffer(o, false)
		views = append(views, view)
	}
	return respondAll(r, "Offer", views)
}

func (a *API) getOffer(ctx context.Context, r *request) (answer, error) {
	o, err := a.store.Offer(ctx, r.scope, billing.OfferCode(r.path["code"]))
	if err != nil {
		return answer{}, err
	}
	view, _ := r.viewOffer(o, true)
	return r.respondOne(http.StatusOK, view)
}

func (a *API) createOffer(ctx context.Context, r *request) (answer, error) {
	var in OfferInput
	if err := a.schemas.decode(r.body, &in); err != nil {
		return answer{}, err
	}
	return a.idempotent(ctx, r, func(ctx context.Context, s billing.Store) (answer, error) {
		o, err := s.CreateOffer(ctx, r.actor, r.scope, billing.Offer{
			Code: billing.OfferCode(in.Code), Name: in.Name, Currency: billing.Currency(in.Currency),
		})
		if err != nil {
			return answer{}, err
		}
		view, path := r.viewOffer(o, true)
		out, err := r.respondOne(http.StatusCreated, view)
		return out.with("Location", path), err
	})
}

func (a *API) listEnvelopes(ctx context.Context, r *request) (answer, error) {
	envelopes, err := a.store.Envelopes(ctx, r.scope)
	if err != nil {
		return answer{}, err
	}
	views := make([]Envelope, 0, len(envelopes))
	for _, e := range envelopes {
		view, _ := r.viewEnvelope(e, false)
		views = append(views, view)
	}
	return respondAll(r, "Envelope", views)
}

func (a *API) getEnvelope(ctx context.Context, r *request) (answer, error) {
	e, err := a.store.Envelope(ctx, r.scope, billing.EnvelopeCode(r.path["code"]))
	if err != nil {
		return answer{}, err
	}
	view, _ := r.viewEnvelope(e, true)
	return r.respondOne(http.StatusOK, view)
}

func (a *API) createEnvelope(ctx context.Context, r *request) (answer, error) {
	var in EnvelopeInput
	if err := a.schemas.decode(r.body, &in); err != nil {
		return answer{}, err
	}
	return a.idempotent(ctx, r, func(ctx context.Context, s billing.Store) (answer, error) {
		e, err := s.CreateEnvelope(ctx, r.actor, r.scope, billing.Envelope{Code: billing.EnvelopeCode(in.Code), Label: in.Label})
		if err != nil {
			return answer{}, err
		}
		view, path := r.viewEnvelope(e, true)
		out, err := r.respondOne(http.StatusCreated, view)
		return out.with("Location", path), err
	})
}
