package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"

	"github.com/clementine-ope/clementine/billing"
)

// HoldInput is what adds a hold.
type HoldInput struct {
	From   string  `json:"from" format:"date" doc:"The first day."`
	To     *string `json:"to,omitempty" format:"date" doc:"The last day, included; no end if it is left out."`
	Reason string  `json:"reason,omitempty"`
}

// RevisionInput is what changes the price from a day on.
type RevisionInput struct {
	From  string      `json:"from" format:"date" doc:"The first day of the new price."`
	Lines []LineInput `json:"lines" minItems:"1" nullable:"false"`
}

// EndInput is what ends a subscription, or opens it again.
type EndInput struct {
	EndDate *string `json:"endDate" format:"date" nullable:"true" doc:"The last day, included; null takes the end away."`
}

// SubscriptionPatch is a merge patch (RFC 7396) of what may change in place.
type SubscriptionPatch struct {
	Offer     *string `json:"offer,omitempty" nullable:"false" doc:"Moves it; both offers must be the client's."`
	Envelope  *string `json:"envelope,omitempty" nullable:"false"`
	Reference *string `json:"reference,omitempty" nullable:"false"`
	Label     *string `json:"label,omitempty" nullable:"false"`
}

func (a *API) listSubscriptions(ctx context.Context, r *request) (answer, error) {
	f, err := a.filter(ctx, r)
	if err != nil {
		return answer{}, err
	}
	o, err := r.order()
	if err != nil {
		return answer{}, err
	}
	if r.format == formatCSV || r.format == formatLines {
		return a.exportSubscriptions(ctx, r, f, o)
	}
	if err := r.noDialect(); err != nil {
		return answer{}, err
	}
	p, err := r.page()
	if err != nil {
		return answer{}, err
	}
	page, err := a.store.Subscriptions(ctx, r.scope, f, o, p)
	if err != nil {
		return answer{}, err
	}
	views := make([]Subscription, 0, len(page.Items))
	for i := range page.Items {
		s := &page.Items[i]
		views = append(views, viewSubscription(s, f.AsOf, r.node("Subscription", subscriptionPath(s.ID), false)))
	}
	return respondPage(r, "Subscription", views, p, page.Pages)
}

func (a *API) exportSubscriptions(ctx context.Context, r *request, f billing.Filter, o billing.Order) (answer, error) {
	if err := r.unpaged(); err != nil {
		return answer{}, err
	}
	dialect, err := r.dialect()
	if err != nil {
		return answer{}, err
	}
	e := Export{Filter: f, Order: o, CSV: r.format == formatCSV, Dialect: dialect}
	media := "application/x-ndjson; charset=utf-8"
	if e.CSV {
		media = csvMedia
	}
	return answer{status: http.StatusOK, media: media, stream: func(w io.Writer) error {
		return e.Write(ctx, a.store, r.scope, w)
	}}, nil
}

func (a *API) createSubscription(ctx context.Context, r *request) (answer, error) {
	var in SubscriptionInput
	if err := a.schemas.decode(r.body, &in); err != nil {
		return answer{}, err
	}
	n, err := in.read()
	if err != nil {
		return answer{}, err
	}
	return a.idempotent(ctx, r, func(ctx context.Context, store billing.Store) (answer, error) {
		s, err := store.CreateSubscription(ctx, r.actor, r.scope, n)
		if err != nil {
			return answer{}, err
		}
		out, err := a.showSubscription(r, http.StatusCreated, s)
		return out.with("Location", subscriptionPath(s.ID)), err
	})
}

// showSubscription is the answer with one subscription and its ETag.
func (a *API) showSubscription(r *request, status int, s billing.Subscription) (answer, error) {
	asOf, err := a.asOf(r)
	if err != nil {
		return answer{}, err
	}
	node := r.node("Subscription", subscriptionPath(s.ID), true)
	out, err := r.respondOne(status, viewSubscription(&s, asOf, node))
	return out.with("ETag", etag(s.Version, r.scope)), err
}

func (r *request) subscription() billing.SubscriptionID { return billing.SubscriptionID(r.path["id"]) }

func (a *API) getSubscription(ctx context.Context, r *request) (answer, error) {
	s, err := a.store.Subscription(ctx, r.scope, r.subscription())
	if err != nil {
		return answer{}, err
	}
	return a.showSubscription(r, http.StatusOK, s)
}

// change is one write of an existing subscription; version is the one that is expected, 0 for any.
type change func(ctx context.Context, s billing.Store, version int) (billing.Subscription, error)

