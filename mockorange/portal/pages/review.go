package pages

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/web"
)

// reviewRow is a subscription as Orange sees it.
type reviewRow struct {
	subRow
	ID, App, ClientID string
	Account           portal.Account
}

func (p *Pages) reviewRow(r portal.Review, by caller) reviewRow {
	return reviewRow{p.subRow(r.Subscription, by), r.ID, r.ApplicationName, r.ClientID, r.Account}
}

type reviewList struct {
	State  string
	States []option
	Rows   []reviewRow
}

// reviews lists what waits for Orange, unless another state is asked for; "all" is all.
func (p *Pages) reviews(c *gin.Context, by caller) error {
	state := portal.State(c.DefaultQuery("state", string(portal.Pending)))
	if state != "all" && !slices.Contains(portal.States(), state) {
		return &portal.InvalidError{Violations: []portal.Violation{{Field: "state", Code: portal.CodeUnknown, Message: "is not known"}}}
	}
	d := reviewList{State: string(state)}
	if state == "all" {
		state = ""
	}
	all, err := p.portal.Reviews(c.Request.Context(), state)
	if err != nil {
		return err
	}
	for _, s := range append(portal.States(), "all") {
		d.States = append(d.States, option{string(s), p.text(c, "state."+string(s)), string(s) == d.State})
	}
	for _, r := range all {
		d.Rows = append(d.Rows, p.reviewRow(r, by))
	}
	p.render(c, http.StatusOK, web.Page{Name: "reviews", Title: p.text(c, "nav.review"), Section: "nav.review", Data: d})
	return nil
}

type reviewDetail struct {
	reviewRow
	Form      formState
	Config    portal.Configuration
	AuthType  string
	SecretSet bool
	Decisions []portal.Decision
	History   []actRow
}

func (p *Pages) review(c *gin.Context, by caller) error {
	return p.showReview(c, by, formState{})
}

func (p *Pages) showReview(c *gin.Context, by caller, f formState) error {
	r, err := p.portal.Review(c.Request.Context(), c.Param("id"))
	if err != nil {
		return err
	}
	history, err := p.portal.History(c.Request.Context(), r.ID)
	if err != nil {
		return err
	}
	d := reviewDetail{
		reviewRow: p.reviewRow(r, by), Form: f, Config: r.Configuration, SecretSet: r.Configuration.Auth.Secret != "",
		History: p.actRows(c, history, by),
	}
	d.Config.Auth.Secret = ""
	if r.Configuration.Auth.Type != "" {
		d.AuthType = p.text(c, "auth."+r.Configuration.Auth.Type)
	}
	switch r.State {
	case portal.Pending:
		d.Decisions = []portal.Decision{portal.Approve, portal.Refuse}
	case portal.Approved:
		d.Decisions = []portal.Decision{portal.Revoke}
	case portal.Refused, portal.Revoked:
		d.Decisions = []portal.Decision{portal.Approve}
	}
	p.render(c, f.status(), web.Page{
		Name: "review", Title: p.text(c, "review.title", r.Account.Company, d.Name), Section: "nav.review", Data: d,
		Trail: []web.Crumb{{Text: p.text(c, "nav.review"), Path: "/review"}},
	})
	return nil
}

func (p *Pages) decide(c *gin.Context, by caller) error {
	decision := c.PostForm("decision")
	r, err := p.portal.Decide(c.Request.Context(), c.Param("id"), portal.Decision(decision), c.PostForm("reason"))
	if f := p.refused(c, decision, err); f != nil {
		return p.showReview(c, by, *f)
	}
	if err != nil {
		return err
	}
	return p.goTo(c, "/review/subscriptions/"+r.ID, "decided."+string(r.State))
}

type invitationRow struct{ Email, Offer, SentAt, Ends, AcceptedAt string }

type invitationList struct {
	Form   formState
	Offers []option
	Rows   []invitationRow
}

func (p *Pages) invitations(c *gin.Context, by caller) error {
	return p.showInvitations(c, by, formState{})
}

func (p *Pages) showInvitations(c *gin.Context, by caller, f formState) error {
	all, err := p.portal.Invitations(c.Request.Context(), "")
	if err != nil {
		return err
	}
	d := invitationList{Form: f}
	for _, o := range portal.Catalogue() {
		if o.ByInvitation {
			d.Offers = append(d.Offers, option{o.Code, o.Name, f.Get("invite", "offer", portal.OfferBeta) == o.Code})
		}
	}
	for _, i := range all {
		o, _ := portal.FindOffer(i.Offer)
		d.Rows = append(d.Rows, invitationRow{i.Email, o.Name, by.at(i.SentAt), by.at(i.Ends), by.at(i.AcceptedAt)})
	}
	p.render(c, f.status(), web.Page{Name: "invitations", Title: p.text(c, "nav.invitations"), Section: "nav.invitations", Data: d})
	return nil
}

func (p *Pages) invite(c *gin.Context, by caller) error {
	_, err := p.portal.Invite(c.Request.Context(), c.PostForm("email"), c.PostForm("offer"), string(by.lang))
	if f := p.refused(c, "invite", err); f != nil {
		return p.showInvitations(c, by, *f)
	}
	if err != nil {
		return err
	}
	return p.goTo(c, "/review/invitations", "invitationSent")
}

type mailRow struct {
	ID                                      int64
	At, To, Kind, Lang, Subject, Text, Link string
}

type mailList struct {
	To   string
	Rows []mailRow
}

// mailbox is where all mail lands that the portal writes.
func (p *Pages) mailbox(c *gin.Context, by caller) error {
	to := c.Query("to")
	mail, err := p.portal.Mailbox(c.Request.Context(), to)
	if err != nil {
		return err
	}
	d := mailList{To: to}
	for _, m := range mail {
		d.Rows = append(d.Rows, mailRow{m.ID, by.at(m.At), m.To, p.text(c, "mail."+m.Kind), m.Lang, m.Subject, m.Text, m.Link})
	}
	p.render(c, http.StatusOK, web.Page{Name: "mailbox", Title: p.text(c, "nav.mailbox"), Section: "nav.mailbox", Data: d})
	return nil
}
