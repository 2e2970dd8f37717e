package api

import (
	"time"

	"github.com/clementine-ope/clementine/mockorange/portal"
	"github.com/clementine-ope/clementine/reports"
)

// AccountInput asks for an account.
type AccountInput struct {
	Email    string `json:"email" format:"email" maxLength:"254"`
	Name     string `json:"name" maxLength:"120"`
	Company  string `json:"company" maxLength:"120"`
	Password string `json:"password" minLength:"12" doc:"12 characters to 72 bytes."`
	Lang     string `json:"lang,omitempty" enum:"en,fr" doc:"Of the mail; en if it is left out."`
}

// AccountRequested is the answer to everybody who asks for an account, whether the address has one already or not.
type AccountRequested struct {
	Email string `json:"email"`
	Next  string `json:"next" doc:"What to do now."`
}

// Account is a partner's developer.
type Account struct {
	ID        string    `json:"id"`
	Email     string    `json:"email"`
	Name      string    `json:"name"`
	Company   string    `json:"company"`
	CreatedAt time.Time `json:"createdAt"`
}

// TokenInput is the token in the link of a mail.
type TokenInput struct {
	Token string `json:"token" maxLength:"100"`
}

// SessionInput signs in.
type SessionInput struct {
	Email    string `json:"email" maxLength:"254"`
	Password string `json:"password" maxLength:"500"`
}

// Session is a token for this API.
type Session struct {
	Token   string    `json:"token" doc:"For Authorization: Bearer."`
	EndsAt  time.Time `json:"endsAt"`
	Account Account   `json:"account"`
}

// Offer is an API that can be subscribed to.
type Offer struct {
	Code         string `json:"code"`
	Name         string `json:"name"`
	ByInvitation bool   `json:"byInvitation" doc:"Only who accepted an invitation can subscribe; it is approved at once then."`
	Configured   bool   `json:"configured" doc:"The subscription has a form for what Orange needs to call the partner."`
}

// Terms are the terms in force.
type Terms struct {
	Version string `json:"version"`
	Page    string `json:"page" doc:"Path of the page that shows them."`
}

// ApplicationInput names an application.
type ApplicationInput struct {
	Name string `json:"name" maxLength:"120"`
}

// Application is a partner's program.
type Application struct {
	ID            string         `json:"id"`
	Name          string         `json:"name"`
	ClientID      string         `json:"clientId"`
	ClientSecret  string         `json:"clientSecret,omitempty" doc:"Only in the answer that made it."`
	CreatedAt     time.Time      `json:"createdAt"`
	SecretAt      time.Time      `json:"secretAt" doc:"When the secret was made."`
	Subscriptions []Subscription `json:"subscriptions" nullable:"false"`
}

// SubscriptionInput names an offer.
type SubscriptionInput struct {
	Offer string `json:"offer" doc:"A code of the catalogue."`
}

// Subscription is an application's access to an offer.
type Subscription struct {
	ID            string         `json:"id"`
	Offer         string         `json:"offer"`
	State         string         `json:"state" enum:"pending,approved,refused,revoked"`
	Reason        string         `json:"reason,omitempty" doc:"Of the refusal or the revocation."`
	Open          bool           `json:"open" doc:"Tokens open the offer: it is approved, and the terms are accepted."`
	RequestedAt   time.Time      `json:"requestedAt"`
	DecidedAt     *time.Time     `json:"decidedAt,omitempty"`
	TermsVersion  string         `json:"termsVersion,omitempty"`
	TermsAt       *time.Time     `json:"termsAt,omitempty"`
	Configuration *Configuration `json:"configuration,omitempty"`
}

// Configuration is what Orange needs to call the partner.
type Configuration struct {
	Contract string `json:"contract" maxLength:"60" doc:"Number of the partnership agreement."`
	BaseURL  string `json:"baseURL" format:"uri" maxLength:"500" doc:"Of ProductOrdering, UserService and ping."`
	Auth     Auth   `json:"auth"`
}

// Auth is how Orange presents itself to the partner.
type Auth struct {
	Type      string `json:"type" enum:"none,basic,bearer,header,mtls"`
	Name      string `json:"name,omitempty" maxLength:"120" doc:"The user (basic) or the header's name (header)."`
	Secret    string `json:"secret,omitempty" writeOnly:"true" maxLength:"500" doc:"Password, token or value. Empty keeps the one that is there."`
	SecretSet bool   `json:"secretSet,omitempty" readOnly:"true"`
}

// TermsInput accepts terms.
type TermsInput struct {
	Version string `json:"version" doc:"The version in force."`
}

// InvitationInput invites an address.
type InvitationInput struct {
	Email string `json:"email" format:"email" maxLength:"254"`
	Offer string `json:"offer"`
	Lang  string `json:"lang,omitempty" enum:"en,fr" doc:"Of the mail, where the address has no account."`
}

// Invitation is Orange's word that an address may subscribe to an offer.
type Invitation struct {
	Email      string     `json:"email"`
	Offer      string     `json:"offer"`
	SentAt     time.Time  `json:"sentAt"`
	EndsAt     time.Time  `json:"endsAt"`
	AcceptedAt *time.Time `json:"acceptedAt,omitempty"`
}

