package api

import (
	"context"
	"net/http"

	"github.com/clementine-ope/clementine/billing"
)

// Suspect is a pair of subscriptions that look like one thing recorded twice.
type Suspect struct {
	Node
	ID           string `json:"id"`
	Offer        string `json:"offer"`
	Envelope     string `json:"envelope"`
	Subscription string `json:"subscription" doc:"Path of the newer one."`
	Twin         string `json:"twin" doc:"Path of the one that was there before."`
	Similarity   int    `json:"similarity" doc:"Of the labels, 0 to 100."`
	FoundAt      string `json:"foundAt" format:"date-time"`
	Decision     string `json:"decision" enum:"open,keep,cancel"`
	DecidedBy    string `json:"decidedBy,omitempty"`
	DecidedAt    string `json:"decidedAt,omitempty" format:"date-time"`
	Reason       string `json:"reason,omitempty"`
}

// DecisionInput settles a suspect.
type DecisionInput struct {
	Decision string `json:"decision" enum:"keep,cancel" doc:"keep: both are right; cancel: the newer one is deleted."`
	Reason   string `json:"reason" minLength:"1" doc:"Goes to the audit."`
}

func (r *request) viewSuspect(s billing.Suspect, alone bool) Suspect {
	v := Suspect{
		Node: r.node("Suspect", BasePath+"/suspects/"+s.ID, alone), ID: s.ID, Offer: string(s.Offer), Envelope: string(s.Envelope),
		Subscription: subscriptionPath(s.Subscription), Twin: subscriptionPath(s.Twin), Similarity: s.Similarity,
		FoundAt: instant(s.FoundAt), Decision: string(s.Decision), DecidedBy: string(s.DecidedBy), Reason: s.Reason,
	}
	if s.Decision != billing.DecisionOpen {
		v.DecidedAt = instant(s.DecidedAt)
	}
	return v
}

func (a *API) listSuspects(ctx context.Context, r *request) (answer, error) {
	p, err := r.page()
	if err != nil {
		return answer{}, err
	}
	page, err := a.store.Suspects(ctx, r.scope, billing.Decision(r.value("decision")), p)
	if err != nil {
		return answer{}, err
	}
	views := make([]Suspect, 0, len(page.Items))
	for _, s := range page.Items {
		views = append(views, r.viewSuspect(s, false))
	}
	return respondPage(r, "Suspect", views, p, page.Pages)
}

func (a *API) settleSuspect(ctx context.Context, r *request) (answer, error) {
	var in DecisionInput
	if err := a.schemas.decode(r.body, &in); err != nil {
		return answer{}, err
	}
	actor := r.actor
	actor.Reason = in.Reason
	return a.idempotent(ctx, r, func(ctx context.Context, store billing.Store) (answer, error) {
		s, err := store.SettleSuspect(ctx, actor, r.scope, r.path["id"], billing.Decision(in.Decision))
		if err != nil {
			return answer{}, err
		}
		return r.respondOne(http.StatusOK, r.viewSuspect(s, true))
	})
}
