// Package control is how the mock Orange is steered: the types of its control port, a client, and the interface
// that the harness sees, in process and over HTTP alike. It knows nothing of how the mock works.
package control

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// Orange is the mock Orange as its steerer sees it.
type Orange interface {
	// Subscribe delivers every journal entry with Seq > after, in order and without a gap, until ctx ends; then the
	// channel is closed. An entry is delivered only after its answer has been written (or cut).
	Subscribe(ctx context.Context, after int64) (<-chan Entry, error)
	// Journal returns the entries with Seq > after that exist now.
	Journal(ctx context.Context, after int64) ([]Entry, error)
	// AddFault arms a fault; it returns the fault with its ID. RemoveFault disarms it.
	AddFault(ctx context.Context, f Fault) (Fault, error)
	RemoveFault(ctx context.Context, id string) error
	// Faults lists those that are armed, in the order in which they were, whoever armed them.
	Faults(ctx context.Context) ([]ArmedFault, error)
	// Info says where the gateway is.
	Info(ctx context.Context) (Info, error)
	// PostOrder hands over an order or an update that has ended as completed, for billing. A mock that keeps no ledger
	// drops it.
	PostOrder(ctx context.Context, o Order) error
}

// GapError is a read of entries that the journal has dropped for want of room, or on a reset: those up to Dropped. Only a
// mock in process says it so; the control port answers 410.
type GapError struct{ Dropped int64 }

// Error says what is gone.
func (e *GapError) Error() string { return fmt.Sprintf("entries up to %d were dropped", e.Dropped) }

// Info describes a running mock.
type Info struct {
	GatewayURL string `json:"gatewayURL"` // base of /{offer}/… and of /oauth/v3/token, as the partner reaches it
	TokenURL   string `json:"tokenURL"`
	Version    string `json:"version"`
	// Journal names the journal. It changes when the numbers of entries begin anew.
	Journal string `json:"journal,omitempty"`
}

// Kind of a journal entry.
type Kind string

// The kinds: a token request, an event call (also one that was refused or went to a path that does not exist).
const (
	KindToken Kind = "token"
	KindEvent Kind = "event"
)

// Entry is one call that arrived at the mock Orange, with its answer. Secrets are masked by the mock.
type Entry struct {
	Seq         int64       `json:"seq"`
	At          time.Time   `json:"at"` // arrival
	Kind        Kind        `json:"kind"`
	Method      string      `json:"method"`
	Path        string      `json:"path"` // as sent
	Query       string      `json:"query,omitempty"`
	Offer       string      `json:"offer,omitempty"` // first path segment of an event call: mba2, mba2-beta, or what stood there
	API         string      `json:"api,omitempty"`   // productordering | userservice; empty where the path is neither
	Header      http.Header `json:"header"`
	ContentType string      `json:"contentType,omitempty"`
	Body        []byte      `json:"body,omitempty"` // bounded; base64 in JSON
	BodyBytes   int64       `json:"bodyBytes"`
	Truncated   bool        `json:"truncated,omitempty"`

	Status         int         `json:"status"`
	ResponseHeader http.Header `json:"responseHeader,omitempty"`
	ResponseBody   []byte      `json:"responseBody,omitempty"`  // bounded
	ResponseBytes  int64       `json:"responseBytes,omitempty"` // its whole length, where ResponseBody holds less
	RequestID      string      `json:"requestID"`
	DurationMs     float64     `json:"durationMs"`

	Auth  Auth   `json:"auth"`
	Grant *Grant `json:"grant,omitempty"` // token requests only
	// Fault is the kind of the fault that made this answer; empty where none acted. Cut: the answer never reached the
	// partner; what was sent was taken if Status is 2xx, and was not if Status is 0.
	Fault FaultKind `json:"fault,omitempty"`
	Cut   bool      `json:"cut,omitempty"`
	// Violations are what the mock's own schema check found in an event.
	Violations []Violation `json:"violations,omitempty"`
}

// AuthState is what the token was worth when the call arrived.
type AuthState string

// The states; forbidden = good token, but not for this offer. JudgeMade staleness is state expired with Auth.JudgeMade.
const (
	AuthNone      AuthState = "none"
	AuthValid     AuthState = "valid"
	AuthInvalid   AuthState = "invalid"
	AuthExpired   AuthState = "expired"
	AuthForbidden AuthState = "forbidden"
)