// DecisionInput is what Orange does with a subscription.
type DecisionInput struct {
	Decision string `json:"decision" enum:"approve,refuse,revoke"`
	Reason   string `json:"reason,omitempty" maxLength:"500" doc:"Needed to refuse and to revoke; the partner reads it."`
}

// Review is a subscription as Orange sees it.
type Review struct {
	Subscription
	Application string  `json:"application" doc:"Its name."`
	ClientID    string  `json:"clientId"`
	Account     Account `json:"account"`
}

// Mail is a message that was written and not sent.
type Mail struct {
	ID      int64     `json:"id"`
	At      time.Time `json:"at"`
	To      string    `json:"to"`
	Kind    string    `json:"kind" enum:"activation,known,invitation,approved,refused,revoked"`
	Lang    string    `json:"lang"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	Link    string    `json:"link,omitempty"`
}

// Run is a posted results.json, as far as the checklist looks at it.
type Run struct {
	ID          int64          `json:"id"`
	Step        int            `json:"step" minimum:"1" maximum:"2"`
	Offer       string         `json:"offer"`
	Mode        string         `json:"mode" enum:"sync,async"`
	Verdict     string         `json:"verdict" enum:"passed,failed,broken"`
	Selection   string         `json:"selection"`
	Interrupted bool           `json:"interrupted"`
	Contract    string         `json:"contract" doc:"Number that its profile names."`
	Challenge   string         `json:"challenge" doc:"What a reviewer gave before the run, as the run says; none without one."`
	StartedAt   time.Time      `json:"startedAt"`
	PostedAt    time.Time      `json:"postedAt"`
	PostedBy    string         `json:"postedBy"`
	Counts      reports.Counts `json:"counts"`
}

// Integration is how far a partner is.
type Integration struct {
	Account Account `json:"account"`
	Ready   bool    `json:"ready" doc:"Both steps are done: the operational phase may start."`
	Steps   []Step  `json:"steps" nullable:"false"`
}

// Step is one step of the integration phase.
type Step struct {
	Step     int       `json:"step"`
	Offer    string    `json:"offer"`
	Done     bool      `json:"done"`
	Run      *Run      `json:"run,omitempty" doc:"The one that counts: the newest that settles the step, else the newest."`
	Checks   []Check   `json:"checks" nullable:"false"`
	UseCases []UseCase `json:"useCases" nullable:"false" doc:"Empty without a run."`
}

// Check is one line of the checklist.
type Check struct {
	Key  string `json:"key"`
	Done bool   `json:"done"`
	Text string `json:"text" doc:"What holds, or what to do; in French where Accept-Language says fr."`
}

// UseCase is a group of requirements of the contract.
type UseCase struct {
	ID      string            `json:"id"`
	Feature string            `json:"feature,omitempty"`
	State   string            `json:"state" enum:"done,open,notDue"`
	Passed  int               `json:"passed"`
	Due     int               `json:"due"`
	Open    []OpenRequirement `json:"open" nullable:"false"`
}

// OpenRequirement is one that keeps a use case open.
type OpenRequirement struct {
	ID      string `json:"id"`
	Verdict string `json:"verdict"`
	Reason  string `json:"reason,omitempty"`
	Text    string `json:"text"`
}

// maybe is a time; nil for none.
func maybe(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func accountOf(a portal.Account) Account {
	return Account{a.ID, a.Email, a.Name, a.Company, a.CreatedAt}
}

func applicationOf(a portal.Application, secret string) Application {
	out := Application{
		ID: a.ID, Name: a.Name, ClientID: a.ClientID, ClientSecret: secret, CreatedAt: a.CreatedAt, SecretAt: a.SecretAt,
		Subscriptions: []Subscription{},
	}
	for _, s := range a.Subscriptions {
		out.Subscriptions = append(out.Subscriptions, subscriptionOf(s))
	}
	return out
}

func subscriptionOf(s portal.Subscription) Subscription {
	out := Subscription{
		ID: s.ID, Offer: s.Offer, State: string(s.State), Reason: s.Reason, Open: s.Open(), RequestedAt: s.RequestedAt,
		DecidedAt: maybe(s.DecidedAt), TermsVersion: s.TermsVersion, TermsAt: maybe(s.TermsAt),
	}
	if c := s.Configuration; !s.ConfiguredAt.IsZero() {
		out.Configuration = &Configuration{c.Contract, c.BaseURL, Auth{Type: c.Auth.Type, Name: c.Auth.Name, SecretSet: c.Auth.Secret != ""}}
	}
	return out
}

func reviewOf(r portal.Review) Review {
	return Review{subscriptionOf(r.Subscription), r.ApplicationName, r.ClientID, accountOf(r.Account)}
}

func runOf(r portal.Run) Run {
	f := r.Facts
	return Run{
		r.ID, r.Step, f.Offer, f.Mode, f.Verdict, f.Selection, f.Interrupted, f.Contract, f.Challenge, f.StartedAt, r.PostedAt, r.PostedBy, f.Counts,
	}
}
