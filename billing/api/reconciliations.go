package api

import (
	"context"
	"net/http"

	"github.com/clementine-ope/clementine/billing"
)

// reconciliationsShown is how many reports are listed at most.
const reconciliationsShown = 50

// Reconciliation is the report of a comparison of the stored sums with the subscriptions.
type Reconciliation struct {
	At            string   `json:"at" format:"date-time"`
	Client        string   `json:"client,omitempty" doc:"Id of the client that asked for it."`
	Clean         bool     `json:"clean" doc:"Nothing is wrong."`
	Subscriptions int64    `json:"subscriptions"`
	Keys          int64    `json:"keys" doc:"Sums that were compared."`
	Drifts        []Drift  `json:"drifts" nullable:"false" doc:"Sums that are not what the subscriptions make them."`
	Truncated     int64    `json:"truncated" doc:"Drifts beyond those listed."`
	Faults        []string `json:"faults" nullable:"false"`
}

// Drift is one sum that is wrong. Its values are coefficients in minor units: what counts in that month alone, and what
// counts from it on, by class.
type Drift struct {
	Envelope string      `json:"envelope,omitempty" doc:"Absent for the sum over all envelopes."`
	Offer    string      `json:"offer"`
	Month    string      `json:"month"`
	Expected Coefficient `json:"expected"`
	Found    Coefficient `json:"found"`
}

// Coefficient is what a month of the stored sums holds.
type Coefficient struct {
	Adjust int64   `json:"adjust"`
	Class  []int64 `json:"class" nullable:"false"`
}

// ViewReconciliation shows a report as the API does.
func ViewReconciliation(r billing.Reconciliation) Reconciliation {
	v := Reconciliation{
		At: instant(r.At), Client: string(r.Actor.Client), Clean: r.Clean(), Subscriptions: r.Subscriptions, Keys: r.Keys,
		Drifts: []Drift{}, Truncated: r.Truncated, Faults: append([]string{}, r.Faults...),
	}
	for _, d := range r.Drifts {
		v.Drifts = append(v.Drifts, Drift{
			string(d.Envelope), string(d.Offer), d.Month.String(), coefficient(d.Expected), coefficient(d.Found),
		})
	}
	return v
}

func coefficient(d billing.Delta) Coefficient {
	c := Coefficient{Adjust: int64(d.Adjust), Class: make([]int64, 0, len(d.Class))}
	for _, v := range d.Class {
		c.Class = append(c.Class, int64(v))
	}
	return c
}

func (a *API) reconcile(ctx context.Context, r *request) (answer, error) {
	report, err := a.store.Reconcile(ctx, r.actor, r.scope)
	if err != nil {
		return answer{}, err
	}
	return r.respondOne(http.StatusCreated, ViewReconciliation(report))
}

func (a *API) listReconciliations(ctx context.Context, r *request) (answer, error) {
	reports, err := a.store.Reconciliations(ctx, r.scope, reconciliationsShown)
	if err != nil {
		return answer{}, err
	}
	views := make([]Reconciliation, 0, len(reports))
	for _, report := range reports {
		views = append(views, ViewReconciliation(report))
	}
	return respondAll(r, "Reconciliation", views)
}
