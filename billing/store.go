package billing

import "context"

// Store keeps the domain. Every read takes a Scope and shows nothing outside of it; what lies outside is ErrNotFound, as
// if it didn't exist. Every write takes an Actor and a Scope, is done in one transaction with its audit entry and its part
// of the roll-up, and is ErrForbidden if the scope sees the offer but does not write it. Refused input is an
// *InvalidError. What a call returns belongs to the caller.
type Store interface {
	Catalogue
	Clients
	Subscriptions
	Costs
	Budgets
	Trace

	// Once does fn in a transaction, and stores its answer in the same one; a second call with the same key and body
	// gives that answer back (replayed), with another body ErrKeyReused. An error of fn rolls all back and stores
	// nothing. fn writes through the Store it is given, and may be called again if the engine asks for a retry.
	Once(ctx context.Context, key OnceKey, fn func(ctx context.Context, s Store) (Answer, error)) (answer Answer, replayed bool, err error)

	// Close waits for what is under way.
	Close() error
}

// Catalogue is the part of the Store about offers and envelopes. Only an administering scope creates them.
type Catalogue interface {
	// CreateOffer: *TakenError if the code exists.
	CreateOffer(ctx context.Context, a Actor, sc Scope, o Offer) (Offer, error)
	Offer(ctx context.Context, sc Scope, code OfferCode) (Offer, error)
	// Offers are those in the scope, by code.
	Offers(ctx context.Context, sc Scope) ([]Offer, error)

	// CreateEnvelope: *TakenError if the code exists.
	CreateEnvelope(ctx context.Context, a Actor, sc Scope, e Envelope) (Envelope, error)
	Envelope(ctx context.Context, sc Scope, code EnvelopeCode) (Envelope, error)
	// Envelopes are, by code, all for a scope that sees All, else those with a subscription or a budget in the scope (F8-9).
	Envelopes(ctx context.Context, sc Scope) ([]Envelope, error)
}

// Clients is the part of the Store about API clients. Only an administering scope uses it, but for Authenticate and
// Current, which serve the authenticator.
type Clients interface {
	// CreateClient returns the secret, which is shown once and stored nowhere.
	CreateClient(ctx context.Context, a Actor, sc Scope, n NewClient) (c Client, secret string, err error)
	Client(ctx context.Context, sc Scope, id ClientID) (Client, error)
	// Clients are all, by name.
	Clients(ctx context.Context, sc Scope) ([]Client, error)
	RotateSecret(ctx context.Context, a Actor, sc Scope, id ClientID) (c Client, secret string, err error)
	SetClientStatus(ctx context.Context, a Actor, sc Scope, id ClientID, status ClientStatus) (Client, error)
	// SetClientAccess replaces offers, omniscience and role.
	SetClientAccess(ctx context.Context, a Actor, sc Scope, id ClientID, offers []OfferCode, omniscient bool, role Role) (Client, error)

	// Authenticate checks a secret in constant time: ErrCredentials for anything but a client let in today.
	Authenticate(ctx context.Context, id ClientID, secret string, today Day) (Client, error)
	// Current is the client as it stands now, with which each request makes its scope: ErrCredentials unless it is let
	// in today.
	Current(ctx context.Context, id ClientID, today Day) (Client, error)
}