// Auth is how an event call presented itself.
type Auth struct {
	Scheme      string    `json:"scheme,omitempty"`      // as sent: Bearer, Basic, …
	Application string    `json:"application,omitempty"` // client id the token was issued to
	State       AuthState `json:"state"`
	Token       string    `json:"token,omitempty"` // fingerprint, never the token
	IssuedAt    time.Time `json:"issuedAt,omitzero"`
	InQuery     bool      `json:"inQuery,omitempty"`   // a token stood in the query string
	JudgeMade   bool      `json:"judgeMade,omitempty"` // the token is good, a fault or the control port made it stale
}

// Grant is a token request.
type Grant struct {
	GrantType     string `json:"grantType"`
	CredentialsIn string `json:"credentialsIn"` // basic | body | both | none
	ClientID      string `json:"clientID"`
	Error         string `json:"error,omitempty"` // RFC 6749 error code; empty = granted
	Token         string `json:"token,omitempty"` // fingerprint of the token granted
}

// Violation is a schema finding of the mock.
type Violation struct {
	Requirement string `json:"requirement"`
	Path        string `json:"path"`
	Expected    string `json:"expected"`
	Seen        string `json:"seen"`
}

// FaultKind names a way for the gateway to misbehave.
type FaultKind string

// The faults. "Once" is once per bound key. The others act as often as Fault.Times says, and take the settings that
// stand behind them; those of the second group act on token requests too.
const (
	// FaultUnavailableOnce answers 503 code 5 to the first event call, then behaves.
	FaultUnavailableOnce FaultKind = "unavailable-once"
	// FaultExpiredOnce answers 401 code 42 until the call carries a token that was issued after the first such answer.
	FaultExpiredOnce FaultKind = "expired-once"
	// FaultRefuseAlways answers 400 code 24 to every event call.
	FaultRefuseAlways FaultKind = "refuse-always"
	// FaultCutOnce takes the first event, journals it, and cuts the connection without an answer; then behaves.
	FaultCutOnce FaultKind = "cut-once"
	// FaultTokenRevoked answers 401 code 41 until the call carries a token that was issued after the first such answer.
	FaultTokenRevoked FaultKind = "token-revoked"
	// FaultOfferClosed answers 403 code 50.
	FaultOfferClosed FaultKind = "offer-closed"

	// FaultRateLimited answers 429 code 53 with Retry-After. RetryAfterSeconds.
	FaultRateLimited FaultKind = "rate-limited"
	// FaultServerError answers 500 code 1, or another 5xx. Status.
	FaultServerError FaultKind = "server-error"
	// FaultUnavailable answers 503 code 5 with Retry-After. RetryAfterSeconds.
	FaultUnavailable FaultKind = "unavailable"
	// FaultSlow takes the call and answers it late. DelayMs.
	FaultSlow FaultKind = "slow"
	// FaultNoAnswer takes nothing and answers nothing until the caller gives up, or DelayMs have passed.
	FaultNoAnswer FaultKind = "no-answer"
	// FaultCutBefore closes the connection before anything was taken.
	FaultCutBefore FaultKind = "cut-before"
	// FaultContentType takes the call and answers it under another content type. ContentType.
	FaultContentType FaultKind = "content-type"
	// FaultHugeAnswer takes the call and answers it at length. Bytes.
	FaultHugeAnswer FaultKind = "huge-answer"
	// FaultGarbage answers with a page of HTML. Status.
	FaultGarbage FaultKind = "garbage"
)

// FaultEndpoint is what a fault acts on.
type FaultEndpoint string

// The endpoints.
const (
	OnEvent FaultEndpoint = "event"
	OnToken FaultEndpoint = "token"
)

// FaultAlways as Fault.Times lets a fault act until it is removed.
const FaultAlways = -1

// Fault is one armed fault. Key binds it: it acts on events in which Key is the id or externalReference.id of the
// resource, or the id of a licence in it; on token requests Key is the client id. An empty key binds it to every call.
// A setting that is left out takes the fault's own value, which AddFault returns; one that the kind does not take is
// refused.
type Fault struct {
	ID   string        `json:"id,omitempty"`
	Kind FaultKind     `json:"kind"`
	Key  string        `json:"key,omitempty"`
	On   FaultEndpoint `json:"on,omitempty"` // empty is OnEvent

	Times             int    `json:"times,omitempty"` // calls that it acts on; 0 is one, FaultAlways has no end
	RetryAfterSeconds int    `json:"retryAfterSeconds,omitempty"`
	DelayMs           int64  `json:"delayMs,omitempty"`
	Bytes             int64  `json:"bytes,omitempty"`
	Status            int    `json:"status,omitempty"`
	ContentType       string `json:"contentType,omitempty"`
}

// ArmedFault is a fault that is armed, with what it has done so far.
type ArmedFault struct {
	Fault
	Acted int `json:"acted"` // calls that it acted on
}
