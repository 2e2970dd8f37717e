package portal

import "time"

// Account is a partner's developer.
type Account struct {
	ID        string
	Email     string // lower case
	Name      string
	Company   string
	Lang      string // en | fr: of its mail
	Active    bool   // the activation link has been followed
	CreatedAt time.Time
}

// NewAccount is what the sign-up form asks for.
type NewAccount struct {
	Email    string
	Name     string
	Company  string
	Password string // 12 characters to 72 bytes
	Lang     string // en | fr; anything else is en
}

// Application is a partner's program ("project") with its credentials. The secret is shown once and kept as a digest.
type Application struct {
	ID            string
	Owner         string // account
	Name          string
	ClientID      string
	CreatedAt     time.Time
	SecretAt      time.Time // when the secret was made
	Subscriptions []Subscription
}

// Offer is an API of Orange's that an application can subscribe to.
type Offer struct {
	Code         string // of its tokens and, for the gateway, of its paths
	Name         string
	ByInvitation bool // only who has accepted an invitation can subscribe, and needs no further approval
	Configured   bool // the partner says how Orange reaches its own API
}

// The codes of the offers.
const (
	OfferProduction = "mba2"
	OfferBeta       = "mba2-beta"
	OfferCloudStore = "cloud-store"
)

// Catalogue returns the offers of the portal.
func Catalogue() []Offer {
	return []Offer{
		{Code: OfferProduction, Name: "Orange Business Applications", Configured: true},
		{Code: OfferBeta, Name: "Orange Business Applications – Beta", ByInvitation: true, Configured: true},
		{Code: OfferCloudStore, Name: "Cloud Store Customer Space", ByInvitation: true},
	}
}

// FindOffer is the offer of a code.
func FindOffer(code string) (Offer, bool) {
	for _, o := range Catalogue() {
		if o.Code == code {
			return o, true
		}
	}
	return Offer{}, false
}

// State is where a subscription stands.
type State string

// The states. Refused and revoked ones can be asked for again, and then wait for Orange whatever the offer.
const (
	Pending  State = "pending"
	Approved State = "approved"
	Refused  State = "refused"
	Revoked  State = "revoked"
)

// States returns all states, in the order of a subscription's life.
func States() []State { return []State{Pending, Approved, Refused, Revoked} }

// Subscription is an application's access to an offer.
type Subscription struct {
	ID            string
	Application   string // id
	Offer         string // code
	State         State
	Reason        string // of the refusal or the revocation
	RequestedAt   time.Time
	DecidedAt     time.Time // zero while nobody has decided
	DecidedBy     string
	TermsVersion  string // accepted; empty for none
	TermsAt       time.Time
	Configuration Configuration
	ConfiguredAt  time.Time // zero while the form is empty
}

// Open says whether tokens of the application open the offer: it is approved, and its terms are accepted.
func (s Subscription) Open() bool { return s.State == Approved && s.TermsVersion != "" }

// Configuration is the form that follows a subscription: what Orange needs to call the partner.
type Configuration struct {
	Contract string // number of the partnership agreement
	BaseURL  string // of ProductOrdering, UserService and ping
	Auth     Auth
}

// Auth is how Orange presents itself to the partner.
type Auth struct {
	Type string // one of AuthTypes
	Name string // the user (basic) or the header's name (header)
	// Secret is a password, a token or a header's value where it comes in. Nothing here calls a partner, so it is not kept:
	// what is read back is SecretGiven, or empty where none was given.
	Secret string
}

// SecretGiven stands for a secret that somebody gave.
const SecretGiven = "given"

// Invitation is Orange's word that an address may subscribe to an offer.
type Invitation struct {
	Email      string
	Offer      string
	SentAt     time.Time
	SentBy     string
	Ends       time.Time
	AcceptedAt time.Time // zero while it is open
}

// Review is a subscription as Orange sees it.
type Review struct {
	Subscription
	ApplicationName string
	ClientID        string
	Account         Account
}

// Decision is what Orange does with a subscription.
type Decision string

// The decisions; refusing and revoking need a reason.
const (
	Approve Decision = "approve"
	Refuse  Decision = "refuse"
	Revoke  Decision = "revoke"
)

// Mail is a message that was written and not sent.
type Mail struct {
	ID      int64
	At      time.Time
	To      string
	Kind    string // activation, known, invitation, approved, refused, revoked
	Lang    string
	Subject string
	Text    string
	Link    string // address in it; empty for none
}

// Act is an entry of the history of an account or of a subscription.
type Act struct {
	At     time.Time
	Who    string // an e-mail address, or orange
	Act    string
	Reason string
}

// TermsVersion is the version of the terms that are to be accepted.
const TermsVersion = "2026-11"
