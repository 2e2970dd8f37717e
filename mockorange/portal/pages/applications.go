package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/web"
)

// appRow is one application of a partner.
type appRow struct {
	ID, Name, ClientID  string
	CreatedAt, SecretAt string
	Subscriptions       []subRow
}

// subRow is one subscription.
type subRow struct {
	Offer, Name, State, Reason        string
	RequestedAt, DecidedAt            string
	Configurable, Configured, Decided bool
	Terms, TermsAt                    string
	Open                              bool
}

func (p *Pages) subRow(s portal.Subscription, by caller) subRow {
	o, _ := portal.FindOffer(s.Offer)
	return subRow{
		Offer: s.Offer, Name: o.Name, State: string(s.State), Reason: s.Reason, RequestedAt: by.at(s.RequestedAt), DecidedAt: by.at(s.DecidedAt),
		Configurable: o.Configured, Configured: !s.ConfiguredAt.IsZero(), Decided: !s.DecidedAt.IsZero(), Terms: s.TermsVersion,
		TermsAt: by.at(s.TermsAt), Open: s.Open(),
	}
}

func (p *Pages) appRow(a portal.Application, by caller) appRow {
	row := appRow{ID: a.ID, Name: a.Name, ClientID: a.ClientID, CreatedAt: by.at(a.CreatedAt), SecretAt: by.at(a.SecretAt)}
	for _, s := range a.Subscriptions {
		row.Subscriptions = append(row.Subscriptions, p.subRow(s, by))
	}
	return row
}

func (p *Pages) appRows(apps []portal.Application, by caller) []appRow {
	var out []appRow
	for _, a := range apps {
		out = append(out, p.appRow(a, by))
	}
	return out
}

type appList struct {
	Form formState
	Rows []appRow
}

func (p *Pages) applications(c *gin.Context, by caller) error {
	return p.showApplications(c, by, formState{})
}

func (p *Pages) showApplications(c *gin.Context, by caller, f formState) error {
	apps, err := p.portal.Applications(c.Request.Context(), by.account.ID)
	if err != nil {
		return err
	}
	p.render(c, f.status(), web.Page{
		Name: "apps", Title: p.text(c, "nav.apps"), Section: "nav.apps", Data: appList{f, p.appRows(apps, by)},
	})
	return nil
}

func (p *Pages) createApplication(c *gin.Context, by caller) error {
	a, secret, err := p.portal.CreateApplication(c.Request.Context(), by.account.ID, c.PostForm("name"))
	if f := p.refused(c, "create", err); f != nil {
		return p.showApplications(c, by, *f)
	}
	if err != nil {
		return err
	}
	return p.showSecret(c, by, a, secret, "done.appCreated")
}

// showSecret answers a form with the one page that has the secret: it is stored nowhere, so no address can show it.
func (p *Pages) showSecret(c *gin.Context, by caller, a portal.Application, secret, notice string) error {
	p.render(c, http.StatusOK, web.Page{
		Name: "secret", Title: p.text(c, "secret.title", a.Name), Section: "nav.apps", Notice: notice, Trail: p.appTrail(c),
		Data: map[string]any{"App": p.appRow(a, by), "Secret": secret},
	})
	return nil
}

func (p *Pages) appTrail(c *gin.Context, more ...web.Crumb) []web.Crumb {
	return append([]web.Crumb{{Text: p.text(c, "nav.apps"), Path: "/apps"}}, more...)
}

type appDetail struct {
	appRow
	Form   formState
	Offers []option // that can be added
}

func (p *Pages) application(c *gin.Context, by caller) error {
	return p.showApplication(c, by, formState{})
}

func (p *Pages) showApplication(c *gin.Context, by caller, f formState) error {
	a, err := p.portal.Application(c.Request.Context(), by.account.ID, c.Param("id"))
	if err != nil {
		return err
	}
	d := appDetail{appRow: p.appRow(a, by), Form: f}
	for _, o := range portal.Catalogue() {
		taken := false
		for _, s := range a.Subscriptions {
			taken = taken || (s.Offer == o.Code && (s.State == portal.Pending || s.State == portal.Approved))
		}
		if !taken {
			d.Offers = append(d.Offers, option{o.Code, o.Name, f.Get("subscribe", "offer", "") == o.Code})
		}
	}
	p.render(c, f.status(), web.Page{Name: "app", Title: a.Name, Section: "nav.apps", Trail: p.appTrail(c), Data: d})
	return nil
}