// Subscriptions is the part of the Store about subscriptions. Where expected is not 0, a stored version other than it is
// a *ConflictError.
type Subscriptions interface {
	// CreateSubscription: *DuplicateError (F4-2); an offer outside the scope and an envelope that doesn't exist are the
	// violations of an unknown code. Suspected duplicates are recorded, never refused.
	CreateSubscription(ctx context.Context, a Actor, sc Scope, n NewSubscription) (Subscription, error)
	Subscription(ctx context.Context, sc Scope, id SubscriptionID) (Subscription, error)
	Subscriptions(ctx context.Context, sc Scope, f Filter, o Order, p Page) (SubscriptionPage, error)
	// StreamSubscriptions gives every one to each, in order and from one snapshot, until each returns an error, which is
	// returned. The subscription is each's only during the call.
	StreamSubscriptions(ctx context.Context, sc Scope, f Filter, o Order, each func(*Subscription) error) error
	// Import creates the rows in one transaction: see ImportResult.
	Import(ctx context.Context, a Actor, sc Scope, rows []ImportRow, onDuplicate OnDuplicate) ([]ImportResult, error)

	PatchSubscription(ctx context.Context, a Actor, sc Scope, id SubscriptionID, expected int, p SubscriptionPatch) (Subscription, error)
	// AddHold is WithHold; the hold's ID is given by the store.
	AddHold(ctx context.Context, a Actor, sc Scope, id SubscriptionID, expected int, h Hold) (Subscription, error)
	RemoveHold(ctx context.Context, a Actor, sc Scope, id SubscriptionID, expected int, hold HoldID) (Subscription, error)
	// Revise is WithRevision.
	Revise(ctx context.Context, a Actor, sc Scope, id SubscriptionID, expected int, from Day, lines []Line) (Subscription, error)
	// End is WithEnd; to is the first day after the term, Forever to reopen it.
	End(ctx context.Context, a Actor, sc Scope, id SubscriptionID, expected int, to Day) (Subscription, error)
	DeleteSubscription(ctx context.Context, a Actor, sc Scope, id SubscriptionID, expected int) error

	// Suspects are those with the decision; any if it is "".
	Suspects(ctx context.Context, sc Scope, d Decision, p Page) (SuspectPage, error)
	// SettleSuspect decides an open suspect; DecisionCancel deletes the newer subscription. The actor's Reason is required.
	SettleSuspect(ctx context.Context, a Actor, sc Scope, id string, d Decision) (Suspect, error)
}

// Costs is the part of the Store about figures. Blocks are per currency, sorted by its code; none if nothing is charged.
// A filter of offers and envelopes alone is answered from the roll-up, any other by the closed form over what matches:
// ErrTooBroad if that is too much.
type Costs interface {
	MonthlyCosts(ctx context.Context, sc Scope, m Month, f Filter) ([]MonthlyCost, error)
	YearlyCosts(ctx context.Context, sc Scope, year int, f Filter) ([]YearlyCost, error)

	// Reconcile compares all, records the report in the audit and returns it. Administering scopes only.
	Reconcile(ctx context.Context, a Actor, sc Scope) (Reconciliation, error)
	// Reconciliations are the reports so far, the newest first.
	Reconciliations(ctx context.Context, sc Scope, limit int) ([]Reconciliation, error)
}

// Budgets is the part of the Store about budgets. Whoever writes an offer sets its budgets.
type Budgets interface {
	// SetBudget stores or replaces a budget; created says that there was none. An envelope that doesn't exist is the violation of an
	// unknown code. Where expected is not 0, a stored version other than it, or none, is a *ConflictError.
	SetBudget(ctx context.Context, a Actor, sc Scope, k BudgetKey, amount Minor, expected int) (b Budget, created bool, err error)
	DeleteBudget(ctx context.Context, a Actor, sc Scope, k BudgetKey, expected int) error
	// Budget and Budgets hold against their costs what they find; months before current are over.
	Budget(ctx context.Context, sc Scope, k BudgetKey, current Month) (BudgetReport, error)
	Budgets(ctx context.Context, sc Scope, f BudgetFilter, current Month, p Page) (BudgetPage, error)
}

// Trace is the part of the Store about who did what.
type Trace interface {
	// Audit: a scope sees the entries of its offers, an administering one all.
	Audit(ctx context.Context, sc Scope, f AuditFilter, p Page) (AuditPage, error)
	// RecordAccess audits a read by an omniscient client or an admin.
	RecordAccess(ctx context.Context, a Actor, sc Scope, access Access) error
}
