package api

import (
	"context"
	"encoding/json"

	"github.com/clementine-ope/clementine/billing"
)

// AuditEntry is one act, as it was recorded with it.
type AuditEntry struct {
	Node
	Number  int64           `json:"number,omitempty" doc:"Rising, without gaps; shown to administrators only, because it counts what others did."`
	At      string          `json:"at" format:"date-time"`
	Client  string          `json:"client,omitempty" doc:"Id of the client; absent for the system."`
	Actor   string          `json:"actor" enum:"client,omniscient,admin,system" doc:"The right by which it was done."`
	Reason  string          `json:"reason,omitempty"`
	Request string          `json:"request,omitempty" doc:"X-Request-Id of the request."`
	Action  string          `json:"action"`
	Kind    string          `json:"kind" doc:"What it was done to."`
	ID      string          `json:"id,omitempty"`
	Offers  []string        `json:"offers" nullable:"false"`
	Before  json.RawMessage `json:"before,omitempty" doc:"The thing before the act."`
	After   json.RawMessage `json:"after,omitempty" doc:"The thing after the act."`
}

func (r *request) viewAudit(e billing.AuditEntry) AuditEntry {
	v := AuditEntry{
		Node: r.node("AuditEntry", "", false), Number: e.Number, At: instant(e.At),
		Client: string(e.Actor.Client), Actor: string(e.Actor.Kind), Reason: e.Actor.Reason, Request: e.Actor.Request,
		Action: e.Action, Kind: string(e.Kind), ID: e.ID, Offers: []string{},
		Before: document(e.Before), After: document(e.After),
	}
	for _, o := range e.Offers {
		v.Offers = append(v.Offers, string(o))
	}
	return v
}

func document(text string) json.RawMessage {
	if !json.Valid([]byte(text)) {
		return nil
	}
	return json.RawMessage(text)
}

// auditParams are the filters of the trace.
func auditParams() []param {
	return []param{
		paramOffer,
		{name: "kind", many: true, says: "What it was done to.", enum: []string{
			"offer", "envelope", "client", "subscription", "suspect", "budget", "rollup", "read",
		}},
		{name: "id", says: "Id of the thing."},
		{name: "client", many: true, says: "Id of the client that did it."},
		{name: "actor", many: true, says: "The right by which it was done.", enum: []string{"client", "omniscient", "admin", "system"}},
		{name: "action", many: true, says: "What was done: create, patch, hold, release, revise, end, delete, read and so on."},
		{name: "at[after]", says: "On this day or later, in UTC.", format: "date"},
		{name: "at[before]", says: "On this day or earlier, in UTC.", format: "date"},
	}
}

const dayMillis = 24 * 60 * 60 * 1000

func (a *API) listAudit(ctx context.Context, r *request) (answer, error) {
	f := billing.AuditFilter{
		Kinds: list[billing.AuditKind](r, "kind"), ID: r.value("id"), Clients: list[billing.ClientID](r, "client"),
		Actors: list[billing.ActorKind](r, "actor"), Actions: list[string](r, "action"), Offers: r.offers(),
	}
	from, err := r.day("at[after]")
	if err != nil {
		return answer{}, err
	}
	last, err := r.day("at[before]")
	if err != nil {
		return answer{}, err
	}
	if from != nil {
		f.At.From = billing.Instant(*from) * dayMillis
	}
	if last != nil {
		f.At.Until = billing.Instant(*last+1) * dayMillis
	}
	p, err := r.page()
	if err != nil {
		return answer{}, err
	}
	page, err := a.store.Audit(ctx, r.scope, f, p)
	if err != nil {
		return answer{}, err
	}
	views := make([]AuditEntry, 0, len(page.Items))
	for _, e := range page.Items {
		views = append(views, r.viewAudit(e))
	}
	return respondPage(r, "AuditEntry", views, p, page.Pages)
}