func (p *Pages) rotate(c *gin.Context, by caller) error {
	a, secret, err := p.portal.RotateSecret(c.Request.Context(), by.account.ID, c.Param("id"))
	if err != nil {
		return err
	}
	return p.showSecret(c, by, a, secret, "done.rotated")
}

func (p *Pages) remove(c *gin.Context, by caller) error {
	if err := p.portal.DeleteApplication(c.Request.Context(), by.account.ID, c.Param("id")); err != nil {
		return err
	}
	return p.goTo(c, "/apps", "appDeleted")
}

func (p *Pages) subscribe(c *gin.Context, by caller) error {
	s, err := p.portal.Subscribe(c.Request.Context(), by.account.ID, c.Param("id"), c.PostForm("offer"))
	if f := p.refused(c, "subscribe", err); f != nil {
		return p.showApplication(c, by, *f)
	}
	if err != nil {
		return err
	}
	return p.goTo(c, "/apps/"+c.Param("id")+"/subscriptions/"+s.Offer, "subscribed."+string(s.State))
}

type subscriptionDetail struct {
	subRow
	App       appRow
	Form      formState
	Config    portal.Configuration // without its secret
	SecretSet bool
	Types     []option
	Version   string // of the terms in force
	History   []actRow
}

func (p *Pages) subscription(c *gin.Context, by caller) error {
	return p.showSubscription(c, by, formState{})
}

func (p *Pages) showSubscription(c *gin.Context, by caller, f formState) error {
	ctx := c.Request.Context()
	a, err := p.portal.Application(ctx, by.account.ID, c.Param("id"))
	if err != nil {
		return err
	}
	s, err := p.portal.Subscription(ctx, by.account.ID, a.ID, c.Param("offer"))
	if err != nil {
		return err
	}
	history, err := p.portal.History(ctx, s.ID)
	if err != nil {
		return err
	}
	d := subscriptionDetail{
		subRow: p.subRow(s, by), App: p.appRow(a, by), Form: f, Config: s.Configuration, SecretSet: s.Configuration.Auth.Secret != "",
		Version: portal.TermsVersion, History: p.actRows(c, history, by),
	}
	d.Config.Auth.Secret = ""
	d.Types = p.authTypes(c, f.Get("configure", "authType", s.Configuration.Auth.Type))
	p.render(c, f.status(), web.Page{
		Name: "subscription", Title: d.Name, Section: "nav.apps", Trail: p.appTrail(c, web.Crumb{Text: a.Name, Path: "/apps/" + a.ID}), Data: d,
	})
	return nil
}

func (p *Pages) authTypes(c *gin.Context, chosen string) []option {
	var out []option
	for _, kind := range portal.AuthTypes() {
		out = append(out, option{kind, p.text(c, "auth."+kind), kind == chosen})
	}
	return out
}

func (p *Pages) configure(c *gin.Context, by caller) error {
	_, err := p.portal.Configure(c.Request.Context(), by.account.ID, c.Param("id"), c.Param("offer"), portal.Configuration{
		Contract: c.PostForm("contract"), BaseURL: c.PostForm("baseURL"),
		Auth: portal.Auth{Type: c.PostForm("authType"), Name: c.PostForm("authName"), Secret: c.PostForm("secret")},
	})
	if f := p.refused(c, "configure", err); f != nil {
		return p.showSubscription(c, by, *f)
	}
	if err != nil {
		return err
	}
	return p.goTo(c, "/apps/"+c.Param("id")+"/subscriptions/"+c.Param("offer"), "configured")
}

func (p *Pages) acceptTerms(c *gin.Context, by caller) error {
	_, err := p.portal.AcceptTerms(c.Request.Context(), by.account.ID, c.Param("id"), c.Param("offer"), c.PostForm("version"))
	if f := p.refused(c, "terms", err); f != nil {
		return p.showSubscription(c, by, *f)
	}
	if err != nil {
		return err
	}
	return p.goTo(c, "/apps/"+c.Param("id")+"/subscriptions/"+c.Param("offer"), "terms")
}
