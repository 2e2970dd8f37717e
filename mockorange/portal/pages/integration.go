package pages

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/web"
)

// checkRow is one line of a checklist.
type checkRow struct {
	Done bool
	Text string
}

// stepView is one step of the integration phase.
type stepView struct {
	Number, Done, All int
	Offer             string
	Settled           bool
	Next              string // the first thing that is open; empty for none
	Checks            []checkRow
	Run               *runRow
	UseCases          []useCaseRow
}

type useCaseRow struct {
	ID, Name, State string
	Passed, Due     int
	Open            []openRow
}

type openRow struct{ ID, Verdict, Reason, Text string }

type runRow struct {
	Step                                      int
	PostedAt, PostedBy, StartedAt             string
	Offer, Mode, Verdict, Contract, Challenge string
	Partial                                   bool
	Passed, Failed, Undecided, Skipped        int
}

func (p *Pages) runRow(r portal.Run, by caller) runRow {
	f := r.Facts
	return runRow{
		Step: r.Step, PostedAt: by.at(r.PostedAt), PostedBy: r.PostedBy, StartedAt: by.at(f.StartedAt), Offer: f.Offer, Mode: f.Mode,
		Verdict: f.Verdict, Contract: f.Contract, Challenge: f.Challenge, Partial: f.Selection != "" || f.Interrupted, Passed: f.Counts.Passed + f.Counts.Warning,
		Failed: f.Counts.Failed, Undecided: f.Counts.Inconclusive + f.Counts.Broken, Skipped: f.Counts.Skipped,
	}
}

func (p *Pages) stepViews(i portal.Integration, by caller) []stepView {
	var out []stepView
	for _, s := range i.Steps {
		v := stepView{Number: s.Number, Offer: s.Offer.Name, Settled: s.Done}
		for _, check := range append(append([]portal.Check{}, s.Access...), s.Checks...) {
			v.add(check.Done, p.portal.Say(string(by.lang), check))
		}
		if s.Run == nil {
			v.add(false, p.words(by, fmt.Sprintf("step.run.%d", s.Number)))
		} else {
			row := p.runRow(*s.Run, by)
			v.Run = &row
		}
		for _, u := range s.UseCases {
			row := p.useCaseRow(u, by)
			if u.State != portal.UseCaseNotDue {
				v.All++
			}
			if u.State == portal.UseCaseDone {
				v.Done++
			}
			if u.State == portal.UseCaseOpen && v.Next == "" {
				v.Next = row.ID + " – " + row.Name
			}
			v.UseCases = append(v.UseCases, row)
		}
		out = append(out, v)
	}
	return out
}

func (v *stepView) add(done bool, text string) {
	v.Checks = append(v.Checks, checkRow{done, text})
	v.All++
	if done {
		v.Done++
	} else if v.Next == "" {
		v.Next = text
	}
}

func (p *Pages) useCaseRow(u portal.UseCase, by caller) useCaseRow {
	row := useCaseRow{ID: u.ID, State: string(u.State), Passed: u.Passed, Due: u.Due}
	key := "useCase." + u.ID
	if u.Feature != "" && p.site.Has("feature."+u.Feature) {
		key = "feature." + u.Feature
	}
	if p.site.Has(key) {
		row.Name = p.words(by, key)
	}
	for _, o := range u.Open {
		text := o.Text
		if by.lang == web.French && o.TextFR != "" {
			text = o.TextFR
		}
		row.Open = append(row.Open, openRow{o.ID, o.Verdict, o.Reason, text})
	}
	return row
}

// words is a message in the caller's language.
func (p *Pages) words(by caller, key string) string { return p.site.Say(by.lang, key) }

type integrationData struct {
	Form   formState
	Ready  bool
	Steps  []stepView
	Runs   []runRow
	Upload string // address of the form
	Who    string // company, on Orange's side
}

func (p *Pages) integration(c *gin.Context, by caller) error {
	return p.showIntegration(c, by, formState{})
}

