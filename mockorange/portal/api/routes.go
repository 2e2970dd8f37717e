package api

import (
	"net/http"
	"regexp"
	"slices"
)

// right is who may ask.
type right int

const (
	public right = iota
	developer
	orange
)

// route is one operation: what is served and what is said of it.
type route struct {
	method, path, id, tag, summary, notes string
	right                                 right
	attempt                               bool // counts against the limit of strangers
	body                                  any  // model; nil for none
	status                                int
	answer                                any // model; nil for none
	many                                  bool
	media                                 string // that the handler writes itself; empty for JSON
	query                                 []string
	refusals                              []kind
	handle                                func(*call) (any, error)
}

var inPath = regexp.MustCompile(`{(\w+)}`)

func (rt *route) ginPath() string { return inPath.ReplaceAllString(rt.path, ":$1") }

// table is every operation of the API.
func (a *API) table() []route {
	return slices.Concat(a.accountRoutes(), a.applicationRoutes(), a.integrationRoutes(), a.orangeRoutes())
}

func (a *API) accountRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: "/openapi.json", id: "openapi", tag: "Document", summary: "This document",
			right: public, status: http.StatusOK, handle: func(*call) (any, error) { return a.document, nil },
		},
		{
			method: http.MethodGet, path: docsPath, id: "docs", tag: "Document", summary: "This document, as a page",
			right: public, status: http.StatusOK, media: htmlMedia, handle: a.docs,
		},
		{
			method: http.MethodGet, path: "/offers", id: "listOffers", tag: "Catalogue", summary: "List the APIs that can be subscribed to",
			right: public, status: http.StatusOK, answer: Offer{}, many: true, handle: a.offers,
		},
		{
			method: http.MethodGet, path: "/terms", id: "getTerms", tag: "Catalogue", summary: "Show the version of the terms in force",
			right: public, status: http.StatusOK, answer: Terms{}, handle: a.terms,
		},
		{
			method: http.MethodPost, path: "/accounts", id: "signUp", tag: "Account", summary: "Ask for an account",
			notes: "The activation link is in the mail. The answer is the same where the address has an account already: its owner gets another mail.",
			right: public, attempt: true, body: AccountInput{}, status: http.StatusAccepted, answer: AccountRequested{},
			refusals: []kind{kindInvalid()}, handle: a.signUp,
		},
		{
			method: http.MethodPost, path: "/activations", id: "activate", tag: "Account", summary: "Follow the activation link",
			right: public, attempt: true, body: TokenInput{}, status: http.StatusOK, answer: Account{}, refusals: []kind{kindLink()}, handle: a.activate,
		},
		{
			method: http.MethodPost, path: "/sessions", id: "signIn", tag: "Account", summary: "Sign in", notes: "The token is good for eight hours.",
			right: public, attempt: true, body: SessionInput{}, status: http.StatusCreated, answer: Session{},
			refusals: []kind{kindBadCredentials(), kindNotActivated()}, handle: a.signIn,
		},
		{
			method: http.MethodDelete, path: "/sessions/current", id: "signOut", tag: "Account", summary: "End the session of the token",
			right: developer, status: http.StatusNoContent, handle: a.signOut,
		},
		{
			method: http.MethodGet, path: "/account", id: "getAccount", tag: "Account", summary: "Show the account",
			right: developer, status: http.StatusOK, answer: Account{}, handle: func(c *call) (any, error) { return accountOf(c.account), nil },
		},
		{
			method: http.MethodPost, path: "/invitations", id: "acceptInvitation", tag: "Account", summary: "Follow the link of an invitation",
			notes: "The account's address must be the invited one.",
			right: developer, body: TokenInput{}, status: http.StatusOK, answer: Offer{}, refusals: []kind{kindLink()}, handle: a.acceptInvitation,
		},
	}
}

func (a *API) applicationRoutes() []route {
	const subscription = "/applications/{id}/subscriptions/{offer}"
	missing := []kind{kindNotFound()}
	return []route{
		{
			method: http.MethodGet, path: "/applications", id: "listApplications", tag: "Applications", summary: "List the account's applications",
			right: developer, status: http.StatusOK, answer: Application{}, many: true, handle: a.listApplications,
		},
		{
			method: http.MethodPost, path: "/applications", id: "createApplication", tag: "Applications", summary: "Create an application",
			notes: "The client secret is in this answer and in no other. Its tokens open nothing until a subscription is open.",
			right: developer, body: ApplicationInput{}, status: http.StatusCreated, answer: Application{},
			refusals: []kind{kindInvalid(), kindLimit()}, handle: a.createApplication,
		},
		{
			method: http.MethodGet, path: "/applications/{id}", id: "getApplication", tag: "Applications", summary: "Show an application",
			right: developer, status: http.StatusOK, answer: Application{}, refusals: missing, handle: a.getApplication,
		},
		{
			method: http.MethodDelete, path: "/applications/{id}", id: "deleteApplication", tag: "Applications",
			summary: "Delete an application with its subscriptions", notes: "Its tokens are expired from now on.",
			right: developer, status: http.StatusNoContent, refusals: missing, handle: a.deleteApplication,
		},
		{
			method: http.MethodPost, path: "/applications/{id}/secret", id: "rotateSecret", tag: "Applications", summary: "Make a new client secret",
			notes: "The old one opens nothing from now on, nor do tokens that it got.",
			right: developer, status: http.StatusOK, answer: Application{}, refusals: missing, handle: a.rotateSecret,
		},
		{
			method: http.MethodPost, path: "/applications/{id}/subscriptions", id: "subscribe", tag: "Subscriptions", summary: "Add an API to an application",
			notes: "It is pending until Orange decides; an offer by invitation is approved at once the first time.",
			right: developer, body: SubscriptionInput{}, status: http.StatusCreated, answer: Subscription{},
			refusals: []kind{kindNotFound(), kindInvalid(), kindInvitation(), kindState()}, handle: a.subscribe,
		},
		{
			method: http.MethodGet, path: subscription, id: "getSubscription", tag: "Subscriptions", summary: "Show a subscription",
			right: developer, status: http.StatusOK, answer: Subscription{}, refusals: missing, handle: a.getSubscription,
		},
		{
			method: http.MethodPut, path: subscription + "/configuration", id: "configure", tag: "Subscriptions",
			summary: "Say how Orange reaches the partner", notes: "In any state: there is no need to wait for the approval.",
			right: developer, body: Configuration{}, status: http.StatusOK, answer: Subscription{},
			refusals: []kind{kindNotFound(), kindInvalid()}, handle: a.configure,
		},
		{
			method: http.MethodPost, path: subscription + "/terms", id: "acceptTerms", tag: "Subscriptions", summary: "Accept the terms in force",
			right: developer, body: TermsInput{}, status: http.StatusOK, answer: Subscription{},
			refusals: []kind{kindNotFound(), kindInvalid()}, handle: a.acceptTerms,
		},
	}
}

