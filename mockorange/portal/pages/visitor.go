package pages

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/web"
)

type homeData struct {
	Partner bool
	Orange  bool
	Ready   bool
	Steps   []stepView
	Apps    []appRow
	Pending int
	APIDocs string
}

// home is the partner's way to production, or what the portal is for.
func (p *Pages) home(c *gin.Context, by caller) error {
	ctx := c.Request.Context()
	d := homeData{Partner: by.account.ID != "", Orange: by.orange, APIDocs: p.options.APIDocs}
	page := web.Page{Name: "home", Title: p.text(c, "home.title"), Section: "nav.home"}
	if by.orange {
		waiting, err := p.portal.Reviews(ctx, portal.Pending)
		if err != nil {
			return err
		}
		d.Pending = len(waiting)
	}
	if d.Partner {
		i, err := p.portal.Integration(ctx, by.account.ID)
		if err != nil {
			return err
		}
		apps, err := p.portal.Applications(ctx, by.account.ID)
		if err != nil {
			return err
		}
		page.Title = p.text(c, "home.partner", by.account.Company)
		d.Ready, d.Steps, d.Apps = i.Ready, p.stepViews(i, by), p.appRows(apps, by)
	}
	page.Data = d
	p.render(c, http.StatusOK, page)
	return nil
}

func (p *Pages) signUpForm(c *gin.Context, _ caller) error {
	return p.showSignUp(c, formState{})
}

func (p *Pages) showSignUp(c *gin.Context, f formState) error {
	p.render(c, f.status(), web.Page{Name: "sign-up", Title: p.text(c, "signUp.title"), Data: f})
	return nil
}

// limited refuses what strangers send too often: each takes a slow hash, or guesses a link.
func (p *Pages) limited(h handler) handler {
	return func(c *gin.Context, by caller) error {
		if p.options.SignUps.Allow() {
			return h(c, by)
		}
		c.Header("Retry-After", "5")
		p.site.Error(c.Writer, c.Request, http.StatusTooManyRequests, "signIn.tooMany")
		return nil
	}
}

func (p *Pages) signUp(c *gin.Context, by caller) error {
	err := p.portal.SignUp(c.Request.Context(), portal.NewAccount{
		Email: c.PostForm("email"), Name: c.PostForm("name"), Company: c.PostForm("company"), Password: c.PostForm("password"), Lang: string(by.lang),
	})
	if f := p.refused(c, "signUp", err); f != nil {
		return p.showSignUp(c, *f)
	}
	if err != nil {
		return err
	}
	return p.goTo(c, "/sign-up/sent", "")
}

// sent tells everybody the same, whether the address has an account already or not.
func (p *Pages) sent(c *gin.Context, by caller) error {
	p.render(c, http.StatusOK, web.Page{Name: "sent", Title: p.text(c, "sent.title"), Data: by.orange})
	return nil
}

type linkData struct {
	Token  string
	SignIn string // address, for who has to sign in first; empty otherwise
}

// activateForm asks for a click: a program that only looks at links activates nothing.
func (p *Pages) activateForm(c *gin.Context, _ caller) error {
	p.render(c, http.StatusOK, web.Page{Name: "activate", Title: p.text(c, "activate.title"), Data: linkData{Token: c.Query("token")}})
	return nil
}

func (p *Pages) activate(c *gin.Context, _ caller) error {
	if _, err := p.portal.Activate(c.Request.Context(), c.PostForm("token")); err != nil {
		return err
	}
	p.render(c, http.StatusOK, web.Page{Name: "activated", Title: p.text(c, "activated.title"), Notice: "done.activated"})
	return nil
}

// invitationForm is where the link of an invitation leads.
func (p *Pages) invitationForm(c *gin.Context, by caller) error {
	d := linkData{Token: c.Query("token")}
	if by.account.ID == "" {
		d.SignIn = "/sign-in?next=" + url.QueryEscape(c.Request.URL.RequestURI())
	}
	p.render(c, http.StatusOK, web.Page{Name: "invitation", Title: p.text(c, "invitation.title"), Data: d})
	return nil
}

func (p *Pages) acceptInvitation(c *gin.Context, by caller) error {
	_, err := p.portal.AcceptInvitation(c.Request.Context(), by.account.ID, c.PostForm("token"))
	if errors.Is(err, portal.ErrLink) {
		p.site.Error(c.Writer, c.Request, http.StatusNotFound, "error.invitation", by.account.Email)
		return nil
	}
	if err != nil {
		return err
	}
	return p.goTo(c, "/apps", "invited")
}

func (p *Pages) terms(c *gin.Context, _ caller) error {
	p.render(c, http.StatusOK, web.Page{Name: "terms", Title: p.text(c, "terms.title", portal.TermsVersion)})
	return nil
}