func (a *API) changeSubscription(ctx context.Context, r *request, status int, do change) (answer, error) {
	version, err := r.version()
	if err != nil {
		return answer{}, err
	}
	return a.idempotent(ctx, r, func(ctx context.Context, store billing.Store) (answer, error) {
		s, err := do(ctx, store, version)
		if err != nil {
			return answer{}, err
		}
		return a.showSubscription(r, status, s)
	})
}

func (a *API) patchSubscription(ctx context.Context, r *request) (answer, error) {
	var in SubscriptionPatch
	if err := a.schemas.decode(r.body, &in); err != nil {
		return answer{}, err
	}
	if err := noNulls(r.body); err != nil {
		return answer{}, err
	}
	p := billing.SubscriptionPatch{
		Offer: (*billing.OfferCode)(in.Offer), Envelope: (*billing.EnvelopeCode)(in.Envelope),
		Reference: in.Reference, Label: in.Label,
	}
	return a.changeSubscription(ctx, r, http.StatusOK,
		func(ctx context.Context, s billing.Store, version int) (billing.Subscription, error) {
			return s.PatchSubscription(ctx, r.actor, r.scope, r.subscription(), version, p)
		})
}

// noNulls refuses the null of a merge patch, which removes a field: none of these can be removed.
func noNulls(body []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return refuse(kindBody, "the body is not a JSON object")
	}
	var v []billing.Violation
	for name, value := range fields {
		if bytes.Equal(bytes.TrimSpace(value), []byte("null")) {
			v = append(v, billing.Violation{Path: name, Code: billing.CodeRequired, Message: "cannot be removed"})
		}
	}
	if len(v) == 0 {
		return nil
	}
	slices.SortFunc(v, func(x, y billing.Violation) int { return bytes.Compare([]byte(x.Path), []byte(y.Path)) })
	return &billing.InvalidError{Violations: v}
}

func (a *API) deleteSubscription(ctx context.Context, r *request) (answer, error) {
	version, err := r.version()
	if err != nil {
		return answer{}, err
	}
	return a.idempotent(ctx, r, func(ctx context.Context, s billing.Store) (answer, error) {
		err := s.DeleteSubscription(ctx, r.actor, r.scope, r.subscription(), version)
		return answer{status: http.StatusNoContent}, err
	})
}

func (a *API) addHold(ctx context.Context, r *request) (answer, error) {
	var in HoldInput
	if err := a.schemas.decode(r.body, &in); err != nil {
		return answer{}, err
	}
	var rd reading
	h := billing.Hold{Interval: rd.span("from", in.From, "to", in.To), Reason: in.Reason}
	if err := rd.err(); err != nil {
		return answer{}, err
	}
	return a.changeSubscription(ctx, r, http.StatusCreated,
		func(ctx context.Context, s billing.Store, version int) (billing.Subscription, error) {
			return s.AddHold(ctx, r.actor, r.scope, r.subscription(), version, h)
		})
}

func (a *API) removeHold(ctx context.Context, r *request) (answer, error) {
	return a.changeSubscription(ctx, r, http.StatusOK,
		func(ctx context.Context, s billing.Store, version int) (billing.Subscription, error) {
			return s.RemoveHold(ctx, r.actor, r.scope, r.subscription(), version, billing.HoldID(r.path["holdId"]))
		})
}

func (a *API) revise(ctx context.Context, r *request) (answer, error) {
	var in RevisionInput
	if err := a.schemas.decode(r.body, &in); err != nil {
		return answer{}, err
	}
	var rd reading
	from, lines := rd.day("from", in.From), rd.lines("lines", in.Lines)
	if err := rd.err(); err != nil {
		return answer{}, err
	}
	return a.changeSubscription(ctx, r, http.StatusCreated,
		func(ctx context.Context, s billing.Store, version int) (billing.Subscription, error) {
			return s.Revise(ctx, r.actor, r.scope, r.subscription(), version, from, lines)
		})
}

func (a *API) end(ctx context.Context, r *request) (answer, error) {
	var in EndInput
	if err := a.schemas.decode(r.body, &in); err != nil {
		return answer{}, err
	}
	to := billing.Forever
	if in.EndDate != nil {
		last, err := billing.ParseDay(*in.EndDate)
		if err != nil {
			return answer{}, billing.Invalid("endDate", billing.CodeFormat, "%s", err.Error())
		}
		to = last + 1
	}
	return a.changeSubscription(ctx, r, http.StatusOK,
		func(ctx context.Context, s billing.Store, version int) (billing.Subscription, error) {
			return s.End(ctx, r.actor, r.scope, r.subscription(), version, to)
		})
}
