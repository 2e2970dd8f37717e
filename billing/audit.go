package billing

// AuditKind is the kind of thing that an audit entry is about.
type AuditKind string

// The kinds of things.
const (
	AuditOffer        AuditKind = "offer"
	AuditEnvelope     AuditKind = "envelope"
	AuditClient       AuditKind = "client"
	AuditSubscription AuditKind = "subscription"
	AuditSuspect      AuditKind = "suspect"
	AuditBudget       AuditKind = "budget"
	AuditRollup       AuditKind = "rollup"
	AuditRead         AuditKind = "read" // an omniscient or admin read
)

// AuditEntry is one act: append-only, written in the transaction of the act.
type AuditEntry struct {
	Number int64 // rising; entries of other scopes leave gaps
	At     Instant
	Actor  Actor
	Action string // a verb: create, patch, hold, release, revise, end, delete, suspend, activate, rotate, offers, keep, cancel, set, read…
	Kind   AuditKind
	ID     string // of the thing
	// Offers are those the act touched: whoever sees one of them sees the entry. None is for admins.
	Offers []OfferCode
	// Before and After are JSON documents, "" where there is none. Secrets and their hashes are never in them.
	Before, After string
}

// AuditFilter keeps the entries that satisfy all that is given.
type AuditFilter struct {
	Kinds   []AuditKind
	ID      string
	Clients []ClientID
	Actors  []ActorKind
	Actions []string
	Offers  []OfferCode
	At      struct{ From, Until Instant } // From included, Until not; 0 is no bound
}

// AuditPage is a part of the trace, the newest first.
type AuditPage struct {
	Items []AuditEntry
	Pages
}

// Access is a read to be audited: what was asked for, and with which offers it was narrowed.
type Access struct {
	Route  string
	Query  string
	Offers []OfferCode
}