func (a *API) integrationRoutes() []route {
	return []route{
		{
			method: http.MethodGet, path: "/integration", id: "getIntegration", tag: "Integration", summary: "Show what is open in both steps",
			right: developer, status: http.StatusOK, answer: Integration{}, handle: a.ownIntegration,
		},
		{
			method: http.MethodGet, path: "/runs", id: "listRuns", tag: "Integration", summary: "List the posted runs, newest first",
			right: developer, status: http.StatusOK, answer: Run{}, many: true, handle: a.ownRuns,
		},
		{
			method: http.MethodPost, path: "/runs", id: "postRun", tag: "Integration", summary: "Post the results.json of a run",
			notes: "A run on mba2-beta is of step 1, one on mba2 of step 2. The body is the file, of at most 16 MiB.",
			right: developer, body: ResultsFile{}, status: http.StatusCreated, answer: Run{}, refusals: []kind{kindInvalid()}, handle: a.postOwnRun,
		},
	}
}

func (a *API) orangeRoutes() []route {
	const account = "/review/accounts/{id}"
	missing := []kind{kindNotFound()}
	return []route{
		{
			method: http.MethodGet, path: "/review/subscriptions", id: "listReviews", tag: "Orange", summary: "List subscriptions, the oldest request first",
			query: []string{"state"}, right: orange, status: http.StatusOK, answer: Review{}, many: true, refusals: []kind{kindInvalid()}, handle: a.listReviews,
		},
		{
			method: http.MethodGet, path: "/review/subscriptions/{id}", id: "getReview", tag: "Orange", summary: "Show a subscription with its partner",
			right: orange, status: http.StatusOK, answer: Review{}, refusals: missing, handle: a.getReview,
		},
		{
			method: http.MethodPost, path: "/review/subscriptions/{id}/decisions", id: "decide", tag: "Orange", summary: "Approve, refuse or revoke a subscription",
			notes: "Tokens follow at once, also those that exist.", right: orange, body: DecisionInput{}, status: http.StatusOK, answer: Review{},
			refusals: []kind{kindNotFound(), kindInvalid(), kindState()}, handle: a.decide,
		},
		{
			method: http.MethodGet, path: "/review/invitations", id: "listInvitations", tag: "Orange", summary: "List invitations, newest first",
			right: orange, status: http.StatusOK, answer: Invitation{}, many: true, handle: a.listInvitations,
		},
		{
			method: http.MethodPost, path: "/review/invitations", id: "invite", tag: "Orange", summary: "Invite an address to an offer", notes: "The link is in the mail.",
			right: orange, body: InvitationInput{}, status: http.StatusCreated, answer: Invitation{}, refusals: []kind{kindInvalid()}, handle: a.invite,
		},
		{
			method: http.MethodGet, path: "/review/accounts", id: "listAccounts", tag: "Orange", summary: "List the partners' accounts",
			right: orange, status: http.StatusOK, answer: Account{}, many: true, handle: a.listAccounts,
		},
		{
			method: http.MethodGet, path: account + "/integration", id: "getPartnerIntegration", tag: "Orange", summary: "Show what is open for a partner",
			right: orange, status: http.StatusOK, answer: Integration{}, refusals: missing, handle: a.partnerIntegration,
		},
		{
			method: http.MethodPost, path: account + "/runs", id: "postPartnerRun", tag: "Orange", summary: "Post the results.json of a run of a partner",
			right: orange, body: ResultsFile{}, status: http.StatusCreated, answer: Run{}, refusals: []kind{kindNotFound(), kindInvalid()}, handle: a.postPartnerRun,
		},
		{
			method: http.MethodGet, path: "/mailbox", id: "listMail", tag: "Orange", summary: "Show the mail that was written, newest first",
			notes: "No mail is sent: this is where it lands.", query: []string{"to"}, right: orange, status: http.StatusOK, answer: Mail{}, many: true, handle: a.mailbox,
		},
	}
}
