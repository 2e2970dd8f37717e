package api

import (
	"bytes"

	"github.com/clementine-ope/clementine/mockorange/portal"
)

// ResultsFile is a results.json, as clementine run writes it; its schema is schemas/results.schema.json.
type ResultsFile map[string]any

func (a *API) offers(*call) (any, error) {
	out := []Offer{}
	for _, o := range portal.Catalogue() {
		out = append(out, Offer(o))
	}
	return out, nil
}

func (a *API) terms(*call) (any, error) {
	return Terms{portal.TermsVersion, "/portal/terms"}, nil
}

func (a *API) signUp(c *call) (any, error) {
	var in AccountInput
	if err := decode(c, &in); err != nil {
		return nil, err
	}
	err := a.portal.SignUp(c.Request.Context(), portal.NewAccount{
		Email: in.Email, Name: in.Name, Company: in.Company, Password: in.Password, Lang: in.Lang,
	})
	return AccountRequested{in.Email, "Follow the link in the mail to this address."}, err
}

func (a *API) activate(c *call) (any, error) {
	var in TokenInput
	if err := decode(c, &in); err != nil {
		return nil, err
	}
	account, err := a.portal.Activate(c.Request.Context(), in.Token)
	return accountOf(account), err
}

func (a *API) signIn(c *call) (any, error) {
	var in SessionInput
	if err := decode(c, &in); err != nil {
		return nil, err
	}
	account, err := a.portal.SignIn(c.Request.Context(), in.Email, in.Password)
	if err != nil {
		return nil, err
	}
	token, ends, err := a.portal.StartSession(c.Request.Context(), account.ID)
	return Session{token, ends, accountOf(account)}, err
}

func (a *API) signOut(c *call) (any, error) {
	return nil, a.portal.EndSession(c.Request.Context(), c.token)
}

func (a *API) acceptInvitation(c *call) (any, error) {
	var in TokenInput
	if err := decode(c, &in); err != nil {
		return nil, err
	}
	o, err := a.portal.AcceptInvitation(c.Request.Context(), c.account.ID, in.Token)
	return Offer(o), err
}

func (a *API) listApplications(c *call) (any, error) {
	apps, err := a.portal.Applications(c.Request.Context(), c.account.ID)
	out := []Application{}
	for _, app := range apps {
		out = append(out, applicationOf(app, ""))
	}
	return out, err
}

func (a *API) createApplication(c *call) (any, error) {
	var in ApplicationInput
	if err := decode(c, &in); err != nil {
		return nil, err
	}
	app, secret, err := a.portal.CreateApplication(c.Request.Context(), c.account.ID, in.Name)
	return applicationOf(app, secret), err
}

func (a *API) getApplication(c *call) (any, error) {
	app, err := a.portal.Application(c.Request.Context(), c.account.ID, c.Param("id"))
	return applicationOf(app, ""), err
}

func (a *API) deleteApplication(c *call) (any, error) {
	return nil, a.portal.DeleteApplication(c.Request.Context(), c.account.ID, c.Param("id"))
}

func (a *API) rotateSecret(c *call) (any, error) {
	app, secret, err := a.portal.RotateSecret(c.Request.Context(), c.account.ID, c.Param("id"))
	return applicationOf(app, secret), err
}

func (a *API) subscribe(c *call) (any, error) {
	var in SubscriptionInput
	if err := decode(c, &in); err != nil {
		return nil, err
	}
	s, err := a.portal.Subscribe(c.Request.Context(), c.account.ID, c.Param("id"), in.Offer)
	return subscriptionOf(s), err
}

func (a *API) getSubscription(c *call) (any, error) {
	s, err := a.portal.Subscription(c.Request.Context(), c.account.ID, c.Param("id"), c.Param("offer"))
	return subscriptionOf(s), err
}

func (a *API) configure(c *call) (any, error) {
	var in Configuration
	if err := decode(c, &in); err != nil {
		return nil, err
	}
	s, err := a.portal.Configure(c.Request.Context(), c.account.ID, c.Param("id"), c.Param("offer"), portal.Configuration{
		Contract: in.Contract, BaseURL: in.BaseURL, Auth: portal.Auth{Type: in.Auth.Type, Name: in.Auth.Name, Secret: in.Auth.Secret},
	})
	return subscriptionOf(s), err
}

func (a *API) acceptTerms(c *call) (any, error) {
	var in TermsInput
	if err := decode(c, &in); err != nil {
		return nil, err
	}
	s, err := a.portal.AcceptTerms(c.Request.Context(), c.account.ID, c.Param("id"), c.Param("offer"), in.Version)
	return subscriptionOf(s), err
}

func (a *API) ownIntegration(c *call) (any, error) { return a.integration(c, c.account.ID) }

func (a *API) ownRuns(c *call) (any, error) {
	runs, err := a.portal.Runs(c.Request.Context(), c.account.ID)
	out := []Run{}
	for _, r := range runs {
		out = append(out, runOf(r))
	}
	return out, err
}

func (a *API) postOwnRun(c *call) (any, error) { return a.postRun(c, c.account.ID, c.account.Email) }

func (a *API) postRun(c *call, account, by string) (any, error) {
	body, err := content(c, portal.MaxResults)
	if err != nil {
		return nil, err
	}
	run, err := a.portal.PostRun(c.Request.Context(), account, by, bytes.NewReader(body))
	return runOf(run), err
}

func (a *API) integration(c *call, account string) (any, error) {
	i, err := a.portal.Integration(c.Request.Context(), account)
	if err != nil {
		return nil, err
	}
	out := Integration{Account: accountOf(i.Account), Ready: i.Ready, Steps: []Step{}}
	for _, s := range i.Steps {
		step := Step{Step: s.Number, Offer: s.Offer.Code, Done: s.Done, UseCases: []UseCase{}}
		if s.Run != nil {
			run := runOf(*s.Run)
			step.Run = &run
		}
		for _, check := range append(append([]portal.Check{}, s.Access...), s.Checks...) {
			step.Checks = append(step.Checks, Check{check.Key, check.Done, a.portal.Say(c.lang(), check)})
		}
		for _, u := range s.UseCases {
			useCase := UseCase{u.ID, u.Feature, string(u.State), u.Passed, u.Due, []OpenRequirement{}}
			for _, o := range u.Open {
				text := o.Text
				if c.lang() == "fr" && o.TextFR != "" {
					text = o.TextFR
				}
				useCase.Open = append(useCase.Open, OpenRequirement{o.ID, o.Verdict, o.Reason, text})
			}
			step.UseCases = append(step.UseCases, useCase)
		}
		out.Steps = append(out.Steps, step)
	}
	return out, nil
}