func (p *Pages) showIntegration(c *gin.Context, by caller, f formState) error {
	d, _, err := p.integrationOf(c, by, by.account.ID)
	if err != nil {
		return err
	}
	d.Form, d.Upload = f, "/integration/runs"
	p.render(c, f.status(), web.Page{Name: "integration", Title: p.text(c, "nav.integration"), Section: "nav.integration", Data: d})
	return nil
}

func (p *Pages) integrationOf(c *gin.Context, by caller, account string) (integrationData, portal.Account, error) {
	i, err := p.portal.Integration(c.Request.Context(), account)
	if err != nil {
		return integrationData{}, portal.Account{}, err
	}
	runs, err := p.portal.Runs(c.Request.Context(), account)
	d := integrationData{Ready: i.Ready, Steps: p.stepViews(i, by)}
	for _, r := range runs {
		d.Runs = append(d.Runs, p.runRow(r, by))
	}
	return d, i.Account, err
}

func (p *Pages) postRun(c *gin.Context, by caller) error {
	err := p.takeRun(c, by.account.ID, by.account.Email)
	if f := p.refused(c, "run", err); f != nil {
		return p.showIntegration(c, by, *f)
	}
	if err != nil {
		return err
	}
	return p.goTo(c, "/integration", "posted")
}

// takeRun reads the file of the form.
func (p *Pages) takeRun(c *gin.Context, account, by string) error {
	file, _, err := c.Request.FormFile("results")
	if err != nil {
		return &portal.InvalidError{Violations: []portal.Violation{{Field: "results", Code: portal.CodeRequired, Message: "must be chosen"}}}
	}
	defer file.Close()
	_, err = p.portal.PostRun(c.Request.Context(), account, by, file)
	return err
}

// actRow is one entry of a history.
type actRow struct{ At, Who, Act, Reason string }

func (p *Pages) actRows(c *gin.Context, acts []portal.Act, by caller) []actRow {
	var out []actRow
	for _, a := range acts {
		who := a.Who
		if who == portal.Orange {
			who = "Orange"
		}
		act := a.Act
		if key := "act." + strings.ReplaceAll(act, "-", ""); p.site.Has(key) {
			act = p.text(c, key)
		}
		out = append(out, actRow{by.at(a.At), who, act, a.Reason})
	}
	return out
}

func (p *Pages) onePartner(c *gin.Context, by caller) error {
	return p.showPartner(c, by, formState{})
}

func (p *Pages) showPartner(c *gin.Context, by caller, f formState) error {
	d, account, err := p.integrationOf(c, by, c.Param("id"))
	if err != nil {
		return err
	}
	d.Form, d.Upload, d.Who = f, "/review/partners/"+account.ID+"/runs", account.Email
	p.render(c, f.status(), web.Page{
		Name: "integration", Title: account.Company, Section: "nav.partners", Data: d,
		Trail: []web.Crumb{{Text: p.text(c, "nav.partners"), Path: "/review/partners"}},
	})
	return nil
}

func (p *Pages) postPartnerRun(c *gin.Context, by caller) error {
	err := p.takeRun(c, c.Param("id"), portal.Orange)
	if f := p.refused(c, "run", err); f != nil {
		return p.showPartner(c, by, *f)
	}
	if err != nil {
		return err
	}
	return p.goTo(c, "/review/partners/"+c.Param("id"), "posted")
}

type partnerRow struct {
	ID, Email, Name, Company, Since string
	First, Second                   bool
}

func (p *Pages) partners(c *gin.Context, by caller) error {
	accounts, err := p.portal.Accounts(c.Request.Context())
	if err != nil {
		return err
	}
	var rows []partnerRow
	for _, a := range accounts {
		i, err := p.portal.Integration(c.Request.Context(), a.ID)
		if err != nil {
			return err
		}
		rows = append(rows, partnerRow{a.ID, a.Email, a.Name, a.Company, by.at(a.CreatedAt), i.Steps[0].Done, i.Steps[1].Done})
	}
	p.render(c, http.StatusOK, web.Page{Name: "partners", Title: p.text(c, "nav.partners"), Section: "nav.partners", Data: rows})
	return nil
}
