package api

import (
	"slices"

	"github.com/clementine-ope/clementine/mockorange/portal"
)

func (a *API) listReviews(c *call) (any, error) {
	state := portal.State(c.Query("state"))
	if state != "" && !slices.Contains(portal.States(), state) {
		return nil, &portal.InvalidError{Violations: []portal.Violation{
			{Field: "state", Code: portal.CodeUnknown, Message: "must be pending, approved, refused or revoked"},
		}}
	}
	reviews, err := a.portal.Reviews(c.Request.Context(), state)
	out := []Review{}
	for _, r := range reviews {
		out = append(out, reviewOf(r))
	}
	return out, err
}

func (a *API) getReview(c *call) (any, error) {
	r, err := a.portal.Review(c.Request.Context(), c.Param("id"))
	return reviewOf(r), err
}

func (a *API) decide(c *call) (any, error) {
	var in DecisionInput
	if err := decode(c, &in); err != nil {
		return nil, err
	}
	r, err := a.portal.Decide(c.Request.Context(), c.Param("id"), portal.Decision(in.Decision), in.Reason)
	return reviewOf(r), err
}

func (a *API) listInvitations(c *call) (any, error) {
	all, err := a.portal.Invitations(c.Request.Context(), "")
	out := []Invitation{}
	for _, i := range all {
		out = append(out, invitationOf(i))
	}
	return out, err
}

func invitationOf(i portal.Invitation) Invitation {
	return Invitation{i.Email, i.Offer, i.SentAt, i.Ends, maybe(i.AcceptedAt)}
}

func (a *API) invite(c *call) (any, error) {
	var in InvitationInput
	if err := decode(c, &in); err != nil {
		return nil, err
	}
	i, err := a.portal.Invite(c.Request.Context(), in.Email, in.Offer, in.Lang)
	return invitationOf(i), err
}

func (a *API) listAccounts(c *call) (any, error) {
	all, err := a.portal.Accounts(c.Request.Context())
	out := []Account{}
	for _, account := range all {
		out = append(out, accountOf(account))
	}
	return out, err
}

func (a *API) partnerIntegration(c *call) (any, error) { return a.integration(c, c.Param("id")) }

func (a *API) postPartnerRun(c *call) (any, error) {
	return a.postRun(c, c.Param("id"), portal.Orange)
}

func (a *API) mailbox(c *call) (any, error) {
	mail, err := a.portal.Mailbox(c.Request.Context(), c.Query("to"))
	out := []Mail{}
	for _, m := range mail {
		out = append(out, Mail(m))
	}
	return out, err
}
